/* Blocks and reading ahead: whoever reads the next block and whenever, the lines are those of the file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/tail/block.h"
#include "daemon/tail/newlines.h"
#include "daemon/tail/source.h"
#include "daemon/tail/tail.h"
#include "tests/unit/unit.h"

enum { LINE_MAX = 4096, TEXT_MAX = 5 * READ_BYTES, BLOCKS = 4 };

static char path[32];
static char text[TEXT_MAX];
static size_t text_len, taken, begun, ended;

/* Who does what is put aside. */
enum helper { NOBODY, AT_ONCE, LATE, NEVER, THREAD, HELPERS };

static enum helper helper;
static void (*work)(void *);
static void *argument;
static pthread_t thread;

static void *
do_work(void *unused)
{
	work(argument);
	return unused;
}

static bool
begin_aside(void *context, void (*what)(void *), void *of)
{
	(void)context;
	if (helper == NOBODY)
		return false;
	ck_assert_uint_eq(begun, ended);
	begun++;
	work = what;
	argument = of;
	if (helper == AT_ONCE)
		what(of);
	if (helper == THREAD)
		ck_assert_int_eq(pthread_create(&thread, NULL, do_work, NULL), 0);
	return true;
}

static bool
end_aside(void *context)
{
	(void)context;
	ck_assert_uint_eq(begun, ++ended);
	if (helper == LATE)
		work(argument);
	if (helper == THREAD)
		pthread_join(thread, NULL);
	return helper != NEVER;
}

/* Each line is compared with what stands in the text from where the last one ended. */
static void
check_lines(const struct tail_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = text + taken, *newline = memchr(at, '\n', text_len - taken);
		size_t len = newline != NULL ? (size_t)(newline - at) : text_len - taken,
		       shown = len;

		if (len > LINE_MAX)
			shown = LINE_MAX;
		else if (len != 0 && at[len - 1] == '\r')
			shown--;
		ck_assert_uint_eq(lines[i].position.offset, taken);
		ck_assert_int_eq(lines[i].is_cut, len > LINE_MAX);
		ck_assert(slice_equal(lines[i].text, slice_of(at, shown)));
		taken += len + (newline != NULL);
	}
}

static const struct tail_line *kept;
static size_t kept_count;

static void
settle(void *context)
{
	(void)context;
	check_lines(kept, kept_count);
	kept_count = 0;
}

/* Lines are kept for as long as they may be, and looked at only then. */
static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	ck_assert_uint_gt(count, 0);
	settle(context);
	kept = lines;
	kept_count = count;
}

static const struct tail_receiver receiver = {.lines = take_lines,
    .settle = settle,
    .begin_aside = begin_aside,
    .end_aside = end_aside};

static void
write_text(void)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, text_len, file), text_len);
	ck_assert_int_eq(fclose(file), 0);
}

static void
setup(void)
{
	strcpy(path, "/tmp/bounced-unit-XXXXXX");
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	text_len = taken = begun = ended = kept_count = 0;
}

static void
teardown(void)
{
	unlink(path);
}

static void
add_line(size_t len)
{
	memset(text + text_len, "abcdefghijklmnopqrstuvw"[text_len % 23], len);
	text_len += len;
	text[text_len++] = '\n';
}

/* Lines of all lengths, empty and too long ones among them. */
static void
make_text(size_t size)
{
	uint32_t chance = 1;

	while (text_len < size) {
		chance = chance * 1664525 + 1013904223;
		size_t len = chance % 97 == 0 ? (chance >> 8) % (3 * LINE_MAX) :
						(chance >> 16) % 300;

		if (len > size - text_len)
			len = size - text_len;
		memset(text + text_len, "abc\r"[chance >> 30], len);
		text_len += len;
		if (text_len < size)
			text[text_len++] = '\n';
	}
}

/* Reads the text in one turn, by whom it may be. */
static void
read_text(void)
{
	const char *const paths[] = {path};
	const struct tail_options options = {.paths = paths, .path_count = 1, .line_max = LINE_MAX};

	write_text();
	struct tail *tail = tail_new(&options, NULL, &receiver);
	ck_assert_ptr_nonnull(tail);
	ck_assert_int_eq(tail_read_all(tail), 0);
	ck_assert_uint_eq(taken, text_len);
	ck_assert_uint_eq(kept_count, 0);
	tail_free(tail);
	ck_assert_uint_eq(begun, ended);
}

START_TEST(whoever_reads_ahead_the_lines_are_those_of_the_file)
{
	static const size_t sizes[] = {0, 100, READ_BYTES - 1, READ_BYTES, READ_BYTES + 1,
	    2 * READ_BYTES, BLOCKS * READ_BYTES + 4711};

	helper = (enum helper)(_i % HELPERS);
	make_text(sizes[_i / HELPERS]);
	read_text();
	ck_assert_uint_eq(begun, helper == NOBODY ? 0 : text_len / READ_BYTES);
}
END_TEST

START_TEST(lines_stay_while_blocks_without_an_end_of_a_line_are_read)
{
	helper = (enum helper)_i;
	for (int i = 0; i < 100; i++)
		add_line(100);
	add_line(3 * READ_BYTES);
	for (int i = 0; i < 100; i++)
		add_line(100);
	read_text();
}
END_TEST

START_TEST(more_lines_than_a_block_of_a_usual_log_holds_stay_as_well)
{
	helper = (enum helper)_i;
	while (text_len < 4 * READ_BYTES)
		add_line(10);
	/* Where one line has a carriage return all are split in another way. */
	((char *)memchr(text + 3 * READ_BYTES, '\n', 100))[-1] = '\r';
	read_text();
}
END_TEST

