/* Records: wherever something of a message stands, it is what was last stored. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/store.h"
#include "tests/unit/folding.h"

enum { TURNS = 4000 };

/* What a message would be if every field had its own place. */
struct plain {
	struct message_id id;
	uint32_t arrived, finished, sender, origin, account, later, login;
};

static uint32_t
chance(uint32_t most)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33) % most;
}

static void
check(const struct place *place, const struct plain *plain)
{
	const struct segment *segment = place->segment;
	const struct message *message = place->message;
	const struct message_extra *extra = segment_extra(segment, message);

	ck_assert(message_id_equal(segment_message_id(segment, message), plain->id));
	ck_assert(!message_is_void(message));
	ck_assert_uint_eq(message->arrived, plain->arrived);
	ck_assert_uint_eq(segment_message_finished(segment, message), plain->finished);
	ck_assert_uint_eq(message->sender, plain->sender);
	ck_assert_uint_eq(segment_message_origin(segment, message), plain->origin);
	ck_assert_uint_eq(message_account(message), plain->account);
	ck_assert_uint_eq(segment_last_later(segment, message), plain->later);
	ck_assert_uint_eq(extra != NULL ? extra->login : 0, plain->login);
}

static void
store_one(const struct place *place, struct plain *plain)
{
	switch (chance(8)) {
	case 0:
		store_arrived(place, plain->arrived = 1000000 + chance(200000));
		break;
	case 1:
		store_finished(place,
		    plain->finished = plain->arrived - 2 +
			(chance(2) ? chance(8) : chance(200000)));
		break;
	case 2:
		store_finished(place,
		    plain->finished = plain->arrived + UINT16_MAX - 4 + chance(8));
		break;
	case 3:
		store_sender(place, plain->sender = chance(4));
		break;
	case 4:
		store_origin(place, plain->origin = chance(4));
		break;
	case 5:
		store_account(place, plain->account = chance(4));
		break;
	case 6:
		store_later(place, plain->later = chance(4));
		break;
	default:
		if (chance(10) == 0)
			store_extra(place)->login = plain->login = chance(4);
		break;
	}
}

static const struct message_id ids[] = {
    {(uint64_t)UINT32_MAX << ID_FIRST_SHIFT, UINT64_MAX},
    {(uint64_t)1 << ID_FIRST_SHIFT, 0},
    {0, 1},
    {((uint64_t)UINT32_MAX + 1) << ID_FIRST_SHIFT, 1}, /* two that are not short */
    {1, 0},
};

START_TEST(what_was_stored_comes_back)
{
	struct hash_key key = {1, 2};
	struct arena_pool pool;

	arena_pool_init(&pool, 0);
	struct segment *segment = segment_new(0, &pool, &key, NULL);
	for (int round = 0; round < 20; round++) {
		struct place place = {.segment = segment};
		struct plain plain = {.id = ids[_i], .arrived = 1000000};

		place.message = segment_add_message(segment, &place.index);
		ck_assert(store_id(&place, plain.id));
		store_arrived(&place, plain.arrived);
		check(&place, &plain);
		for (int turn = 0; turn < TURNS; turn++) {
			store_one(&place, &plain);
			check(&place, &plain);
		}
	}
	segment_free(segment);
	arena_pool_clear(&pool);
}
END_TEST

/* What a message is besides its recipients. */
static void
describe_rest(const struct index *index, const char *name, char *text, size_t size)
{
	struct message_view view;
	struct message_id id;
	struct room room;
	struct evidence_reader reader;
	struct position position;
	char written[MESSAGE_ID_TEXT_SIZE];

	room_empty(&room);
	ck_assert(message_id_parse(slice_str(name), &id) && index_find(index, id, &view));
	message_id_format(segment_message_id(view.segment, view.message), written);
	ck_assert_str_eq(written, name);
	const struct message_extra *extra = segment_extra(view.segment, view.message);
	struct slice origin = segment_name(view.segment,
	    segment_message_origin(view.segment, view.message), &room);
	struct slice account = segment_string(view.segment, message_account(view.message));
	struct slice score = segment_string(view.segment, extra != NULL ? extra->spam_score : 0);
	int len = snprintf(text, size, "by %.*s account %.*s score %.*s arrived %u finished %u at",
	    (int)origin.len, origin.at, (int)account.len, account.at, (int)score.len, score.at,
	    view.message->arrived, segment_message_finished(view.segment, view.message));
	index_evidence(view, &reader);
	while (evidence_next(&reader, &position))
		len += snprintf(text + len, size - (size_t)len, " %u:%u", position.file,
		    (unsigned)position.offset);
}

