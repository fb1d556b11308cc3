/* When: moments and spans as people say them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_WHEN_H
#define CLIENT_RENDER_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEN_SIZE = 64 };

/* Unix time of an RFC 3339 moment; false when it is none. */
bool when_parse(const char *moment, int64_t *second);

/* "2013-12-14 02:01:57", as the log's own clock showed it; any other text, cut, as it is; NULL: "?". Returns text. */
const char *when_format(const char *moment, char text[static WHEN_SIZE]);
/* "2013-12-14 02:01" of the same. */
const char *when_format_short(const char *moment, char text[static WHEN_SIZE]);

/* "one second", "9 minutes", "3 hours and 12 minutes", "12 days": at most two units, the smaller one dropped from 10 on. */
const char *when_span(int64_t seconds, char text[static WHEN_SIZE]);
/* "3d 4h", "12m 5s", "4711d": seven characters for anything below ten thousand years. */
const char *when_span_short(int64_t seconds, char text[static WHEN_SIZE]);

#endif
