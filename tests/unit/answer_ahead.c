/* What is made before anybody asks for it: that it is, and that it leaves the memory to messages. What it is good for: answer_digests.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/answer/answer.h"
#include "daemon/answer/stats_keys.h"
#include "daemon/index/index.h"
#include "daemon/tail/tail.h"
#include "tests/unit/made_up_mail.h"
#include "tests/unit/unit.h"

enum { MESSAGES = 3000 }; /* some fifteen segments */

/* How many messages of all segments but the newest have marks. */
static uint32_t
count_marked(void)
{
	uint32_t count = 0;

	for (uint64_t n = index_oldest(index_of_all); n + 1 < index_end(index_of_all); n++) {
		const struct marks *marks = index_segment(index_of_all, n)->marks;

		count += marks != NULL ? marks->count : 0;
	}
	return count;
}

START_TEST(marks_are_made_ahead_the_newest_first)
{
	enum { SOME = 70 };
	uint32_t older = 0, before;

	begin(0);
	for (unsigned number = 0; number < MESSAGES; number++)
		add_minute(number);
	for (uint64_t n = index_oldest(index_of_all); n + 1 < index_end(index_of_all); n++)
		older += index_segment(index_of_all, n)->message_count;
	while ((before = count_marked()) < older) {
		index_mark_ahead(index_of_all, SOME);
		ck_assert_uint_gt(count_marked(), before);
		ck_assert_uint_le(count_marked(), before + SOME);
	}
	ck_assert_uint_eq(before, older);
}
END_TEST

START_TEST(once_asked_for_marks_are_made_while_lines_come)
{
	enum { LINES_BETWEEN = 1024 };
	uint32_t older = 0;

	begin(0);
	add_minute(0);
	ck_assert_ptr_nonnull(index_marks(index_of_all, index_oldest(index_of_all)));
	for (unsigned number = 1; number < MESSAGES; number++)
		add_minute(number);
	for (uint64_t n = index_oldest(index_of_all); n + 1 < index_end(index_of_all); n++)
		older += index_segment(index_of_all, n)->message_count;
	ck_assert_uint_ge(count_marked(), older - LINES_BETWEEN);
}
END_TEST

START_TEST(so_are_those_of_the_newest_segment_but_for_the_last_ones)
{
	enum { LATE = 512, LINES_BETWEEN = 1024 };
	char line[128], id[32];

	begin(0);
	for (unsigned number = 0; number < MESSAGES; number++) {
		write_id(number, id);
		snprintf(line, sizeof(line),
		    "%s <= user@example.com P=local S=900 for user@example.org", id);
		add_line(START, line);
		if (number == 0)
			index_marks(index_of_all, index_oldest(index_of_all));
	}
	const struct segment *newest = index_segment(index_of_all, index_end(index_of_all) - 1);
	ck_assert_uint_eq(newest->message_count, MESSAGES);
	ck_assert_uint_le(newest->marks->count, MESSAGES - LATE);
	ck_assert_uint_ge(newest->marks->count, MESSAGES - LATE - LINES_BETWEEN);
}
END_TEST

/* How many segments have the counts of that kind. */
static unsigned
count_counted(enum stats_by by)
{
	unsigned count = 0;

	for (uint64_t n = index_oldest(index_of_all); n + 1 < index_end(index_of_all); n++) {
		const struct digest *digest = index_segment(index_of_all, n)->digest;

		count += digest != NULL && digest->has_small[by];
	}
	return count;
}

/* Makes all that there is to make, in so many steps at most. */
static void
make_all(unsigned most)
{
	struct ahead *ahead = answer_ahead_new(&sources);

	ck_assert_ptr_nonnull(ahead);
	while (answer_ahead_go_on(ahead))
		ck_assert_uint_gt(most--, 0);
	answer_ahead_free(ahead);
}

START_TEST(what_first_questions_need_is_made_ahead)
{
	uint64_t segments;

	begin(0);
	for (unsigned number = 0; number < MESSAGES; number++)
		add_minute(number);
	segments = index_end(index_of_all) - index_oldest(index_of_all);
	make_all(20 * (unsigned)segments);
	ck_assert_uint_eq(count_counted(BY_CLASS), segments - 1);
	ck_assert_uint_eq(count_counted(BY_HOUR), segments - 1);
	ck_assert_uint_eq(count_counted(BY_SENDER), 0);
	ck_assert_uint_ne(count_marked(), 0);
}
END_TEST

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	(void)context;
	index_lines(index_of_all, lines, count);
}

static void
settle(void *context)
{
	(void)context;
	index_settle(index_of_all);
}

/* Writes a log of so many hours and as many messages in each to the file, compressed or not, from that hour on. */
static void
write_log(const char *path, bool is_compressed, int first, int hours)
{
	char id[32], time[MOMENT_TEXT_SIZE];
	/* "T": as it is. */
	gzFile log = gzopen(path, is_compressed ? "wb" : "wbT");

	ck_assert_ptr_nonnull(log);
	for (int number = first * hours; number < (first + hours) * hours; number++) {
		write_id((unsigned)number, id);
		moment_format(START + (int64_t)number * 3600 / hours, 0, time);
		ck_assert_int_gt(
		    gzprintf(log,
			"%.10s %.8s %s <= user@example.com H=h.example.com [192.0.2.1] P=esmtp S=900 T=\"number %d of many\" for user@example.org\n",
			time, time + 11, id, number),
		    0);
	}
	ck_assert_int_eq(gzclose(log), Z_OK);
}