/* Everything that may stand beside the record, in an id that is short and in one that is not; none is finished. */
static const char *const moving[] = {"1VykzM-0005s5-La", "1xVamA-000000006sO-44KK",
    "1xVamA-zzzzzzzzzzz-44KK"};

static const char *const moving_lines[] = {
    "<= a@example.com H=(c) [192.0.2.9] P=esmtpsa A=dovecot_login:web@example.com S=300 for b@example.org c@example.org d@example.org",
    "Sender identification U=shopacct D=example.com S=web@example.com",
    "H=mx1.example.org [192.0.2.1]: SMTP timeout while connected",
    "** b@example.org R=r T=t H=mx1.example.org [192.0.2.1]: SMTP error after RCPT TO:<b@example.org>: 550 no",
    "== c@example.org R=r T=t defer (-53): retry time not reached for any host",
    "=> d@example.org R=r T=t H=mx1.example.org [192.0.2.1]",
    "Frozen (delivery error message)",
};

START_TEST(what_moves_to_another_segment_stays_what_it_is)
{
	enum { CAP = 4 << 20, FILLING = 40000 };
	struct index *index = index_new(
	    &(struct index_options){.classifier = classifier, .memory_max = CAP});
	char line[512], story[2][1024], rest[2][1024];
	struct message_view view;
	struct message_id id;
	struct index_counts counts;
	uint64_t offset = 0;

	for (size_t i = 0; i < sizeof(moving_lines) / sizeof(moving_lines[0]); i++) {
		int len = snprintf(line, sizeof(line), T "%s %s", moving[_i], moving_lines[i]);

		fold_line(index, (struct position){1, offset += 200}, slice_of(line, (size_t)len));
	}
	describe(index, moving[_i], story[0], sizeof(story[0]));
	describe_rest(index, moving[_i], rest[0], sizeof(rest[0]));
	for (int i = 0; i < FILLING; i++) {
		int len = snprintf(line, sizeof(line),
		    T "1VykzN-%06d-La <= a@example.com U=root P=local S=300 for r%d@example.org\n",
		    i, i);

		fold_line(index, (struct position){1, offset += 100},
		    slice_of(line, (size_t)len - 1));
		len = snprintf(line, sizeof(line), T "1VykzN-%06d-La Completed", i);
		fold_line(index, (struct position){1, offset += 100}, slice_of(line, (size_t)len));
	}
	index_count(index, &counts);
	ck_assert(message_id_parse(slice_str(moving[_i]), &id) && index_find(index, id, &view));
	ck_assert_uint_gt(index_oldest(index), 0);
	describe(index, moving[_i], story[1], sizeof(story[1]));
	describe_rest(index, moving[_i], rest[1], sizeof(rest[1]));
	ck_assert_str_eq(story[0], story[1]);
	ck_assert_str_eq(rest[0], rest[1]);
	index_free(index);
}
END_TEST

static unsigned
count_lines(const struct index *index, const char *name)
{
	struct message_view view;
	struct message_id id;
	struct evidence_reader reader;
	struct position position;
	unsigned count = 0;

	ck_assert(message_id_parse(slice_str(name), &id) && index_find(index, id, &view));
	index_evidence(view, &reader);
	while (evidence_next(&reader, &position))
		count++;
	return count;
}

/* Whether lines come one by one, at once, or so that a line and what belongs to it come apart. */
START_TEST(lines_without_a_time_belong_to_the_message_before)
{
	static const char
	    first[] = " of nobody\n" T
		      "1VykzM-0005s5-La <= a@example.com U=web P=local S=300 for b@example.org\n"
		      " one\n two\n" T
		      "1VykzM-0005s5-Lb <= a@example.com U=web P=local S=300 for b@example.org\n",
	    second[] = " one\n" T
		       "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1VykzM-0005s5-Lb\n"
		       " of nobody\n" T "no host name found for IP address 192.0.2.1\n"
		       " of nobody\n" T "1VykzM-0005s5-La Completed\n"
		       " three\n";
	void (*const fold)(struct index * index, const char *text) = _i == 0 ? fold_text :
									       fold_at_once;
	struct index *index = index_new(&(struct index_options){.classifier = classifier});

	fold(index, first);
	fold(index, second);
	ck_assert_uint_eq(count_lines(index, "1VykzM-0005s5-La"), 5);
	ck_assert_uint_eq(count_lines(index, "1VykzM-0005s5-Lb"), 3);
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_record");
	TCase *tests = tcase_create("index_record");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, what_was_stored_comes_back, 0, sizeof(ids) / sizeof(ids[0]));
	tcase_add_loop_test(tests, what_moves_to_another_segment_stays_what_it_is, 0,
	    sizeof(moving) / sizeof(moving[0]));
	tcase_add_loop_test(tests, lines_without_a_time_belong_to_the_message_before, 0, 2);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
