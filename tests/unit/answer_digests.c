/* Answers from digests and marks are those of looking at every message, whatever lines come in between. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/history.h"
#include "daemon/answer/match.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/walk.h"
#include "daemon/index/index.h"
#include "daemon/text/moment.h"
#include "tests/unit/made_up_mail.h"
#include "tests/unit/unit.h"

enum {
	MESSAGES = 3000, /* some fifteen segments */
	ASK_EVERY = 150,
};

static bool
owns_all(const void *context, struct slice domain)
{
	(void)context;
	(void)domain;
	return true;
}

/* How old a message is depends on when that was asked. */
static void
hide_ages(char *text)
{
	static const char name[] = "\"age_s\":";

	while ((text = strstr(text, name)) != NULL)
		for (text += sizeof(name) - 1; *text >= '0' && *text <= '9'; text++)
			*text = '0';
}

/* The whole answer, as text. The caller's. */
static char *
ask(const struct answer_method *method, const struct asker *asker, struct json_object *params)
{
	struct rpc_error error = {0};
	struct answer *answer = method->start(&sources, asker, params, &error);
	struct json_out out;

	ck_assert_msg(answer != NULL, "%s", error.hint);
	json_out_init(&out);
	while (answer->produce(answer, &out) == ANSWER_MORE)
		;
	answer->free(answer);
	char *text = strndup(out.text, out.len);
	hide_ages(text);
	json_out_clear(&out);
	return text;
}

/* Who may see all is answered from digests, who may see the mail of certain domains, by looking at each message; here that is all. */
static void
compare(const struct answer_method *method, struct json_object *params)
{
	const struct asker everybody = {.sees_all = true}, owner = {.owns_domain = owns_all};
	char *quick = ask(method, &everybody, params), *slow = ask(method, &owner, params);

	size_t same = 0;
	while (quick[same] != '\0' && quick[same] == slow[same])
		same++;
	const size_t from = same > 200 ? same - 200 : 0;
	ck_assert_msg(strcmp(quick, slow) == 0, "%s %s:\n%.400s\n%.400s", method->name,
	    json_object_to_json_string(params), quick + from, slow + from);
	free(quick);
	free(slow);
	json_object_put(params);
}

static struct json_object *
params_of(const char *name, const char *value, bool has_span, unsigned number)
{
	struct json_object *params = json_object_new_object();
	char time[MOMENT_TEXT_SIZE];

	if (name != NULL)
		json_object_object_add(params, name, json_object_new_string(value));
	json_object_object_add(params, "limit", json_object_new_int(1 + (int)below(1000)));
	if (!has_span)
		return params;
	int64_t since = START + (int64_t)below(number * 60), until = since + below(number * 60);
	moment_format(since, 0, time);
	json_object_object_add(params, "since", json_object_new_string(time));
	moment_format(until, 0, time);
	json_object_object_add(params, "until", json_object_new_string(time));
	return params;
}

/* A pattern of each kind, of names that are there or nearly so. */
static const char *
some_pattern(void)
{
	static char pattern[64];
	const char *name = some_name(below(2) == 0), *at = strchr(name, '@');
	size_t len = strlen(name);

	switch (below(8)) {
	case 6:
		return "/dev/null";
	case 7:
		return "/dev*";
	case 0:
		snprintf(pattern, sizeof(pattern), "%s", name);
		break;
	case 1:
		snprintf(pattern, sizeof(pattern), "%s", at);
		break;
	case 2:
		snprintf(pattern, sizeof(pattern), "%s", at + 1);
		break;
	case 3:
		snprintf(pattern, sizeof(pattern), "%.*s", (int)(at - name), name);
		break;
	case 4:
		snprintf(pattern, sizeof(pattern), "%.*s*", (int)below((unsigned)len), name);
		break;
	default:
		snprintf(pattern, sizeof(pattern), "nobody%u@%s", below(9), at + 1);
		break;
	}
	return pattern;
}

