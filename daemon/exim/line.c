/* Lines: the fixed front of a log line (Exim spec, "The log files"; log.c, log_write). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/line.h"

#include <stdalign.h>

#include "daemon/exim/id_glance.h"
#include "daemon/text/moment.h"

enum {
	TIMESTAMP_LENGTH = 19,
	MINUTE_LENGTH = 16,
	FRONT_LENGTH = 9, /* "Completed" */
	QUARTER = 15 * 60,
};

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

static const bool is_alphanumeric[256] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
};

/* Whether a time of the memo's minute stands there. It knows none at the start. */
static inline bool
is_known_minute(const struct timestamp_memo *memo, const char *at)
{
	return at[4] == '-' && memcmp(memo->text, at, MINUTE_LENGTH) == 0;
}

/* Parses "YYYY-MM-DD HH:MM" into the memo, unless it knows it. */
static bool
read_minute(struct timestamp_memo *memo, const char *at)
{
	int year, month, day, hour, minute;

	if (is_known_minute(memo, at))
		return true;
	if (at[4] != '-' || at[7] != '-' || at[10] != ' ' || at[13] != ':' ||
	    !take_digits(at, 4, &year) || !take_digits(at + 5, 2, &month) ||
	    !take_digits(at + 8, 2, &day) || !take_digits(at + 11, 2, &hour) ||
	    !take_digits(at + 14, 2, &minute) || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59)
		return false;
	memo->wall = civil_second(year, month, day, hour, minute, 0);
	memcpy(memo->text, at, MINUTE_LENGTH);
	return true;
}

