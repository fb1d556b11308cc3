/* Conversations: lines in, answers out, in order, whatever pieces they come in and however little the peer reads. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <event2/buffer.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/server/conversation.h"
#include "daemon/text/moment.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

enum { REQUEST_BYTES = 4096, UNSENT_BYTES = 64 * 1024 };

static struct answer_sources sources;
static struct conversation *conversation;
static struct evbuffer *in, *out;
static unsigned wakes;

static void
wake(void *context)
{
	(void)context;
	wakes++;
}

static void
begin(const char *refusal)
{
	const struct conversation_options options = {.sources = &sources,
	    .asker = {.sees_all = true},
	    .refusal = refusal,
	    .request_bytes = REQUEST_BYTES,
	    .unsent_bytes = UNSENT_BYTES,
	    .wake = wake};

	conversation = conversation_new(&options);
	ck_assert_ptr_nonnull(conversation);
}

static void
load(void)
{
	sources.zone = zone_new("UTC");
	sources.classifier = shipped_classifier();
}

static void
unload(void)
{
	classifier_free(sources.classifier);
	zone_free((struct zone *)(uintptr_t)sources.zone);
}

static void
setup(void)
{
	sources.index = index_new(
	    &(struct index_options){.classifier = sources.classifier, .zone = sources.zone});
	sources.version = "0";
	in = evbuffer_new();
	out = evbuffer_new();
	wakes = 0;
	begin(NULL);
}

static void
teardown(void)
{
	conversation_free(conversation);
	evbuffer_free(in);
	evbuffer_free(out);
	index_free(sources.index);
}

static void
log_failure(int number)
{
	char line[256];
	int len = snprintf(line, sizeof(line),
	    "2026-11-24 10:00:%02d 1xUnit-%06d-00 ** r@example.com R=r T=t H=mx.example.com [192.0.2.1]: 550 5.1.1 no such user",
	    number % 60, number);

	index_lines(sources.index,
	    &(struct tail_line){{1, (uint64_t)number * 200}, slice_of(line, (size_t)len), false},
	    1);
}

static void
say(const char *text)
{
	evbuffer_add(in, text, strlen(text));
}

static enum conversation_state
run(bool at_end)
{
	enum conversation_state state;

	do {
		state = conversation_run(conversation, in, out, at_end);
	} while (state == CONVERSATION_GOES_ON);
	return state;
}

/* The next line; the caller's. NULL: none. */
static char *
line(void)
{
	return evbuffer_readln(out, NULL, EVBUFFER_EOL_LF);
}

static void
expect(const char *words)
{
	char *told = line();

	ck_assert_msg(told != NULL, "nothing, not %s", words);
	ck_assert_msg(strstr(told, words) != NULL, "%s, not %s", told, words);
	free(told);
}

static void
expect_silence(void)
{
	char *told = line();

	ck_assert_msg(told == NULL, "%s", told);
}

START_TEST(requests_come_in_any_pieces)
{
	static const char two[] =
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"nothing\"}\n";

	for (size_t i = 0; i < sizeof(two) - 1; i++) {
		evbuffer_add(in, two + i, 1);
		ck_assert_int_eq(run(false), CONVERSATION_WAITS);
		ck_assert_int_eq(conversation_is_inside_request(conversation, in), two[i] != '\n');
	}
	expect("\"id\":1,\"result\":");
	expect("\"id\":2,\"error\":{\"code\":-32601");
	expect_silence();
}
END_TEST

START_TEST(the_last_line_needs_no_newline)
{
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}");
	ck_assert_int_eq(run(false), CONVERSATION_WAITS);
	expect_silence();
	ck_assert_int_eq(run(true), CONVERSATION_WAITS);
	expect("\"id\":1,\"result\":");
	ck_assert_uint_eq(evbuffer_get_length(in), 0);
}
END_TEST

START_TEST(an_endless_line_is_refused_once_and_not_kept)
{
	static char much[64 * 1024];

	memset(much, '[', sizeof(much) - 1);
	for (int i = 0; i < 20; i++) {
		say(much);
		ck_assert_int_eq(run(false), CONVERSATION_WAITS);
		ck_assert_uint_eq(evbuffer_get_length(in), 0);
	}
	ck_assert(conversation_is_inside_request(conversation, in));
	expect("\"id\":null,\"error\":{\"code\":-32002,\"message\":\"too-large\"");
	expect_silence();
	say("\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n");
	ck_assert_int_eq(run(false), CONVERSATION_WAITS);
	expect("\"id\":1,\"result\":");
	ck_assert(!conversation_is_inside_request(conversation, in));
}
END_TEST

