/* When: moments and spans as people say them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DATE_LEN = sizeof("2013-12-14") - 1, MOMENT_LEN = sizeof("2013-12-14T02:01:57") - 1 };

static const struct {
	int64_t seconds;
	const char *name;
	char letter;
} units[] = {
    {86400, "day", 'd'},
    {3600, "hour", 'h'},
    {60, "minute", 'm'},
    {1, "second", 's'},
};

enum { UNITS = sizeof(units) / sizeof(units[0]) };
enum { SHORT_ALONE = 100 }; /* so many say enough, and leave a column its width */

bool
when_parse(const char *moment, int64_t *second)
{
	struct tm tm = {0};
	int zone_hour = 0, zone_minute = 0;
	char sign = '+';

	if (moment == NULL ||
	    sscanf(moment, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		&tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (strlen(moment) > MOMENT_LEN)
		sscanf(moment + MOMENT_LEN, "%c%2d:%2d", &sign, &zone_hour, &zone_minute);
	int64_t offset = zone_hour * 3600 + zone_minute * 60;
	*second = timegm(&tm) - (sign == '-' ? -offset : offset);
	return true;
}

const char *
when_format(const char *moment, char text[static WHEN_SIZE])
{
	int64_t unused;

	if (moment == NULL)
		return "?";
	if (!when_parse(moment, &unused)) {
		snprintf(text, WHEN_SIZE, "%s", moment);
		return text;
	}
	snprintf(text, WHEN_SIZE, "%.*s", (int)MOMENT_LEN, moment);
	text[DATE_LEN] = ' ';
	return text;
}

const char *
when_format_short(const char *moment, char text[static WHEN_SIZE])
{
	int64_t unused;

	if (!when_parse(moment, &unused))
		return when_format(moment, text);
	snprintf(text, WHEN_SIZE, "%.*s %.5s", (int)DATE_LEN, moment, moment + DATE_LEN + 1);
	return text;
}

static int
put_count(char *text, size_t size, int64_t count, const char *name)
{
	if (count == 1)
		return snprintf(text, size, "one %s", name);
	return snprintf(text, size, "%" PRIi64 " %ss", count, name);
}

/* The unit that a span is counted in: the largest that goes into it once. */
static int
unit_of(int64_t seconds)
{
	int unit = 0;

	while (unit < UNITS - 1 && seconds < units[unit].seconds)
		unit++;
	return unit;
}

const char *
when_span(int64_t seconds, char text[static WHEN_SIZE])
{
	int unit = unit_of(seconds);
	int64_t count = seconds / units[unit].seconds, rest = seconds % units[unit].seconds;
	int len = put_count(text, WHEN_SIZE, count, units[unit].name);

	if (unit == UNITS - 1 || count >= 10 || rest < units[unit + 1].seconds)
		return text;
	len += snprintf(text + len, WHEN_SIZE - (size_t)len, " and ");
	put_count(text + len, WHEN_SIZE - (size_t)len, rest / units[unit + 1].seconds,
	    units[unit + 1].name);
	return text;
}

const char *
when_span_short(int64_t seconds, char text[static WHEN_SIZE])
{
	int unit = unit_of(seconds);
	int64_t count = seconds / units[unit].seconds, rest = seconds % units[unit].seconds;
	int len = snprintf(text, WHEN_SIZE, "%" PRIi64 "%c", count, units[unit].letter);

	if (unit != UNITS - 1 && count < SHORT_ALONE && rest >= units[unit + 1].seconds)
		snprintf(text + len, WHEN_SIZE - (size_t)len, " %" PRIi64 "%c",
		    rest / units[unit + 1].seconds, units[unit + 1].letter);
	return text;
}
