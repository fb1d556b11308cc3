/* Moments: the C library's zones behind a cache, RFC 3339 out, systemd.time in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/text/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum {
	QUARTER = 15 * 60, /* zones change their offset at full quarters of an hour */
	QUARTERS = 16, /* a power of two: messages take hours, and their times are told in turns */
	DAY = 24 * 3600,
};

/* 0000-01-01 00:00:00 and 9999-12-31 23:59:59. */
static const int64_t FIRST_WALL = INT64_C(-62167219200), LAST_WALL = INT64_C(253402300799);

/* Spans that reach beyond all time are no spans. */
static const int64_t SPAN_MAX = INT64_C(100000) * 365 * DAY;

/* The C library knows one zone at a time: the process takes on the one that is asked for, and keeps it while no other is. */
struct zone {
	char name[64]; /* empty: the system's */
};

static struct {
	const struct zone *zone; /* NULL: that one has gone, or there was none yet */
	bool is_set;
	char name[64];
	char *system; /* TZ as the process was started with; NULL when it was not set */
} in_use;

/* What the offset was in the quarters asked for last, each at the place of its number: lines come in order, so this nearly always answers. */
static struct known_quarter {
	bool is_set;
	int64_t quarter;
	int offset;
} cache[QUARTERS];

struct zone *
zone_new(const char *name)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	char path[128];
	struct stat status;

	if (zone == NULL || name == NULL)
		return zone;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	if (name[0] == '\0' || strlen(name) >= sizeof(zone->name) || strstr(name, "..") != NULL ||
	    (strcmp(name, "UTC") != 0 && (stat(path, &status) != 0 || !S_ISREG(status.st_mode)))) {
		free(zone);
		return NULL;
	}
	snprintf(zone->name, sizeof(zone->name), "%s", name);
	return zone;
}

static void
use_zone(const struct zone *zone)
{
	static const struct zone of_system = {""};

	if (zone == NULL)
		zone = &of_system;
	if (zone == in_use.zone)
		return;
	in_use.zone = zone;
	const char *name = zone->name;
	if (in_use.is_set && strcmp(in_use.name, name) == 0)
		return;
	if (!in_use.is_set && getenv("TZ") != NULL)
		in_use.system = strdup(getenv("TZ"));
	in_use.is_set = true;
	snprintf(in_use.name, sizeof(in_use.name), "%s", name);
	memset(cache, 0, sizeof(cache));
	if (name[0] == '\0')
		name = in_use.system;
	if (name != NULL)
		setenv("TZ", name, 1);
	else
		unsetenv("TZ");
	tzset();
}

void
zone_free(struct zone *zone)
{
	if (zone == in_use.zone)
		in_use.zone = NULL;
	free(zone);
}

int
zone_offset_at(const struct zone *zone, int64_t second)
{
	int64_t quarter = second / QUARTER;
	time_t at = (time_t)second;
	struct tm local;

	struct known_quarter *known = &cache[quarter & (QUARTERS - 1)];

	use_zone(zone);
	if (known->is_set && known->quarter == quarter)
		return known->offset;
	if (localtime_r(&at, &local) == NULL)
		return 0;
	*known = (struct known_quarter){true, quarter, (int)(local.tm_gmtoff / 60)};
	return known->offset;
}

/* Days since 1970-01-01 (Howard Hinnant's days_from_civil: eras of 400 years that begin in March). */
static int64_t
civil_day(int year, int month, int day)
{
	int64_t shifted = year - (month <= 2);
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	    day_of_year - 719468;
}

