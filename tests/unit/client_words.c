/* Tests of the client's small things: spans and moments in words, bars, words that were nearly typed, cursor files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/arguments.h"
#include "client/cursor_file.h"
#include "client/nearest.h"
#include "client/render/bars.h"
#include "client/render/when.h"
#include "tests/unit/unit.h"

static const struct {
	int64_t seconds;
	const char *words, *shortly;
} spans[] = {
    {0, "0 seconds", "0s"},
    {1, "one second", "1s"},
    {59, "59 seconds", "59s"},
    {60, "one minute", "1m"},
    {61, "one minute and one second", "1m 1s"},
    {725, "12 minutes", "12m 5s"},
    {3599, "59 minutes", "59m 59s"},
    {11520, "3 hours and 12 minutes", "3h 12m"},
    {86400, "one day", "1d"},
    {90000, "one day and one hour", "1d 1h"},
    {864000, "10 days", "10d"},
    {99 * 86400 + 7200, "99 days", "99d 2h"},
    {400 * 86400 + 7200, "400 days", "400d"},
};

START_TEST(spans_are_said_as_people_say_them)
{
	char text[WHEN_SIZE];

	ck_assert_str_eq(when_span(spans[_i].seconds, text), spans[_i].words);
	ck_assert_str_eq(when_span_short(spans[_i].seconds, text), spans[_i].shortly);
}
END_TEST

static const struct {
	const char *moment;
	int64_t second;
	const char *shown, *shortly;
} moments[] = {
    {"2013-12-14T02:01:57-06:00", 1387008117, "2013-12-14 02:01:57", "2013-12-14 02:01"},
    {"2013-12-14T08:01:57+00:00", 1387008117, "2013-12-14 08:01:57", "2013-12-14 08:01"},
    {"2013-12-14T08:01:57Z", 1387008117, "2013-12-14 08:01:57", "2013-12-14 08:01"},
    {"2013-12-14T13:31:57+05:30", 1387008117, "2013-12-14 13:31:57", "2013-12-14 13:31"},
    {"soon", -1, "soon", "soon"},
    {NULL, -1, "?", "?"},
};

START_TEST(moments_keep_the_clock_of_the_log)
{
	char text[WHEN_SIZE];
	int64_t second = -1;

	when_parse(moments[_i].moment, &second);
	ck_assert_int_eq(second, moments[_i].second);
	ck_assert_str_eq(when_format(moments[_i].moment, text), moments[_i].shown);
	ck_assert_str_eq(when_format_short(moments[_i].moment, text), moments[_i].shortly);
}
END_TEST

static const struct {
	int64_t parts[BAR_PARTS], largest;
	const char *bar;
} bars[] = {
    {{16, 0, 0}, 16, "################"},
    {{8, 4, 4}, 16, "########++++...."},
    {{1, 0, 0}, 1000000, "#"},
    {{0, 0, 0}, 16, ""},
    {{0, 0, 0}, 0, ""},
    {{1, 1, 16}, 18, "#+.............."},
    {{INT64_C(1) << 40, 0, 0}, INT64_C(1) << 40, "################"},
};

START_TEST(bars_show_every_part_that_is_not_zero)
{
	struct screen screen = {.is_utf8 = false};
	char text[BAR_SIZE];

	ck_assert_str_eq(bar_draw(&screen, bars[_i].parts, bars[_i].largest, text), bars[_i].bar);
}
END_TEST

START_TEST(heat_has_four_levels_above_none)
{
	static const int levels[] = {0, 1, 1, 2, 2, 3, 3, 4, 4};

	ck_assert_int_eq(heat_level(_i, 8), levels[_i]);
	ck_assert_int_eq(heat_level(0, 0), 0);
	ck_assert_int_eq(heat_level(1, 1), 4);
}
END_TEST

static const struct {
	const char *typed, *best;
} typos[] = {
    {"wyh", "why"},
    {"recnt", "recent"},
    {"sattus", "status"},
    {"why", "why"},
    {"x", NULL},
    {"", NULL},
    {"completely-different", NULL},
    {"a-word-that-is-much-longer-than-any-command", NULL},
};

START_TEST(a_mistyped_word_finds_the_nearest)
{
	static const char *const words[] = {"why", "recent", "find", "stats", "status", "dump"};
	struct nearest nearest = nearest_to(typos[_i].typed);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		nearest_offer(&nearest, words[i]);
	if (typos[_i].best == NULL)
		ck_assert_ptr_null(nearest.best);
	else
		ck_assert_str_eq(nearest.best, typos[_i].best);
}
END_TEST

static const struct {
	const char *text;
	bool is_id;
} ids[] = {
    {"1VrkAf-0007F8-30", true},
    {"1vNabd-00000001235-0001", true},
    {"1VrkAf-0007F8-3", false},
    {"1VrkAf-0007F8-3.", false},
    {"1VrkAf_0007F8-30", false},
    {"example.com", false},
    {"sixteen.bytes.x", false},
    {"", false},
};

START_TEST(message_ids_of_both_forms_are_known)
{
	ck_assert_int_eq(is_message_id(ids[_i].text), ids[_i].is_id);
}
END_TEST

START_TEST(a_cursor_file_is_replaced_as_a_whole)
{
	char folder[] = "/tmp/bounced-cursor.XXXXXX", path[64], cursor[CURSOR_SIZE];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/cursor", folder);
	ck_assert_int_eq(cursor_file_read(path, cursor), 0);
	ck_assert_str_eq(cursor, "");
	ck_assert_int_eq(cursor_file_write(path, "101.1"), 0);
	ck_assert_int_eq(cursor_file_write(path, "102.7"), 0);
	ck_assert_int_eq(cursor_file_read(path, cursor), 0);
	ck_assert_str_eq(cursor, "102.7");
	unlink(path);
	/* Nothing else was left beside it. */
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(cursor_file_write(path, "103.1"), -ENOENT);
}
END_TEST

START_TEST(a_file_that_holds_something_else_is_no_cursor)
{
	static const char *const contents[] = {"two words\n", "no line end", "a\nb\n", "\033[2J\n"};
	char path[] = "/tmp/bounced-cursor.XXXXXX", cursor[CURSOR_SIZE];
	int fd = mkstemp(path);
	size_t len = strlen(contents[_i]);

	ck_assert_int_eq(write(fd, contents[_i], len), (int)len);
	close(fd);
	ck_assert_int_eq(cursor_file_read(path, cursor), -EINVAL);
	unlink(path);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("client");
	TCase *cases = tcase_create("words");

	suite_add_tcase(suite, cases);
	tcase_add_loop_test(cases, spans_are_said_as_people_say_them, 0, COUNT(spans));
	tcase_add_loop_test(cases, moments_keep_the_clock_of_the_log, 0, COUNT(moments));
	tcase_add_loop_test(cases, bars_show_every_part_that_is_not_zero, 0, COUNT(bars));
	tcase_add_loop_test(cases, heat_has_four_levels_above_none, 0, 9);
	tcase_add_loop_test(cases, a_mistyped_word_finds_the_nearest, 0, COUNT(typos));
	tcase_add_loop_test(cases, message_ids_of_both_forms_are_known, 0, COUNT(ids));
	tcase_add_test(cases, a_cursor_file_is_replaced_as_a_whole);
	tcase_add_loop_test(cases, a_file_that_holds_something_else_is_no_cursor, 0, 4);
	return unit_run(suite);
}
