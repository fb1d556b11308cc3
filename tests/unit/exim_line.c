/* The fixed front of a line: kinds, times, zones, and lines that belong to others. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/exim/line.h"
#include "daemon/text/moment.h"
#include "tests/unit/unit.h"

static const struct {
	const char *raw;
	enum line_kind kind;
	const char *id;
	long long second;
	int millisecond;
	int utc_offset;
	const char *text;
} lines[] = {
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 <= a@e H=x", LINE_ARRIVAL, "1VrkAf-0007F8-30",
	1387008117, -1, 0, "a@e H=x"},
    {"2013-12-14 08:01:57.971 1VrkAf-0007F8-30 => a@e", LINE_DELIVERED, "1VrkAf-0007F8-30",
	1387008117, 971, 0, "a@e"},
    {"2013-12-14 09:01:57 +0100 1VrkAf-0007F8-30 -> a@e", LINE_ADDITIONAL, "1VrkAf-0007F8-30",
	1387008117, -1, 60, "a@e"},
    {"2013-12-14 02:01:57 -0600 1VrkAf-0007F8-30 ** a@e", LINE_FAILED, "1VrkAf-0007F8-30",
	1387008117, -1, -360, "a@e"},
    {"2013-12-14 13:46:57.001 +0545 [26436] 1VrkAf-0007F8-30 == a@e", LINE_DEFERRED,
	"1VrkAf-0007F8-30", 1387008117, 1, 345, "a@e"},
    {"2013-12-14 08:01:57 [26436] 1VrkAf-0007F8-30 Completed", LINE_COMPLETED, "1VrkAf-0007F8-30",
	1387008117, -1, 0, ""},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 Completed QT=3s", LINE_COMPLETED, "1VrkAf-0007F8-30",
	1387008117, -1, 0, " QT=3s"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 (= a@e", LINE_FAKEREJECT, "1VrkAf-0007F8-30", 1387008117,
	-1, 0, "a@e"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 >> a@e", LINE_CUTTHROUGH, "1VrkAf-0007F8-30", 1387008117,
	-1, 0, "a@e"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 *> a@e", LINE_SUPPRESSED, "1VrkAf-0007F8-30", 1387008117,
	-1, 0, "a@e"},
    {"2026-11-23 20:36:34 1xVamA-000000006sO-44KK => >b@e <a@e>", LINE_DELIVERED,
	"1xVamA-000000006sO-44KK", 1795466194, -1, 0, ">b@e <a@e>"},
    /* the place decides, not the look */
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 Completedly", LINE_NOTICE, "1VrkAf-0007F8-30",
	1387008117, -1, 0, "Completedly"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 <=a@e", LINE_NOTICE, "1VrkAf-0007F8-30", 1387008117, -1,
	0, "<=a@e"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30  <= a@e", LINE_NOTICE, "1VrkAf-0007F8-30", 1387008117,
	-1, 0, " <= a@e"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 Frozen", LINE_NOTICE, "1VrkAf-0007F8-30", 1387008117, -1,
	0, "Frozen"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30", LINE_NOTICE, "1VrkAf-0007F8-30", 1387008117, -1, 0,
	""},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30 ", LINE_NOTICE, "1VrkAf-0007F8-30", 1387008117, -1, 0,
	""},
    {"2013-12-14 08:01:57 x 1VrkAf-0007F8-30 <= a@e", LINE_GENERAL, NULL, 1387008117, -1, 0,
	"x 1VrkAf-0007F8-30 <= a@e"},
    {"2013-12-14 08:01:57  1VrkAf-0007F8-30 <= a@e", LINE_GENERAL, NULL, 1387008117, -1, 0,
	" 1VrkAf-0007F8-30 <= a@e"},
    {"2013-12-14 08:01:57 1VrkAf-0007F8-30: <= a@e", LINE_GENERAL, NULL, 1387008117, -1, 0,
	"1VrkAf-0007F8-30: <= a@e"},
    {"2013-12-14 08:01:57 <= a@e", LINE_GENERAL, NULL, 1387008117, -1, 0, "<= a@e"},
    {"2013-12-14 08:01:57 Start queue run: pid=4711", LINE_GENERAL, NULL, 1387008117, -1, 0,
	"Start queue run: pid=4711"},
    {"2013-12-14 08:01:57 cwd=/ 3 args: exim -Mc x", LINE_COMMAND, NULL, 1387008117, -1, 0,
	"cwd=/ 3 args: exim -Mc x"},
    {"2013-12-14 08:01:57 [192.0.2.1] SSL verify error", LINE_GENERAL, NULL, 1387008117, -1, 0,
	"[192.0.2.1] SSL verify error"},
    {"2013-12-14 08:01:57 [] x", LINE_GENERAL, NULL, 1387008117, -1, 0, "[] x"},
    {"2013-12-14 08:01:57 +01:00 x", LINE_GENERAL, NULL, 1387008117, -1, 0, "+01:00 x"},
    {"2013-12-14 08:01:57", LINE_GENERAL, NULL, 1387008117, -1, 0, ""},
    {"2013-12-14 08:01:60 x", LINE_GENERAL, NULL, 1387008120, -1, 0, "x"},
    {"2012-02-29 00:00:00 x", LINE_GENERAL, NULL, 1330473600, -1, 0, "x"},
    {"2038-01-19 03:14:08 x", LINE_GENERAL, NULL, 2147483648, -1, 0, "x"},
    /* by way of syslog */
    {"Dec 14 08:01:57 mx exim[26436]: 2013-12-14 08:01:57 1VrkAf-0007F8-30 => a@e", LINE_DELIVERED,
	"1VrkAf-0007F8-30", 1387008117, -1, 0, "a@e"},
    {"2013-12-14T09:01:57.971263+01:00 mx exim4[26436]: 2013-12-14 08:01:57 1VrkAf-0007F8-30 Completed",
	LINE_COMPLETED, "1VrkAf-0007F8-30", 1387008117, -1, 0, ""},
    {"Dec 14 08:01:57 mx exim[26436]: 1VrkAf-0007F8-30 => a@e", LINE_CONTINUATION, NULL, 0, -1, 0,
	"Dec 14 08:01:57 mx exim[26436]: 1VrkAf-0007F8-30 => a@e"},
    {"Dec 14 08:01:57 mx sshd[26436]: 2013-12-14 08:01:57 1VrkAf-0007F8-30 => a@e",
	LINE_CONTINUATION, NULL, 0, -1, 0,
	"Dec 14 08:01:57 mx sshd[26436]: 2013-12-14 08:01:57 1VrkAf-0007F8-30 => a@e"},
    {"Dec 14 08:01:57 mx exim[26436]:", LINE_CONTINUATION, NULL, 0, -1, 0,
	"Dec 14 08:01:57 mx exim[26436]:"},
    /* continuations */
    {"", LINE_CONTINUATION, NULL, 0, -1, 0, ""},
    {"*** truncated ***", LINE_CONTINUATION, NULL, 0, -1, 0, "*** truncated ***"},
    {"1VrkAf-0007F8-30 => a@e", LINE_CONTINUATION, NULL, 0, -1, 0, "1VrkAf-0007F8-30 => a@e"},
    {" 2013-12-14 08:01:57 x", LINE_CONTINUATION, NULL, 0, -1, 0, " 2013-12-14 08:01:57 x"},
    {"2013-12-14 08:01:5", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-12-14 08:01:5"},
    {"2013-12-14T08:01:57 x", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-12-14T08:01:57 x"},
    {"2013-12-14 08:01:57x", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-12-14 08:01:57x"},
    {"2013-12-14 08:01:57.97 x", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-12-14 08:01:57.97 x"},
    {"2013-13-14 08:01:57 x", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-13-14 08:01:57 x"},
    {"2013-12-32 08:01:57 x", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-12-32 08:01:57 x"},
    {"2013-12-14 24:01:57 x", LINE_CONTINUATION, NULL, 0, -1, 0, "2013-12-14 24:01:57 x"},
    {"2013-12-14 08:01:57x+0100 y", LINE_CONTINUATION, NULL, 0, -1, 0,
	"2013-12-14 08:01:57x+0100 y"},
    {"0000-00-00 00:00:00 x", LINE_CONTINUATION, NULL, 0, -1, 0, "0000-00-00 00:00:00 x"},
};

START_TEST(a_line_is_told_by_its_front)
{
	struct zone *zone = zone_new("UTC");
	struct line_clock clock;
	struct line line;
	char id[MESSAGE_ID_TEXT_SIZE] = "";

	ck_assert_ptr_nonnull(zone);
	line_clock_init(&clock, zone);
	line_parse(&clock, slice_str(lines[_i].raw), &line);
	if (!message_id_is_none(line.id))
		message_id_format(line.id, id);
	ck_assert_msg(line.kind == lines[_i].kind, "%s: kind %d", lines[_i].raw, line.kind);
	ck_assert_str_eq(id, lines[_i].id != NULL ? lines[_i].id : "");
	ck_assert_int_eq(line.second, lines[_i].second);
	ck_assert_int_eq(line.millisecond, lines[_i].millisecond);
	ck_assert_int_eq(line.utc_offset, lines[_i].utc_offset);
	ck_assert_msg(slice_equal(line.text, slice_str(lines[_i].text)), "%s: text '%.*s'",
	    lines[_i].raw, (int)line.text.len, line.text.at);
	zone_free(zone);
}
END_TEST

/* Wherever the short way knows a line, it tells what line_parse tells; it knows those that have the id right behind the time. */
START_TEST(an_own_line_is_told_as_any_line_is)
{
	struct slice raw = slice_str(lines[_i].raw), id = slice_str(lines[_i].id);
	bool is_plain = raw.len > 20 + id.len && id.len != 0 && raw.at[20 + id.len] == ' ' &&
	    slice_has_prefix(slice_skip(raw, 20), id);
	struct line line;

	ck_assert_msg(line_read_own(raw, id, &line) == is_plain, "%s", raw.at);
	if (is_plain) {
		ck_assert_int_eq(line.kind, lines[_i].kind);
		ck_assert(slice_equal(line.text, slice_str(lines[_i].text)));
	}
	ck_assert(!line_read_own(raw, SLICE("1VrkAf-0007F8-31"), &line));
	ck_assert(!line_read_own(raw, slice_of("", 0), &line));
}
END_TEST

/* Reads several lines with one clock and gives the last one's time. */
static long long
last_second(const char *zone_name, const char *const *raw, size_t count, int *utc_offset)
{
	struct zone *zone = zone_new(zone_name);
	struct line_clock clock;
	struct line line = {.second = 0};

	ck_assert_ptr_nonnull(zone);
	line_clock_init(&clock, zone);
	for (size_t i = 0; i < count; i++) {
		long long before = line.second;

		line_parse(&clock, slice_str(raw[i]), &line);
		ck_assert_msg(line.second >= before, "%s goes back from %lld to %lld", raw[i],
		    before, (long long)line.second);
	}
	*utc_offset = line.utc_offset;
	zone_free(zone);
	return line.second;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(local_time_becomes_unix_time)
{
	static const char *const winter[] = {"2013-12-14 02:01:57 x"},
				 *const summer[] = {"2013-07-14 03:01:57 x"};
	int offset;

	ck_assert_int_eq(last_second("America/Chicago", winter, 1, &offset), 1387008117);
	ck_assert_int_eq(offset, -360);
	ck_assert_int_eq(last_second("America/Chicago", summer, 1, &offset), 1373788917);
	ck_assert_int_eq(offset, -300);
}
END_TEST

/* 2026-11-01 in Chicago: 02:00 CDT is 01:00 CST, 07:00 UTC. */
START_TEST(the_hour_that_autumn_repeats_is_told_by_the_order)
{
	static const char *const raw[] = {"2026-11-01 00:59:00 x", "2026-11-01 01:10:00 x",
	    "2026-11-01 01:40:00 x", "2026-11-01 01:59:59 x", "2026-11-01 01:00:00 x",
	    "2026-11-01 01:00:01 x", "2026-11-01 01:40:00 x"};
	int offset;

	ck_assert_int_eq(last_second("America/Chicago", raw, 3, &offset), 1793515200);
	ck_assert_int_eq(offset, -300);
	ck_assert_int_eq(last_second("America/Chicago", raw, 5, &offset), 1793516400);
	ck_assert_int_eq(offset, -360);
	ck_assert_int_eq(last_second("America/Chicago", raw, COUNT(raw), &offset), 1793518800);
	ck_assert_int_eq(offset, -360);
}
END_TEST

START_TEST(a_busy_log_goes_through_the_repeated_hour)
{
	struct zone *zone = zone_new("Europe/Berlin");
	struct line_clock clock;
	struct line line;
	char raw[64];

	/* 2026-10-25: 03:00 CEST is 02:00 CET, 01:00 UTC. */
	line_clock_init(&clock, zone);
	for (int64_t at = 1792881000; at < 1792881000 + 4 * 3600; at += 7) {
		char text[MOMENT_TEXT_SIZE];

		moment_format(at, at < 1792890000 ? 120 : 60, text);
		snprintf(raw, sizeof(raw), "%.10s %.8s x", text, text + 11);
		line_parse(&clock, slice_str(raw), &line);
		ck_assert_msg(line.second == at, "%s: %lld is not %lld", raw,
		    (long long)line.second, (long long)at);
	}
	zone_free(zone);
}
END_TEST

/* 2026-03-29 in Berlin: 02:00 CET is 03:00 CEST. */
START_TEST(spring_skips_an_hour)
{
	static const char *const raw[] = {"2026-03-29 01:59:59 x", "2026-03-29 03:00:00 x"};
	int offset;

	ck_assert_int_eq(last_second("Europe/Berlin", raw, 2, &offset), 1774746000);
	ck_assert_int_eq(offset, 120);
}
END_TEST

START_TEST(two_processes_may_write_a_second_late)
{
	static const char *const raw[] = {"2026-11-01 00:30:05 x", "2026-11-01 00:30:05 y"};
	int offset;
	struct zone *zone = zone_new("America/Chicago");
	struct line_clock clock;
	struct line line;

	ck_assert_int_eq(last_second("America/Chicago", raw, 2, &offset), 1793511005);
	line_clock_init(&clock, zone);
	line_parse(&clock, SLICE("2026-11-01 01:30:05 x"), &line);
	line_parse(&clock, SLICE("2026-11-01 01:30:04 x"), &line);
	ck_assert_int_eq(line.second, 1793514604);
	zone_free(zone);
}
END_TEST

START_TEST(a_named_zone_needs_no_order)
{
	static const char *const raw[] = {"2026-11-01 01:59:59 -0500 x",
	    "2026-11-01 01:00:00 -0600 x", "2026-11-01 01:00:00 -0600 y", "*** truncated ***"};
	int offset;

	ck_assert_int_eq(last_second("Asia/Tokyo", raw, 3, &offset), 1793516400);
	ck_assert_int_eq(offset, -360);
	/* What belongs to the line before has its time. */
	ck_assert_int_eq(last_second("Asia/Tokyo", raw, 4, &offset), 1793516400);
	ck_assert_int_eq(offset, -360);
}
END_TEST

START_TEST(the_same_second_in_two_zones_is_two_moments)
{
	struct zone *zone = zone_new("UTC");
	struct line_clock clock;
	struct line line;

	line_clock_init(&clock, zone);
	line_parse(&clock, SLICE("2026-11-01 01:00:00 -0500 x"), &line);
	ck_assert_int_eq(line.second, 1793512800);
	line_parse(&clock, SLICE("2026-11-01 01:00:00 -0600 x"), &line);
	ck_assert_int_eq(line.second, 1793516400);
	line_parse(&clock, SLICE("2026-11-01 01:00:00 x"), &line);
	ck_assert_int_eq(line.second, 1793494800);
	ck_assert_int_eq(line.utc_offset, 0);
	zone_free(zone);
}
END_TEST

START_TEST(the_time_alone_is_read_for_searches)
{
	struct zone *zone = zone_new("UTC");
	struct line_clock clock;
	int64_t second;

	line_clock_init(&clock, zone);
	ck_assert(line_parse_time(&clock, SLICE("2013-12-14 09:01:57 +0100 x"), &second));
	ck_assert_int_eq(second, 1387008117);
	ck_assert(!line_parse_time(&clock, SLICE("*** truncated ***"), &second));
	ck_assert(!line_parse_time(&clock, SLICE(""), &second));
	zone_free(zone);
}
END_TEST

/* With what the line before had in common, and by itself. */
START_TEST(each_second_of_a_minute_is_read)
{
	static const char *const wrong[] = {"2026-11-23 20:36:61 x", "2026-11-23 20:36:5x x",
	    "2026-11-23 20:36:5"};
	struct zone *zone = zone_new("America/Chicago");
	struct line_clock clock;
	struct line line;
	char raw[32];

	line_clock_init(&clock, zone);
	for (int second = 0; second <= 60; second++) {
		snprintf(raw, sizeof(raw), "2026-11-23 20:36:%02d x", second);
		line_parse(&clock, slice_str(raw), &line);
		ck_assert_int_eq(line.kind, LINE_GENERAL);
		ck_assert_int_eq(line.second, 1795487760 + second);
		ck_assert_int_eq(line.utc_offset, -360);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		line_parse(&clock, slice_str(wrong[i]), &line);
		ck_assert_int_eq(line.kind, LINE_CONTINUATION);
	}
	line_parse(&clock, SLICE("2026-11-23 20:37:01 x"), &line);
	ck_assert_int_eq(line.second, 1795487821);
	zone_free(zone);
}
END_TEST

/* A clock that has read nothing remembers no time, nor does a memo. */
START_TEST(bytes_of_nothing_are_no_time)
{
	static const char nothing[80] = {[16] = ':', '0', '0', ' ', 'x'};
	struct line_memo memo = {0};
	struct line_clock clock;
	struct line line;

	line_clock_init(&clock, NULL);
	line_parse(&clock, slice_of(nothing, sizeof(nothing)), &line);
	ck_assert_int_eq(line.kind, LINE_CONTINUATION);
	line_read(&memo, slice_of(nothing, sizeof(nothing)), &line);
	ck_assert_int_eq(line.kind, LINE_CONTINUATION);
}
END_TEST

/* The kind of what stands behind time or id, by comparing. */
static enum line_kind
kind_by_comparing(struct slice text, bool has_id)
{
	static const struct {
		const char *flag;
		enum line_kind kind;
	} flags[] = {
	    {"<= ", LINE_ARRIVAL},
	    {"(= ", LINE_FAKEREJECT},
	    {"=> ", LINE_DELIVERED},
	    {"-> ", LINE_ADDITIONAL},
	    {">> ", LINE_CUTTHROUGH},
	    {"*> ", LINE_SUPPRESSED},
	    {"** ", LINE_FAILED},
	    {"== ", LINE_DEFERRED},
	    {"Completed ", LINE_COMPLETED},
	};

	if (!has_id)
		return slice_has_prefix(text, SLICE("cwd=")) ? LINE_COMMAND : LINE_GENERAL;
	for (size_t i = 0; i < COUNT(flags); i++)
		if (slice_has_prefix(text, slice_str(flags[i].flag)))
			return flags[i].kind;
	return slice_equal(text, SLICE("Completed")) ? LINE_COMPLETED : LINE_NOTICE;
}

/* Any line is read at a glance as it is step by step, where the minute is that of the line before and where it is not. */
static void
check_reading(const struct zone *zone, const char *text, size_t len)
{
	static const char first[] = "2026-11-23 20:36:00 x";
	char *raw = malloc(len != 0 ? len : 1); /* nothing behind it may be looked at */

	ck_assert_ptr_nonnull(raw);
	memcpy(raw, text, len);
	for (int is_known = 0; is_known < 2; is_known++) {
		struct line_memo memo = {0};
		struct line_clock clock, other;
		struct line read, parsed;

		line_clock_init(&clock, zone);
		line_clock_init(&other, zone);
		if (is_known) {
			line_read(&memo, slice_str(first), &read);
			line_place(&clock, &read);
			line_parse(&other, slice_str(first), &parsed);
		}
		line_read(&memo, slice_of(raw, len), &read);
		line_place(&clock, &read);
		line_parse(&other, slice_of(raw, len), &parsed);
		ck_assert_msg(read.kind == parsed.kind, "%.*s", (int)len, raw);
		ck_assert_msg(message_id_equal(read.id, parsed.id), "%.*s", (int)len, raw);
		ck_assert_msg(read.second == parsed.second, "%.*s", (int)len, raw);
		ck_assert_int_eq(read.millisecond, parsed.millisecond);
		ck_assert_int_eq(read.utc_offset, parsed.utc_offset);
		ck_assert_msg(slice_equal(read.text, parsed.text), "%.*s: %.*s", (int)len, raw,
		    (int)read.text.len, read.text.at);
		if (read.kind == LINE_CONTINUATION)
			continue;
		/* The flag counts to the front. */
		bool has_id = !message_id_is_none(read.id);
		size_t front = (size_t)(read.text.at - raw);
		size_t flag_length = read.kind == LINE_COMPLETED ? 9 :
		    has_id && read.kind != LINE_NOTICE           ? 3 :
								   0;
		struct slice rest = slice_of(raw + front - flag_length, len - front + flag_length);
		ck_assert_msg(read.kind == kind_by_comparing(rest, has_id), "%.*s", (int)len, raw);
	}
	free(raw);
}

static const char *const fronts[] = {
    "2026-11-23 20:36:34 1xVamA-000000006sO-44KK <= a@example.org H=x",
    "2026-11-23 20:36:34 1xVamA-000000006sO-44KK (= a@example.org H=x",
    "2026-11-23 20:36:34 1xVamA-000000006sO-44KK => a@example.org H=x",
    "2026-11-23 20:36:34 1xVamA-000000006sO-44KK ** a@example.org H=x",
    "2026-11-23 20:36:34 1xVamA-000000006sO-44KK Completed",
    "2026-11-23 20:36:34 1xVamA-000000006sO-44KK Completed QT=3s",
    "2026-11-23 20:36:34 1xVamA-0zzzzzzzzzz-44KK == a@example.org H=x",
    "2026-11-23 20:36:34 1VrkAf-0007F8-30 -> a@example.org H=x",
    "2026-11-23 20:36:34 1VrkAf-0007F8-30 Completed",
    "2026-11-23 20:36:34 1VrkAf-0007F8-30 Sender identification U=a",
    "2026-11-23 20:36:34 cwd=/var/spool/exim 3 args: exim -Mc 1VrkAf-0007F8-30",
    "2026-11-23 20:36:34 no host name found for IP address 192.0.2.1",
    "2026-11-23 20:36:34 +0100 1xVamA-000000006sO-44KK => a@example.org",
    "2026-11-23 20:36:34 [4711] 1xVamA-000000006sO-44KK *> a@example.org",
    "2026-11-23 20:36:34.971 1xVamA-000000006sO-44KK >> a@example.org",
};

/* Cut anywhere, and with any byte in place of each byte of the front. */
START_TEST(a_line_is_read_at_a_glance_as_it_is_parsed)
{
	struct zone *zone = zone_new("UTC");
	char text[128];
	size_t len = strlen(fronts[_i]);

	for (size_t cut = 0; cut <= len; cut++)
		check_reading(zone, fronts[_i], cut);
	memcpy(text, fronts[_i], len);
	for (size_t place = 0; place < len && place < 60; place++) {
		for (int byte = 0; byte < 256; byte++) {
			text[place] = (char)byte;
			check_reading(zone, text, len);
		}
		text[place] = fronts[_i][place];
	}
	zone_free(zone);
}
END_TEST

/* Pieces of fronts one after the other, in any order. */
START_TEST(what_imitates_a_front_is_read_as_it_is_parsed)
{
	static const char *const pieces[] = {"2026-11-23 20:36:34", "2026-11-23 20:37:60", " ",
	    "  ", ".971", "+0100", "[4711]", "1xVamA-000000006sO-44KK", "1xVamA-0zzzzzzzzzz-44KK",
	    "1VrkAf-0007F8-30", "-", "<=", "=>", "**", "Completed", "cwd=", ":", "x", "\xff"};
	struct zone *zone = zone_new("UTC");
	char text[256];

	srand(1);
	for (int turn = 0; turn < 40000; turn++) {
		/* Most begin as lines do. */
		size_t len = turn % 8 != 0 ?
		    (size_t)snprintf(text, sizeof(text), "%s ", pieces[0]) :
		    0;

		for (int i = rand() % 8; i > 0; i--)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
			    pieces[(size_t)rand() % COUNT(pieces)], rand() % 2 == 0 ? " " : "");
		check_reading(zone, text, len);
	}
	zone_free(zone);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/line");
	TCase *tests = tcase_create("line");

	tcase_add_loop_test(tests, a_line_is_told_by_its_front, 0, COUNT(lines));
	tcase_add_loop_test(tests, an_own_line_is_told_as_any_line_is, 0, COUNT(lines));
	tcase_add_test(tests, local_time_becomes_unix_time);
	tcase_add_test(tests, the_hour_that_autumn_repeats_is_told_by_the_order);
	tcase_add_test(tests, each_second_of_a_minute_is_read);
	tcase_add_test(tests, bytes_of_nothing_are_no_time);
	tcase_add_test(tests, a_busy_log_goes_through_the_repeated_hour);
	tcase_add_test(tests, spring_skips_an_hour);
	tcase_add_test(tests, two_processes_may_write_a_second_late);
	tcase_add_test(tests, a_named_zone_needs_no_order);
	tcase_add_test(tests, the_same_second_in_two_zones_is_two_moments);
	tcase_add_test(tests, the_time_alone_is_read_for_searches);
	tcase_add_loop_test(tests, a_line_is_read_at_a_glance_as_it_is_parsed, 0, COUNT(fronts));
	tcase_add_test(tests, what_imitates_a_front_is_read_as_it_is_parsed);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
