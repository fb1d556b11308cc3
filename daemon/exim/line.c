/* Lines: the fixed front of a log line (Exim spec, "The log files"; log.c, log_write). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/line.h"

#include "daemon/text/moment.h"

enum {
	TIMESTAMP_LENGTH = 19,
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

/* Another second of the minute that the memo knows; at is where its timestamp stands. */
static bool
read_second(struct timestamp_memo *memo, const char *at)
{
	enum { SECOND = 17 };
	int before, second;

	if (at[SECOND - 1] != ':' || !take_digits(memo->text + SECOND, 2, &before) ||
	    !take_digits(at + SECOND, 2, &second) || second > 60)
		return false;
	memo->wall += second - before;
	memcpy(memo->text + SECOND, at + SECOND, 2);
	return true;
}

/* Whether a timestamp of the memo's minute stands there, which the memo knows then. It knows none at the start. */
static inline bool
is_known_timestamp(struct timestamp_memo *memo, struct slice text)
{
	uint64_t a[3], b[3];

	if (text.len < TIMESTAMP_LENGTH || text.at[4] != '-')
		return false;
	/* Three words that overlap; the first two end with the minute. */
	for (int i = 0; i < 3; i++) {
		size_t at = i < 2 ? (size_t)i * 8 : TIMESTAMP_LENGTH - 8;

		memcpy(&a[i], memo->text + at, 8);
		memcpy(&b[i], text.at + at, 8);
	}
	return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0 && (a[2] == b[2] || read_second(memo, text.at));
}

/* Parses "YYYY-MM-DD HH:MM:SS" into the memo. */
static bool
read_timestamp(struct timestamp_memo *memo, const char *at)
{
	int year, month, day, hour, minute, second;

	if (at[4] != '-' || at[7] != '-' || at[10] != ' ' || at[13] != ':' || at[16] != ':' ||
	    !take_digits(at, 4, &year) || !take_digits(at + 5, 2, &month) ||
	    !take_digits(at + 8, 2, &day) || !take_digits(at + 11, 2, &hour) ||
	    !take_digits(at + 14, 2, &minute) || !take_digits(at + 17, 2, &second) || month < 1 ||
	    month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	memo->wall = civil_second(year, month, day, hour, minute, second);
	memcpy(memo->text, at, TIMESTAMP_LENGTH);
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

/* Takes a time that the memo does not know. */
static bool
take_timestamp(struct timestamp_memo *memo, struct slice *rest)
{
	return rest->len >= TIMESTAMP_LENGTH &&
	    (read_timestamp(memo, rest->at) ||
		(skip_syslog_front(rest) && rest->len >= TIMESTAMP_LENGTH &&
		    read_timestamp(memo, rest->at)));
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
	if (!is_known_timestamp(memo, *rest) && !take_timestamp(memo, rest))
		return false;
	*rest = slice_skip(*rest, TIMESTAMP_LENGTH);
	out->second = memo->wall;
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

/* The flag is two characters and a blank at a fixed place; "Completed" stands in the same place. */
static inline enum line_kind
take_flag(struct slice *rest)
{
	struct slice text = *rest;

	if (text.len >= 3 && text.at[2] == ' ') {
		enum line_kind kind = LINE_NOTICE;

		switch ((unsigned char)text.at[0] << 8 | (unsigned char)text.at[1]) {
		case '<' << 8 | '=':
			kind = LINE_ARRIVAL;
			break;
		case '(' << 8 | '=':
			kind = LINE_FAKEREJECT;
			break;
		case '=' << 8 | '>':
			kind = LINE_DELIVERED;
			break;
		case '-' << 8 | '>':
			kind = LINE_ADDITIONAL;
			break;
		case '>' << 8 | '>':
			kind = LINE_CUTTHROUGH;
			break;
		case '*' << 8 | '>':
			kind = LINE_SUPPRESSED;
			break;
		case '*' << 8 | '*':
			kind = LINE_FAILED;
			break;
		case '=' << 8 | '=':
			kind = LINE_DEFERRED;
			break;
		}
		if (kind != LINE_NOTICE) {
			*rest = slice_skip(text, 3);
			return kind;
		}
	}
	if (slice_take_prefix(&text, SLICE("Completed")) &&
	    (slice_is_empty(text) || text.at[0] == ' ')) {
		*rest = text;
		return LINE_COMPLETED;
	}
	return LINE_NOTICE;
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

/* The same of a line of the same minute as the one before, with nothing optional behind its time, which begins with none of these. */
static inline bool
begin_plain_line(struct timestamp_memo *memo, struct slice *rest, struct line *out)
{
	if (rest->len < TIMESTAMP_LENGTH + 2 || !is_known_timestamp(memo, *rest) ||
	    rest->at[TIMESTAMP_LENGTH] != ' ' ||
	    !is_alphanumeric[(uint8_t)rest->at[TIMESTAMP_LENGTH + 1]])
		return false;
	out->millisecond = -1;
	out->second = memo->wall;
	out->utc_offset = 0;
	out->is_placed = false;
	*rest = slice_of(rest->at + TIMESTAMP_LENGTH + 1, rest->len - TIMESTAMP_LENGTH - 1);
	return true;
}

/* What stands behind the id and its blank. */
static inline void
end_line(struct slice rest, struct line *out)
{
	out->kind = take_flag(&rest);
	out->text = rest;
}

/* What stands behind the time of a line without an id. */
static void
end_line_without_id(struct slice rest, struct line *out)
{
	out->id = (struct message_id){0};
	out->kind = slice_has_prefix(rest, SLICE("cwd=")) ? LINE_COMMAND : LINE_GENERAL;
	out->text = rest;
}

void
line_read(struct line_memo *memo, struct slice raw, struct line *out)
{
	struct slice rest = raw;

	if (!begin_plain_line(&memo->time, &raw, out)) {
		if (!begin_line(&memo->time, &rest, out))
			return;
		raw = rest;
	}
	size_t length = message_id_known_length(&memo->ids, raw, &out->id);
	rest = raw;
	if (length != 0)
		end_line(slice_of(raw.at + length + 1, raw.len - length - 1), out);
	else if (message_id_take_again(&memo->ids, &rest, &out->id) &&
	    (slice_is_empty(rest) || rest.at[0] == ' '))
		end_line(slice_skip(rest, 1), out);
	else
		end_line_without_id(raw, out);
}

bool
line_read_own(struct slice raw, struct slice id, struct line *out)
{
	size_t end = TIMESTAMP_LENGTH + 1 + id.len;

	if (id.len == 0 || raw.len <= end || raw.at[10] != ' ' || raw.at[13] != ':' ||
	    raw.at[TIMESTAMP_LENGTH] != ' ' || raw.at[end] != ' ' ||
	    memcmp(raw.at + TIMESTAMP_LENGTH + 1, id.at, id.len) != 0)
		return false;
	end_line(slice_skip(raw, end + 1), out);
	return true;
}

void
line_parse(struct line_clock *clock, struct slice raw, struct line *out)
{
	if (begin_line(&clock->memo, &raw, out)) {
		struct slice rest = raw;

		if (message_id_take(&rest, &out->id) && (slice_is_empty(rest) || rest.at[0] == ' '))
			end_line(slice_skip(rest, 1), out);
		else
			end_line_without_id(raw, out);
	}
	line_place(clock, out);
}