/* Asks for the messages of which is_one holds, and looks at all of them for it. */
static void
compare_ids(const struct answer_method *method, const char *key, const char *pattern,
    bool (*is_one)(struct message_view view, const char *key, struct slice pattern))
{
	const struct asker everybody = {.sees_all = true};
	struct json_object *params = params_of(key, pattern, false, 0), *items, *item, *id;
	unsigned limit = 1 + below(30), count = 0;

	json_object_object_add(params, "limit", json_object_new_int((int)limit));
	char *text = ask(method, &everybody, params);
	struct json_object *answer = json_tokener_parse(text);
	ck_assert(json_object_object_get_ex(answer, "items", &items));
	struct walk walk = walk_newest(index_of_all);
	for (struct message_view view; walk_older(&walk, index_of_all, &view);) {
		char expected[MESSAGE_ID_TEXT_SIZE] = "";

		if (!is_one(view, key, slice_str(pattern)) || count++ >= limit)
			continue;
		item = json_object_array_get_idx(items, count - 1);
		ck_assert_msg(json_object_object_get_ex(item, "id", &id), "%s %s %s: no item %u",
		    method->name, key, pattern, count);
		if (!message_id_is_none(segment_message_id(view.segment, view.message)))
			message_id_format(segment_message_id(view.segment, view.message), expected);
		const char *got = id != NULL ? json_object_get_string(id) : "";
		ck_assert_msg(strcmp(got, expected) == 0, "%s %s %s: item %u is %s, not %s",
		    method->name, key, pattern, count, got, expected);
	}
	ck_assert_uint_eq(json_object_array_length(items), count < limit ? count : limit);
	if (method == &answer_why) {
		struct json_object *summary, *messages;

		ck_assert(json_object_object_get_ex(answer, "summary", &summary));
		ck_assert(json_object_object_get_ex(summary, "messages", &messages));
		ck_assert_int_eq(json_object_get_int(messages), count);
	}
	json_object_put(answer);
	json_object_put(params);
	free(text);
}

static bool
is_found(struct message_view view, const char *key, struct slice pattern)
{
	const struct asker everybody = {.sees_all = true};

	return !(view.message->flags & MESSAGE_IS_REFUSAL) &&
	    (strcmp(key, "from") == 0 ? match_name(view.segment, view.message->sender, pattern) :
					match_recipients(&everybody, view, pattern));
}

static bool
is_explained(struct message_view view, const char *key, struct slice pattern)
{
	const struct asker everybody = {.sees_all = true};

	(void)key;
	return match_message(&everybody, view, pattern);
}

static bool
is_taken(struct message_view view, const char *key, struct slice host)
{
	bool is_one = false;

	(void)key;
	if (view.message->flags & MESSAGE_IS_REFUSAL)
		return false;
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		struct room room;

		room_empty(&room);
		struct route route = segment_route(view.segment, segment_recipient(view.segment, r),
		    &room);
		is_one |= slice_equal_nocase(route.host, host) || slice_equal(route.ip, host);
	}
	return is_one;
}

static bool
is_at_ip(struct message_view view, const char *key, struct slice ip)
{
	const struct asker everybody = {.sees_all = true};

	(void)key;
	return match_ip(&everybody, view, ip);
}

static const char *
some_host(bool is_name)
{
	static char host[32];

	snprintf(host, sizeof(host), is_name ? "%s%u.example.net" : "%s%u",
	    !is_name          ? "192.0.2." :
		below(3) == 0 ? "Mx" :
				"mx",
	    below(35));
	return host;
}