int64_t
civil_second(int year, int month, int day, int hour, int minute, int second)
{
	return civil_day(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
}

int64_t
zone_second(const struct zone *zone, int year, int month, int day, int hour, int minute, int second,
    int64_t not_before)
{
	return zone_second_of(zone, civil_second(year, month, day, hour, minute, second),
	    not_before);
}

int64_t
zone_second_of(const struct zone *zone, int64_t wall, int64_t not_before)
{
	/* While lines go on, the offset of the line before is the first guess and nearly always right. */
	int guess = zone_offset_at(zone, not_before != 0 ? not_before : wall);
	int64_t first = wall - guess * 60;
	if (not_before != 0 && first >= not_before && first - not_before < 1800 &&
	    zone_offset_at(zone, first) == guess)
		return first;

	/* Both sides of any change that is near: the offsets a day before and a day after. */
	int before = zone_offset_at(zone, wall - DAY), after = zone_offset_at(zone, wall + DAY);
	int64_t early = wall - (before > after ? before : after) * 60;
	int64_t late = wall - (before > after ? after : before) * 60;
	bool early_is_real = zone_offset_at(zone, early) * 60 == wall - early;
	bool late_is_real = zone_offset_at(zone, late) * 60 == wall - late;
	if (early_is_real && late_is_real && early != late)
		return not_before > early && not_before - early > 300 ? late : early;
	return early_is_real ? early : late;
}

/* The reverse of civil_day. */
static void
day_civil(int64_t day, int *year, int *month, int *of_month)
{
	int64_t shifted = day + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	unsigned day_of_era = (unsigned)(shifted - era * 146097);
	unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
				   day_of_era / 146096) /
	    365;
	unsigned day_of_year = day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned from_march = (5 * day_of_year + 2) / 153;

	*of_month = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int)(era * 400 + year_of_era + (*month <= 2));
}

static inline void
put_two_digits(char *to, int value)
{
	to[0] = (char)('0' + value / 10);
	to[1] = (char)('0' + value % 10);
}

/* The date as it is written. The one that was told last is known: the next is nearly always of the same day. */
static const char *
date_text(int64_t day)
{
	static int64_t told = INT64_MIN;
	static char text[] = "0000-00-00T";
	int year, month, of_month;

	if (day == told)
		return text;
	told = day;
	day_civil(day, &year, &month, &of_month);
	put_two_digits(text, year / 100);
	put_two_digits(text + 2, year % 100);
	put_two_digits(text + 5, month);
	put_two_digits(text + 8, of_month);
	return text;
}

/* The C library's functions would take a tenth of the time of a dump. */
size_t
moment_format(int64_t second, int utc_offset_minutes, char text[MOMENT_TEXT_SIZE])
{
	int offset = abs(utc_offset_minutes);
	int64_t wall;

	/* What four digits do not hold. */
	if (__builtin_add_overflow(second, (int64_t)utc_offset_minutes * 60, &wall) ||
	    wall < FIRST_WALL || wall > LAST_WALL)
		wall = 0;
	int64_t day = (wall >= 0 ? wall : wall - (DAY - 1)) / DAY;
	int of_day = (int)(wall - day * DAY);
	memcpy(text, date_text(day), 11);
	memcpy(text + 11, "00:00:00+00:00", 15);
	put_two_digits(text + 11, of_day / 3600);
	put_two_digits(text + 14, of_day / 60 % 60);
	put_two_digits(text + 17, of_day % 60);
	if (utc_offset_minutes != 0) {
		text[19] = utc_offset_minutes < 0 ? '-' : '+';
		put_two_digits(text + 20, offset / 60 % 100);
		put_two_digits(text + 23, offset % 60);
	}
	return MOMENT_TEXT_SIZE - 1;
}

/* Takes a decimal number of at most twelve digits. */
static bool
take_number(struct slice *rest, int64_t *value)
{
	size_t digits = 0;

	*value = 0;
	while (
	    digits < rest->len && rest->at[digits] >= '0' && rest->at[digits] <= '9' && digits < 12)
		*value = *value * 10 + (rest->at[digits++] - '0');
	*rest = slice_skip(*rest, digits);
	return digits != 0;
}

