/* Message ids: both forms, their order, and what only looks like one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
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

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Whether these are digits in groups, told one by one. */
static bool
is_id(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (i == 6 || i == (length == MESSAGE_ID_OLD_LENGTH ? 13 : 18) ?
			text[i] != '-' :
			text[i] == '\0' || strchr(digits, text[i]) == NULL)
			return false;
	return true;
}

static long long
second_of(const char *text)
{
	long long second = 0;

	for (int i = 0; i < 6; i++)
		second = second * 62 + (strchr(digits, text[i]) - digits);
	return second;
}

/* What is read at a glance is what the digits say one by one: no other text is an id, and an id is written as it was read. */
static void
check_glance(const char *text, size_t length)
{
	struct slice rest = slice_of(text, length);
	struct message_id read, taken, parsed;
	char back[MESSAGE_ID_TEXT_SIZE];
	bool is_good = is_id(text, length);

	ck_assert_msg(message_id_read(text, length, &read) == is_good, "%.*s", (int)length, text);
	ck_assert_msg(message_id_parse(rest, &parsed) == is_good, "%.*s", (int)length, text);
	ck_assert_msg(message_id_take(&rest, &taken) == is_good, "%.*s", (int)length, text);
	if (!is_good)
		return;
	ck_assert(message_id_equal(read, taken) && message_id_equal(read, parsed));
	ck_assert(slice_is_empty(rest));
	ck_assert_uint_eq(message_id_format(read, back), length);
	ck_assert_msg(memcmp(back, text, length) == 0, "%.*s: %s", (int)length, text, back);
	ck_assert_int_eq(message_id_second(read), second_of(text));
}

START_TEST(what_is_told_at_a_glance_is_what_each_byte_says)
{
	static const char *const forms[] = {
	    "1VrkAf-0007F8-30",
	    "zzzzzz-zzzzzz-zz",
	    "1xVamA-000000006sO-44KK",
	    "000000-00000zzzzzz-zzzz",
	    "000000-00001000000-0000",
	    "zzzzzz-zzzzzzzzzzz-zzzz",
	};

	for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
		size_t length = strlen(forms[form]);
		/* Nothing behind it may be looked at. */
		char *text = malloc(length);

		ck_assert_ptr_nonnull(text);
		memcpy(text, forms[form], length);
		check_glance(text, length);
		for (size_t place = 0; place < length; place++) {
			for (int byte = 0; byte < 256; byte++) {
				text[place] = (char)byte;
				check_glance(text, length);
			}
			text[place] = forms[form][place];
		}
		free(text);
	}
}
END_TEST

START_TEST(any_digits_are_told_at_a_glance)
{
	srand(1);
	for (int turn = 0; turn < 20000; turn++) {
		char text[MESSAGE_ID_NEW_LENGTH];
		size_t length = turn % 2 == 0 ? MESSAGE_ID_OLD_LENGTH : MESSAGE_ID_NEW_LENGTH;
		/* Of half of the longer ones the second group is as short as processes have it. */
		int zeros = length == MESSAGE_ID_NEW_LENGTH ? turn / 2 % 12 : 0;

		for (size_t i = 0; i < length; i++)
			text[i] = digits[i >= 7 && i < 7 + (size_t)zeros ? 0 : rand() % 62];
		text[6] = text[length == MESSAGE_ID_OLD_LENGTH ? 13 : 18] = '-';
		check_glance(text, length);
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
	tcase_add_test(tests, what_is_told_at_a_glance_is_what_each_byte_says);
	tcase_add_test(tests, any_digits_are_told_at_a_glance);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
