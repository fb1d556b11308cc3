/* Moments: local and Unix time, zones, RFC 3339 out, and what people type (systemd.time) in. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_MOMENT_H
#define TEXT_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct zone;

/* Seconds since 1970 of a moment in UTC (proleptic Gregorian calendar). */
int64_t civil_second(int year, int month, int day, int hour, int minute, int second);

/* name: an Olson name ("America/Chicago"), "UTC", or NULL for the system's local time (TZ, /etc/localtime). NULL when the name is not known. */
struct zone *zone_new(const char *name);
void zone_free(struct zone *zone);
/* Minutes east of UTC at that moment. A NULL zone is the system's local time. */
int zone_offset_at(const struct zone *zone, int64_t second);
/*
 * Unix time of a local wall-clock time; where the clock shows it twice (autumn), the earlier one unless not_before is later
 * than it; where it is skipped (spring), as mktime does.
 */
int64_t zone_second(const struct zone *zone, int year, int month, int day, int hour, int minute,
    int second, int64_t not_before);

/* The same for a wall-clock time given as civil_second makes it of the clock's digits. */
int64_t zone_second_of(const struct zone *zone, int64_t wall, int64_t not_before);

enum { MOMENT_TEXT_SIZE = sizeof("2013-12-14T02:01:57-06:00") };
/* "2013-12-14T02:01:57-06:00"; UTC is written "+00:00". Returns the length. */
size_t moment_format(int64_t second, int utc_offset_minutes, char text[MOMENT_TEXT_SIZE]);

/*
 * What systemd.time(7) takes in practice: "now", "today", "yesterday", "tomorrow", "-2h", "+5min", "2 hours ago", "-1h30min", "1w ago",
 * "2026-11-23", "2026-11-23 20:15[:07]", "20:15", RFC 3339 with offset or Z, "@1388688538", "Mon 2026-11-23 10:00", with a trailing "UTC".
 */
bool moment_parse(struct slice text, int64_t now, const struct zone *zone, int64_t *second);
/* A span: "7d", "90s", "1h30min", "2w", bare seconds. */
bool span_parse(struct slice text, int64_t *seconds);

#endif
