/* Tail: turns log files, as they grow, rotate and vanish, into lines, each exactly once and in order. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_TAIL_H
#define TAIL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct event_base;
struct tail;

/* Where a line stands: a file that the tail knows by number (never reused while the tail lives) and the offset, in the uncompressed text, of its first byte. */
struct position {
	uint32_t file;
	uint64_t offset;
};

/* A complete line without its newline, and without a CR before it. */
struct tail_line {
	struct position position;
	struct slice text;
	bool is_cut; /* it was longer than line_max and only its beginning is here */
};

/* Who is told. Called from the loop (or from tail_read_all), never from within another tail_* call of the receiver. */
struct tail_receiver {
	/* The next lines of one file, one at least. The receiver may keep them until the next call of this, or of settle, has returned. */
	void (*lines)(void *context, const struct tail_line *lines, size_t count);
	/* What lines were kept are to be taken into account now: no more come in this turn, or of this file. NULL where none are ever kept. */
	void (*settle)(void *context);
	/* The back-fill has reached the end of the live files: from now on lines are news. Called once. */
	void (*caught_up)(void *context);
	/* One line for the daemon's own log: something that an administrator should know or mend. */
	void (*complain)(void *context, const char *message);
	/* The Unix time at which a line was written, for the binary search on timestamps; false when the line has none. */
	bool (*line_time)(void *context, struct slice line, int64_t *second);
	/*
	 * Has work done by another thread: false where there is none to spare. Then waits for it: false where it was not begun, and will
	 * not be. One piece of work at a time. NULL where nobody is there to do it.
	 */
	bool (*begin_aside)(void *context, void (*work)(void *), void *argument);
	bool (*end_aside)(void *context);
	/* The safety timer has looked: what else is to be done now and then needs no timer, and no wake-up, of its own. May be NULL. */
	void (*looked)(void *context);
	void *context;
};

struct tail_options {
	const char *const *paths; /* logs; "-" is standard input (only with follow false) */
	size_t path_count;
	bool follow; /* false: read the files to their end once */
	bool
	    siblings; /* read rotated siblings (PATH.1, PATH-YYYYMMDD, PATH.2.gz ...) first, oldest first, as far as the window reaches */
	int64_t window_start; /* Unix time: where to enter the first file; 0: at its beginning */
	size_t
	    line_max; /* bytes; a longer line is cut, counted, and the next one is intact; 0: 64 KiB */
	unsigned poll_ms; /* safety timer besides inotify; 0: 1000 */
};

/* NULL and errno only when memory or the loop fail: a log that does not exist (yet) is a state, not an error. */
struct tail *tail_new(const struct tail_options *options, struct event_base *base,
    const struct tail_receiver *receiver);
void tail_free(struct tail *tail);

/* Reads everything that there is now, to the end, without the loop (follow false). 0 or -errno of the first file that could not be read; the others are read all the same. */
int tail_read_all(struct tail *tail);

/* Reads what was written to the followed files before this moment, where that is little: for answers that are to know it. */
void tail_catch_up(struct tail *tail);

/* Somebody waits for lines as they come, and does no longer: else only questions ask for them, which catch up, and lines may gather. */
void tail_hurry(struct tail *tail);
void tail_rest(struct tail *tail);

/*
 * Reads the line at position back into buffer, without its newline, NUL-terminated and cut at size. Returns its length, or
 * -ENOENT when the file is gone, -ESTALE when the file no longer holds that text. The file is found again after rename or
 * compression by device, inode and a hash of its first line; .gz are entered at the nearest access point.
 */
ptrdiff_t tail_read_line(struct tail *tail, struct position position, char *buffer, size_t size);

/*
 * Reads text from position on, at most size bytes, however many lines that is: for reading a file through from end to end. Returns
 * how many bytes there are, 0 at the end of the file, or -errno as above.
 */
ptrdiff_t tail_read_text(struct tail *tail, struct position position, char *buffer, size_t size);

/* The path under which the file is known now (its last one when it is gone). */
const char *tail_file_path(const struct tail *tail, uint32_t file);
/* True while lines of the file can be read back. */
bool tail_file_is_readable(const struct tail *tail, uint32_t file);

/* True where text of the file is inflated when it is read back, which takes many times as long. */
bool tail_file_is_compressed(const struct tail *tail, uint32_t file);

enum tail_state {
	TAIL_FOLLOWING,
	TAIL_BACKFILL,
	TAIL_DONE,
	TAIL_MISSING,
	TAIL_UNREADABLE,
};

const char *tail_state_name(enum tail_state state); /* "following", "backfill", ... */

/* For `status`. */
struct tail_file_status {
	const char *path;
	uint64_t inode;
	uint64_t read_bytes;
	uint64_t size;
	uint64_t lag_bytes;
	enum tail_state state;
	unsigned rotations; /* of the log under this path */
	int error;          /* errno of the last failure to open or read, or 0 */
};
size_t tail_file_count(const struct tail *tail);
/* path is NULL for a place that holds nothing to tell. */
void tail_file_status(const struct tail *tail, size_t index, struct tail_file_status *out);

struct tail_counts {
	uint64_t lines;    /* complete lines handed over */
	uint64_t overlong; /* of these, cut ones */
	uint64_t bytes;    /* read, uncompressed */
	bool backfill_done;
	unsigned backfill_percent;
	uint64_t backfill_bytes_per_s;
	bool polling_only; /* inotify is not to be had: the timer does all */
};
void tail_count(const struct tail *tail, struct tail_counts *out);

#endif
