/* Sources: one log file each, plain or compressed, that is read in order into lines and read back by offset. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_SOURCE_H
#define TAIL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "daemon/tail/gzip.h"
#include "daemon/tail/tail.h"

enum {
	BLOCK_BYTES_READ = 256 * 1024,
	HEAD_BYTES = 512, /* what identifies a file is hashed from so many bytes, or its first line */
};

struct source {
	uint32_t number;
	char *path;          /* where it was seen last */
	int fd;              /* -1: closed */
	dev_t device;
	ino_t inode;
	struct gzip *gzip;   /* NULL: plain */
	uint64_t head;       /* hash of its beginning; 0: not a whole line yet */
	size_t head_len;
	uint64_t offset;     /* of the next byte to read, in the uncompressed text */
	char *buffer;        /* bytes read and not yet handed over as lines; freed while there are none */
	size_t begin, end, size;
	bool is_skipping;    /* the rest of an overlong line */
	bool is_at_end;      /* everything there was has been read */
	bool is_followed;
	enum tail_state state;
	int error;
	int64_t quiet_since; /* monotonic ms of the last byte */
};

/* Opens the file. NULL with errno when it cannot be opened or is no regular file. */
struct source *source_open(const char *path, uint32_t number);
/* One that reads the whole of fd (a pipe, standard input) into an unnamed file first. Takes over fd. */
struct source *source_spool(int fd, const char *name, uint32_t number);
void source_free(struct source *source);
/* Closes the file; it can be opened again to be read back. */
void source_close(struct source *source);

/*
 * Reads one block and hands over the lines in it. Returns bytes read, 0 at the end of what is there, or -errno. *lines and *cut
 * are added to.
 */
ssize_t source_read(struct source *source, const struct tail_receiver *receiver, size_t line_max,
    uint64_t *lines, uint64_t *cut);
/* Hands over what stands behind the last newline, as a line. */
void source_finish(struct source *source, const struct tail_receiver *receiver, uint64_t *lines);

/* Makes source->head known when the file has a whole first line (or enough bytes) by now. */
void source_learn_head(struct source *source);
/* True when the open file still begins as it did: it was not truncated and written anew. */
bool source_has_same_head(struct source *source);
/* The same hash of the file under a path, with that many bytes; 0 when it cannot be read or is shorter. */
uint64_t head_of_path(const char *path, size_t len);

/* Reads a line back; see tail_read_line. The file must be open. */
ptrdiff_t source_read_line(struct source *source, uint64_t offset, char *buffer, size_t size);

/* Enters a plain file at the first line not older than that second (by halving), before anything has been read. */
void source_enter(struct source *source, int64_t second, const struct tail_receiver *receiver);
/* The time of the last line that has one; false when there is none in the last 256 KiB. */
bool source_last_time(struct source *source, const struct tail_receiver *receiver, int64_t *second);

#endif
