/* Tests of daemon/index/parse_ahead. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/index/arena.h"
#include "daemon/index/parse_ahead.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

enum { LINES = 4000, LINE_ROOM = 128 };

static char texts[LINES][LINE_ROOM];
static struct tail_line lines[LINES];
static size_t taken, first, kept; /* lines, since the first; under way behind a run, at most */
static const struct hash_key key = {0x1234, 0x5678};
static struct classifier *classifier;

static void
setup(void)
{
	classifier = shipped_classifier();
	static const char *const rests[] = {
	    "1VrkAf-0007F8-30 <= a@example.com U=root P=local S=300 for b@example.org",
	    "1VrkAf-0007F8-30 => b@example.org R=r T=t",
	    "1VrkAf-0007F8-30 == b@example.org R=r T=t defer (-1): later",
	    "1VrkAf-0007F8-30 Completed", "cwd=/tmp 2 args: exim -q", "no such thing", "<= "};

	for (int i = 0; i < LINES; i++) {
		int len = snprintf(texts[i], LINE_ROOM, "2026-11-25 06:%02d:%02d %s", i / 60 % 60,
		    i % 60, rests[i % 7]);

		/* Some have no time at all. */
		lines[i] = (struct tail_line){{1, (uint64_t)i},
		    slice_skip(slice_of(texts[i], (size_t)len), i % 13 == 0 ? 20 : 0), false};
	}
}

static void
teardown(void)
{
	classifier_free(classifier);
}

static void
check_line(const struct tail_line *line, const struct parsed *parsed)
{
	const struct event *event = &parsed->event;
	struct parse_memo memo = {0};
	struct parsed whole;
	const struct event *expected = &whole.event;

	ck_assert_ptr_eq(line, &lines[first + taken]);
	parsed_lines(classifier, &key, &memo, line, 1, &whole);
	ck_assert_int_eq(event->line.kind, expected->line.kind);
	ck_assert(message_id_equal(event->line.id, expected->line.id));
	ck_assert(slice_equal(event->line.text, expected->line.text));
	if (expected->line.kind != LINE_CONTINUATION)
		ck_assert_int_eq(event->line.second, expected->line.second);
	ck_assert_int_eq(event->is_parsed, expected->is_parsed);
	if (expected->line.kind == LINE_DELIVERED)
		ck_assert_ptr_eq(event->delivery.final.at, expected->delivery.final.at);
	ck_assert(parsed->failure_key == whole.failure_key);
	ck_assert_int_eq(parsed->failure_key != 0, expected->line.kind == LINE_DEFERRED);
	ck_assert_uint_eq(parsed->name_count, expected->line.kind == LINE_ARRIVAL ? 2 : 0);
	ck_assert(parsed->name_count == 0 || parsed->names[1].hash == whole.names[1].hash);
	taken++;
}

static void
take(void *context, const struct tail_line *some, struct parsed *parsed, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++)
		check_line(&some[i], &parsed[i]);
}

/* Gives these lines, which follow those given before. */
static void
give(struct parse_ahead *ahead, size_t from, size_t count)
{
	size_t before = from - first;

	/* A busy machine: it is left to the caller. */
	if (!parse_ahead_lines(ahead, lines + from, count)) {
		parse_ahead_settle(ahead);
		ck_assert_uint_eq(taken, before);
		taken += count;
		return;
	}
	ck_assert_uint_ge(taken, before);
	ck_assert_uint_le(taken, before + count);
	if (before + count - taken > kept)
		kept = before + count - taken;
}

static void
run(struct parse_ahead *ahead, size_t from, size_t count)
{
	first = from;
	taken = 0;
	give(ahead, from, count);
	parse_ahead_settle(ahead);
	ck_assert_uint_eq(taken, count);
}

static struct parse_ahead *
begin(void)
{
	return parse_ahead_new(classifier, &key, NULL, take, NULL);
}

