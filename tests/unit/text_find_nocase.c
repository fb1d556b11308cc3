/* Finding without regard to case: the fast way finds what the slow way finds, wherever it stands. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/text/find_nocase.h"
#include "tests/unit/unit.h"

static ptrdiff_t
find(const char *text, const char *wanted)
{
	return find_nocase(slice_str(text), (struct needle){wanted, strlen(wanted)});
}

START_TEST(text_is_found_in_any_case)
{
	ck_assert_int_eq(find("Your Order 4711 has been sent off today", "order 4711 "), 5);
	ck_assert_int_eq(find("your order 4711 has been sent off today", "ORDER 4711 "), 5);
	ck_assert_int_eq(find("short", "SHORT"), 0);
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
	ck_assert_int_eq(find("order 471", "order 4711"), -1);
	ck_assert_int_eq(find("", "a"), -1);
	ck_assert_int_eq(find("anything", ""), -1);
}
END_TEST

START_TEST(bytes_that_differ_in_bit_5_alone_are_no_letters_of_another_case)
{
	ck_assert_int_eq(find("a line with @ and ` in it, and more of it", "`"), 18);
	ck_assert_int_eq(find("[brackets] and {braces}, as many as it takes", "{"), 15);
	ck_assert_int_eq(find("xxxxxxxxxxxxxxxxxx\rxxxxxxxxxxxxxx", "-"), -1);
}
END_TEST

/* Every length around that of a vector, every place, exactly as long as its memory, so that sanitizers see a step too far. */
START_TEST(every_place_is_looked_at_and_none_beyond_the_end)
{
	for (size_t len = 1; len < 70; len++) {
		for (size_t wanted_len = 1; wanted_len <= 5 && wanted_len <= len; wanted_len++) {
			for (size_t at = 0; at + wanted_len <= len; at++) {
				char *text = malloc(len);

				ck_assert_ptr_nonnull(text);
				memset(text, 'a', len);
				memset(text + at, 'B', wanted_len);
				ck_assert_int_eq(find_nocase(slice_of(text, len),
						     (struct needle){"bbbbb", wanted_len}),
				    (ptrdiff_t)at);
				free(text);
			}
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text/find_nocase");
	TCase *tests = tcase_create("finding");

	tcase_add_test(tests, text_is_found_in_any_case);
	tcase_add_test(tests, what_is_not_there_is_not_found);
	tcase_add_test(tests, bytes_that_differ_in_bit_5_alone_are_no_letters_of_another_case);
	tcase_add_test(tests, every_place_is_looked_at_and_none_beyond_the_end);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