START_TEST(a_batch_is_answered_in_one_line)
{
	say("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nothing\"},{\"jsonrpc\":\"2.0\",\"method\":\"status\"},7,"
	    "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"classes\"}]\n");
	run(false);
	char *told = line();
	struct json_object *answers = json_tokener_parse(told);
	ck_assert_uint_eq(json_object_array_length(answers), 3);
	json_object_put(answers);
	free(told);
	say("[{\"jsonrpc\":\"2.0\",\"method\":\"status\"}]\n[]\n");
	run(false);
	expect("\"code\":-32600");
	expect_silence();
}
END_TEST

START_TEST(the_peer_must_read_before_more_is_answered)
{
	unsigned count = 0;
	char *told;

	for (int i = 0; i < 200; i++)
		say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"classes\"}\n");
	while (run(false) == CONVERSATION_IS_FULL) {
		ck_assert_uint_ge(evbuffer_get_length(out), UNSENT_BYTES);
		ck_assert_uint_lt(evbuffer_get_length(out), 2 * 1024 * 1024);
		for (; (told = line()) != NULL; count++)
			free(told);
	}
	for (; (told = line()) != NULL; count++)
		free(told);
	ck_assert_uint_eq(count, 200);
}
END_TEST

START_TEST(a_watch_goes_on_beside_other_requests)
{
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\"}\n");
	ck_assert_int_eq(run(false), CONVERSATION_WAITS);
	expect("\"id\":1,\"result\":");
	ck_assert(conversation_is_watching(conversation));
	log_failure(1);
	ck_assert_uint_eq(wakes, 1);
	log_failure(2);
	ck_assert_uint_eq(wakes, 1);
	say("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"status\"}\n");
	run(false);
	expect("\"method\":\"watch\"");
	expect("\"method\":\"watch\"");
	expect("\"id\":2,\"result\":");
	log_failure(3);
	ck_assert_uint_eq(wakes, 2);
	run(false);
	expect("1xUnit-000003-00");
	expect_silence();
}
END_TEST

START_TEST(watches_have_a_limit_and_no_place_in_a_batch)
{
	for (int i = 0; i < 17; i++)
		say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\"}\n");
	say("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\"}]\n");
	run(false);
	for (int i = 0; i < 16; i++)
		expect("\"result\":");
	expect("\"code\":-32003,\"message\":\"busy\"");
	expect("outside of a batch");
}
END_TEST

START_TEST(who_may_not_ask_is_told_so_each_time)
{
	conversation_free(conversation);
	begin("ask the administrator");
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"rpc.discover\"}\n");
	run(false);
	expect(
	    "\"id\":1,\"error\":{\"code\":-32001,\"message\":\"not-permitted\",\"data\":{\"hint\":\"ask the administrator\"}}");
	expect("\"id\":2,\"error\":{\"code\":-32001");
}
END_TEST

START_TEST(after_the_end_nothing_is_begun)
{
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\"}\n");
	run(false);
	expect("\"id\":1,\"result\":");
	conversation_end(conversation);
	ck_assert(!conversation_is_watching(conversation));
	log_failure(1);
	ck_assert_uint_eq(wakes, 0);
	say("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"status\"}\n");
	run(true);
	expect("\"id\":2,\"error\":{\"code\":-32004,\"message\":\"shutting-down\"");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("server/conversation");
	TCase *tests = tcase_create("conversation");

	tcase_add_unchecked_fixture(tests, load, unload);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, requests_come_in_any_pieces);
	tcase_add_test(tests, the_last_line_needs_no_newline);
	tcase_add_test(tests, an_endless_line_is_refused_once_and_not_kept);
	tcase_add_test(tests, a_batch_is_answered_in_one_line);
	tcase_add_test(tests, the_peer_must_read_before_more_is_answered);
	tcase_add_test(tests, a_watch_goes_on_beside_other_requests);
	tcase_add_test(tests, watches_have_a_limit_and_no_place_in_a_batch);
	tcase_add_test(tests, who_may_not_ask_is_told_so_each_time);
	tcase_add_test(tests, after_the_end_nothing_is_begun);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
