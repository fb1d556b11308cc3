/* Known: a text is found again, whatever became of the file that it was read from. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/tail/state.h"
#include "tests/unit/unit.h"

enum { LINES = 100 };

static char path[32], copy[40];
static size_t read_lines;

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	(void)context;
	(void)lines;
	read_lines += count;
}

static const struct tail_receiver receiver = {.lines = take_lines};

static void
write_lines(const char *name, const char *mode, unsigned count, unsigned minute)
{
	FILE *file = fopen(name, mode);

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < count; i++)
		fprintf(file, "2026-11-23 10:%02u:%02u line %u of the log\n", minute, i % 60, i);
	ck_assert_int_eq(fclose(file), 0);
}

static void
setup(void)
{
	strcpy(path, "/tmp/bounced-unit-XXXXXX");
	close(mkstemp(path));
	snprintf(copy, sizeof(copy), "%s.1", path);
	write_lines(path, "w", LINES, 1);
	read_lines = 0;
}

static void
teardown(void)
{
	unlink(path);
	unlink(copy);
}

/* Whether the text in the copy is known to a tail that has read the log, which holds so many other lines since; 0: none. */
static bool
is_copy_known(unsigned other_lines)
{
	const char *const paths[] = {path};
	const struct tail_options options = {.paths = paths, .path_count = 1, .follow = true};
	struct event_base *base = event_base_new();
	struct tail *tail = tail_new(&options, base, &receiver);

	ck_assert_ptr_nonnull(tail);
	for (unsigned turns = 0; read_lines < LINES && turns < LINES; turns++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_eq(read_lines, LINES);
	if (other_lines != 0)
		write_lines(path, "w", other_lines, 2);
	struct source *candidate = source_open(copy, 0);
	ck_assert_ptr_nonnull(candidate);
	bool is_known = known_find(tail, candidate) == tail->sources[0];
	source_free(candidate);
	tail_free(tail);
	event_base_free(base);
	return is_known;
}

/* The log is truncated and goes on between two looks of the tail. */
START_TEST(a_copy_is_known_although_the_log_was_truncated_and_written_since)
{
	write_lines(copy, "w", LINES, 1);
	ck_assert(is_copy_known(0));
	read_lines = 0;
	write_lines(path, "w", LINES, 1);
	ck_assert(is_copy_known(_i == 0 ? 3 : 2 * LINES));
}
END_TEST

START_TEST(another_text_is_not_known)
{
	write_lines(copy, "w", LINES, 2);
	ck_assert(!is_copy_known(0));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tail/known");
	TCase *tests = tcase_create("known");

	tcase_add_checked_fixture(tests, setup, teardown);
	/* Shorter than what was read, and longer. */
	tcase_add_loop_test(tests, a_copy_is_known_although_the_log_was_truncated_and_written_since,
	    0, 2);
	tcase_add_test(tests, another_text_is_not_known);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