static const struct {
	const char *name;
	int64_t seconds;
} units[] = {
    {"seconds", 1},
    {"second", 1},
    {"sec", 1},
    {"s", 1},
    {"minutes", 60},
    {"minute", 60},
    {"min", 60},
    {"months", 30 * DAY},
    {"month", 30 * DAY},
    {"m", 60},
    {"M", 30 * DAY},
    {"hours", 3600},
    {"hour", 3600},
    {"hr", 3600},
    {"h", 3600},
    {"days", DAY},
    {"day", DAY},
    {"d", DAY},
    {"weeks", 7 * DAY},
    {"week", 7 * DAY},
    {"w", 7 * DAY},
    {"years", 365 * DAY},
    {"year", 365 * DAY},
    {"y", 365 * DAY},
};

static int64_t
take_unit(struct slice *rest)
{
	size_t letters = 0;

	while (letters < rest->len && ((rest->at[letters] | 0x20) >= 'a') &&
	    ((rest->at[letters] | 0x20) <= 'z'))
		letters++;
	struct slice word = slice_first(*rest, letters);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (slice_equal(word, slice_str(units[i].name))) {
			*rest = slice_skip(*rest, letters);
			return units[i].seconds;
		}
	}
	return 0;
}

/* "1h30min", "2 hours": what is left in *rest is what no longer belongs to it. */
static bool
take_span(struct slice *rest, int64_t *seconds)
{
	bool was_any = false;

	*seconds = 0;
	for (;;) {
		struct slice ahead = slice_trim(*rest);
		int64_t number, unit;

		if (!take_number(&ahead, &number))
			return was_any;
		ahead = slice_trim(ahead);
		unit = take_unit(&ahead);
		if (unit == 0) {
			if (was_any || ahead.len != 0)
				return was_any;
			unit = 1;
		}
		if (__builtin_mul_overflow(number, unit, &number) ||
		    __builtin_add_overflow(*seconds, number, seconds) || *seconds > SPAN_MAX)
			return false;
		*rest = ahead;
		was_any = true;
	}
}

bool
span_parse(struct slice text, int64_t *seconds)
{
	text = slice_trim(text);
	return take_span(&text, seconds) && slice_is_empty(slice_trim(text));
}

static bool
take_fixed(struct slice *rest, size_t digits, int *value)
{
	int64_t number;
	struct slice part = slice_first(*rest, digits);

	if (part.len < digits || !take_number(&part, &number) || part.len != 0)
		return false;
	*value = (int)number;
	*rest = slice_skip(*rest, digits);
	return true;
}

/* Takes "HH:MM[:SS[.fraction]]". */
static bool
take_clock(struct slice *rest, int *hour, int *minute, int *second)
{
	*second = 0;
	if (!take_fixed(rest, 2, hour) || !slice_take_prefix(rest, SLICE(":")) ||
	    !take_fixed(rest, 2, minute))
		return false;
	if (slice_take_prefix(rest, SLICE(":")) && !take_fixed(rest, 2, second))
		return false;
	if (slice_take_prefix(rest, SLICE("."))) {
		int64_t fraction;

		take_number(rest, &fraction);
	}
	return *hour < 24 && *minute < 60 && *second < 61;
}

/* Takes "Z", " UTC" or "+01:00", "+0100". */
static bool
take_offset(struct slice *rest, int *minutes)
{
	struct slice ahead = *rest;
	int hours, rest_minutes, sign;

	*minutes = 0;
	if (slice_take_prefix(rest, SLICE("Z")) || slice_take_prefix(rest, SLICE(" UTC")))
		return true;
	ahead = slice_trim(ahead);
	if (ahead.len == 0 || (ahead.at[0] != '+' && ahead.at[0] != '-'))
		return false;
	sign = ahead.at[0] == '-' ? -1 : 1;
	ahead = slice_skip(ahead, 1);
	if (!take_fixed(&ahead, 2, &hours))
		return false;
	slice_take_prefix(&ahead, SLICE(":"));
	if (!take_fixed(&ahead, 2, &rest_minutes))
		return false;
	*minutes = sign * (hours * 60 + rest_minutes);
	*rest = ahead;
	return true;
}

