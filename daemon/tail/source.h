/* Sources: one log file each, plain or compressed, that is read in order into lines and read back by offset. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_SOURCE_H
#define TAIL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "daemon/tail/block.h"
#include "daemon/tail/gzip.h"
#include "daemon/tail/identity.h"
#include "daemon/tail/read_ahead.h"
#include "daemon/tail/tail.h"

struct source {
	uint32_t number;
	char *path; /* where it was seen last */
	int fd;     /* -1: closed */
	dev_t device;
	ino_t inode;
	struct gzip *gzip; /* NULL: plain */
	struct identity identity;
	uint64_t offset;       /* of the next byte to read, in the uncompressed text */
	uint64_t began;        /* where reading it began */
	char last[LAST_BYTES]; /* the bytes before offset */
	size_t last_len;
	/* Who may have kept lines of the block, or of the one before it; NULL: nobody. */
	const struct tail_receiver *keeper;
	struct block *block;      /* NULL while all that was read is handed over */
	size_t begin, end;        /* of its bytes, those that wait */
	uint32_t newlines_passed; /* of its newlines, those before begin */
	struct read_ahead ahead;
	bool is_skipping; /* the rest of an overlong line */
	/* Where several files cover the same hours, each waits for the others. */
	int64_t hand_until; /* lines that are younger wait in the buffer; INT64_MAX: none does */
	int64_t
	    next_second; /* of the line that waits, or the first of the file; for whoever reads several */
	bool is_holding; /* a line waits */
	/* The tail's account of it. */
	size_t log; /* whose file it is */
	enum tail_state state;
	bool is_followed;    /* more may be written to it */
	bool was_read;       /* else it is only known, so that it is not taken for news */
	int watch;           /* inotify's, or -1 */
	int error;           /* of the last failure to read */
	int64_t quiet_since; /* monotonic ms of the last byte */
	int64_t gone_at;     /* monotonic ms of the last vain search for it, or 0 */
};

/* Opens the file. NULL with errno when it cannot be opened; ENOTSUP when it is compressed by other means than gzip. */
struct source *source_open(const char *path, uint32_t number);
/* One that reads the whole of fd (a pipe, standard input) into an unnamed file first. Takes over fd. */
struct source *source_spool(int fd, const char *name, uint32_t number);
/* Where that unnamed file is: TMPDIR, or /tmp. */
const char *source_spool_folder(void);
void source_free(struct source *source);
/* Closes the file; it can be opened again to be read back. What was read and not handed over will be read again. */
void source_close(struct source *source);
/* Goes on in another file that holds the same text, which replacement has open. Frees replacement. */
void source_move(struct source *source, struct source *replacement);

/*
 * Reads one block, of READ_BYTES at most, and hands over the lines in it, up to one that is to wait; while one waits nothing is read but what the buffer
 * holds. Returns bytes read, 0 at the end of what is there, or -errno; -ESTALE when the bytes before the place reached are no longer
 * what they were, or are gone: the file was truncated. counts is added to.
 */
ssize_t source_read(struct source *source, const struct tail_receiver *receiver, size_t most,
    size_t line_max, struct tail_counts *counts);
/* Ends the receiver's keeping of lines: to be called when no more is read for now. */
void source_settle(struct source *source);
/* Hands over what stands behind the last newline, as a line. */
void source_finish(struct source *source, const struct tail_receiver *receiver,
    struct tail_counts *counts);
/* What has been taken into account: up to the last newline. */
uint64_t source_done_offset(const struct source *source);

/* True when the open file still begins as it did; learns more of its beginning when there is more. */
bool source_has_same_head(struct source *source);
/* True when other holds, up to the place that source has reached, the same text. Both are open. */
bool source_is_continued_by(const struct source *source, const struct source *other);

#endif