/* Lines are of the second that their letter says. */
static bool
letter_time(void *context, struct slice line, int64_t *second)
{
	(void)context;
	*second = line.at[0];
	return true;
}

START_TEST(lines_stay_while_one_behind_them_waits)
{
	struct tail_receiver dated = receiver;
	struct tail_counts counts = {0};

	helper = NOBODY;
	dated.line_time = letter_time;
	for (int i = 0; i < 10; i++)
		add_line(100);
	write_text();
	struct source *source = source_open(path, 1);
	source->hand_until = text[0];
	ck_assert_int_gt(source_read(source, &dated, READ_BYTES, LINE_MAX, &counts), 0);
	ck_assert(source->is_holding);
	source->hand_until = INT64_MAX;
	ck_assert_int_gt(source_read(source, &dated, READ_BYTES, LINE_MAX, &counts), 0);
	source_settle(source);
	ck_assert_uint_eq(taken, text_len);
	source_free(source);
}
END_TEST

START_TEST(a_return_at_the_end_of_a_block_is_none_of_the_line)
{
	struct tail_counts counts = {0};

	helper = NOBODY;
	text_len = READ_BYTES + 100;
	memset(text, 'x', text_len);
	for (size_t i = 50; i < text_len; i += 100)
		text[i] = '\n';
	text[READ_BYTES - 1] = '\r';
	text[READ_BYTES] = '\n';
	write_text();
	struct source *source = source_open(path, 1);
	while (source_read(source, &receiver, READ_BYTES, LINE_MAX, &counts) > 0)
		;
	ck_assert_uint_gt(taken, READ_BYTES);
	source_free(source);
}
END_TEST

/* A file of several blocks, of which one has been read. */
static struct source *
read_first_block(struct tail_counts *counts)
{
	make_text(BLOCKS * READ_BYTES);
	write_text();
	struct source *source = source_open(path, 1);
	ck_assert_int_eq(source_read(source, &receiver, READ_BYTES, LINE_MAX, counts), READ_BYTES);
	return source;
}

START_TEST(a_file_that_is_closed_is_read_ahead_no_more)
{
	struct tail_counts counts = {0};

	helper = (enum helper)_i;
	struct source *source = read_first_block(&counts);
	source_close(source);
	ck_assert_uint_eq(begun, ended);
	ck_assert_uint_eq(source->offset, taken);
	source_free(source);
}
END_TEST

START_TEST(a_file_that_is_truncated_meanwhile_is_noticed)
{
	struct tail_counts counts = {0};

	helper = (enum helper)_i;
	struct source *source = read_first_block(&counts);
	/* What was read ahead by then was still there. */
	ck_assert_int_eq(truncate(path, READ_BYTES / 2), 0);
	ssize_t got = source_read(source, &receiver, READ_BYTES, LINE_MAX, &counts);
	ck_assert(got == -ESTALE || got == READ_BYTES);
	ck_assert(got == -ESTALE || helper == AT_ONCE || helper == THREAD);
	ck_assert(source_read(source, &receiver, READ_BYTES, LINE_MAX, &counts) == -ESTALE);
	source_free(source);
}
END_TEST

START_TEST(newlines_are_found_where_they_are)
{
	static const size_t lens[] = {1, 15, 16, 63, 64, 65, 127, 128, 1000, READ_BYTES};
	enum { ROOM = 10 };
	struct block *block = block_new(ROOM);
	size_t len = lens[_i], end = ROOM + len;

	uint32_t *narrow = calloc(READ_BYTES + 1, sizeof(*narrow));

	ck_assert_ptr_nonnull(block);
	ck_assert_uint_eq((uintptr_t)block->bytes % BLOCK_ALIGNMENT, 0);
	for (unsigned every = 1; every <= 200; every += 33) {
		memset(block->bytes, '\n', ROOM + READ_BYTES);
		memset(block->bytes, 'x', ROOM);
		for (size_t i = 0; i < len; i++)
			if (i % every != every / 2)
				block->bytes[ROOM + i] = (char)(i % 255 == '\n' ? 'x' : i % 255);
		block_mark(block, len);
		uint32_t number = 0;
		for (size_t at = ROOM; at < end; at++)
			if (block->bytes[at] == '\n')
				ck_assert_uint_eq(block_newline(block, number++), at);
		ck_assert_uint_eq(block_newline(block, number), end);
		ck_assert_uint_eq(newlines_find_narrow(block->bytes + ROOM, len, narrow), number);
		ck_assert_int_eq(memcmp(narrow, block->newlines, number * sizeof(*narrow)), 0);
		ck_assert(
		    block->has_returns == (memmem(block->bytes + ROOM, len, "\r\n", 2) != NULL));
	}
	free(narrow);
	free(block);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tail/ahead");
	TCase *tests = tcase_create("ahead");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, whoever_reads_ahead_the_lines_are_those_of_the_file, 0,
	    7 * HELPERS);
	tcase_add_loop_test(tests, lines_stay_while_blocks_without_an_end_of_a_line_are_read, 0,
	    HELPERS);
	tcase_add_loop_test(tests, more_lines_than_a_block_of_a_usual_log_holds_stay_as_well, 0,
	    HELPERS);
	tcase_add_test(tests, lines_stay_while_one_behind_them_waits);
	tcase_add_test(tests, a_return_at_the_end_of_a_block_is_none_of_the_line);
	tcase_add_loop_test(tests, a_file_that_is_closed_is_read_ahead_no_more, 0, HELPERS);
	tcase_add_loop_test(tests, a_file_that_is_truncated_meanwhile_is_noticed, 0, HELPERS);
	tcase_add_loop_test(tests, newlines_are_found_where_they_are, 0, 10);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
