# tests/client/: bouncectl alone, against a daemon that answers from a file
EXTRA_DIST += \
	tests/client/fake_daemon.py \
	tests/data/client/answers.json
