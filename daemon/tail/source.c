/* Sources: blocks of a file in, lines out; a few bytes at its beginning say which file it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct source *
adopt(int fd, const char *path, uint32_t number)
{
	struct source *source = calloc(1, sizeof(*source));
	struct stat status;

	if (source == NULL || fstat(fd, &status) != 0 || (source->path = strdup(path)) == NULL) {
		free(source);
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	source->number = number;
	source->fd = fd;
	source->device = status.st_dev;
	source->inode = status.st_ino;
	if (gzip_is(fd))
		source->gzip = gzip_new(fd);
	source_learn_head(source);
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
		/* A pipe (of a shell's <(...)) can be read once: it is spooled. */
		if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
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

struct source *
source_spool(int fd, const char *name, uint32_t number)
{
	const char *directory = getenv("TMPDIR");
	char template[256], buffer[64 * 1024];
	ssize_t got;

	snprintf(template, sizeof(template), "%s/bounced-XXXXXX", directory != NULL ? directory : "/tmp");
	int spool = mkostemp(template, O_CLOEXEC);
	if (spool < 0) {
		close(fd);
		return NULL;
	}
	unlink(template);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0 || (got < 0 && errno == EINTR)) {
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(spool, buffer + done, (size_t)(got - done));

			if (put < 0) {
				int error = errno;

				close(fd);
				close(spool);
				errno = error;
				return NULL;
			}
			done += put;
		}
	}
	close(fd);
	return adopt(spool, name, number);
}

void
source_close(struct source *source)
{
	gzip_free(source->gzip);
	source->gzip = NULL;
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
	free(source->buffer);
	source->buffer = NULL;
	source->begin = source->end = source->size = 0;
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

/* Room for another block behind what is left of the last one. */
static bool
make_room(struct source *source)
{
	size_t left = source->end - source->begin;

	if (source->begin != 0) {
		memmove(source->buffer, source->buffer + source->begin, left);
		source->begin = 0;
		source->end = left;
	}
	if (source->size - left < BLOCK_BYTES_READ) {
		size_t size = left + BLOCK_BYTES_READ;
		char *buffer = realloc(source->buffer, size);

		if (buffer == NULL)
			return false;
		source->buffer = buffer;
		source->size = size;
	}
	return true;
}

static void
hand_over(struct source *source, const struct tail_receiver *receiver, size_t len, bool is_cut)
{
	struct slice line = slice_of(source->buffer + source->begin, len);
	uint64_t left = source->end - source->begin;

	if (line.len != 0 && line.at[line.len - 1] == '\r' && !is_cut)
		line.len--;
	receiver->line(receiver->context,
	    (struct position){source->number, source->offset - left}, line, is_cut);
}

/* Hands over the whole lines in the buffer. */
static void
split(struct source *source, const struct tail_receiver *receiver, size_t line_max, uint64_t *lines,
    uint64_t *cut)
{
	while (source->begin < source->end) {
		const char *at = source->buffer + source->begin;
		size_t left = source->end - source->begin;
		const char *newline = memchr(at, '\n', left);
		size_t len = newline != NULL ? (size_t)(newline - at) : left;

		if (source->is_skipping) {
			source->begin += newline != NULL ? len + 1 : len;
			source->is_skipping = newline == NULL;
			continue;
		}
		if (newline == NULL && left <= line_max)
			return;
		if (len > line_max) {
			hand_over(source, receiver, line_max, true);
			++*cut;
			source->is_skipping = newline == NULL;
		} else {
			hand_over(source, receiver, len, false);
		}
		++*lines;
		source->begin += newline != NULL ? len + 1 : len;
	}
}

ssize_t
source_read(struct source *source, const struct tail_receiver *receiver, size_t line_max,
    uint64_t *lines, uint64_t *cut)
{
	ssize_t got;

	if (!make_room(source))
		return -ENOMEM;
	do {
		char *to = source->buffer + source->end;

		got = source->gzip != NULL ?
		    gzip_read(source->gzip, to, BLOCK_BYTES_READ) :
		    pread(source->fd, to, BLOCK_BYTES_READ, (off_t)source->offset);
		if (got < 0 && source->gzip == NULL)
			got = -errno;
	} while (got == -EINTR);
	if (got > 0) {
		source->end += (size_t)got;
		source->offset += (uint64_t)got;
		split(source, receiver, line_max, lines, cut);
	} else if (source->begin == source->end) {
		/* Nothing is waiting: many idle files need no buffers. */
		free(source->buffer);
		source->buffer = NULL;
		source->begin = source->end = source->size = 0;
	}
	source->is_at_end = got <= 0;
	if (source->head == 0)
		source_learn_head(source);
	return got;
}

void
source_finish(struct source *source, const struct tail_receiver *receiver, uint64_t *lines)
{
	size_t left = source->end - source->begin;

	if (left != 0 && !source->is_skipping) {
		hand_over(source, receiver, left, false);
		++*lines;
	}
	source->begin = source->end;
}

static uint64_t
hash_bytes(const char *at, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)at[i]) * 0x100000001b3;
	return hash != 0 ? hash : 1;
}

