/* Tests that what is written is JSON, whatever bytes are in it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "protocol/json_out.h"

#include <check.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/errors.h"
#include "tests/unit/unit.h"

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct {
	const char *in;
	size_t len;
	const char *string;   /* by json_out_string */
	const char *log_line; /* by json_out_log_line */
} strings[] = {
    {BYTES(""), "\"\"", "\"\""},
    {BYTES("plain text of more than eight bytes"), "\"plain text of more than eight bytes\"",
	"\"plain text of more than eight bytes\""},
    {BYTES("a \"quoted\" back\\slash"), "\"a \\\"quoted\\\" back\\\\slash\"",
	"\"a \\\"quoted\\\" back\\\\slash\""},
    {BYTES("tab\tline\nescape\x1b[31m nul\0."), "\"tab\\tline\\nescape\\u001b[31m nul\\u0000.\"",
	"\"tab\\\\x09line\\\\x0aescape\\\\x1b[31m nul\\\\x00.\""},
    {BYTES("del \x7f c1 \xc2\x9b."), "\"del \\u007f c1 \\u009b.\"",
	"\"del \\\\x7f c1 \\\\xc2\\\\x9b.\""},
    {BYTES("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7"),
	"\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7\"",
	"\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7\""},
    {BYTES("latin caf\xe9."), "\"latin caf\xef\xbf\xbd.\"", "\"latin caf\\\\xe9.\""},
    /* Overlong, surrogate, beyond Unicode, cut short. */
    {BYTES("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"", "\"\\\\xc0\\\\xaf\""},
    {BYTES("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
	"\"\\\\xed\\\\xa0\\\\x80\""},
    {BYTES("\xf4\x90\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
	"\"\\\\xf4\\\\x90\\\\x80\\\\x80\""},
    {BYTES("end \xe2\x82"), "\"end \xef\xbf\xbd\xef\xbf\xbd\"", "\"end \\\\xe2\\\\x82\""},
};

static void
assert_text(struct json_out *out, const char *expected)
{
	ck_assert(!out->failed);
	json_out_raw(out, "", 0);
	ck_assert_msg(out->len == strlen(expected) && memcmp(out->text, expected, out->len) == 0,
	    "got %.*s, not %s", (int)out->len, out->text, expected);
	json_out_clear(out);
}

START_TEST(strings_are_escaped)
{
	struct json_out out;

	json_out_init(&out);
	json_out_string(&out, strings[_i].in, strings[_i].len);
	out.needs_comma = false;
	assert_text(&out, strings[_i].string);
	json_out_init(&out);
	json_out_log_line(&out, strings[_i].in, strings[_i].len);
	out.needs_comma = false;
	assert_text(&out, strings[_i].log_line);
}
END_TEST

/* Exactly as long as its memory, so that sanitizers see a step too far. */
static void
assert_written_whole(size_t len, size_t at, unsigned char byte,
    void (*write)(struct json_out *, const char *, size_t))
{
	struct json_out out, alone;
	char *text = malloc(len), expected[80];

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', len);
	text[at] = (char)byte;
	json_out_init(&out);
	json_out_init(&alone);
	write(&out, text, len);
	write(&alone, text + at, 1);
	snprintf(expected, sizeof(expected), "\"%.*s%.*s%.*s\"", (int)at, text, (int)alone.len - 2,
	    alone.text + 1, (int)(len - at - 1), text + at + 1);
	out.needs_comma = false;
	assert_text(&out, expected);
	json_out_clear(&alone);
	free(text);
}

START_TEST(a_special_byte_is_found_wherever_it_stands)
{
	static const unsigned char bytes[] = {0, 1, 0x1f, ' ', '"', '\\', 0x7f, 0x80, 0xff};

	for (size_t len = 1; len <= 40; len++) {
		for (size_t at = 0; at < len; at++) {
			assert_written_whole(len, at, bytes[_i], json_out_string);
			assert_written_whole(len, at, bytes[_i], json_out_log_line);
		}
	}
}
END_TEST

START_TEST(numbers_of_every_length_are_whole)
{
	char expected[24];

	for (uint64_t power = 1; power != 0; power = power <= UINT64_MAX / 10 ? power * 10 : 0) {
		const uint64_t numbers[] = {power - 1, power, power + 1, UINT64_MAX / power};

		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			struct json_out out;

			json_out_init(&out);
			json_out_uint(&out, numbers[i]);
			out.needs_comma = false;
			snprintf(expected, sizeof(expected), "%" PRIu64, numbers[i]);
			assert_text(&out, expected);
		}
	}
}
END_TEST

START_TEST(commas_and_colons_stand_where_they_must)
{
	struct json_out out;

	json_out_init(&out);
	json_out_object_begin(&out);
	json_out_key(&out, "a");
	json_out_int(&out, INT64_MIN);
	json_out_key(&out, "b");
	json_out_array_begin(&out);
	json_out_uint(&out, UINT64_MAX);
	json_out_bool(&out, true);
	json_out_bool(&out, false);
	json_out_null(&out);
	json_out_text(&out, NULL);
	json_out_double(&out, 0.5);
	json_out_double(&out, NAN);
	json_out_double(&out, INFINITY);
	json_out_object_begin(&out);
	json_out_object_end(&out);
	json_out_array_begin(&out);
	json_out_array_end(&out);
	json_out_raw(&out, "{}", 2);
	json_out_array_end(&out);
	json_out_key(&out, "c");
	json_out_int(&out, 0);
	json_out_object_end(&out);
	out.needs_comma = false;
	assert_text(&out,
	    "{\"a\":-9223372036854775808,\"b\":[18446744073709551615,true,false,null,null,0.5,null,null,{},[],{}],\"c\":0}");
}
END_TEST

START_TEST(a_rewind_keeps_the_place_in_the_text)
{
	struct json_out out;

	json_out_init(&out);
	json_out_array_begin(&out);
	json_out_int(&out, 1);
	json_out_rewind(&out);
	json_out_int(&out, 2);
	json_out_array_end(&out);
	out.needs_comma = false;
	assert_text(&out, ",2]");
}
END_TEST

START_TEST(a_notification_is_one_line)
{
	struct json_out out;

	json_out_init(&out);
	for (int i = 0; i < 2; i++) {
		json_out_notification_begin(&out, "watch");
		json_out_int(&out, i);
		json_out_notification_end(&out);
	}
	assert_text(&out,
	    "{\"jsonrpc\":\"2.0\",\"method\":\"watch\",\"params\":0}\n"
	    "{\"jsonrpc\":\"2.0\",\"method\":\"watch\",\"params\":1}\n");
}
END_TEST

START_TEST(random_bytes_give_valid_json)
{
	unsigned char text[300];
	struct json_out out;

	srandom(1);
	json_out_init(&out);
	for (int round = 0; round < 2000; round++) {
		size_t len = (size_t)random() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = (unsigned char)(random() >> 7);
		json_out_rewind(&out);
		out.needs_comma = false;
		if (round % 2 == 0)
			json_out_string(&out, (char *)text, len);
		else
			json_out_log_line(&out, (char *)text, len);
		struct json_tokener *tokener = json_tokener_new();
		struct json_object *value = json_tokener_parse_ex(tokener, out.text, (int)out.len);
		ck_assert_msg(value != NULL && json_object_is_type(value, json_type_string),
		    "not a string: %.*s", (int)out.len, out.text);
		for (size_t i = 0; i < out.len; i++)
			ck_assert_uint_ge((unsigned char)out.text[i], 0x20);
		json_object_put(value);
		json_tokener_free(tokener);
	}
	json_out_clear(&out);
}
END_TEST

START_TEST(errors_have_names_and_hints)
{
	struct rpc_error error;

	rpc_error_set(&error, RPC_NOT_FOUND, NULL, "look in %s", "the other log");
	ck_assert_str_eq(error.message, "not-found");
	ck_assert_str_eq(error.hint, "look in the other log");
	ck_assert_str_eq(error.data, "");
	rpc_error_set(&error, RPC_METHOD_NOT_FOUND, "no such method", "%s", "");
	ck_assert_str_eq(error.message, "no such method");
	ck_assert_str_eq(rpc_error_name(RPC_PARSE_ERROR), "Parse error");
	ck_assert_str_eq(rpc_error_name(-1), "Server error");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("protocol/json_out");
	TCase *tests = tcase_create("all");

	tcase_add_loop_test(tests, strings_are_escaped, 0,
	    (int)(sizeof(strings) / sizeof(strings[0])));
	tcase_add_loop_test(tests, a_special_byte_is_found_wherever_it_stands, 0, 9);
	tcase_add_test(tests, numbers_of_every_length_are_whole);
	tcase_add_test(tests, commas_and_colons_stand_where_they_must);
	tcase_add_test(tests, a_rewind_keeps_the_place_in_the_text);
	tcase_add_test(tests, a_notification_is_one_line);
	tcase_add_test(tests, random_bytes_give_valid_json);
	tcase_add_test(tests, errors_have_names_and_hints);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