static int
days_in_month(int year, int month)
{
	return (int)(month == 12 ? 31 : civil_day(year, month + 1, 1) - civil_day(year, month, 1));
}

/* A date, a clock time, or both. */
static bool
parse_stamp(struct slice text, int64_t now, const struct zone *zone, int64_t *second)
{
	time_t local_now = (time_t)now;
	struct tm today;
	int hour = 0, minute = 0, sec = 0, offset;
	struct slice ahead;

	use_zone(zone);
	localtime_r(&local_now, &today);
	int year = today.tm_year + 1900, month = today.tm_mon + 1, day = today.tm_mday;
	ahead = text;
	if (take_clock(&ahead, &hour, &minute, &sec)) {
		text = ahead;
	} else {
		hour = minute = sec = 0;
		if (!take_fixed(&text, 4, &year) || !slice_take_prefix(&text, SLICE("-")) ||
		    !take_fixed(&text, 2, &month) || !slice_take_prefix(&text, SLICE("-")) ||
		    !take_fixed(&text, 2, &day) || month < 1 || month > 12 || day < 1 ||
		    day > days_in_month(year, month))
			return false;
		ahead = slice_skip(text, 1);
		if (text.len > 1 && (text.at[0] == ' ' || text.at[0] == 'T') &&
		    take_clock(&ahead, &hour, &minute, &sec))
			text = ahead;
	}
	if (take_offset(&text, &offset))
		*second = civil_second(year, month, day, hour, minute, sec) - offset * 60;
	else
		*second = zone_second(zone, year, month, day, hour, minute, sec, 0);
	return slice_is_empty(text);
}

static bool
is_weekday(struct slice word)
{
	static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(slice_first(word, 3), slice_str(names[i])))
			return true;
	return false;
}

/* Midnight, so many days from today. */
static int64_t
midnight(int64_t now, const struct zone *zone, int days)
{
	time_t at = (time_t)now;
	struct tm today;

	use_zone(zone);
	localtime_r(&at, &today);
	int64_t noon = civil_second(today.tm_year + 1900, today.tm_mon + 1, today.tm_mday, 12, 0,
			   0) +
	    (int64_t)days * DAY;
	time_t then = (time_t)noon;
	gmtime_r(&then, &today);
	return zone_second(zone, today.tm_year + 1900, today.tm_mon + 1, today.tm_mday, 0, 0, 0, 0);
}

bool
moment_parse(struct slice text, int64_t now, const struct zone *zone, int64_t *second)
{
	struct slice rest = slice_trim(text);
	int64_t span;

	*second = now;
	if (slice_equal(rest, SLICE("now")))
		return true;
	if (slice_equal(rest, SLICE("today")) || slice_equal(rest, SLICE("yesterday")) ||
	    slice_equal(rest, SLICE("tomorrow"))) {
		*second = midnight(now, zone, rest.at[1] == 'e' ? -1 : rest.at[2] == 'm' ? 1 : 0);
		return true;
	}
	if (slice_take_prefix(&rest, SLICE("@")))
		return take_number(&rest, second) && slice_is_empty(rest);
	if (rest.len != 0 && (rest.at[0] == '-' || rest.at[0] == '+')) {
		bool is_ago = rest.at[0] == '-';

		rest = slice_skip(rest, 1);
		if (!span_parse(rest, &span))
			return false;
		*second = is_ago ? now - span : now + span;
		return true;
	}
	struct slice ahead = rest;
	if (take_span(&ahead, &span)) {
		ahead = slice_trim(ahead);
		if (slice_equal(ahead, SLICE("ago")) || slice_equal(ahead, SLICE("left"))) {
			*second = ahead.at[0] == 'a' ? now - span : now + span;
			return true;
		}
	}
	if (is_weekday(rest)) {
		slice_take_until(&rest, ' ');
		rest = slice_trim(rest);
	}
	return parse_stamp(rest, now, zone, second);
}
