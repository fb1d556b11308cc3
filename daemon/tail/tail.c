/* Tail: log files in, lines out: what the daemon asks for, and the account. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/tail/read_at.h"
#include "daemon/tail/state.h"

enum {
	LINE_MAX_DEFAULT = 64 * 1024,
	POLL_MS_DEFAULT = 1000,
	ASKED_US = 100000, /* so long after a question the next one is expected */
	/* Of a block read meanwhile: too few lines for two threads, of which the one that reads may have to wait for the other to get its processor back. */
	ASKED_BYTES = 32 * 1024,
};

int64_t
tail_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
tail_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
tail_complain(struct tail *tail, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	if (tail->receiver.complain == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	tail->receiver.complain(tail->receiver.context, message);
}

/* The directory on the way to path that may not be entered, or path itself. The caller's. */
static char *
closed_door(const char *path)
{
	char *door = strdup(path);

	for (char *slash = door; slash != NULL && (slash = strchr(slash + 1, '/')) != NULL;
	     *slash = '/') {
		*slash = '\0';
		if (faccessat(AT_FDCWD, door, X_OK, AT_EACCESS) != 0 && errno == EACCES)
			return door;
	}
	return door;
}

/* Names the group that may read the file, which the daemon's user should be a member of. */
static void
complain_denied(struct tail *tail, const char *path)
{
	char *door = closed_door(path);
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user != NULL ? user->pw_name : "bounced";
	struct stat status;
	const struct group *group;

	if (door != NULL && stat(door, &status) == 0 &&
	    (status.st_mode & (S_ISDIR(status.st_mode) ? S_IXGRP : S_IRGRP)) != 0 &&
	    (group = getgrgid(status.st_gid)) != NULL)
		tail_complain(tail, "cannot read %s: %s; add the user %s to the group %s", path,
		    strerror(EACCES), name, group->gr_name);
	else
		tail_complain(tail,
		    "cannot read %s: %s; let a group read %s, and add the user %s to that group",
		    path, strerror(EACCES), door != NULL && strcmp(door, path) != 0 ? door : "it",
		    name);
	free(door);
}

/* Whether a copy of what comes is kept, since it can be read once only. */
static bool
is_spooled(const struct tail *tail, const char *path)
{
	struct stat status;

	return !tail->options.follow &&
	    (strcmp(path, "-") == 0 || (stat(path, &status) == 0 && S_ISFIFO(status.st_mode)));
}

static void
complain_of_spool(struct tail *tail, const char *path, int error)
{
	bool is_input = strcmp(path, "-") == 0 || strncmp(path, "/dev/fd/", 8) == 0;

	tail_complain(tail,
	    "cannot keep what comes from %s in %s: %s; set TMPDIR to a folder with room for all of it",
	    is_input ? "standard input" : path, source_spool_folder(), strerror(error));
}

void
tail_complain_unreadable(struct tail *tail, struct log *log, const char *path, int error)
{
	if (log->is_complained && log->error == error)
		return;
	log->error = error;
	log->is_complained = true;
	if (is_spooled(tail, path))
		complain_of_spool(tail, path, error);
	else if (error == EACCES)
		complain_denied(tail, path);
	else if (error == ENOENT && tail->options.follow)
		tail_complain(tail, "%s does not exist yet; waiting for it", path);
	else if (error == ESPIPE)
		tail_complain(tail, "cannot follow %s: it is no regular file", path);
	else if (error == ENOTSUP)
		tail_complain(tail,
		    "cannot read %s: of compressed files only .gz can be read; decompress it first",
		    path);
	else if (error == EINVAL)
		tail_complain(tail, "cannot read %s: it is neither a file nor a pipe", path);
	else
		tail_complain(tail, "cannot read %s: %s", path, strerror(error));
}

struct source *
tail_keep(struct tail *tail, struct source *source, size_t log)
{
	struct source **sources = reallocarray(tail->sources, tail->source_count + 1,
	    sizeof(struct source *));

	if (sources == NULL) {
		source_free(source);
		return NULL;
	}
	tail->sources = sources;
	tail->sources[tail->source_count++] = source;
	source->number = tail->source_count;
	source->log = log;
	source->quiet_since = tail_now_ms();
	return source;
}

bool
tail_is_asked(const struct tail *tail)
{
	return tail->asked_us != 0 && tail_now_us() - tail->asked_us < ASKED_US;
}

/* The same; the receiver may keep lines. */
static bool
read_until(struct tail *tail, struct source *source, int64_t deadline_us)
{
	size_t most = tail_is_asked(tail) ? ASKED_BYTES : READ_BYTES;

	do {
		ssize_t got = source_read(source, &tail->receiver, most, tail->options.line_max,
		    &tail->counts);

		if (got == -EAGAIN)
			continue;
		if (got == -ESTALE) {
			follow_truncated(tail, source);
			return tail->options.follow;
		}
		if (got > 0)
			source->quiet_since = tail_now_ms();
		if (got < 0 && source->error != (int)-got)
			tail_complain(tail, "reading %s: %s", source->path,
			    got == -EBADMSG ?
				"the compressed data is damaged; what follows is lost" :
				strerror((int)-got));
		source->error = got < 0 ? (int)-got : source->error;
		if (got <= 0)
			return false;
		/* Of a growing file that was all: one more read, to be told so, would cost as much as this one. */
		if (tail->is_caught_up && source->gzip == NULL && (size_t)got < most)
			return false;
	} while (!source->is_holding && tail_now_us() < deadline_us);
	return true;
}

bool
tail_read_until(struct tail *tail, struct source *source, int64_t deadline_us)
{
	bool has_more = read_until(tail, source, deadline_us);

	source_settle(source);
	return has_more;
}

/* --- life --- */

struct tail *
tail_new(const struct tail_options *options, struct event_base *base,
    const struct tail_receiver *receiver)
{
	struct tail *tail = calloc(1, sizeof(*tail));

	if (tail == NULL)
		return NULL;
	tail->options = *options;
	tail->receiver = *receiver;
	tail->base = base;
	tail->inotify = -1;
	if (tail->options.line_max == 0)
		tail->options.line_max = LINE_MAX_DEFAULT;
	if (tail->options.poll_ms == 0)
		tail->options.poll_ms = POLL_MS_DEFAULT;
	tail->logs = calloc(options->path_count + 1, sizeof(*tail->logs));
	if (tail->logs == NULL) {
		free(tail);
		return NULL;
	}
	tail->backfill_began = tail_now_ms();
	for (size_t i = 0; i < options->path_count; i++) {
		tail->logs[i] = (struct log){.path = strdup(options->paths[i]),
		    .directory_watch = -1};
		tail->log_count++;
		if (tail->logs[i].path == NULL) {
			tail_free(tail);
			return NULL;
		}
		backfill_add(tail, i);
	}
	backfill_sort(tail);
	if (options->follow && !turns_start(tail)) {
		tail_free(tail);
		return NULL;
	}
	return tail;
}

void
tail_free(struct tail *tail)
{
	if (tail == NULL)
		return;
	turns_stop(tail);
	for (uint32_t i = 0; i < tail->source_count; i++)
		source_free(tail->sources[i]);
	for (size_t i = 0; i < tail->log_count; i++)
		free(tail->logs[i].path);
	readback_clear(&tail->readback);
	free(tail->sources);
	free(tail->queue);
	free(tail->logs);
	free(tail);
}

int
tail_read_all(struct tail *tail)
{
	int error = 0;

	while (backfill_read(tail, INT64_MAX))
		;
	tail->counts.backfill_done = true;
	tail->backfill_ended = tail_now_ms();
	for (size_t i = 0; i < tail->log_count && error == 0; i++)
		error = tail->logs[i].error;
	for (uint32_t i = 0; i < tail->source_count && error == 0; i++)
		error = tail->sources[i]->error;
	return -error;
}

/* --- reading back --- */

static struct source *
source_of(const struct tail *tail, uint32_t number)
{
	return number >= 1 && number <= tail->source_count ? tail->sources[number - 1] : NULL;
}

/* The source of that number, opened again where it is needed. NULL when its file is gone. */
static struct source *
open_source(struct tail *tail, uint32_t number)
{
	struct source *source = source_of(tail, number);

	if (source == NULL || !known_reopen(tail, source))
		return NULL;
	if (tail->resting != NULL && tail->resting != source && tail->resting->gzip != NULL)
		gzip_rest(tail->resting->gzip);
	tail->resting = source;
	return source;
}

ptrdiff_t
tail_read_text(struct tail *tail, struct position position, char *buffer, size_t size)
{
	struct source *source = open_source(tail, position.file);

	if (source == NULL)
		return -ENOENT;
	if (source->gzip != NULL)
		return gzip_read_at(source->gzip, position.offset, buffer, size);
	return read_at(source->fd, buffer, size, position.offset);
}

ptrdiff_t
tail_read_line(struct tail *tail, struct position position, char *buffer, size_t size)
{
	struct source *source = open_source(tail, position.file);

	if (source == NULL)
		return -ENOENT;
	return readback_line(&tail->readback, source, position.offset, buffer, size);
}

const char *
tail_file_path(const struct tail *tail, uint32_t file)
{
	const struct source *source = source_of(tail, file);

	return source != NULL ? source->path : NULL;
}

bool
tail_file_is_compressed(const struct tail *tail, uint32_t file)
{
	const struct source *source = source_of(tail, file);

	return source != NULL && source->gzip != NULL;
}

bool
tail_file_is_readable(const struct tail *tail, uint32_t file)
{
	const struct source *source = source_of(tail, file);

	return source != NULL && source->fd >= 0;
}

/* --- status --- */

const char *
tail_state_name(enum tail_state state)
{
	static const char *const names[] = {
	    [TAIL_FOLLOWING] = "following",
	    [TAIL_BACKFILL] = "backfill",
	    [TAIL_DONE] = "done",
	    [TAIL_MISSING] = "missing",
	    [TAIL_UNREADABLE] = "unreadable",
	};

	return names[state];
}

size_t
tail_file_count(const struct tail *tail)
{
	return tail->log_count + tail->source_count;
}

static void
source_status(const struct source *source, struct tail_file_status *out)
{
	struct stat status;

	out->path = source->path;
	out->inode = source->inode;
	out->state = source->state;
	out->error = source->error;
	/* What waits in the buffer behind the last newline is not read yet. */
	out->read_bytes = source_done_offset(source);
	out->size = out->read_bytes;
	if (source->fd >= 0 && source->gzip == NULL && fstat(source->fd, &status) == 0)
		out->size = (uint64_t)status.st_size;
	out->lag_bytes = out->size > out->read_bytes ? out->size - out->read_bytes : 0;
}

void
tail_file_status(const struct tail *tail, size_t index, struct tail_file_status *out)
{
	*out = (struct tail_file_status){0};
	if (index >= tail->log_count) {
		const struct source *source = tail->sources[index - tail->log_count];

		source_status(source, out);
		if (known_is_live(tail, source) || !source->was_read)
			out->path = NULL;
		return;
	}
	const struct log *log = &tail->logs[index];
	if (log->live != NULL) {
		source_status(log->live, out);
	} else {
		out->path = log->path;
		out->error = log->error;
		out->state = log->error == ENOENT || log->error == ENOTDIR ? TAIL_MISSING :
									     TAIL_UNREADABLE;
	}
	out->rotations = log->rotations;
}

void
tail_count(const struct tail *tail, struct tail_counts *out)
{
	int64_t end = tail->counts.backfill_done ? tail->backfill_ended : tail_now_ms();
	int64_t elapsed = end - tail->backfill_began;
	uint64_t done = 0, total = 0;

	*out = tail->counts;
	/* Bytes on disc, which is what there is to be known beforehand of compressed files. */
	for (size_t i = 0; i < tail->queue_end; i++) {
		const struct source *source = tail->queue[i];
		uint64_t read = source->gzip != NULL ? gzip_input_offset(source->gzip) :
						       source->offset - source->began;
		struct stat status;

		done += read;
		if (source->state != TAIL_BACKFILL || source->fd < 0 ||
		    fstat(source->fd, &status) != 0)
			total += read;
		else
			total += (uint64_t)status.st_size -
			    (source->gzip != NULL ? 0 : source->began);
	}
	out->backfill_percent = out->backfill_done || total == 0 ? 100 :
	    done >= total                                        ? 99 :
								   (unsigned)(done * 100 / total);
	out->backfill_bytes_per_s = elapsed > 0 ? done * 1000 / (uint64_t)elapsed : 0;
}
