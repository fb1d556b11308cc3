/* Sources: blocks of a file in, lines out; a few bytes at its beginning say which file it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemon/tail/read_at.h"
#include "daemon/tail/split.h"

/* xz, bzip2 and Zstandard: text for nobody here, and worth a clear word. */
static bool
is_compressed_otherwise(const char *head, size_t len)
{
	static const struct slice magics[] = {{"\xfd"
					       "7zXZ",
						  6},
	    {"BZh", 3}, {"\x28\xb5\x2f\xfd", 4}};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (slice_has_prefix(slice_of(head, len), magics[i]))
			return true;
	return false;
}

/* Takes over fd. */
static struct source *
adopt(int fd, const char *path, uint32_t number)
{
	struct source *source = calloc(1, sizeof(*source));
	char head[IDENTITY_BYTES];
	struct stat status;

	if (source == NULL) {
		close(fd);
		return NULL;
	}
	source->fd = fd;
	source->number = number;
	source->watch = -1;
	source->hand_until = INT64_MAX;
	source->path = strdup(path);
	int len = identity_read_head(fd, head), error = len < 0 ? -len : 0;
	if (error == 0 &&
	    (source->path == NULL || fstat(fd, &status) != 0 ||
		(gzip_is(fd) && (source->gzip = gzip_new(fd)) == NULL)))
		error = ENOMEM;
	if (error == 0 && is_compressed_otherwise(head, (size_t)len))
		error = ENOTSUP;
	if (error != 0) {
		source_free(source);
		errno = error;
		return NULL;
	}
	source->device = status.st_dev;
	source->inode = status.st_ino;
	identity_learn(&source->identity, head, (size_t)len);
	return source;
}

struct source *
source_open(const char *path, uint32_t number)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		/* A pipe (of a shell's <(...)) can be read once: it is spooled. Other devices have no end. */
		if (S_ISFIFO(status.st_mode) || isatty(fd) ||
		    (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))) {
			fcntl(fd, F_SETFL, 0);
			return source_spool(fd, path, number);
		}
		close(fd);
		errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return adopt(fd, path, number);
}

static bool
write_all(int fd, const char *at, size_t len)
{
	while (len != 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

const char *
source_spool_folder(void)
{
	const char *directory = getenv("TMPDIR");

	return directory != NULL ? directory : "/tmp";
}

struct source *
source_spool(int fd, const char *name, uint32_t number)
{
	char template[256], buffer[64 * 1024];
	ssize_t got;

	snprintf(template, sizeof(template), "%s/bounced-XXXXXX", source_spool_folder());
	struct stat status;

	/* `... - < FILE` needs no copy. */
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_CUR) == 0)
		return adopt(fd, name, number);
	int spool = mkostemp(template, O_CLOEXEC);
	if (spool < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return NULL;
	}
	unlink(template);
	do {
		got = read(fd, buffer, sizeof(buffer));
	} while (got > 0 ? write_all(spool, buffer, (size_t)got) : got < 0 && errno == EINTR);
	if (got != 0) {
		int error = errno;

		close(fd);
		close(spool);
		errno = error;
		return NULL;
	}
	close(fd);
	return adopt(spool, name, number);
}

void
source_settle(struct source *source)
{
	const struct tail_receiver *keeper = source->keeper;

	source->keeper = NULL;
	if (keeper != NULL)
		keeper->settle(keeper->context);
}

void
source_hand(struct source *source, const struct tail_receiver *receiver,
    const struct tail_line *lines, size_t count)
{
	if (count == 0) {
		source_settle(source);
		return;
	}
	receiver->lines(receiver->context, lines, count);
	if (receiver->settle != NULL)
		source->keeper = receiver;
}

static void
free_block(struct source *source)
{
	source_settle(source);
	read_ahead_end(&source->ahead);
	free(source->block);
	source->block = NULL;
	source->begin = source->end = 0;
}

void
source_close(struct source *source)
{
	source->offset = source_done_offset(source);
	source->last_len = source->end == source->begin ? source->last_len : 0;
	free_block(source);
	gzip_free(source->gzip);
	source->gzip = NULL;
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
	source->is_holding = false;
}

void
source_free(struct source *source)
{
	if (source == NULL)
		return;
	source_close(source);
	free(source->path);
	free(source);
}

void
source_move(struct source *source, struct source *replacement)
{
	free(source->path);
	source_close(source);
	source->fd = replacement->fd;
	source->gzip = replacement->gzip;
	source->path = replacement->path;
	source->device = replacement->device;
	source->inode = replacement->inode;
	free(replacement);
}

uint64_t
source_done_offset(const struct source *source)
{
	return source->offset - (source->end - source->begin);
}

/* Puts what is left of the last block right before the place of the next one. Less than a longest line is left: all others were handed over. */
static void
put_rest(struct source *source, const struct block *last)
{
	struct block *block = source->block;
	size_t left = source->end - source->begin;

	memmove(block->bytes + block->room - left, last->bytes + source->begin, left);
	source->begin = block->room - left;
	source->end = block->room;
}

