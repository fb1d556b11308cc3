/* Searches in slices and the folding of texts: the fast ways find and make what the slow ways do, wherever it stands. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/text/slice.h"
#include "daemon/text/utf8.h"
#include "tests/unit/unit.h"

enum { LENGTHS = 150 };

/* A text exactly as long as its memory, so that sanitizers see a step too far. */
static char *
text_of(size_t len)
{
	char *text = malloc(len != 0 ? len : 1);

	ck_assert_ptr_nonnull(text);
	memset(text, '-', len);
	return text;
}

START_TEST(every_place_is_looked_at)
{
	for (size_t len = 0; len < LENGTHS; len++) {
		char *text = text_of(len);
		struct slice all = slice_of(text, len);

		ck_assert_int_eq(slice_find_byte(all, 'a'), -1);
		ck_assert_int_eq(slice_find_last_byte(all, 'a'), -1);
		ck_assert_int_eq(slice_find_either(all, 'a', 'b'), -1);
		for (size_t at = 0; at < len; at++) {
			text[at] = at % 2 == 0 ? 'a' : 'b';
			ck_assert_int_eq(slice_find_byte(all, text[at]), (ptrdiff_t)at);
			ck_assert_int_eq(slice_find_last_byte(all, text[at]), (ptrdiff_t)at);
			ck_assert_int_eq(slice_find_either(all, 'a', 'b'), (ptrdiff_t)at);
			ck_assert_int_eq(slice_find_either(all, 'b', 'a'), (ptrdiff_t)at);
			text[at] = '-';
		}
		free(text);
	}
}
END_TEST

START_TEST(of_many_the_first_or_the_last_is_found)
{
	for (size_t len = 1; len < LENGTHS; len++) {
		for (size_t at = 0; at < len; at++) {
			char *text = text_of(len);
			struct slice all = slice_of(text, len);

			memset(text + at, 'a', len - at);
			text[len / 2] = 'b';
			ptrdiff_t first = at > len / 2 ? (ptrdiff_t)len / 2 : (ptrdiff_t)at;
			ck_assert_int_eq(slice_find_either(all, 'a', 'b'), first);
			memset(text, 'a', at + 1);
			memset(text + at + 1, '-', len - at - 1);
			ck_assert_int_eq(slice_find_last_byte(all, 'a'), (ptrdiff_t)at);
			free(text);
		}
	}
}
END_TEST

/* A control byte at the front is nothing in a folded text, but what stands behind it is folded byte by byte. */
START_TEST(texts_fold_alike_byte_by_byte_and_by_many)
{
	static const char bytes[] = "aZ09 .-_@[`{\x7f\t\xc3\xa4  AbCn't";
	char text[LENGTHS + 1] = "\x01", folded[LENGTHS * 3 + 8], slowly[LENGTHS * 3 + 8];
	uint32_t chance = 1;

	for (int i = 0; i < 20000; i++) {
		size_t len = (chance = chance * 1664525 + 1013904223) >> 24,
		       kinds = 2 + (unsigned)i % (sizeof(bytes) - 2);

		if (len > LENGTHS)
			len = LENGTHS;
		for (size_t at = 1; at <= len; at++)
			text[at] = bytes[((chance = chance * 1664525 + 1013904223) >> 16) % kinds];
		size_t size = i % 3 == 0 ? (chance >> 20) % 200 + 5 : sizeof(folded);
		size_t got = text_fold(slice_of(text + 1, len), folded, size);

		ck_assert_uint_lt(got, size);
		ck_assert_uint_eq(text_fold(slice_of(text, len + 1), slowly, size), got);
		ck_assert_str_eq(folded, slowly);
	}
}
END_TEST

START_TEST(short_forms_are_spelled_out)
{
	static const struct {
		const char *text, *folded;
		size_t size;
	} cases[] = {
	    {"It isn't here", "it is not here", 100},
	    {"We CAN'T, you won\xe2\x80\x99t", "we cannot, you will not", 100},
	    {"can't", "cannot", 100},
	    {"scan't wowon't", "sca not wowo not", 100},
	    {"n't exist", " not exist", 100},
	    {"don'ts of the user's 't n' n'", "don'ts of the user's 't n' n'", 100},
	    {"isn't won't", "is not won't", 15},
	};
	char folded[100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = text_fold(slice_str(cases[i].text), folded, cases[i].size);

		ck_assert_str_eq(folded, cases[i].folded);
		ck_assert_uint_eq(len, strlen(folded));
	}
}
END_TEST

START_TEST(letters_are_plain_and_small)
{
	char folded[100];

	text_fold(slice_str("Empf\xc3\xa4nger, \xd0\x81\xd1\x89\xd1\x91 \xd0\xb5\xcc\x88"), folded,
	    sizeof(folded));
	ck_assert_str_eq(folded, "empfanger, \xd0\xb5\xd1\x89\xd0\xb5 \xd0\xb5");
}
END_TEST

/* What is behind each of them moves: a text made of nothing else does not take long. */
START_TEST(as_many_short_forms_are_spelled_out_as_people_write)
{
	char text[40 * 6 + 1] = "", folded[sizeof(text) * 2];

	for (int i = 0; i < 40; i++)
		strcat(text, "isn't ");
	text_fold(slice_str(text), folded, sizeof(folded));
	ck_assert_uint_eq((size_t)(strstr(folded, "isn't") - folded), 32 * strlen("is not "));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text/slice");
	TCase *tests = tcase_create("slices");

	tcase_add_test(tests, every_place_is_looked_at);
	tcase_add_test(tests, of_many_the_first_or_the_last_is_found);
	tcase_add_test(tests, texts_fold_alike_byte_by_byte_and_by_many);
	tcase_add_test(tests, letters_are_plain_and_small);
	tcase_add_test(tests, short_forms_are_spelled_out);
	tcase_add_test(tests, as_many_short_forms_are_spelled_out_as_people_write);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
