# tests/fuzz/: a program a target, with its seeds. `make check` replays the seeds and small changes to them; configured with
# --enable-fuzzers and CC=clang, `make fuzz` runs libFuzzer on each target for FUZZ_SECONDS.
FUZZ_SECONDS = 60
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
FUZZ_LDADD = $(SHIPPED_LIBS)
if ENABLE_FUZZERS
FUZZ_MAIN =
LDFLAGS_FUZZ = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/run_seeds.c
LDFLAGS_FUZZ = $(AM_LDFLAGS)
endif
FUZZERS = tests/fuzz/answer tests/fuzz/box tests/fuzz/checks tests/fuzz/conversation tests/fuzz/line tests/fuzz/moment tests/fuzz/pasted tests/fuzz/readers tests/fuzz/reply tests/fuzz/tail

check_PROGRAMS += $(FUZZERS)
if !ENABLE_FUZZERS
TESTS += $(FUZZERS)
endif
EXTRA_DIST += tests/fuzz/run_seeds.c tests/fuzz/seeds

# The client knows nothing of the daemon's code.
tests_fuzz_answer_SOURCES = tests/fuzz/answer.c $(FUZZ_MAIN)
tests_fuzz_answer_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/answer"' -DFUZZ_CHANGES=4000
tests_fuzz_answer_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_answer_LDADD = $(CLIENT_LIBS)

tests_fuzz_box_SOURCES = tests/fuzz/box.c $(FUZZ_MAIN)
tests_fuzz_box_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/box"' -DFUZZ_CHANGES=2000
tests_fuzz_box_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_box_LDADD = $(CLIENT_LIBS)

tests_fuzz_checks_SOURCES = tests/fuzz/checks.c $(FUZZ_MAIN)
tests_fuzz_checks_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/checks"' -DFUZZ_CHANGES=2000
tests_fuzz_checks_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_checks_LDADD = $(CLIENT_LIBS)

tests_fuzz_line_SOURCES = tests/fuzz/line.c $(FUZZ_MAIN)
tests_fuzz_line_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/line"'
tests_fuzz_line_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_line_LDADD = $(FUZZ_LDADD)

tests_fuzz_moment_SOURCES = tests/fuzz/moment.c $(FUZZ_MAIN)
tests_fuzz_moment_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/moment"'
tests_fuzz_moment_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_moment_LDADD = $(FUZZ_LDADD)

tests_fuzz_conversation_SOURCES = tests/fuzz/conversation.c $(FUZZ_MAIN)
tests_fuzz_conversation_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/conversation"' -DFUZZ_CHANGES=60
tests_fuzz_conversation_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_conversation_LDADD = $(FUZZ_LDADD)

tests_fuzz_pasted_SOURCES = tests/fuzz/pasted.c $(FUZZ_MAIN)
tests_fuzz_pasted_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/pasted"'
tests_fuzz_pasted_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_pasted_LDADD = $(FUZZ_LDADD)

tests_fuzz_readers_SOURCES = tests/fuzz/readers.c $(FUZZ_MAIN)
tests_fuzz_readers_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/readers"' -DFUZZ_CHANGES=60
tests_fuzz_readers_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_readers_LDADD = $(FUZZ_LDADD)

tests_fuzz_reply_SOURCES = tests/fuzz/reply.c $(FUZZ_MAIN)
tests_fuzz_reply_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/reply"'
tests_fuzz_reply_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_reply_LDADD = $(FUZZ_LDADD)

tests_fuzz_tail_SOURCES = tests/fuzz/tail.c $(FUZZ_MAIN)
tests_fuzz_tail_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/tail"' -DFUZZ_CHANGES=20
tests_fuzz_tail_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_tail_LDADD = $(FUZZ_LDADD)

# Configured otherwise, this builds the fuzzers beside: from any tree, with clang.
if ENABLE_FUZZERS
fuzz: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do \
		name=$${fuzzer##*/}; mkdir -p fuzz-corpus/$$name || exit 1; \
		echo "fuzzing $$name for $(FUZZ_SECONDS) s"; \
		./$$fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=30 -print_final_stats=1 \
			-artifact_prefix=fuzz-corpus/$$name- fuzz-corpus/$$name $(srcdir)/tests/fuzz/seeds/$$name || exit 1; \
	done
else
fuzz:
	$(srcdir)/tests/beside $(srcdir) build-fuzz CC=clang --enable-fuzzers --enable-sanitizers CFLAGS='-O1 -g'
	$(MAKE) -C build-fuzz fuzz FUZZ_SECONDS=$(FUZZ_SECONDS)
endif
.PHONY: fuzz
