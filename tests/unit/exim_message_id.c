/* Message ids: both forms, their order, and what only looks like one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/exim/message_id.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	long long second;
} ids[] = {
    {"1VrkAf-0007F8-30", 1387008117},
    {"1xVamA-000000006sO-44KK", 1795466194},
    {"000000-000000-00", 0},
    {"zzzzzz-zzzzzz-zz", 56800235583},
    {"000000-00000000000-0000", 0},
    {"zzzzzz-zzzzzzzzzzz-zzzz", 56800235583},
    {"1VrkAf-00000000001-0001", 1387008117},
};

START_TEST(an_id_comes_back_as_it_was)
{
	struct message_id id;
	char text[MESSAGE_ID_TEXT_SIZE];

	ck_assert(message_id_parse(slice_str(ids[_i].text), &id));
	ck_assert(!message_id_is_none(id));
	ck_assert_uint_eq(message_id_format(id, text), strlen(ids[_i].text));
	ck_assert_str_eq(text, ids[_i].text);
	ck_assert_int_eq(message_id_second(id), ids[_i].second);
}
END_TEST

START_TEST(ids_that_differ_are_not_equal)
{
	for (size_t a = 0; a < sizeof(ids) / sizeof(ids[0]); a++)
		for (size_t b = 0; b < sizeof(ids) / sizeof(ids[0]); b++) {
			struct message_id one, other;

			ck_assert(message_id_parse(slice_str(ids[a].text), &one));
			ck_assert(message_id_parse(slice_str(ids[b].text), &other));
			ck_assert_int_eq(message_id_equal(one, other), a == b);
		}
}
END_TEST

/* Each digit of each place makes another id. */
START_TEST(every_digit_counts)
{
	static const char *const forms[] = {"1VrkAf-0007F8-30", "1xVamA-000000006sO-44KK"};
	char text[MESSAGE_ID_TEXT_SIZE], back[MESSAGE_ID_TEXT_SIZE];
	struct message_id first, id;

	ck_assert(message_id_parse(slice_str(forms[_i]), &first));
	for (size_t i = 0; forms[_i][i] != '\0'; i++) {
		if (forms[_i][i] == '-')
			continue;
		strcpy(text, forms[_i]);
		text[i] = text[i] == 'z' ? 'Z' : 'z';
		ck_assert(message_id_parse(slice_str(text), &id));
		ck_assert(!message_id_equal(id, first));
		message_id_format(id, back);
		ck_assert_str_eq(back, text);
	}
}
END_TEST

static const char *const others[] = {
    "",
    "-",
    "1VrkAf",
    "1VrkAf-0007F8",
    "1VrkAf-0007F8-3",
    "1VrkAf-0007F8-300",
    "1VrkAf-0007F8-30-",
    "1VrkAf-0007F8-3_",
    "1VrkA-0007F8-30",
    "1VrkAf-0007F-30",
    "1VrkAf_0007F8_30",
    "1VrkAf-0007F8-3\xe9",
    "1VrkAf-0007F8-30 ",
    " 1VrkAf-0007F8-30",
    "1xVamA-000000006sO-44K",
    "1xVamA-000000006sO-44KKK",
    "1xVamA-000000006sO-44KK-",
    "1xVamA-000000-06sO-44KK",
    "1xVamA-0000000 6sO-44KK",
    "2013-12-14 02:01:57",
    "------------------------",
};

START_TEST(others_are_no_ids)
{
	struct message_id id;

	ck_assert_msg(!message_id_parse(slice_str(others[_i]), &id), "%s", others[_i]);
}
END_TEST

START_TEST(an_id_is_taken_with_what_follows_left)
{
	struct slice rest = SLICE("1VrkAf-0007F8-30 <= a@example.org"),
		     longer = SLICE("1VrkAf-0007F8-30x <=");
	struct message_id id;

	ck_assert(message_id_take(&rest, &id));
	ck_assert(slice_equal(rest, SLICE(" <= a@example.org")));
	ck_assert(!message_id_take(&longer, &id));
	ck_assert(slice_equal(longer, SLICE("1VrkAf-0007F8-30x <=")));
}
END_TEST

/* More ids than the memo holds, each of them in both forms and twice. */
START_TEST(the_memo_gives_what_the_text_says)
{
	struct message_id_memo memo = {0};
	char text[2 * MESSAGE_ID_TEXT_SIZE];

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 3 * MESSAGE_ID_MEMO; i++) {
			struct message_id again, once;

			if (i % 2 == 0)
				snprintf(text, sizeof(text), "1xVa%02d-0000000%04d-44KK x", i % 100,
				    i);
			else
				snprintf(text, sizeof(text), "1xVa%02d-00%04d-44 x", i % 100, i);
			struct slice rest = slice_str(text), other = rest;
			ck_assert(message_id_take_again(&memo, &rest, &again));
			ck_assert(message_id_take(&other, &once));
			ck_assert(message_id_equal(again, once));
			ck_assert(slice_equal(rest, SLICE(" x")) && slice_equal(other, rest));
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/message_id");
	TCase *tests = tcase_create("message_id");

	tcase_add_loop_test(tests, an_id_comes_back_as_it_was, 0, sizeof(ids) / sizeof(ids[0]));
	tcase_add_test(tests, ids_that_differ_are_not_equal);
	tcase_add_loop_test(tests, every_digit_counts, 0, 2);
	tcase_add_loop_test(tests, others_are_no_ids, 0, sizeof(others) / sizeof(others[0]));
	tcase_add_test(tests, an_id_is_taken_with_what_follows_left);
	tcase_add_test(tests, the_memo_gives_what_the_text_says);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
