# tests/differential/: the daemon's reading of a log against that of an independent, slow reader
DIFFERENTIAL_TESTS = tests/differential/real-exim.test tests/differential/exigrep.test tests/differential/made-up.test
TESTS += $(DIFFERENTIAL_TESTS)
EXTRA_DIST += $(DIFFERENTIAL_TESTS) \
	tests/differential/compare.py \
	tests/differential/exigrep.py \
	tests/differential/find.py \
	tests/differential/make_log.py \
	tests/differential/slow_reader.py \
	tests/differential/trickle.py
