/* Seek: halving on timestamps, so that a window of an hour costs an hour's reading in a file of any size. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/seek.h"

#include <stdlib.h>
#include <unistd.h>

#include "daemon/tail/read_at.h"

enum {
	SEEK_BYTES = 256 * 1024,
	PROBE_BYTES = 4 * 1024, /* hold some lines of a usual log, and are looked at first */
};

static bool
time_within(const struct source *source, uint64_t offset, size_t size,
    const struct tail_receiver *receiver, char *buffer, int64_t *second, uint64_t *at)
{
	ssize_t got = read_at(source->fd, buffer, size, offset);
	struct slice rest = slice_of(buffer, got > 0 ? (size_t)got : 0);

	/* In the middle of a file the first piece is the end of a line. */
	if (offset != 0)
		slice_take_until(&rest, '\n');
	while (!slice_is_empty(rest)) {
		/* Of a line that is cut, the time may be cut as well. */
		if (size < SEEK_BYTES && slice_find_byte(rest, '\n') < 0)
			return false;
		*at = offset + (uint64_t)(rest.at - buffer);
		if (receiver->line_time(receiver->context, slice_take_until(&rest, '\n'), second))
			return true;
	}
	return false;
}

/* The time of the first line that begins at or after offset and has one. *at is where it begins. */
static bool
time_after(const struct source *source, uint64_t offset, const struct tail_receiver *receiver,
    char *buffer, int64_t *second, uint64_t *at)
{
	return time_within(source, offset, PROBE_BYTES, receiver, buffer, second, at) ||
	    time_within(source, offset, SEEK_BYTES, receiver, buffer, second, at);
}

void
seek_enter(struct source *source, int64_t second, const struct tail_receiver *receiver)
{
	struct stat status;
	uint64_t low = 0, high, at;
	char *buffer = malloc(SEEK_BYTES);
	int64_t found;

	if (buffer == NULL || source->gzip != NULL || receiver->line_time == NULL ||
	    fstat(source->fd, &status) != 0) {
		free(buffer);
		return;
	}
	high = (uint64_t)status.st_size;
	/* low: a line before the window begins there (or the file does); high: all from there on is inside. */
	while (low < high && high - low > PROBE_BYTES) {
		uint64_t middle = low + (high - low) / 2;

		if (!time_after(source, middle, receiver, buffer, &found, &at) || found >= second)
			high = middle;
		else
			low = at;
	}
	/* The last stretch is read through; lines a little too old do no harm. */
	source->offset = source->began = low;
	free(buffer);
}

bool
seek_first_time(struct source *source, const struct tail_receiver *receiver, int64_t *second)
{
	enum { FIRST_BYTES = 64 * 1024 };
	char *buffer = malloc(FIRST_BYTES);
	bool was_found = false;
	ssize_t got = 0;

	if (buffer == NULL || receiver->line_time == NULL) {
		free(buffer);
		return false;
	}
	if (source->gzip != NULL) {
		got = gzip_read_at(source->gzip, 0, buffer, FIRST_BYTES);
		gzip_rest(source->gzip);
	} else {
		got = read_at(source->fd, buffer, FIRST_BYTES, source->offset);
	}
	struct slice rest = slice_of(buffer, got > 0 ? (size_t)got : 0);
	while (!slice_is_empty(rest) && !was_found)
		was_found = receiver->line_time(receiver->context, slice_take_until(&rest, '\n'),
		    second);
	free(buffer);
	return was_found;
}

bool
seek_last_time(struct source *source, const struct tail_receiver *receiver, int64_t *second)
{
	struct stat status;
	char *buffer = malloc(SEEK_BYTES);
	bool was_any = false;
	int64_t found;

	if (buffer == NULL || source->gzip != NULL || receiver->line_time == NULL ||
	    fstat(source->fd, &status) != 0) {
		free(buffer);
		return false;
	}
	off_t from = status.st_size > SEEK_BYTES ? status.st_size - SEEK_BYTES : 0;
	ssize_t got = read_at(source->fd, buffer, SEEK_BYTES, (uint64_t)from);
	struct slice rest = slice_of(buffer, got > 0 ? (size_t)got : 0);
	if (from != 0)
		slice_take_until(&rest, '\n');
	while (!slice_is_empty(rest)) {
		if (receiver->line_time(receiver->context, slice_take_until(&rest, '\n'), &found)) {
			*second = found;
			was_any = true;
		}
	}
	free(buffer);
	return was_any;
}
