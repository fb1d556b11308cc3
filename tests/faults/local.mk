# tests/faults/: what befalls files, the machine and the socket, with the real daemon
FAULTS_TESTS = \
	tests/faults/abuse.test \
	tests/faults/access.test \
	tests/faults/compressed.test \
	tests/faults/copied.test \
	tests/faults/killed.test \
	tests/faults/lines.test \
	tests/faults/machine.test \
	tests/faults/rotation.test
TESTS += $(FAULTS_TESTS)
EXTRA_DIST += $(FAULTS_TESTS) tests/faults/faults.py
