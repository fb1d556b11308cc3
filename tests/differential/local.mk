# tests/differential/: the daemon's reading of a log against that of an independent, slow reader
DIFFERENTIAL_TESTS = tests/differential/made-up.test tests/differential/real-exim.test
TESTS += $(DIFFERENTIAL_TESTS)
EXTRA_DIST += $(DIFFERENTIAL_TESTS) \
	tests/differential/compare.py \
	tests/differential/find.py \
	tests/differential/make_log.py \
	tests/differential/slow_reader.py
