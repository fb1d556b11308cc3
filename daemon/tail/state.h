/* State: the inside of a tail, shared by the files that make it up. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_STATE_H
#define TAIL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "daemon/tail/readback.h"
#include "daemon/tail/series.h"
#include "daemon/tail/source.h"
#include "daemon/tail/tail.h"

struct event;

/* What stands under one path of the configuration. */
struct log {
	char *path; /* as configured; may hold %D */
	struct source
	    *live; /* what the name pointed to at the last look; NULL: nothing that can be read */
	int directory_watch;           /* inotify's, or -1 */
	int error;                     /* why there is nothing */
	bool is_complained;            /* the administrator knows of that error */
	int64_t missing_since;         /* monotonic ms, or 0 */
	int64_t wall_since;            /* Unix time at which live was found */
	struct timespec names_changed; /* of the directory, at the last look at all names */
	bool was_live;
	unsigned rotations;
};

struct tail {
	struct tail_options options;
	struct tail_receiver receiver;
	struct event_base *base;
	struct log *logs;
	size_t log_count;
	struct source **sources; /* [number - 1] */
	uint32_t source_count;
	struct source *resting; /* the compressed one that was read back last: it holds buffers */
	struct readback readback;
	/* The back-fill: sources still to be read, in order. */
	struct source **queue;
	size_t queue_begin, queue_end;
	int64_t backfill_began, backfill_ended; /* monotonic ms */
	bool is_caught_up;
	unsigned hurries; /* those who wait for lines as they come */
	bool is_behind;   /* there was more to read than the last slice allowed */
	int64_t asked_us; /* when the last question came */
	int inotify;      /* -1: none */
	struct event *notified, *timer, *work;
	struct tail_counts counts;
};

/* tail.c */
int64_t tail_now_ms(void);
int64_t tail_now_us(void);
void tail_complain(struct tail *tail, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Says once, until it changes, why a log cannot be read, and what would help. */
void tail_complain_unreadable(struct tail *tail, struct log *log, const char *path, int error);
/* Gives the source its number; frees it and returns NULL when memory is out. */
struct source *tail_keep(struct tail *tail, struct source *source, size_t log);
/* Whether questions come these days, so that the next one is to find the loop free. */
bool tail_is_asked(const struct tail *tail);
/* Reads what a source has, until the slice is over at deadline_us. True when there is more. */
bool tail_read_until(struct tail *tail, struct source *source, int64_t deadline_us);

/* known.c: which file is which */
/* A source that holds the same text as candidate, or is the very file; NULL: it is news. */
struct source *known_find(struct tail *tail, struct source *candidate);
/* Finds the file that holds now what a source held: renamed, compressed, or copied away before it was truncated; goes on in it. */
bool known_find_again(struct tail *tail, struct source *source);
/* Opens the source for reading back, wherever its text is now. */
bool known_reopen(struct tail *tail, struct source *source);
/* Learns the name under which the open file, or a copy of its text where that was deleted, stands now. */
void known_learn_path(struct tail *tail, struct source *source);
bool known_is_live(const struct tail *tail, const struct source *source);

/* backfill.c: what is read first */
/* Opens a log and its siblings, and lines them up. */
void backfill_add(struct tail *tail, size_t log);
/* Puts the queue into the order of the files' first lines. */
void backfill_sort(struct tail *tail);
void backfill_sort_sources(struct tail *tail, struct source **sources, size_t count);
/* Reads the next stretch. True when there is more. */
bool backfill_read(struct tail *tail, int64_t deadline_us);

/* follow.c: what the names point to */
/* The path that stands for the log at this moment: the caller's. NULL when memory is out. */
char *follow_path(const struct log *log);
/* Looks what the logs' names point to now: all of them, or those only that have no file yet. */
void follow_look(struct tail *tail, bool is_name);
/* Reads on in everything that is followed. True when there is more than the time allowed. */
bool follow_read(struct tail *tail, int64_t deadline_us);
/* Lets go of rotated files that will not be written any more. */
void follow_retire(struct tail *tail);
/* The bytes of a source have changed behind the tail's back: it was truncated. */
void follow_truncated(struct tail *tail, struct source *source);

/* turns.c: when the tail reads */
/* Begins to follow; false when the loop refuses. */
bool turns_start(struct tail *tail);
void turns_stop(struct tail *tail);

/* watch.c: inotify */
void watch_start(struct tail *tail);
void watch_source(struct tail *tail, struct source *source);
void unwatch_source(struct tail *tail, struct source *source);
void watch_directory(struct tail *tail, struct log *log, const char *path);
enum watch_seen {
	WATCH_BYTES = 1 << 0, /* a file has got more */
	WATCH_NAMES = 1 << 1, /* names may have changed */
};
/* Takes what inotify has to say: enum watch_seen; 0: nothing. */
unsigned watch_drain(struct tail *tail);

#endif
