/* Parameters: what is absent, what is out of range, what is no time, no class, no cursor. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/params.h"
#include "daemon/classify/classify.h"
#include "daemon/text/moment.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

static struct answer_sources sources;

static void
setup(void)
{
	sources.zone = zone_new("UTC");
	sources.classifier = shipped_classifier();
}

static void
teardown(void)
{
	classifier_free(sources.classifier);
	zone_free((struct zone *)(uintptr_t)sources.zone);
}

START_TEST(what_is_absent_is_empty)
{
	struct json_object *params = json_tokener_parse("{\"a\":\"x\\u0000y\",\"b\":true,\"c\":7}");

	ck_assert_uint_eq(params_string(NULL, "a").len, 0);
	ck_assert_uint_eq(params_string(params, "z").len, 0);
	ck_assert_uint_eq(params_string(params, "c").len, 0);
	ck_assert_uint_eq(params_string(params, "a").len, 3);
	ck_assert(params_bool(params, "b") && !params_bool(params, "z") && !params_bool(NULL, "b"));
	json_object_put(params);
}
END_TEST

static const struct {
	const char *params;
	uint32_t limit; /* 0: refused */
} limits[] = {{"{}", 50}, {"{\"limit\":1}", 1}, {"{\"limit\":1000}", 1000}, {"{\"limit\":0}", 0},
    {"{\"limit\":1001}", 0}, {"{\"limit\":-5}", 0}, {"{\"limit\":4294967297}", 0},
    {"{\"limit\":99999999999999999999}", 0}};

START_TEST(a_page_has_one_to_a_thousand_items)
{
	struct json_object *params = json_tokener_parse(limits[_i].params);
	struct rpc_error error = {0};
	uint32_t limit = 0;

	ck_assert_int_eq(params_limit(params, 50, &limit, &error), limits[_i].limit != 0);
	ck_assert_uint_eq(limit, limits[_i].limit);
	ck_assert_int_eq(error.code, limits[_i].limit != 0 ? 0 : RPC_INVALID_PARAMS);
	json_object_put(params);
}
END_TEST

START_TEST(the_cursor_of_a_page_is_good_for_its_method_in_this_run)
{
	char text[CURSOR_TEXT_SIZE];
	struct rpc_error error = {0};
	uint64_t first = 3;
	uint32_t second = 4;

	ck_assert(cursor_parse_page(&sources, 'f', slice_of("", 0), &first, &second, &error));
	ck_assert(first == 3 && second == 4);
	sources.started = 1795000000;
	cursor_format_page(&sources, 'f', UINT64_MAX, UINT32_MAX, text);
	ck_assert(cursor_parse_page(&sources, 'f', slice_str(text), &first, &second, &error));
	ck_assert(first == UINT64_MAX && second == UINT32_MAX);
	ck_assert(!cursor_parse_page(&sources, 'q', slice_str(text), &first, &second, &error));
	ck_assert_int_eq(error.code, RPC_INVALID_PARAMS);
	ck_assert(!cursor_parse_page(&sources, 'f', SLICE("12.345"), &first, &second, &error));
	sources.started++;
	ck_assert(!cursor_parse_page(&sources, 'f', slice_str(text), &first, &second, &error));
}
END_TEST

static const struct {
	const char *cursor;
	bool is_good;
	uint64_t first;
	uint32_t second;
} cursors[] = {
    {"12.345", true, 12, 345},
    {"0.0", true, 0, 0},
    {"18446744073709551615.4294967295", true, UINT64_MAX, UINT32_MAX},
    {"18446744073709551616.0", false, 0, 0},
    {"0.4294967296", false, 0, 0},
    {"12", false, 0, 0},
    {"12.", false, 0, 0},
    {".12", false, 0, 0},
    {"12.3x", false, 0, 0},
    {"-1.0", false, 0, 0},
    {"1.-1", false, 0, 0},
    {" 1.1", false, 0, 0},
    {"1.+1", false, 0, 0},
    {"1.2.3", false, 0, 0},
    {"999999999999999999999999999999999999999999999999999999.1", false, 0, 0},
};

START_TEST(a_cursor_is_two_numbers_or_refused)
{
	struct rpc_error error = {0};
	uint64_t first = 0;
	uint32_t second = 0;
	bool is_good = cursor_parse_pair(slice_str(cursors[_i].cursor), &first, &second, &error);

	ck_assert_msg(is_good == cursors[_i].is_good, "%s", cursors[_i].cursor);
	if (!is_good) {
		ck_assert_int_eq(error.code, RPC_INVALID_PARAMS);
		return;
	}
	ck_assert_uint_eq(first, cursors[_i].first);
	ck_assert_uint_eq(second, cursors[_i].second);
}
END_TEST

static const struct {
	const char *params, *hint; /* NULL: taken */
} filters[] = {
    {"{}", NULL},
    {"{\"hard\":true,\"class\":\"user-unknown\",\"domain\":\"@example.com\",\"since\":\"-2h\"}",
	NULL},
    {"{\"class\":\"no-such\"}", "there is no class \"no-such\""},
    {"{\"since\":\"soonish\"}", "since does not understand \"soonish\""},
    {"{\"until\":\"2026-02-30\"}", "until does not understand"},
};

START_TEST(a_filter_says_what_it_does_not_understand)
{
	struct json_object *params = json_tokener_parse(filters[_i].params);
	struct failure_filter filter;
	struct rpc_error error = {0};
	bool is_good = params_failure_filter(&sources, params, &filter, &error);

	ck_assert_msg(is_good == (filters[_i].hint == NULL), "%s: %s", filters[_i].params,
	    error.hint);
	if (!is_good)
		ck_assert_msg(strstr(error.hint, filters[_i].hint) != NULL, "%s", error.hint);
	json_object_put(params);
}
END_TEST

START_TEST(hard_and_soft_together_are_both)
{
	static const char *const params[] = {"{\"hard\":true}", "{\"soft\":true}",
	    "{\"hard\":true,\"soft\":true}", "{\"domain\":\"@example.com\"}"};
	static const enum severity severities[] = {SEVERITY_HARD, SEVERITY_SOFT, SEVERITY_NONE,
	    SEVERITY_NONE};

	for (size_t i = 0; i < 4; i++) {
		struct json_object *value = json_tokener_parse(params[i]);
		struct failure_filter filter;
		struct rpc_error error = {0};

		ck_assert(params_failure_filter(&sources, value, &filter, &error));
		ck_assert_int_eq(filter.severity, severities[i]);
		ck_assert_int_eq(filter.class_index, -1);
		ck_assert(i != 3 || slice_equal(filter.domain, SLICE("example.com")));
		json_object_put(value);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("answer/params");
	TCase *tests = tcase_create("params");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_is_absent_is_empty);
	tcase_add_loop_test(tests, a_page_has_one_to_a_thousand_items, 0,
	    sizeof(limits) / sizeof(limits[0]));
	tcase_add_test(tests, the_cursor_of_a_page_is_good_for_its_method_in_this_run);
	tcase_add_loop_test(tests, a_cursor_is_two_numbers_or_refused, 0,
	    sizeof(cursors) / sizeof(cursors[0]));
	tcase_add_loop_test(tests, a_filter_says_what_it_does_not_understand, 0,
	    sizeof(filters) / sizeof(filters[0]));
	tcase_add_test(tests, hard_and_soft_together_are_both);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
