/* Requests: the envelope of JSON-RPC 2.0, the tables of the methods' parameters, and hints that name what was meant. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/methods.h"
#include "daemon/server/nearest.h"
#include "daemon/server/request.h"
#include "protocol/limits.h"
#include "tests/unit/unit.h"

static struct json_tokener *tokener;

static void
setup(void)
{
	tokener = json_tokener_new_ex(LIMIT_NESTING + 1);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
}

static void
teardown(void)
{
	json_tokener_free(tokener);
}

/* method NULL: an error of that code, whose hint holds those words. */
static const struct {
	const char *line, *method;
	int code;
	const char *hint;
} requests[] = {
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}", "status", 0, NULL},
    {" {\"jsonrpc\":\"2.0\",\"id\":\"\",\"method\":\"rpc.discover\",\"params\":{}} \r",
	"rpc.discover", 0, NULL},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":[]}", "status", 0, NULL},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"why\",\"params\":{\"what\":\"a@example.com\"}}",
	"why", 0, NULL},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"recent\",\"params\":{\"hard\":true,\"limit\":5}}",
	"recent", 0, NULL},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"statsu\"}", NULL, RPC_METHOD_NOT_FOUND,
	"did you mean"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"completelydifferent\"}", NULL,
	RPC_METHOD_NOT_FOUND, "rpc.discover lists them"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\u001b[2J\\u202e\"}", NULL, RPC_METHOD_NOT_FOUND,
	"\"?[2J"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"recent\",\"params\":{\"hrad\":true}}", NULL,
	RPC_INVALID_PARAMS, "did you mean \"hard\""},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":{\"x\":1}}", NULL,
	RPC_INVALID_PARAMS, "takes no parameters"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"recent\",\"params\":{\"hard\":1}}", NULL,
	RPC_INVALID_PARAMS, "hard of recent is true or false, not int"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"recent\",\"params\":{\"hard\":null}}", NULL,
	RPC_INVALID_PARAMS, "true or false, not null"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"why\"}", NULL, RPC_INVALID_PARAMS,
	"why needs the parameter what"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"why\",\"params\":[\"x\"]}", NULL,
	RPC_INVALID_PARAMS, "parameters are named"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"why\",\"params\":7}", NULL, RPC_INVALID_REQUEST,
	"params is an object"},
    {"{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"status\"}", NULL, RPC_INVALID_REQUEST,
	"id is a string"},
    {"{\"jsonrpc\":\"2.0\",\"id\":NaN,\"method\":\"status\"}", NULL, RPC_INVALID_REQUEST,
	"id is a string"},
    {"{\"id\":1,\"method\":\"status\"}", NULL, RPC_INVALID_REQUEST, "jsonrpc must be there"},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}", NULL, RPC_INVALID_REQUEST,
	"method must be there"},
    {"7", NULL, RPC_INVALID_REQUEST, "a request is an object"},
    {"null", NULL, RPC_INVALID_REQUEST, "null is no request"},
    {"{", NULL, RPC_PARSE_ERROR, "of the line"},
    {"{} {}", NULL, RPC_PARSE_ERROR, "one JSON object on each line"},
    {"{\"a\":'b'}", NULL, RPC_PARSE_ERROR, "one JSON object on each line"},
    {"{\"a\":\"\xff\"}", NULL, RPC_PARSE_ERROR, "byte 7 of the line is no UTF-8"},
    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", NULL, RPC_TOO_LARGE,
	"nests deeper than the limit of 16"},
};

