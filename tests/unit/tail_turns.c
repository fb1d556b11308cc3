/* Turns: how much is read before the loop has its turn again, with and without somebody who asks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/tail/tail.h"
#include "tests/unit/unit.h"

enum {
	LINES = 20000,
	LINE_ROOM = 80,
	LONG_US = 2000, /* longer than a turn: what was read is all that one has */
	ASKED_BYTES = 40000,
};

static char path[32];
static size_t read_bytes, read_lines;
static bool is_keeping; /* lines, until settle */

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++)
		read_bytes += lines[i].text.len + 1;
	read_lines += count;
	is_keeping = true;
	usleep(LONG_US);
}

static void
settle(void *context)
{
	(void)context;
	is_keeping = false;
}

static const struct tail_receiver receiver = {.lines = take_lines, .settle = settle};

static void
setup(void)
{
	strcpy(path, "/tmp/bounced-unit-XXXXXX");
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < LINES; i++)
		fprintf(file, "2026-11-23 10:%02u:%02u line %u of the log\n", i / 60 % 60, i % 60,
		    i);
	ck_assert_int_eq(fclose(file), 0);
	read_bytes = read_lines = 0;
}

static void
teardown(void)
{
	unlink(path);
}

/* The most bytes that were read in one turn, until all were. */
static size_t
longest_turn(bool is_asked)
{
	const char *const paths[] = {path};
	const struct tail_options options = {.paths = paths, .path_count = 1, .follow = true};
	struct event_base *base = event_base_new();
	struct tail *tail = tail_new(&options, base, &receiver);
	size_t most = 0;

	ck_assert_ptr_nonnull(tail);
	for (unsigned turns = 0; read_lines < LINES && turns < LINES; turns++) {
		size_t before = read_bytes;

		if (is_asked)
			tail_catch_up(tail);
		event_base_loop(base, EVLOOP_ONCE);
		/* Who has the next turn may ask. */
		ck_assert(!is_keeping);
		if (read_bytes - before > most)
			most = read_bytes - before;
	}
	ck_assert_uint_eq(read_lines, LINES);
	tail_free(tail);
	event_base_free(base);
	return most;
}

START_TEST(a_turn_takes_much_while_nobody_asks)
{
	ck_assert_uint_gt(longest_turn(false), ASKED_BYTES);
}
END_TEST

START_TEST(a_turn_takes_little_while_questions_come)
{
	ck_assert_uint_le(longest_turn(true), ASKED_BYTES);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tail_turns");
	TCase *tests = tcase_create("turns");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_turn_takes_much_while_nobody_asks);
	tcase_add_test(tests, a_turn_takes_little_while_questions_come);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
