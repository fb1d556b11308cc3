/* What failures have in common, and when a burst of them began. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>

#include "daemon/answer/mishaps.h"
#include "tests/unit/folding.h"

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

START_TEST(letters_alone_have_a_case)
{
	static const char *const senders[] = {"a^b@example.com", "A^b@example.com",
	    "a~b@example.com"};
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct mishaps mishaps = {0};
	struct tally_row *rows[3];

	for (unsigned i = 0; i < 3; i++) {
		struct message_view view;
		struct message_id id;
		char text[300], id_text[MESSAGE_ID_TEXT_SIZE];

		snprintf(id_text, sizeof(id_text), "1VrkAf-0007F%u-30", i);
		snprintf(text, sizeof(text),
		    "2013-12-14 10:20:01 %s <= %s U=a P=local S=1 for c@example.org\n"
		    "2013-12-14 10:20:02 %s ** c@example.org R=dnslookup T=remote_smtp: unknown user\n",
		    id_text, senders[i], id_text);
		fold_text(index, text);
		ck_assert(message_id_parse(slice_str(id_text), &id));
		ck_assert(index_find(index, id, &view));
		ck_assert(mishaps_add(&mishaps, view,
		    segment_next_recipient(view.segment, view.message, 0), 0, true));
		rows[i] = mishaps.list[i].parts[SCOPE_SENDER];
	}
	ck_assert_ptr_eq(rows[0], rows[1]);
	ck_assert_ptr_ne(rows[0], rows[2]);
	mishaps_clear(&mishaps);
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("answer_mishaps");
	TCase *tests = tcase_create("answer_mishaps");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_test(tests, letters_alone_have_a_case);
	tcase_add_test(tests, a_burst_begins_where_the_rate_rises);
	tcase_add_test(tests, a_burst_of_all_there_is_begins_with_the_first);
	tcase_add_test(tests, what_goes_on_all_the_time_is_no_burst);
	tcase_add_test(tests, a_few_are_no_burst);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