START_TEST(events_come_in_the_order_of_the_lines)
{
	struct parse_ahead *ahead = begin();

	/* One processor: then there is no second thread. */
	if (ahead == NULL)
		return;
	for (size_t count = 1; count < LINES; count = count * 3 / 2 + 1)
		run(ahead, (LINES - count) / 2, count);
	run(ahead, 0, LINES);
	parse_ahead_free(ahead);
}
END_TEST

START_TEST(the_last_lines_are_under_way_until_more_come)
{
	static const size_t counts[] = {700, 1, 64, 300, 1000, 256, 600};
	struct parse_ahead *ahead = begin();
	size_t from = 0;

	if (ahead == NULL)
		return;
	first = taken = kept = 0;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); from += counts[i++])
		give(ahead, from, counts[i]);
	ck_assert_uint_gt(kept, 0);
	parse_ahead_settle(ahead);
	ck_assert_uint_eq(taken, from);
	parse_ahead_settle(ahead);
	ck_assert_uint_eq(taken, from);
	parse_ahead_settle(NULL);
	parse_ahead_free(ahead);
}
END_TEST

START_TEST(the_second_thread_sleeps_between_blocks_and_wakes_again)
{
	struct parse_ahead *ahead = begin();

	if (ahead == NULL)
		return;
	for (int i = 0; i < 50; i++) {
		run(ahead, 0, 300);
		if (i % 2 == 0)
			usleep(2000);
	}
	parse_ahead_free(ahead);
}
END_TEST

static unsigned works;

static void
work(void *argument)
{
	(*(unsigned *)argument)++;
}

START_TEST(work_put_aside_is_done_once_or_left_to_the_caller)
{
	struct parse_ahead *ahead = begin();

	ck_assert(!parse_ahead_begin_aside(NULL, work, &works));
	ck_assert(!parse_ahead_end_aside(NULL));
	if (ahead == NULL)
		return;
	ck_assert(!parse_ahead_end_aside(ahead));
	for (int i = 0; i < 500; i++) {
		works = 0;
		/* A busy machine: nobody is to spare. */
		bool is_begun = parse_ahead_begin_aside(ahead, work, &works);
		ck_assert(!is_begun || !parse_ahead_begin_aside(ahead, work, &works));
		if (i % 3 != 0)
			run(ahead, 0, 200);
		if (i % 10 == 0)
			usleep(2000);
		bool is_done = parse_ahead_end_aside(ahead);
		ck_assert(is_begun || !is_done);
		ck_assert_uint_eq(works, is_done);
		ck_assert(!parse_ahead_end_aside(ahead));
	}
	parse_ahead_free(ahead);
}
END_TEST

START_TEST(a_slab_is_made_ready_though_no_lines_come)
{
	struct arena_pool pool = {0};

	arena_pool_init(&pool, 0);
	struct parse_ahead *ahead = parse_ahead_new(classifier, &key, &pool, take, NULL);
	if (ahead == NULL)
		return;
	parse_ahead_look_to_memory(NULL);
	/* It sleeps by now. */
	usleep(100000);
	atomic_store(&pool.is_due, true);
	for (int ms = 0; atomic_load(&pool.ready) == NULL; ms++) {
		ck_assert_int_lt(ms, 10000);
		parse_ahead_look_to_memory(ahead);
		usleep(1000);
	}
	parse_ahead_free(ahead);
	arena_pool_clear(&pool);
}
END_TEST

START_TEST(it_ends_without_having_worked)
{
	parse_ahead_free(begin());
	parse_ahead_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index/parse_ahead");
	TCase *tests = tcase_create("parse ahead");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_test(tests, events_come_in_the_order_of_the_lines);
	tcase_add_test(tests, the_last_lines_are_under_way_until_more_come);
	tcase_add_test(tests, the_second_thread_sleeps_between_blocks_and_wakes_again);
	tcase_add_test(tests, work_put_aside_is_done_once_or_left_to_the_caller);
	tcase_add_test(tests, a_slab_is_made_ready_though_no_lines_come);
	tcase_add_test(tests, it_ends_without_having_worked);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
