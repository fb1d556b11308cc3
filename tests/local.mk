# tests/: a folder for each kind of test; unit/ mirrors the source
include tests/house/local.mk
include tests/unit/local.mk
include tests/client/local.mk
include tests/exim/local.mk
include tests/faults/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/boot/local.mk
include tests/differential/local.mk