/* Makes the place of the last block that of the next one. */
static bool
make_room(struct source *source, size_t line_max)
{
	source_settle(source);
	if (source->block == NULL) {
		source->block = block_new(line_max);
		if (source->block == NULL)
			return false;
		source->begin = source->end = source->block->room;
	}
	put_rest(source, source->block);
	return true;
}

static void
remember_last(struct source *source, const char *at, size_t len)
{
	size_t keep = LAST_BYTES - len;

	if (len >= LAST_BYTES) {
		memcpy(source->last, at + len - LAST_BYTES, LAST_BYTES);
		source->last_len = LAST_BYTES;
		return;
	}
	if (source->last_len < keep)
		keep = source->last_len;
	memmove(source->last, source->last + source->last_len - keep, keep);
	memcpy(source->last + keep, at, len);
	source->last_len = keep + len;
}

/* Goes on in the block that was read ahead, where it was. */
static bool
take_ahead(struct source *source, ssize_t *got)
{
	const struct block *last = source->block;

	if (!read_ahead_take(&source->ahead, source->offset, &source->block, got))
		return false;
	put_rest(source, last);
	return true;
}

/* Reads the next block of a plain file, unless that was done already, and has the one behind it read meanwhile. */
static ssize_t
read_plain(struct source *source, const struct tail_receiver *receiver, size_t most,
    size_t line_max)
{
	ssize_t got;

	if (most != READ_BYTES || !take_ahead(source, &got)) {
		if (!make_room(source, line_max))
			return -ENOMEM;
		got = block_read(source->block, most, source->fd, source->offset, source->last,
		    source->last_len);
	}
	size_t room = source->block->room;
	if (got > 0)
		remember_last(source, source->block->bytes + room, (size_t)got);
	/* Of several files at once each is read on when it is its turn. */
	if (got == READ_BYTES && source->hand_until == INT64_MAX)
		read_ahead_begin(&source->ahead, receiver, source->fd,
		    source->offset + (uint64_t)got, source->last, source->last_len, room);
	return got;
}

/* A compressed file that took a plain one's place is inflated from its beginning; what is known already goes nowhere. */
static ssize_t
read_gzip(struct source *source, size_t most, size_t line_max)
{
	if (!make_room(source, line_max))
		return -ENOMEM;
	char *to = source->block->bytes + source->block->room;
	uint64_t at = gzip_offset(source->gzip);
	ssize_t got = gzip_read(source->gzip, to, most);

	if (got > 0 && at < source->offset) {
		uint64_t known = source->offset - at;

		if (known >= (uint64_t)got)
			return -EAGAIN;
		memmove(to, to + known, (size_t)got - known);
		got -= (ssize_t)known;
	}
	if (got > 0)
		block_mark(source->block, (size_t)got);
	return got;
}

ssize_t
source_read(struct source *source, const struct tail_receiver *receiver, size_t most,
    size_t line_max, struct tail_counts *counts)
{
	if (source->is_holding) {
		size_t begin = source->begin;

		source_settle(source);
		source_split(source, receiver, line_max, counts);
		return (ssize_t)(source->begin - begin);
	}
	ssize_t got = source->gzip != NULL ? read_gzip(source, most, line_max) :
					     read_plain(source, receiver, most, line_max);
	if (got > 0) {
		source->end += (size_t)got;
		source->newlines_passed = 0;
		source->offset += (uint64_t)got;
		counts->bytes += (uint64_t)got;
		/* Before it can be renamed or compressed: it is known again by its beginning. */
		if (source->identity.len < IDENTITY_BYTES)
			(void)source_has_same_head(source);
		source_split(source, receiver, line_max, counts);
	} else if (got != -EAGAIN && source->begin == source->end) {
		/* Nothing is waiting: many idle files need no blocks. */
		free_block(source);
	}
	return got;
}

bool
source_has_same_head(struct source *source)
{
	char head[IDENTITY_BYTES];
	int len;

	if (source->gzip != NULL)
		return true;
	len = identity_read_head(source->fd, head);
	if (len < 0)
		return true;
	if (source->identity.len != 0 && !identity_fits(&source->identity, head, (size_t)len))
		return false;
	identity_learn(&source->identity, head, (size_t)len);
	return true;
}

bool
source_is_continued_by(const struct source *source, const struct source *other)
{
	char head[IDENTITY_BYTES], before[LAST_BYTES];
	int len = identity_read_head(other->fd, head);

	if (len < 0 || other->gzip != NULL || !identity_fits(&source->identity, head, (size_t)len))
		return false;
	return read_at(other->fd, before, source->last_len, source->offset - source->last_len) ==
	    (ssize_t)source->last_len &&
	    memcmp(before, source->last, source->last_len) == 0;
}
