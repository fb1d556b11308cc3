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

EXTRA_DIST += tests/beside tests/coverage

# How much of each file the tests reach. COVERAGE_TESTS: some of the tests instead of all.
COVERAGE_TESTS = $(TESTS)
coverage:
	$(srcdir)/tests/beside $(srcdir) build-coverage CC='$(CC)' CFLAGS='-O0 -g --coverage'
	find build-coverage -name '*.gcda' -delete
	-$(MAKE) -C build-coverage -k check TESTS='$(COVERAGE_TESTS)'
	$(srcdir)/tests/coverage build-coverage

.PHONY: coverage
