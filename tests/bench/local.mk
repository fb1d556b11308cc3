# tests/bench/: what speed and memory are measured with; `make bench` builds and runs it
BENCHES = tests/bench/busy_log tests/bench/index tests/bench/classify tests/bench/least tests/bench/ping
EXTRA_PROGRAMS += $(BENCHES)
tests_bench_busy_log_SOURCES = tests/bench/busy_log.c
tests_bench_busy_log_LDADD =
tests_bench_least_SOURCES = tests/bench/least.c
tests_bench_least_LDADD =
tests_bench_ping_SOURCES = tests/bench/ping.c
tests_bench_ping_LDADD =
tests_bench_index_SOURCES = tests/bench/index.c
tests_bench_index_LDADD = $(SHIPPED_LIBS)
tests_bench_classify_SOURCES = tests/bench/classify.c
tests_bench_classify_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_bench_classify_LDADD = $(BOUNCED_LIBS)
EXTRA_DIST += tests/bench/run tests/bench/measure.py tests/bench/live.py tests/bench/instructions tests/bench/instructions.recorded
CLEANFILES += $(BENCHES)

bench: all $(BENCHES)
	$(srcdir)/tests/bench/run $(abs_builddir)

# Fails when a line costs 5 % more or fewer instructions than recorded; does nothing where they cannot be counted.
bench-guard: $(BENCHES)
	@$(srcdir)/tests/bench/instructions $(abs_builddir) || test $$? = 77

bench-record: $(BENCHES)
	$(srcdir)/tests/bench/instructions $(abs_builddir) --record

.PHONY: bench bench-guard bench-record
