# tests/boot/: bounced as a service of a booted system
TESTS += tests/boot/boot.test
EXTRA_DIST += tests/boot/boot.test tests/boot/inside