/* "YYYY-MM-DD HH:MM:SS", as if it were UTC. */
static bool
read_timestamp(struct timestamp_memo *memo, const char *at, int64_t *wall)
{
	int second;

	if (at[MINUTE_LENGTH] != ':' || !take_digits(at + MINUTE_LENGTH + 1, 2, &second) ||
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

	if (rest->len <= TIMESTAMP_LENGTH)
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
	return rest->len >= TIMESTAMP_LENGTH &&
	    (read_timestamp(memo, rest->at, wall) ||
		(skip_syslog_front(rest) && rest->len >= TIMESTAMP_LENGTH &&
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
	*rest = slice_skip(*rest, TIMESTAMP_LENGTH);
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

/* Where a line may begin in one of the ways that tell its kind. */
enum front_place {
	FRONT_BEHIND_TIME, /* of a line without an id */
	FRONT_BEHIND_ID,
	FRONT_NOWHERE,
};

/*
 * These ways, from the second byte on: the flag is two characters and a blank at a fixed place, "Completed" stands in the same place. Which of them
 * it may be is told by the sum of its first two bytes, and so the second one tells the first one.
 */
static const struct front {
	alignas(32) char text[8];
	char counts[8]; /* all bits of the bytes that count */
	uint8_t place, kind, length;
} fronts[] = {
    {"", "", FRONT_NOWHERE, 0, 0},
    {"= ", "\xff\xff", FRONT_BEHIND_ID, LINE_ARRIVAL, 3},
    {"= ", "\xff\xff", FRONT_BEHIND_ID, LINE_FAKEREJECT, 3},
    {"> ", "\xff\xff", FRONT_BEHIND_ID, LINE_DELIVERED, 3},
    {"> ", "\xff\xff", FRONT_BEHIND_ID, LINE_ADDITIONAL, 3},
    {"> ", "\xff\xff", FRONT_BEHIND_ID, LINE_CUTTHROUGH, 3},
    {"> ", "\xff\xff", FRONT_BEHIND_ID, LINE_SUPPRESSED, 3},
    {"* ", "\xff\xff", FRONT_BEHIND_ID, LINE_FAILED, 3},
    {"= ", "\xff\xff", FRONT_BEHIND_ID, LINE_DEFERRED, 3},
    {"ompleted", "\xff\xff\xff\xff\xff\xff\xff\xff", FRONT_BEHIND_ID, LINE_COMPLETED, 9},
    {"wd=", "\xff\xff\xff", FRONT_BEHIND_TIME, LINE_COMMAND, 0},
};

static const uint8_t front_of_sum[256] = {
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

static inline uint64_t
word_at(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * What a line is by what stands behind its time, or behind its id where it has one, FRONT_LENGTH bytes at least. Lines come in any
 * order: nothing branches on what it is.
 */
static inline enum line_kind
kind_of(const char *at, bool has_id, size_t *flag_length)
{
	const struct front *front =
	    &fronts[front_of_sum[(uint8_t)((uint8_t)at[0] + (uint8_t)at[1])]];
	bool fits = ((word_at(at + 1) ^ word_at(front->text)) & word_at(front->counts)) == 0;
	unsigned mask = -(unsigned)(fits & (front->place == (unsigned)has_id));
	unsigned other = LINE_GENERAL ^ ((LINE_GENERAL ^ LINE_NOTICE) & -(unsigned)has_id);

	*flag_length = front->length & mask;
	return other ^ ((front->kind ^ other) & mask);
}

/* What stands there, so many bytes as above. */
static inline void
end_line(struct slice rest, bool has_id, struct line *out)
{
	size_t flag_length;

	out->kind = kind_of(rest.at, has_id, &flag_length);
	size_t behind = (rest.len - FRONT_LENGTH) & -(size_t)(out->kind == LINE_COMPLETED);
	if (behind != 0 && rest.at[FRONT_LENGTH] != ' ') {
		out->kind = LINE_NOTICE;
		flag_length = 0;
	}
	out->text = slice_of(rest.at + flag_length, rest.len - flag_length);
}

/* The same of any text. */
static void
end_any_line(struct slice rest, bool has_id, struct line *out)
{
	char padded[FRONT_LENGTH] = {0};
	size_t flag_length;

	if (rest.len >= FRONT_LENGTH) {
		end_line(rest, has_id, out);
		return;
	}
	if (rest.len != 0)
		memcpy(padded, rest.at, rest.len);
	out->kind = kind_of(padded, has_id, &flag_length);
	out->text = slice_skip(rest, flag_length);
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

/* The seconds of ":SS ". False where these are none, and for a leap second, which is rare. */
static inline bool
take_plain_second(const char *at, unsigned *second)
{
	uint32_t bytes = (uint32_t)(uint8_t)at[0] | (uint32_t)(uint8_t)at[1] << 8 |
	    (uint32_t)(uint8_t)at[2] << 16 | (uint32_t)(uint8_t)at[3] << 24;

	/* Leaves the two digits, and bits of others where they are none; what is added goes over 15 where a digit goes over 5 or 9. */
	bytes ^= (uint32_t)' ' << 24 | '0' << 16 | '0' << 8 | ':';
	*second = (bytes >> 8 & 0xf) * 10 + (bytes >> 16 & 0xf);
	return ((bytes | ((bytes + 0x060a00) & 0xf0f000)) & 0xfff0f0ff) == 0;
}

/*
 * Nearly every line: of the same minute as the one before, with nothing optional behind its time, which begins with none of these. False
 * for all others. What it does branches on nothing that changes from line to line.
 */
static inline bool
read_plain(const struct timestamp_memo *memo, struct slice raw, struct line *out)
{
	enum { BEHIND_TIME = TIMESTAMP_LENGTH + 1 };
	struct message_id id;
	unsigned second;
	bool has_id;

	if (raw.len < BEHIND_TIME + MESSAGE_ID_OLD_LENGTH + 1 + FRONT_LENGTH ||
	    !is_known_minute(memo, raw.at) || !take_plain_second(raw.at + MINUTE_LENGTH, &second) ||
	    !is_alphanumeric[(uint8_t)raw.at[BEHIND_TIME]])
		return false;
	const char *front = raw.at + BEHIND_TIME;
	size_t length = front[13] == '-' ? MESSAGE_ID_OLD_LENGTH : MESSAGE_ID_NEW_LENGTH;
	if (raw.len < BEHIND_TIME + length + 1 + FRONT_LENGTH ||
	    !id_glance(front, length, &has_id, &id))
		return false;
	has_id &= front[length] == ' ';
	out->id.high = id.high & -(uint64_t)has_id;
	out->id.low = id.low & -(uint64_t)has_id;
	out->second = memo->wall + second;
	out->millisecond = -1;
	out->utc_offset = 0;
	out->is_placed = false;
	size_t begin = BEHIND_TIME + ((length + 1) & -(size_t)has_id);
	end_line(slice_of(raw.at + begin, raw.len - begin), has_id, out);
	return true;
}

/* Any line. Not within line_read, which needs no place on the stack without it. */
static __attribute__((noinline)) void
read_any(struct timestamp_memo *memo, struct slice raw, struct line *out)
{
	if (begin_line(memo, &raw, out))
		read_behind_time(raw, out);
}

void
line_read(struct line_memo *memo, struct slice raw, struct line *out)
{
	if (!read_plain(&memo->time, raw, out))
		read_any(&memo->time, raw, out);
}

bool
line_read_own(struct slice raw, struct slice id, struct line *out)
{
	size_t end = TIMESTAMP_LENGTH + 1 + id.len;

	if (id.len == 0 || raw.len <= end || raw.at[10] != ' ' || raw.at[13] != ':' ||
	    raw.at[TIMESTAMP_LENGTH] != ' ' || raw.at[end] != ' ' ||
	    memcmp(raw.at + TIMESTAMP_LENGTH + 1, id.at, id.len) != 0)
		return false;
	end_any_line(slice_skip(raw, end + 1), true, out);
	return true;
}

void
line_parse(struct line_clock *clock, struct slice raw, struct line *out)
{
	read_any(&clock->memo, raw, out);
	line_place(clock, out);
}
