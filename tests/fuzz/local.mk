# tests/fuzz/: a program a target, with its seeds. `make check` replays the seeds and small changes to them; configured with
# --enable-fuzzers and CC=clang, `make fuzz` runs libFuzzer on each target for FUZZ_SECONDS.
FUZZ_SECONDS = 60
FUZZ_CPPFLAGS = $(AM_CPPFLAGS)
FUZZ_LDADD = libbounced.la
if ENABLE_FUZZERS
FUZZ_MAIN =
LDFLAGS_FUZZ = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/run_seeds.c
LDFLAGS_FUZZ = $(AM_LDFLAGS)
endif
FUZZERS = tests/fuzz/line tests/fuzz/moment

check_PROGRAMS += $(FUZZERS)
if !ENABLE_FUZZERS
TESTS += $(FUZZERS)
endif
EXTRA_DIST += tests/fuzz/run_seeds.c tests/fuzz/seeds

tests_fuzz_line_SOURCES = tests/fuzz/line.c $(FUZZ_MAIN)
tests_fuzz_line_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/line"'
tests_fuzz_line_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_line_LDADD = $(FUZZ_LDADD)

tests_fuzz_moment_SOURCES = tests/fuzz/moment.c $(FUZZ_MAIN)
tests_fuzz_moment_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/moment"'
tests_fuzz_moment_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_moment_LDADD = $(FUZZ_LDADD)

fuzz: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do \
		name=$${fuzzer##*/}; mkdir -p fuzz-corpus/$$name || exit 1; \
		echo "fuzzing $$name for $(FUZZ_SECONDS) s"; \
		./$$fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=5 -print_final_stats=1 \
			-artifact_prefix=fuzz-corpus/$$name- fuzz-corpus/$$name $(srcdir)/tests/fuzz/seeds/$$name || exit 1; \
	done
.PHONY: fuzz
