/* Lines: the fixed front of a log line (Exim spec, "The log files"; log.c, log_write). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/line.h"

#include "daemon/exim/line_glance.h"
#include "daemon/text/moment.h"

enum { QUARTER = 15 * 60 };

void
line_clock_init(struct line_clock *clock, const struct zone *zone)
{
	*clock = (struct line_clock){.zone = zone};
}

static bool
take_digits(const char *at, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		*value = *value * 10 + (at[i] - '0');
	}
	return true;
}

/* Parses "YYYY-MM-DD HH:MM" into the memo, unless it knows it. */
static bool
read_minute(struct timestamp_memo *memo, const char *at)
{
	int year, month, day, hour, minute;

	if (line_is_of_minute(memo, at))
		return true;
	if (at[4] != '-' || at[7] != '-' || at[10] != ' ' || at[13] != ':' ||
	    !take_digits(at, 4, &year) || !take_digits(at + 5, 2, &month) ||
	    !take_digits(at + 8, 2, &day) || !take_digits(at + 11, 2, &hour) ||
	    !take_digits(at + 14, 2, &minute) || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59)
		return false;
	memo->wall = civil_second(year, month, day, hour, minute, 0);
	memcpy(memo->text, at, LINE_MINUTE);
	return true;
}

/* "YYYY-MM-DD HH:MM:SS", as if it were UTC. */
static bool
read_timestamp(struct timestamp_memo *memo, const char *at, int64_t *wall)
{
	int second;

	if (at[LINE_MINUTE] != ':' || !take_digits(at + LINE_MINUTE + 1, 2, &second) ||
	    second > 60 || !read_minute(memo, at))
		return false;
	*wall = memo->wall + second;
	return true;
}

/* " +0100" of log_timezone: the time is that of the named zone, not ours. */
static bool
take_zone(struct slice *rest, int *minutes)
{
	int hours, rest_minutes;

	if (rest->len < 7 || rest->at[0] != ' ' || rest->at[6] != ' ' ||
	    (rest->at[1] != '+' && rest->at[1] != '-') || !take_digits(rest->at + 2, 2, &hours) ||
	    !take_digits(rest->at + 4, 2, &rest_minutes))
		return false;
	*minutes = (hours * 60 + rest_minutes) * (rest->at[1] == '-' ? -1 : 1);
	*rest = slice_skip(*rest, 6);
	return true;
}

/* " [26436]" of +pid; logs that were made anonymous have "[p1234]" or "[pppp]". */
static void
skip_pid(struct slice *rest)
{
	struct slice inside = *rest;

	if (!slice_take_prefix(&inside, SLICE(" [")))
		return;
	size_t digits = 0;
	while (digits < inside.len &&
	    ((inside.at[digits] >= '0' && inside.at[digits] <= '9') || inside.at[digits] == 'p'))
		digits++;
	if (digits != 0 && inside.len > digits + 1 && inside.at[digits] == ']' &&
	    inside.at[digits + 1] == ' ')
		*rest = slice_skip(inside, digits + 1);
}

/* ".971" of +millisec. */
static int
take_milliseconds(struct slice *rest)
{
	int milliseconds;

	if (rest->len < 4 || rest->at[0] != '.' || !take_digits(rest->at + 1, 3, &milliseconds))
		return -1;
	*rest = slice_skip(*rest, 4);
	return milliseconds;
}

/* "Nov 23 20:36:34 " of syslog, or "2026-11-23T20:36:34.971+01:00 " of its newer form. */
static bool
skip_syslog_time(struct slice *rest)
{
	enum { TRADITIONAL_LENGTH = 16 };
	const char *at = rest->at;

	if (rest->len <= LINE_TIME)
		return false;
	if (at[3] == ' ' && at[6] == ' ' && at[9] == ':' && at[12] == ':' && at[15] == ' ')
		*rest = slice_skip(*rest, TRADITIONAL_LENGTH);
	else if (at[4] == '-' && at[7] == '-' && at[10] == 'T' && at[13] == ':')
		slice_take_until(rest, ' ');
	else
		return false;
	return true;
}

/*
 * What syslog puts before a line (log_file_path = syslog): its time, the host, and the name of the program. Exim's own time follows,
 * unless syslog_timestamp is off; then the line is nothing that we can place.
 */
static bool
skip_syslog_front(struct slice *rest)
{
	struct slice ahead = *rest;

	if (!skip_syslog_time(&ahead))
		return false;
	slice_take_until(&ahead, ' ');
	struct slice program = slice_take_until(&ahead, ' ');
	if (!slice_has_prefix(program, SLICE("exim")) || !slice_has_suffix(program, SLICE(":")))
		return false;
	*rest = ahead;
	return true;
}

/* Finds the time in front, behind what syslog may have put before it. */
static bool
find_timestamp(struct timestamp_memo *memo, struct slice *rest, int64_t *wall)
{
	return rest->len >= LINE_TIME &&
	    (read_timestamp(memo, rest->at, wall) ||
		(skip_syslog_front(rest) && rest->len >= LINE_TIME &&
		    read_timestamp(memo, rest->at, wall)));
}

/* Takes what may stand behind the timestamp. */
static void
take_options(struct slice *rest, struct line *out)
{
	int minutes;

	out->millisecond = (int16_t)take_milliseconds(rest);
	out->is_placed = take_zone(rest, &minutes);
	if (out->is_placed) {
		out->second -= minutes * 60;
		out->utc_offset = (int16_t)minutes;
	}
	skip_pid(rest);
}

/* Takes the timestamp with all that may belong to it; what is left begins with a blank. */
static bool
take_front(struct timestamp_memo *memo, struct slice *rest, struct line *out)
{
	if (!find_timestamp(memo, rest, &out->second))
		return false;
	*rest = slice_skip(*rest, LINE_TIME);
	out->utc_offset = 0;
	take_options(rest, out);
	return true;
}

