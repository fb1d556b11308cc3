/* Tests of client/render/text.c: what reaches a terminal, how wide it is, where it breaks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "client/render/text.h"
#include "tests/unit/unit.h"

static const struct {
	const char *given, *clean, *ascii;
} texts[] = {
    {"plain", "plain", "plain"},
    {"", "", ""},
    {"tab\tnewline\nreturn\r", "tab newline return ", "tab newline return "},
    {"\033[31mred", "\\x1b[31mred", "\\x1b[31mred"},
    {"\033]0;title\007", "\\x1b]0;title\\x07", "\\x1b]0;title\\x07"},
    {"\x7f", "\\x7f", "\\x7f"},
    {"c1 \xc2\x9b"
     "31m",
	"c1 \\x9b31m", "c1 \\x9b31m"},
    {"bidi \xe2\x80\xaegpj", "bidi \\u202egpj", "bidi \\u202egpj"},
    {"isolate \xe2\x81\xa6x", "isolate \\u2066x", "isolate \\u2066x"},
    {"zero\xe2\x80\x8bwidth", "zero\\u200bwidth", "zero\\u200bwidth"},
    {"bom\xef\xbb\xbf", "bom\\ufeff", "bom\\ufeff"},
    {"tag\xf3\xa0\x81\x81", "tag\\u{e0041}", "tag\\u{e0041}"},
    {"line\xe2\x80\xa8separator", "line\\u2028separator", "line\\u2028separator"},
    {"Gr\xc3\xbc\xc3\x9f"
     "e",
	"Gr\xc3\xbc\xc3\x9f"
	"e",
	"Gr??e"},
    {"latin \xfc", "latin \xef\xbf\xbd", "latin ?"},
    {"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd", "cut ??"},
    {"overlong \xc0\xaf", "overlong \xef\xbf\xbd\xef\xbf\xbd", "overlong ??"},
    {"surrogate \xed\xa0\x80", "surrogate \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "surrogate ???"},
    {"beyond \xf4\x90\x80\x80", "beyond \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	"beyond ????"},
    {"%n %s", "%n %s", "%n %s"},
};

START_TEST(nothing_raw_reaches_a_terminal)
{
	char *clean = text_clean(texts[_i].given, strlen(texts[_i].given), true);
	char *ascii = text_clean(texts[_i].given, strlen(texts[_i].given), false);

	ck_assert_str_eq(clean, texts[_i].clean);
	ck_assert_str_eq(ascii, texts[_i].ascii);
	free(clean);
	free(ascii);
}
END_TEST

START_TEST(a_nul_is_shown_too)
{
	char *clean = text_clean("a\0b", 3, true);

	ck_assert_str_eq(clean, "a\\x00b");
	free(clean);
}
END_TEST

START_TEST(no_byte_below_blank_survives_random_bytes)
{
	unsigned char bytes[256];

	srand((unsigned)_i);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)rand();
	char *clean = text_clean((char *)bytes, sizeof(bytes), true);
	for (const unsigned char *at = (unsigned char *)clean; *at != '\0'; at++)
		ck_assert_msg(*at >= ' ' && *at != 0x7f, "byte %d of seed %d", *at, _i);
	free(clean);
}
END_TEST

static const struct {
	const char *text;
	size_t width;
} widths[] = {
    {"", 0},
    {"abc", 3},
    {"Gr\xc3\xbc\xc3\x9f"
     "e",
	5},
    {"\xe6\x97\xa5\xe6\x9c\xac", 4},
    {"e\xcc\x81", 1},
};

START_TEST(width_is_counted_in_columns)
{
	ck_assert_uint_eq(text_width(widths[_i].text), widths[_i].width);
}
END_TEST

static const struct {
	const char *text;
	size_t columns;
	const char *line, *next;
} breaks[] = {
    {"one two three", 20, "one two three", ""},
    {"one two three", 9, "one two", "three"},
    {"one two three", 7, "one two", "three"},
    {"one two three", 6, "one", "two three"},
    {"one  two", 4, "one", "two"},
    {"abcdefghij klm", 4, "abcd", "efghij klm"},
    {"https://example.org/a/long/link more", 10, "https://example.org/a/long/link", "more"},
    {"see https://example.org/a/long/link", 10, "see", "https://example.org/a/long/link"},
    {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5, "\xe6\x97\xa5\xe6\x9c\xac", "\xe8\xaa\x9e"},
    {"", 5, "", ""},
};

START_TEST(lines_break_at_blanks_and_links_do_not)
{
	const char *next;
	size_t len = text_break(breaks[_i].text, breaks[_i].columns, &next);

	ck_assert_uint_eq(len, strlen(breaks[_i].line));
	ck_assert(strncmp(breaks[_i].text, breaks[_i].line, len) == 0);
	ck_assert_str_eq(next, breaks[_i].next);
}
END_TEST

static const struct {
	const char *given, *written;
} jsons[] = {
    {"{\"a\":\"b\"}", "{\"a\":\"b\"}"},
    {"\"\xe2\x80\xae\"", "\"\\u202e\""},
    {"\"\xc2\x9b\"", "\"\\u009b\""},
    {"\"\x7f\"", "\"\\u007f\""},
    {"\"\xf3\xa0\x81\x81\"", "\"\\udb40\\udc41\""},
    {"\"Gr\xc3\xbc\xc3\x9f"
     "e\"",
	"\"Gr\xc3\xbc\xc3\x9f"
	"e\""},
    {"\"\xff\"", "\"\\ufffd\""},
};

START_TEST(json_for_a_terminal_is_the_same_json)
{
	char *written = NULL;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	text_write_json(out, jsons[_i].given, strlen(jsons[_i].given));
	fclose(out);
	ck_assert_str_eq(written, jsons[_i].written);
	free(written);
}
END_TEST

static void
set_locale(void)
{
	setlocale(LC_ALL, "C.UTF-8");
}

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("client/render/text");
	TCase *cases = tcase_create("text");

	suite_add_tcase(suite, cases);
	tcase_add_checked_fixture(cases, set_locale, NULL);
	tcase_add_loop_test(cases, nothing_raw_reaches_a_terminal, 0, COUNT(texts));
	tcase_add_test(cases, a_nul_is_shown_too);
	tcase_add_loop_test(cases, no_byte_below_blank_survives_random_bytes, 0, 50);
	tcase_add_loop_test(cases, width_is_counted_in_columns, 0, COUNT(widths));
	tcase_add_loop_test(cases, lines_break_at_blanks_and_links_do_not, 0, COUNT(breaks));
	tcase_add_loop_test(cases, json_for_a_terminal_is_the_same_json, 0, COUNT(jsons));
	return unit_run(suite);
}