START_TEST(a_line_is_a_request_or_an_error_with_a_hint)
{
	const char *line = requests[_i].line;
	struct rpc_error error = {0};
	struct request request = {0};
	struct json_object *value = request_parse(tokener, line, strlen(line), &error);
	bool is_good = value != NULL && request_read(value, &request, &error);

	if (requests[_i].method != NULL) {
		ck_assert_msg(is_good, "%s: %s", line, error.hint);
		ck_assert_str_eq(request.method->name, requests[_i].method);
		ck_assert(request.has_id);
	} else {
		ck_assert_msg(!is_good, "%s was taken", line);
		ck_assert_msg(error.code == requests[_i].code, "%s: code %d, not %d", line,
		    error.code, requests[_i].code);
		ck_assert_str_eq(error.message, rpc_error_name(error.code));
		ck_assert_msg(strstr(error.hint, requests[_i].hint) != NULL, "%s: %s, not %s", line,
		    error.hint, requests[_i].hint);
	}
	json_object_put(value);
}
END_TEST

START_TEST(brackets_in_strings_do_not_nest)
{
	static const char line[] =
	    "{\"jsonrpc\":\"2.0\",\"id\":\"[[[[[[[[[[[[[[[[[[[\\\"[[[[\\\\\",\"method\":\"status\"}";
	struct rpc_error error = {0};
	struct request request;
	struct json_object *value = request_parse(tokener, line, sizeof(line) - 1, &error);

	ck_assert_ptr_nonnull(value);
	ck_assert(request_read(value, &request, &error));
	json_object_put(value);
}
END_TEST

START_TEST(a_nul_byte_ends_no_request)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\"\0}";
	struct rpc_error error = {0};

	ck_assert_ptr_null(request_parse(tokener, line, sizeof(line) - 1, &error));
	ck_assert_int_eq(error.code, RPC_PARSE_ERROR);
	ck_assert_str_eq(error.hint, "byte 17 of the line is NUL; send JSON in UTF-8");
}
END_TEST

START_TEST(a_request_without_an_id_wants_no_answer_unless_it_is_none)
{
	static const char *const lines[] = {"{\"jsonrpc\":\"2.0\",\"method\":\"nothing\"}",
	    "{\"method\":\"status\"}"};
	static const bool wants[] = {false, true};

	for (size_t i = 0; i < 2; i++) {
		struct rpc_error error = {0};
		struct request request;
		struct json_object *value = request_parse(tokener, lines[i], strlen(lines[i]),
		    &error);

		ck_assert_ptr_nonnull(value);
		ck_assert(!request_read(value, &request, &error));
		ck_assert_int_eq(request.has_id, wants[i]);
		json_object_put(value);
	}
}
END_TEST

START_TEST(blank_lines_are_blank)
{
	ck_assert(request_is_blank("", 0) && request_is_blank(" \t\r", 3));
	ck_assert(!request_is_blank(" x", 2) && !request_is_blank("\0", 1));
}
END_TEST

static const struct {
	const char *typed, *best;
} names[] = {{"statsu", "stats"}, {"recnet", "recent"}, {"xyzzy", NULL}, {"", NULL}, {"s", NULL}};

START_TEST(the_nearest_name_is_offered_when_it_is_near)
{
	struct nearest nearest;

	nearest_init(&nearest, names[_i].typed);
	for (size_t i = 0; answer_methods[i] != NULL; i++)
		nearest_offer(&nearest, answer_methods[i]->name);
	if (names[_i].best == NULL)
		ck_assert_msg(nearest.best == NULL, "%s: %s", names[_i].typed, nearest.best);
	else
		ck_assert_msg(nearest.best != NULL && strcmp(nearest.best, names[_i].best) == 0,
		    "%s: %s", names[_i].typed, nearest.best != NULL ? nearest.best : "nothing");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("server/request");
	TCase *tests = tcase_create("request");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_line_is_a_request_or_an_error_with_a_hint, 0,
	    sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tests, brackets_in_strings_do_not_nest);
	tcase_add_test(tests, a_nul_byte_ends_no_request);
	tcase_add_test(tests, a_request_without_an_id_wants_no_answer_unless_it_is_none);
	tcase_add_test(tests, blank_lines_are_blank);
	tcase_add_loop_test(tests, the_nearest_name_is_offered_when_it_is_near, 0,
	    sizeof(names) / sizeof(names[0]));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
