# tests/differential/: the daemon's reading of a log against that of an independent, slow reader
EXTRA_DIST += \
	tests/differential/run \
	tests/differential/run-exim \
	tests/differential/compare.py \
	tests/differential/make_log.py \
	tests/differential/slow_reader.py
