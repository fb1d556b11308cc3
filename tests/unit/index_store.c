/* Segments come, and go for the cap and for the window. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/unit/folding.h"

/* A log of finished messages, every hundredth unfinished, ever later. */
static void
fold_many(struct index *index, int count)
{
	char text[512];

	for (int i = 0; i < count; i++) {
		int hour = i / 1000;
		int len = snprintf(text, sizeof(text),
		    "2026-11-%02d %02d:00:00 1VykzM-%06d-La <= s%d@example.com U=root P=local S=300 for r%d@example.org",
		    1 + hour / 24, hour % 24, i, i % 97, i);

		fold_line(index, (struct position){1, (uint64_t)i * 300},
		    slice_of(text, (size_t)len));
		if (i % 100 == 0)
			continue;
		len = snprintf(text, sizeof(text),
		    "2026-11-%02d %02d:00:00 1VykzM-%06d-La Completed", 1 + hour / 24, hour % 24,
		    i);
		fold_line(index, (struct position){1, (uint64_t)i * 300 + 150},
		    slice_of(text, (size_t)len));
	}
}

START_TEST(the_cap_holds_and_the_unfinished_go_last)
{
	enum { CAP = 4 << 20, MESSAGES = 100000 };
	struct index *index = index_new(
	    &(struct index_options){.classifier = classifier, .memory_max = CAP});
	struct index_counts counts;
	struct message_view view;
	struct message_id id;

	fold_many(index, MESSAGES);
	index_count(index, &counts);
	ck_assert_uint_le(counts.index_bytes, CAP);
	ck_assert_uint_gt(counts.messages, 10000);
	ck_assert_uint_gt(counts.evicted_messages, 0);
	ck_assert_uint_eq(counts.dropped_unfinished, 0);
	ck_assert_uint_eq(counts.messages + counts.evicted_messages, MESSAGES);
	/* The very first one is unfinished: it has been carried along. */
	ck_assert(message_id_parse(SLICE("1VykzM-000000-La"), &id));
	ck_assert(index_find(index, id, &view));
	ck_assert(names_equal_nocase(&view.segment->arena, view.message->first.address,
	    SLICE("r0@example.org")));
	index_free(index);
}
END_TEST

START_TEST(what_the_window_no_longer_covers_goes)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct index_counts before, after;

	fold_many(index, 20000);
	index_count(index, &before);
	ck_assert_uint_eq(before.messages, 20000);
	index_expire(index, before.last - 5 * 3600 + 1);
	index_count(index, &after);
	/* Five hours of a thousand each, and one in a hundred of the fifteen hours that went. */
	ck_assert_uint_eq(after.messages, 5000 + 150);
	index_free(index);
}
END_TEST

/* How many messages of the index may have come from that host. */
static unsigned
count_sent_by(struct index *index, const char *host)
{
	uint16_t hash = sending_host_hash(slice_str(host));
	unsigned count = 0;

	for (uint64_t n = index_oldest(index); n < index_end(index); n++) {
		const struct segment *segment = index_segment(index, n);

		for (uint32_t left = segment->message_count;
		     (left = sending_hosts_next(segment, left, hash)) != 0; left--)
			count++;
	}
	return count;
}

START_TEST(hosts_that_sent_are_found_wherever_their_messages_go)
{
	static const char *const lines[] = {
	    "2026-11-01 00:00:00 1VykzM-000000-La <= a@example.com H=Mail.example.net (x) [192.0.2.1] P=esmtp S=3",
	    "2026-11-01 00:00:01 1VykzM-000001-La <= a@example.com H=(me) [192.0.2.2]:25 P=esmtp S=3",
	    "2026-11-01 00:00:02 1VykzM-000002-La <= a@example.com H=mail.example.net (\"[\") [2001:db8::1] P=esmtp S=3",
	    "2026-11-01 00:00:03 1VykzM-000003-La <= a@example.com U=root P=local S=300",
	    /* Not the same host both times. */
	    "2026-11-01 00:00:04 1VykzM-000001-La <= a@example.com H=(me) [192.0.2.3]:25 P=esmtp S=3",
	    "2026-11-02 00:00:00 1VykzM-000009-La <= a@example.com U=root P=local S=300",
	};
	struct index *index = index_new(&(struct index_options){.classifier = classifier});

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fold_line(index, (struct position){1, i * 300}, slice_str(lines[i]));
	for (int is_moved = 0; is_moved <= 1; is_moved++) {
		ck_assert_uint_eq(count_sent_by(index, "mail.example.net"), 3);
		ck_assert_uint_eq(count_sent_by(index, "192.0.2.1"), 2);
		ck_assert_uint_eq(count_sent_by(index, "2001:db8::1"), 2);
		/* Whatever it is, the one with two arrivals has to be looked at. */
		ck_assert_uint_eq(count_sent_by(index, "192.0.2.9"), 1);
		/* None of them is finished: they move to the newest segment. */
		index_expire(index, INT64_MAX);
	}
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_store");
	TCase *tests = tcase_create("index_store");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_test(tests, hosts_that_sent_are_found_wherever_their_messages_go);
	tcase_add_test(tests, the_cap_holds_and_the_unfinished_go_last);
	tcase_add_test(tests, what_the_window_no_longer_covers_goes);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
