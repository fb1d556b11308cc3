/* The clock by which the window moves: it runs on, is set right, and leaps. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <time.h>

#include "daemon/steady_clock.h"
#include "tests/unit/unit.h"

enum {
	START = 1795000000,
	DAY = 86400,
	YEAR = 365 * DAY,
};

static struct steady_clock steady;

static void
setup(void)
{
	steady = (struct steady_clock){START, 1000};
}

START_TEST(time_that_passes_is_believed)
{
	for (int64_t minute = 1; minute < 1000; minute++)
		ck_assert_int_eq(
		    steady_clock_look(&steady, START + minute * 61, 1000 + minute * 60, START),
		    START + minute * 61);
}
END_TEST

START_TEST(a_leap_ahead_waits_for_the_log)
{
	ck_assert_int_eq(steady_clock_look(&steady, START + YEAR, 1060, START), START + 60);
	ck_assert_int_eq(steady_clock_look(&steady, START + YEAR + DAY, 1060 + DAY, 0),
	    START + DAY + 60);
	/* A mistake that is mended. */
	ck_assert_int_eq(steady_clock_look(&steady, START + DAY + 120, 1120 + DAY, START + DAY),
	    START + DAY + 120);
	/* It was right: lines come that say the same. */
	ck_assert_int_eq(steady_clock_look(&steady, START + YEAR, 1200 + DAY, START + YEAR - 1),
	    START + YEAR);
}
END_TEST

START_TEST(sleep_is_no_leap)
{
	ck_assert_int_eq(steady_clock_look(&steady, START + 5 * DAY, 1000 + 5 * DAY, START),
	    START + 5 * DAY);
}
END_TEST

START_TEST(a_clock_that_is_set_back_is_believed)
{
	ck_assert_int_eq(steady_clock_look(&steady, START - YEAR, 1060, START), START - YEAR);
	ck_assert_int_eq(steady_clock_look(&steady, START - YEAR + 60, 1120, START),
	    START - YEAR + 60);
}
END_TEST

START_TEST(it_begins_with_the_time_of_the_machine)
{
	int64_t before = time(NULL);

	steady_clock_init(&steady);
	ck_assert_int_ge(steady_clock_now(&steady, 0), before);
	ck_assert_int_le(steady_clock_now(&steady, 0), time(NULL));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steady_clock");
	TCase *tests = tcase_create("steady_clock");

	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_test(tests, time_that_passes_is_believed);
	tcase_add_test(tests, a_leap_ahead_waits_for_the_log);
	tcase_add_test(tests, sleep_is_no_leap);
	tcase_add_test(tests, a_clock_that_is_set_back_is_believed);
	tcase_add_test(tests, it_begins_with_the_time_of_the_machine);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
