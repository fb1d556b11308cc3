/* Runs of printable text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <string.h>

#include "daemon/text/utf8.h"
#include "tests/unit/unit.h"

START_TEST(a_run_ends_at_the_first_byte_that_is_not_printable)
{
	static const unsigned char odd[] = {0, '\t', 0x1f, 0x7f, 0x80, 0xc3, 0xff};
	char text[50];

	for (size_t len = 0; len <= sizeof(text); len++) {
		memset(text, ' ' + (int)len, sizeof(text));
		ck_assert_uint_eq(utf8_plain(slice_of(text, len)), len);
		for (size_t i = 0; i < len; i++) {
			text[i] = (char)odd[_i];
			ck_assert_uint_eq(utf8_plain(slice_of(text, len)), i);
			text[i] = '~';
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text_utf8");
	TCase *tests = tcase_create("utf8");

	tcase_add_loop_test(tests, a_run_ends_at_the_first_byte_that_is_not_printable, 0, 7);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
