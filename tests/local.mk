# tests/: a folder for each kind of test; unit/ mirrors the source. They are begun in this order: the longest first.
include tests/exim/local.mk
include tests/boot/local.mk
include tests/differential/local.mk
include tests/faults/local.mk
include tests/client/local.mk
include tests/checks/local.mk
include tests/fuzz/local.mk
include tests/unit/local.mk
include tests/house/local.mk
include tests/bench/local.mk

# What unit tests, fuzzers and benchmarks share. What is built with nothing said of it is a unit test.
check_LIBRARIES += tests/libshipped.a
tests_libshipped_a_SOURCES = tests/shipped.c tests/shipped.h
tests_libshipped_a_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
SHIPPED_LIBS = tests/libshipped.a $(BOUNCED_LIBS)
LDADD = $(SHIPPED_LIBS) $(CHECK_LIBS)

EXTRA_DIST += tests/beside tests/coverage

# How much of each file the tests reach. COVERAGE_TESTS: some of the tests instead of all.
COVERAGE_TESTS = $(TESTS)
coverage:
	$(srcdir)/tests/beside $(srcdir) build-coverage CC='$(CC)' CFLAGS='-O0 -g --coverage'
	find build-coverage -name '*.gcda' -delete
	-$(MAKE) -C build-coverage -k check TESTS='$(COVERAGE_TESTS)'
	$(srcdir)/tests/coverage build-coverage

.PHONY: coverage
