/* When a burst of failures began. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>

#include "daemon/answer/mishaps.h"
#include "tests/unit/unit.h"

enum { DAY = 86400, TIMES_MAX = 1000 };

/* Failures every every_s seconds from second from to second to, the newest first, before those that are there. */
static size_t
add_times(uint32_t *times, size_t count, uint32_t from, uint32_t to, uint32_t every_s)
{
	for (uint32_t at = from; at <= to; at += every_s) {
		memmove(times + 1, times, count * sizeof(*times));
		times[0] = at;
		count++;
	}
	return count;
}

START_TEST(a_burst_begins_where_the_rate_rises)
{
	uint32_t times[TIMES_MAX];
	size_t count = add_times(times, 0, 0, 20 * 3600, 4 * 3600), length;

	count = add_times(times, count, 21 * 3600, 22 * 3600, 60);
	ck_assert(burst_find(times, count, 0, &length));
	ck_assert_uint_eq(times[length - 1], 21 * 3600);
}
END_TEST

START_TEST(a_burst_of_all_there_is_begins_with_the_first)
{
	uint32_t times[TIMES_MAX];
	size_t count = add_times(times, 0, 12 * 3600, 12 * 3600 + 1800, 60), length;

	ck_assert(burst_find(times, count, 0, &length));
	ck_assert_uint_eq(length, count);
}
END_TEST

START_TEST(what_goes_on_all_the_time_is_no_burst)
{
	uint32_t times[TIMES_MAX];
	size_t count = add_times(times, 0, 0, DAY, 300), length;

	ck_assert(!burst_find(times, count, 0, &length));
	ck_assert_uint_eq(length, count);
}
END_TEST

START_TEST(a_few_are_no_burst)
{
	uint32_t times[TIMES_MAX];
	size_t count = add_times(times, 0, 100, 103, 1), length;

	ck_assert(!burst_find(times, count, 0, &length));
	ck_assert_uint_eq(length, 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("answer_mishaps");
	TCase *tests = tcase_create("answer_mishaps");

	tcase_add_test(tests, a_burst_begins_where_the_rate_rises);
	tcase_add_test(tests, a_burst_of_all_there_is_begins_with_the_first);
	tcase_add_test(tests, what_goes_on_all_the_time_is_no_burst);
	tcase_add_test(tests, a_few_are_no_burst);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