/* Reads the first bytes of the text. */
static ssize_t
read_head(int fd, char *head, size_t len)
{
	ssize_t got;

	if (gzip_is(fd)) {
		struct gzip *gzip = gzip_new(fd);
		size_t have = 0;

		if (gzip == NULL)
			return 0;
		while (have < len && (got = gzip_read(gzip, head + have, len - have)) > 0)
			have += (size_t)got;
		gzip_free(gzip);
		return (ssize_t)have;
	}
	return pread(fd, head, len, 0);
}

void
source_learn_head(struct source *source)
{
	char head[HEAD_BYTES];
	ssize_t got = read_head(source->fd, head, sizeof(head));
	const char *newline = got > 0 ? memchr(head, '\n', (size_t)got) : NULL;

	if (newline == NULL && got < HEAD_BYTES)
		return;
	source->head_len = newline != NULL ? (size_t)(newline - head) + 1 : HEAD_BYTES;
	source->head = hash_bytes(head, source->head_len);
}

static uint64_t
head_of_fd(int fd, size_t len)
{
	char head[HEAD_BYTES];

	return read_head(fd, head, len) == (ssize_t)len ? hash_bytes(head, len) : 0;
}

bool
source_has_same_head(struct source *source)
{
	return source->head == 0 || source->gzip != NULL ||
	    head_of_fd(source->fd, source->head_len) == source->head;
}

uint64_t
head_of_path(const char *path, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	uint64_t head = 0;
	struct stat status;

	if (fd < 0)
		return 0;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		head = head_of_fd(fd, len);
	close(fd);
	return head;
}

ptrdiff_t
source_read_line(struct source *source, uint64_t offset, char *buffer, size_t size)
{
	enum { FIRST_TRY = 1024 };
	size_t have = 0, want = size - 1 < FIRST_TRY ? size - 1 : FIRST_TRY;

	/* Most lines are short: a small read first. */
	while (have < want) {
		ssize_t got = source->gzip != NULL ?
		    gzip_read_at(source->gzip, offset + have, buffer + have, want - have) :
		    pread(source->fd, buffer + have, want - have, (off_t)(offset + have));

		if (got < 0)
			return source->gzip != NULL ? got : -errno;
		if (got == 0)
			break;
		const char *newline = memchr(buffer + have, '\n', (size_t)got);
		if (newline != NULL) {
			have = (size_t)(newline - buffer);
			if (have != 0 && buffer[have - 1] == '\r')
				have--;
			buffer[have] = '\0';
			return (ptrdiff_t)have;
		}
		have += (size_t)got;
		if (have == want)
			want = size - 1;
	}
	if (have == 0)
		return -ESTALE;
	buffer[have] = '\0';
	return (ptrdiff_t)have;
}

enum { SEEK_BYTES = 256 * 1024 };

/* The time of the first line that begins at or after offset and has one. *at is where it begins. */
static bool
time_after(struct source *source, uint64_t offset, const struct tail_receiver *receiver,
    char *buffer, int64_t *second, uint64_t *at)
{
	ssize_t got = pread(source->fd, buffer, SEEK_BYTES, (off_t)offset);
	struct slice rest = slice_of(buffer, got > 0 ? (size_t)got : 0);

	/* In the middle of a file the first piece is the end of a line. */
	if (offset != 0)
		slice_take_until(&rest, '\n');
	while (!slice_is_empty(rest)) {
		*at = offset + (uint64_t)(rest.at - buffer);
		if (receiver->line_time(receiver->context, slice_take_until(&rest, '\n'), second))
			return true;
	}
	return false;
}

void
source_enter(struct source *source, int64_t second, const struct tail_receiver *receiver)
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
	while (low < high && high - low > SEEK_BYTES) {
		uint64_t middle = low + (high - low) / 2;

		if (!time_after(source, middle, receiver, buffer, &found, &at) || found >= second)
			high = middle;
		else
			low = at;
	}
	/* The last stretch is read through; lines a little too old do no harm. */
	source->offset = low;
	free(buffer);
}

bool
source_last_time(struct source *source, const struct tail_receiver *receiver, int64_t *second)
{
	struct stat status;
	char *buffer = malloc(SEEK_BYTES);
	bool was_any = false;
	int64_t found;

	if (buffer == NULL || source->gzip != NULL || fstat(source->fd, &status) != 0) {
		free(buffer);
		return false;
	}
	off_t from = status.st_size > SEEK_BYTES ? status.st_size - SEEK_BYTES : 0;
	ssize_t got = pread(source->fd, buffer, SEEK_BYTES, from);
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