void
line_place_anew(struct line_clock *clock, struct line *line)
{
	int64_t second = line->second - clock->utc_offset * 60;

	clock->wall = line->second;
	/* A little later than the line before: zones change their offset at full quarters of an hour. */
	if (clock->is_local_known && clock->previous == clock->second && second >= clock->second &&
	    second / QUARTER == clock->second / QUARTER) {
		clock->second = second;
		return;
	}
	clock->second = zone_second_of(clock->zone, clock->wall, clock->previous);
	clock->utc_offset = (int16_t)zone_offset_at(clock->zone, clock->second);
	clock->is_local_known = true;
}

bool
line_parse_time(struct line_clock *clock, struct slice raw, int64_t *second)
{
	struct line line;

	if (!take_front(&clock->memo, &raw, &line))
		return false;
	line_place_locally(clock, &line);
	*second = line.second;
	return true;
}

/* By the sum of the first two bytes: the second one, which is compared, tells the first one then. */
const uint8_t line_front_of_sum[256] = {
    ['<' + '='] = 1,
    ['(' + '='] = 2,
    ['=' + '>'] = 3,
    ['-' + '>'] = 4,
    ['>' + '>'] = 5,
    ['*' + '>'] = 6,
    ['*' + '*'] = 7,
    ['=' + '='] = 8,
    ['C' + 'o'] = 9,
    ['c' + 'w'] = 10,
};

const struct line_front line_fronts[LINE_FRONTS] = {
    {"", ""},
    {"= ", "\xff\xff"},
    {"= ", "\xff\xff"},
    {"> ", "\xff\xff"},
    {"> ", "\xff\xff"},
    {"> ", "\xff\xff"},
    {"> ", "\xff\xff"},
    {"* ", "\xff\xff"},
    {"= ", "\xff\xff"},
    {"ompleted", "\xff\xff\xff\xff\xff\xff\xff\xff"},
    {"wd=", "\xff\xff\xff"},
};

/* Flags stand behind ids, commands have none. */
#define BEHIND_ID(kind, length)      \
	{                            \
		{LINE_GENERAL, 0},   \
		{                    \
			kind, length \
		}                    \
	}

const struct line_sense line_senses[LINE_FRONTS][2] = {
    BEHIND_ID(LINE_NOTICE, 0),
    BEHIND_ID(LINE_ARRIVAL, 3),
    BEHIND_ID(LINE_FAKEREJECT, 3),
    BEHIND_ID(LINE_DELIVERED, 3),
    BEHIND_ID(LINE_ADDITIONAL, 3),
    BEHIND_ID(LINE_CUTTHROUGH, 3),
    BEHIND_ID(LINE_SUPPRESSED, 3),
    BEHIND_ID(LINE_FAILED, 3),
    BEHIND_ID(LINE_DEFERRED, 3),
    BEHIND_ID(LINE_COMPLETED, 9),
    {{LINE_COMMAND, 0}, {LINE_NOTICE, 0}},
};

/* What stands behind time or id. */
static void
end_any_line(struct slice rest, bool has_id, struct line *out)
{
	char padded[LINE_FRONT] = {0};

	if (rest.len >= LINE_FRONT) {
		line_end(rest, has_id, out);
		return;
	}
	if (rest.len != 0)
		memcpy(padded, rest.at, rest.len);
	const struct line_sense *sense = line_sense_of(padded, has_id);
	out->kind = sense->kind;
	out->text = slice_skip(rest, sense->length);
}

/* Takes the time with its blank, if there is one at the front; then the line is of some other kind than a continuation. */
static bool
begin_line(struct timestamp_memo *memo, struct slice *rest, struct line *out)
{
	struct slice raw = *rest;

	if (!take_front(memo, rest, out) || (rest->len != 0 && rest->at[0] != ' ')) {
		out->kind = LINE_CONTINUATION;
		out->id = (struct message_id){0};
		out->millisecond = -1;
		out->text = raw;
		return false;
	}
	*rest = slice_skip(*rest, 1);
	return true;
}

/* What stands behind the time. */
static void
read_behind_time(struct slice rest, struct line *out)
{
	struct slice behind = rest;
	bool has_id = message_id_take(&behind, &out->id) &&
	    (slice_is_empty(behind) || behind.at[0] == ' ');

	if (!has_id)
		out->id = (struct message_id){0};
	end_any_line(has_id ? slice_skip(behind, 1) : rest, has_id, out);
}

/* Not within line_read, which needs no place on the stack without it. */
__attribute__((noinline)) void
line_read_carefully(struct timestamp_memo *memo, struct slice raw, struct line *out)
{
	if (begin_line(memo, &raw, out))
		read_behind_time(raw, out);
}

void
line_read(struct line_memo *memo, struct slice raw, struct line *out)
{
	if (!line_glance(&memo->time, raw, out))
		line_read_carefully(&memo->time, raw, out);
}

bool
line_read_own(struct slice raw, struct slice id, struct line *out)
{
	size_t end = LINE_TIME + 1 + id.len;

	if (id.len == 0 || raw.len <= end || raw.at[10] != ' ' || raw.at[13] != ':' ||
	    raw.at[LINE_TIME] != ' ' || raw.at[end] != ' ' ||
	    memcmp(raw.at + LINE_TIME + 1, id.at, id.len) != 0)
		return false;
	end_any_line(slice_skip(raw, end + 1), true, out);
	return true;
}

void
line_parse(struct line_clock *clock, struct slice raw, struct line *out)
{
	line_read_carefully(&clock->memo, raw, out);
	line_place(clock, out);
}