/* How many of the segments but the newest are known block by block. */
static unsigned
count_learnt(void)
{
	unsigned count = 0;

	for (uint64_t n = index_oldest(index_of_all); n + 1 < index_end(index_of_all); n++)
		count += index_blocks(index_of_all, n) != NULL;
	return count;
}

START_TEST(subjects_are_learnt_ahead_of_what_is_not_compressed)
{
	enum { HOURS = 40 };
	char folder[] = "/tmp/bounced-unit-XXXXXX", old[64], new[64];
	const char *paths[] = {old, new};
	const struct tail_options options = {.paths = paths, .path_count = 2};
	const struct tail_receiver receiver = {.lines = take_lines, .settle = settle};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(old, sizeof(old), "%s/old.gz", folder);
	snprintf(new, sizeof(new), "%s/new", folder);
	write_log(old, true, 0, HOURS);
	write_log(new, false, HOURS, HOURS);
	begin(0);
	sources.tail = tail_new(&options, NULL, &receiver);
	ck_assert_ptr_nonnull(sources.tail);
	ck_assert_int_eq(tail_read_all(sources.tail), 0);
	uint64_t segments = index_end(index_of_all) - index_oldest(index_of_all);
	ck_assert_uint_gt(segments, 20);
	make_all(20 * (unsigned)segments);
	ck_assert_uint_ge(count_learnt(), segments / 2 - 2);
	ck_assert_uint_le(count_learnt(), segments / 2 + 1);
	/* New rules say nothing about subjects. */
	unsigned learnt = count_learnt();
	index_set_classifier(index_of_all, classifier);
	ck_assert_uint_eq(count_learnt(), learnt);
	tail_free(sources.tail);
	unlink(old);
	unlink(new);
	rmdir(folder);
}
END_TEST

/* A quiet night with a message that is tried again and again: segments that note failures, and have no message of their own. */
START_TEST(a_segment_without_a_message_has_no_subjects)
{
	enum { HOURS = 12 };
	char folder[] = "/tmp/bounced-unit-XXXXXX", path[64], id[32], time[MOMENT_TEXT_SIZE];
	const char *paths[] = {path};
	const struct tail_options options = {.paths = paths, .path_count = 1};
	const struct tail_receiver receiver = {.lines = take_lines, .settle = settle};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	FILE *log = fopen(path, "w");
	ck_assert_ptr_nonnull(log);
	write_id(0, id);
	for (int hour = 0; hour < HOURS; hour++) {
		moment_format(START + (int64_t)hour * 3600, 0, time);
		fprintf(log, "%.10s %.8s %s %s\n", time, time + 11, id,
		    hour == 0 ?
			"<= user@example.com P=local S=900 for user@example.org" :
			"== user@example.org R=dns T=smtp defer (110): Connection timed out");
	}
	ck_assert_int_eq(fclose(log), 0);
	begin(0);
	sources.tail = tail_new(&options, NULL, &receiver);
	ck_assert_ptr_nonnull(sources.tail);
	ck_assert_int_eq(tail_read_all(sources.tail), 0);
	uint64_t segments = index_end(index_of_all) - index_oldest(index_of_all);
	ck_assert_uint_gt(segments, 2);
	ck_assert_uint_eq(index_segment(index_of_all, index_end(index_of_all) - 2)->message_count,
	    0);
	make_all(20 * (unsigned)segments);
	ck_assert_uint_eq(count_learnt(), 1);
	tail_free(sources.tail);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(nothing_is_made_ahead_where_memory_is_scarce)
{
	enum {
		CAP = 5 << 20,
		SOME = 700, /* a few segments */
	};

	begin(CAP);
	for (unsigned number = 0; number < SOME || index_has_plenty(index_of_all); number++)
		add_minute(number);
	struct ahead *ahead = answer_ahead_new(&sources);
	ck_assert_ptr_nonnull(ahead);
	ck_assert(!answer_ahead_go_on(ahead));
	ck_assert_uint_eq(count_marked(), 0);
	ck_assert_uint_eq(count_counted(BY_CLASS), 0);
	/* Once marks have been asked for they are made, as long as there is room at all. */
	ck_assert_ptr_nonnull(index_marks(index_of_all, index_end(index_of_all) - 1));
	answer_ahead_go_on(ahead);
	ck_assert_uint_ne(count_marked(), 0);
	answer_ahead_free(ahead);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("answer_ahead");
	TCase *tcase = tcase_create("all");

	tcase_add_unchecked_fixture(tcase, load, unload);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, marks_are_made_ahead_the_newest_first);
	tcase_add_test(tcase, once_asked_for_marks_are_made_while_lines_come);
	tcase_add_test(tcase, so_are_those_of_the_newest_segment_but_for_the_last_ones);
	tcase_add_test(tcase, what_first_questions_need_is_made_ahead);
	tcase_add_test(tcase, subjects_are_learnt_ahead_of_what_is_not_compressed);
	tcase_add_test(tcase, a_segment_without_a_message_has_no_subjects);
	tcase_add_test(tcase, nothing_is_made_ahead_where_memory_is_scarce);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
