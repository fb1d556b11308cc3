# tests/bench/: what speed and memory are measured with; `make bench` builds and runs it
EXTRA_PROGRAMS += tests/bench/busy_log tests/bench/index tests/bench/classify
tests_bench_busy_log_SOURCES = tests/bench/busy_log.c
tests_bench_index_SOURCES = tests/bench/index.c
tests_bench_index_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_bench_index_LDADD = libbounced.la
tests_bench_classify_SOURCES = tests/bench/classify.c
tests_bench_classify_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_bench_classify_LDADD = libbounced.la
