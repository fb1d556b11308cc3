/* A line of Exim's main log: its fixed front (time, zone, pid, message id, flag) and the text behind it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_LINE_H
#define EXIM_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/exim/message_id.h"
#include "daemon/text/slice.h"

/* What a line is, from its fixed front (Exim spec, "The log files", "Logging message reception" ...). */
enum line_kind {
	LINE_CONTINUATION, /* does not start with a timestamp: belongs to the line before it */
	/* with an id */
	LINE_ARRIVAL,    /* <= */
	LINE_FAKEREJECT, /* (=  */
	LINE_DELIVERED,  /* => */
	LINE_ADDITIONAL, /* -> further address in the same delivery */
	LINE_CUTTHROUGH, /* >> */
	LINE_SUPPRESSED, /* *> by -N */
	LINE_FAILED,     /* ** */
	LINE_DEFERRED,   /* == */
	LINE_COMPLETED,  /* Completed */
	LINE_NOTICE,     /* anything else with an id: see notice.h */
	/* without one */
	LINE_COMMAND, /* cwd=DIR N args: ... */
	LINE_GENERAL, /* anything else without an id: see refusal.h */
};

enum { LINE_KINDS = LINE_GENERAL + 1 };

struct line {
	enum line_kind kind;
	struct message_id id; /* none for kinds without */
	int64_t
	    second; /* Unix time; for a continuation that of the line before, 0 when there is none */
	int16_t millisecond; /* -1 when not logged */
	int16_t utc_offset;  /* minutes east of UTC in force at that moment */
	bool is_placed;      /* the line names its zone: second and utc_offset are known */
	struct slice text;   /* what stands behind the front (id and flag included in the front) */
};

/* The minute that was parsed last: lines come by the dozen in each. All zero at the start. */
struct timestamp_memo {
	char text[16]; /* "YYYY-MM-DD HH:MM" */
	int64_t wall;  /* its digits as if they were UTC */
};

/* What lines have in common with those before them. All zero at the start. */
struct line_memo {
	struct timestamp_memo time;
};

/*
 * Turns local timestamps into Unix time: knows the zone, remembers the second placed last, and resolves the hour that autumn repeats
 * by the order of the lines: time never goes back by an hour because of it. One clock for each file that is read.
 */
struct line_clock {
	struct timestamp_memo memo;
	bool is_local_known; /* second and utc_offset are those of wall in our zone */
	int16_t utc_offset;
	int16_t previous_offset;
	int64_t wall;
	int64_t second;
	int64_t previous; /* of the line before, with its offset above; 0 at the start */
	const struct zone *zone;
};

/* zone: NULL for the system's local time (TZ). It must outlive the clock. */
void line_clock_init(struct line_clock *clock, const struct zone *zone);

/* Total: every line is something. raw is the line without its newline. */
void line_parse(struct line_clock *clock, struct slice raw, struct line *out);

/*
 * The two halves of that: what the line says by itself, of any line at any time, and its moment, which is asked for line by line in
 * the order of the file.
 */
void line_read(struct line_memo *memo, struct slice raw, struct line *out);

/*
 * Kind and text alone of a line that was read before, and found to be of a message whose id is written so. False where only line_read can
 * tell: something stands between time and id, or the line has no id.
 */
bool line_read_own(struct slice raw, struct slice id, struct line *out);

/* Finds out what our zone makes of a timestamp that is not that of the line before. */
void line_place_anew(struct line_clock *clock, struct line *line);

/* What our zone makes of the timestamp, unless the line names its own. */
static inline void
line_place_locally(struct line_clock *clock, struct line *line)
{
	if (line->is_placed)
		return;
	if (!clock->is_local_known || clock->wall != line->second)
		line_place_anew(clock, line);
	line->second = clock->second;
	line->utc_offset = clock->utc_offset;
}

static inline void
line_place(struct line_clock *clock, struct line *line)
{
	if (line->kind == LINE_CONTINUATION) {
		line->second = clock->previous;
		line->utc_offset = clock->previous_offset;
		return;
	}
	line_place_locally(clock, line);
	line->is_placed = true;
	clock->previous = line->second;
	clock->previous_offset = line->utc_offset;
}

/* Reads "YYYY-MM-DD HH:MM:SS" (and .mmm, +zone) only: for binary search in files. False when raw does not start so. */
bool line_parse_time(struct line_clock *clock, struct slice raw, int64_t *second);

#endif