static void
compare_history(void)
{
	const char *name = some_name(false);
	struct slice domain = slice_str(strchr(name, '@') + 1);
	struct walk walk = walk_newest(index_of_all);
	struct domain_history history;
	unsigned delivered = 0, failed = 0;
	int64_t last = 0;

	history_of_domain(index_of_all, NULL, domain, 0, &history);
	for (struct message_view view; walk_older(&walk, index_of_all, &view);) {
		if (view.message->flags & MESSAGE_IS_REFUSAL)
			continue;
		for (uint32_t r = 0;
		     (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(view.segment, r);

			if (!names_at_domain_nocase(&view.segment->arena, entry->address, domain))
				continue;
			delivered += entry->outcome == OUTCOME_DELIVERED;
			failed += entry->outcome != OUTCOME_DELIVERED &&
			    entry->class_index != CLASS_NONE;
			if (entry->outcome == OUTCOME_DELIVERED && entry->at > last)
				last = entry->at;
		}
	}
	ck_assert_uint_eq(history.delivered_here + history.delivered_remotely, delivered);
	ck_assert_uint_eq(history.same_class + history.other_failures, failed);
	ck_assert_int_eq(history.last_delivered, last);
}

/* Messages that arrived before the hour, or were delivered after they had been completed, may be counted or not. */
static void
compare_hour(unsigned number)
{
	const char *name = some_name(false);
	struct slice domain = slice_str(strchr(name, '@') + 1);
	int64_t second = START + (int64_t)below(number) * 60;
	struct walk walk = walk_newest(index_of_all);
	struct hour_history history;
	unsigned least = 0, most = 0;

	history_of_hour(index_of_all, second, 0, domain, &history);
	for (struct message_view view; walk_older(&walk, index_of_all, &view);) {
		bool is_counted = false, is_usual = false;

		for (uint32_t r = 0;
		     (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(view.segment, r);

			if (entry->outcome != OUTCOME_DELIVERED || entry->hop == 0 ||
			    entry->at < second - 1800 || entry->at > second + 1800 ||
			    names_at_domain_nocase(&view.segment->arena, entry->address, domain))
				continue;
			is_counted = true;
			is_usual |= view.message->arrived >= second - 1800 &&
			    (view.message->finished == 0 ||
				entry->at <= segment_message_finished(view.segment, view.message));
		}
		most += is_counted;
		least += is_usual;
	}
	ck_assert_uint_ge(history.delivered, least);
	ck_assert_uint_le(history.delivered, most);
	ck_assert(history.delivered == 0 || history.delivered_domains != 0);
}

static void
compare_names(void)
{
	for (int i = 0; i < 12; i++) {
		compare_ids(&answer_find, "from", some_pattern(), is_found);
		compare_ids(&answer_find, "to", some_pattern(), is_found);
		compare_ids(&answer_why, "what", some_pattern(), is_explained);
		compare_ids(&answer_find, "host", some_host(below(2) == 0), is_taken);
		compare_ids(&answer_why, "what", some_host(false), is_at_ip);
		compare_history();
	}
}

static void
compare_all(unsigned number)
{
	static const char *const keys[] = {"class", "domain", "sender", "login", "account",
	    "script", "host", "hour", "verdict"};

	for (int has_span = 0; has_span <= 1; has_span++) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			compare(&answer_stats, params_of("by", keys[i], has_span, number));
		for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
			compare(&answer_find,
			    params_of("verdict", verdict_name(verdict), has_span, number));
		compare(&answer_queue, params_of(NULL, NULL, has_span, number));
	}
	compare_names();
}

/* More domains than are told apart: the rest is counted without a look at the messages. */
START_TEST(an_hour_is_counted_to_the_last_message)
{
	enum { COUNT = 900, DOMAINS = 100, STEP = 10, MIDDLE = START + COUNT * STEP / 2 };
	struct hour_history history;
	unsigned expected = 0;

	begin(0);
	for (unsigned number = 0; number < COUNT; number++) {
		int64_t second = START + (int64_t)number * STEP;
		const char *ip = number % 7 == 0 ? "127.0.0.1" : "192.0.2.1";
		char id[32], text[200];

		write_id(number, id);
		snprintf(text, sizeof(text), "%s <= a@shop.example U=a P=local S=1", id);
		add_line(second, text);
		snprintf(text, sizeof(text),
		    "%s => a@to%u.example R=dnslookup T=remote_smtp H=mx.example.net [%s]", id,
		    number % DOMAINS, ip);
		add_line(second, text);
		/* Some have another recipient, that was not reached. */
		snprintf(text, sizeof(text), "%s == b@to%u.example R=dnslookup defer (-1): timeout",
		    id, number % DOMAINS);
		if (number % 5 == 0)
			add_line(second, text);
		expected += number % 7 != 0 && number % DOMAINS != 3 && second >= MIDDLE - 1800 &&
		    second <= MIDDLE + 1800;
	}
	history_of_hour(index_of_all, MIDDLE, 0, SLICE("to3.example"), &history);
	ck_assert_uint_eq(history.delivered, expected);
	ck_assert_uint_eq(history.delivered_domains, 64);
}
END_TEST

START_TEST(digests_answer_as_the_messages_do)
{
	begin(0);
	struct ahead *ahead = answer_ahead_new(&sources);
	ck_assert_ptr_nonnull(ahead);
	for (unsigned number = 0; number < MESSAGES; number++) {
		add_minute(number);
		if (below(4) == 0)
			answer_ahead_go_on(ahead);
		else
			index_mark_ahead(index_of_all, below(100));
		if (number % ASK_EVERY == ASK_EVERY - 1) {
			compare_all(number);
			compare_hour(number);
		}
		if (number == MESSAGES / 2)
			index_set_classifier(index_of_all, classifier);
	}
	answer_ahead_free(ahead);
}
END_TEST

START_TEST(so_they_do_when_segments_leave)
{
	begin(0);
	for (unsigned number = 0; number < MESSAGES; number++) {
		add_minute(number);
		if (number % ASK_EVERY != ASK_EVERY - 1)
			continue;
		compare_all(number);
		index_expire(index_of_all, START + (int64_t)number * 60 - 12 * 3600);
		compare_all(number);
	}
}
END_TEST

/* They fill what the cap leaves free, and not more. */
START_TEST(digests_give_way_to_messages)
{
	struct index_counts counts;

	begin(1024 * 1024);
	for (unsigned number = 0; number < MESSAGES; number++) {
		add_minute(number);
		if (number % ASK_EVERY != ASK_EVERY - 1)
			continue;
		compare_all(number);
		index_count(index_of_all, &counts);
		ck_assert_uint_le(counts.index_bytes, 1024 * 1024);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("answer_digests");
	TCase *tcase = tcase_create("all");

	tcase_add_unchecked_fixture(tcase, load, unload);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, an_hour_is_counted_to_the_last_message);
	tcase_add_test(tcase, digests_answer_as_the_messages_do);
	tcase_add_test(tcase, so_they_do_when_segments_leave);
	tcase_add_test(tcase, digests_give_way_to_messages);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
