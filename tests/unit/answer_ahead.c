/* What is made before anybody asks for it: that it is, and that it leaves the memory to messages. What it is good for: answer_digests.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/answer/answer.h"
#include "daemon/answer/stats_keys.h"
#include "daemon/index/index.h"
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

START_TEST(what_first_questions_need_is_made_ahead)
{
	uint64_t segments;

	begin(0);
	for (unsigned number = 0; number < MESSAGES; number++)
		add_minute(number);
	segments = index_end(index_of_all) - index_oldest(index_of_all);
	for (unsigned i = 0; answer_ahead(&sources); i++)
		ck_assert_uint_lt(i, 20 * segments);
	ck_assert_uint_eq(count_counted(BY_CLASS), segments - 1);
	ck_assert_uint_eq(count_counted(BY_HOUR), segments - 1);
	ck_assert_uint_eq(count_counted(BY_SENDER), 0);
	ck_assert_uint_ne(count_marked(), 0);
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
	ck_assert(!answer_ahead(&sources));
	ck_assert_uint_eq(count_marked(), 0);
	ck_assert_uint_eq(count_counted(BY_CLASS), 0);
	/* Once marks have been asked for they are made, as long as there is room at all. */
	ck_assert_ptr_nonnull(index_marks(index_of_all, index_end(index_of_all) - 1));
	answer_ahead(&sources);
	ck_assert_uint_ne(count_marked(), 0);
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
	tcase_add_test(tcase, what_first_questions_need_is_made_ahead);
	tcase_add_test(tcase, nothing_is_made_ahead_where_memory_is_scarce);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
