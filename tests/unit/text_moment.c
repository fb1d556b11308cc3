/* Moments as text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/text/moment.h"
#include "tests/unit/unit.h"

enum { STEP_S = 86400 * 11 + 4321 };

static const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);

START_TEST(a_moment_is_written_as_the_c_library_has_it)
{
	static const int offsets[] = {0, 60, -210, 345, -720, 840};
	char text[MOMENT_TEXT_SIZE], expected[64];

	for (int64_t second = first + 86400; second < last - 86400; second += STEP_S) {
		int offset = offsets[(second & INT64_MAX) % 6];
		time_t wall = (time_t)(second + offset * 60);
		struct tm fields;

		gmtime_r(&wall, &fields);
		snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
		    fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour,
		    fields.tm_min, fields.tm_sec, offset < 0 ? '-' : '+', abs(offset) / 60,
		    abs(offset) % 60);
		ck_assert_uint_eq(moment_format(second, offset, text), strlen(expected));
		ck_assert_str_eq(text, expected);
	}
}
END_TEST

START_TEST(years_that_four_digits_do_not_hold_are_those_of_1970)
{
	static const char none[] = "1970-01-01T00:00:00+00:00";
	char text[MOMENT_TEXT_SIZE];

	moment_format(first, 0, text);
	ck_assert_str_eq(text, "0000-01-01T00:00:00+00:00");
	moment_format(last, 0, text);
	ck_assert_str_eq(text, "9999-12-31T23:59:59+00:00");
	moment_format(first - 1, 0, text);
	ck_assert_str_eq(text, none);
	moment_format(last + 1, 0, text);
	ck_assert_str_eq(text, none);
	moment_format(INT64_MIN, 0, text);
	ck_assert_str_eq(text, none);
	moment_format(INT64_MAX, 60, text);
	ck_assert_str_eq(text, "1970-01-01T00:00:00+01:00");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text_moment");
	TCase *tests = tcase_create("moment");

	tcase_add_test(tests, a_moment_is_written_as_the_c_library_has_it);
	tcase_add_test(tests, years_that_four_digits_do_not_hold_are_those_of_1970);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
