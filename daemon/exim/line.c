/* Lines: the fixed front of a log line (Exim spec, "The log files"; log.c, log_write). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/line.h"

#include "daemon/text/moment.h"

enum { TIMESTAMP_LENGTH = 19 };

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

/* Parses "YYYY-MM-DD HH:MM:SS" into the clock unless it is the one parsed last. */
static bool
read_timestamp(struct line_clock *clock, const char *at)
{
	int year, month, day, hour, minute, second;

	if (memcmp(clock->text, at, TIMESTAMP_LENGTH) == 0)
		return true;
	if (at[4] != '-' || at[7] != '-' || at[10] != ' ' || at[13] != ':' || at[16] != ':' ||
	    !take_digits(at, 4, &year) || !take_digits(at + 5, 2, &month) ||
	    !take_digits(at + 8, 2, &day) || !take_digits(at + 11, 2, &hour) ||
	    !take_digits(at + 14, 2, &minute) || !take_digits(at + 17, 2, &second) || month < 1 ||
	    month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	clock->wall = civil_second(year, month, day, hour, minute, second);
	clock->is_local_known = false;
	memcpy(clock->text, at, TIMESTAMP_LENGTH);
	return true;
}

/* What our zone makes of the timestamp. */
static void
read_local(struct line_clock *clock)
{
	if (clock->is_local_known)
		return;
	clock->second = zone_second_of(clock->zone, clock->wall, clock->previous);
	clock->utc_offset = (int16_t)zone_offset_at(clock->zone, clock->second);
	clock->is_local_known = true;
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

/* Takes the timestamp with all that may belong to it; what is left begins with a blank. */
static bool
take_front(struct line_clock *clock, struct slice *rest, struct line *out)
{
	int minutes;

	if (rest->len < TIMESTAMP_LENGTH)
		return false;
	if (!read_timestamp(clock, rest->at) &&
	    (!skip_syslog_front(rest) || rest->len < TIMESTAMP_LENGTH ||
		!read_timestamp(clock, rest->at)))
		return false;
	*rest = slice_skip(*rest, TIMESTAMP_LENGTH);
	out->millisecond = (int16_t)take_milliseconds(rest);
	if (take_zone(rest, &minutes)) {
		out->second = clock->wall - minutes * 60;
		out->utc_offset = (int16_t)minutes;
	} else {
		read_local(clock);
		out->second = clock->second;
		out->utc_offset = clock->utc_offset;
	}
	skip_pid(rest);
	return true;
}

bool
line_parse_time(struct line_clock *clock, struct slice raw, int64_t *second)
{
	struct line line;

	if (!take_front(clock, &raw, &line))
		return false;
	*second = line.second;
	return true;
}

/* The flag is two characters and a blank at a fixed place; "Completed" stands in the same place. */
static enum line_kind
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

void
line_parse(struct line_clock *clock, struct slice raw, struct line *out)
{
	struct slice rest = raw;

	out->id = (struct message_id){0};
	if (!take_front(clock, &rest, out) || (rest.len != 0 && rest.at[0] != ' ')) {
		out->kind = LINE_CONTINUATION;
		out->second = clock->previous;
		out->utc_offset = clock->previous_offset;
		out->millisecond = -1;
		out->text = raw;
		return;
	}
	clock->previous = out->second;
	clock->previous_offset = out->utc_offset;
	rest = slice_skip(rest, 1);
	struct slice behind = rest;
	if (message_id_take(&behind, &out->id) && (behind.len == 0 || behind.at[0] == ' ')) {
		rest = slice_skip(behind, 1);
		out->kind = take_flag(&rest);
	} else {
		out->id = (struct message_id){0};
		out->kind = slice_has_prefix(rest, SLICE("cwd=")) ? LINE_COMMAND : LINE_GENERAL;
	}
	out->text = rest;
}
