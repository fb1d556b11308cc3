/* Tail: which file is read now, what the names point to, and what to do when they point elsewhere. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/tail.h"

#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "daemon/tail/series.h"
#include "daemon/tail/source.h"

enum {
	LINE_MAX_DEFAULT = 64 * 1024,
	POLL_MS_DEFAULT = 1000,
	SLICE_MS = 4,           /* of reading between two looks at the sockets */
	QUIET_MS = 5 * 60000,   /* a rotated file that has been silent for so long is done with */
};

/* What stands under one path of the configuration. */
struct log {
	char *path;           /* as configured; may hold %D */
	struct source *live;  /* what the name pointed to at the last look; NULL: nothing */
	int file_watch, directory_watch;
	int error;            /* why there is nothing */
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
	uint32_t *queue;         /* numbers still to be read in order: the back-fill */
	size_t queue_begin, queue_end;
	uint64_t backfill_total; /* bytes on disc that it has to read */
	int64_t backfill_began, backfill_ended;
	bool is_caught_up;
	int inotify;
	struct event *notified, *timer, *work;
	struct tail_counts counts;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void
complain(struct tail *tail, const char *format, ...)
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

/* Says once why a log cannot be read, and what would help: the group that may. */
static void
complain_unreadable(struct tail *tail, struct log *log, const char *path, int error)
{
	struct stat status;
	struct group *group;

	if (log->error == error)
		return;
	log->error = error;
	if (error == EACCES && stat(path, &status) == 0 && (status.st_mode & S_IRGRP) != 0 &&
	    (group = getgrgid(status.st_gid)) != NULL)
		complain(tail, "cannot read %s: %s; add the user bounced to the group %s", path,
		    strerror(error), group->gr_name);
	else if (error == EACCES)
		complain(tail,
		    "cannot read %s: %s; let a group read it, and add the user bounced to that group",
		    path, strerror(error));
	else if (error == ENOENT)
		complain(tail, "%s does not exist yet; waiting for it", path);
	else
		complain(tail, "cannot read %s: %s", path, strerror(error));
}

static struct source *
keep_source(struct tail *tail, struct source *source)
{
	struct source **sources =
	    reallocarray(tail->sources, tail->source_count + 1, sizeof(*sources));

	if (sources == NULL) {
		source_free(source);
		return NULL;
	}
	tail->sources = sources;
	tail->sources[tail->source_count++] = source;
	return source;
}

static struct source *
open_source(struct tail *tail, const char *path)
{
	uint32_t number = tail->source_count + 1;
	struct source *source = strcmp(path, "-") == 0 ?
	    source_spool(dup(STDIN_FILENO), "-", number) :
	    source_open(path, number);

	return source != NULL ? keep_source(tail, source) : NULL;
}

static struct source *
source_of(const struct tail *tail, uint32_t number)
{
	return number >= 1 && number <= tail->source_count ? tail->sources[number - 1] : NULL;
}

/* A source that has the same beginning, or is the very file. */
static struct source *
find_known(const struct tail *tail, const struct stat *status, uint64_t head)
{
	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];

		if ((source->device == status->st_dev && source->inode == status->st_ino &&
			source->fd >= 0) ||
		    (head != 0 && source->head == head))
			return source;
	}
	return NULL;
}

static void
enqueue(struct tail *tail, struct source *source)
{
	uint32_t *queue = reallocarray(tail->queue, tail->queue_end + 1, sizeof(*queue));
	struct stat status;

	if (queue == NULL)
		return;
	tail->queue = queue;
	queue[tail->queue_end++] = source->number;
	source->state = TAIL_BACKFILL;
	if (fstat(source->fd, &status) == 0 && (uint64_t)status.st_size > source->offset)
		tail->backfill_total += (uint64_t)status.st_size - source->offset;
}

/* Decides how much of a sibling the window reaches. False: none of it. */
static bool
enter_window(struct tail *tail, struct source *source)
{
	int64_t last, start = tail->options.window_start;
	struct stat status;

	if (start == 0)
		return true;
	if (source->gzip != NULL)
		return fstat(source->fd, &status) == 0 && status.st_mtime >= start;
	if (source_last_time(source, &tail->receiver, &last) && last < start)
		return false;
	source_enter(source, start, &tail->receiver);
	return true;
}

static void
add_siblings(struct tail *tail, const char *path)
{
	struct series series;

	series_list(path, &series);
	for (size_t i = 0; i < series.count; i++) {
		struct source *source = open_source(tail, series.paths[i]);

		if (source == NULL) {
			complain(tail, "cannot read %s: %s", series.paths[i], strerror(errno));
			continue;
		}
		if (enter_window(tail, source)) {
			enqueue(tail, source);
		} else {
			source->state = TAIL_DONE;
			source_close(source);
		}
	}
	series_clear(&series);
}

/* --- following --- */

static void
watch_log(struct tail *tail, struct log *log, const char *path)
{
	char *copy, *slash;

	if (tail->inotify < 0)
		return;
	if (log->file_watch >= 0)
		inotify_rm_watch(tail->inotify, log->file_watch);
	log->file_watch = log->live != NULL ?
	    inotify_add_watch(tail->inotify, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) :
	    -1;
	copy = strdup(path);
	slash = copy != NULL ? strrchr(copy, '/') : NULL;
	if (slash != NULL)
		slash[slash == copy ? 1 : 0] = '\0';
	int watch = inotify_add_watch(tail->inotify, slash != NULL ? copy : ".",
	    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB);
	free(copy);
	if (watch >= 0)
		log->directory_watch = watch;
	if ((watch < 0 || (log->live != NULL && log->file_watch < 0)) && errno == ENOSPC &&
	    !tail->counts.polling_only) {
		tail->counts.polling_only = true;
		complain(tail,
		    "inotify has no watches left (fs.inotify.max_user_watches); looking at %s every %u ms instead",
		    path, tail->options.poll_ms);
	}
}

/* Reads what a source has, for as long as the slice lasts. True when there is more. */
static bool
read_until(struct tail *tail, struct source *source, int64_t deadline)
{
	do {
		uint64_t offset = source->offset;
		ssize_t got = source_read(source, &tail->receiver, tail->options.line_max,
		    &tail->counts.lines, &tail->counts.overlong);

		tail->counts.bytes += source->offset - offset;
		if (got > 0)
			source->quiet_since = now_ms();
		if (got < 0 && source->error != (int)-got) {
			source->error = (int)-got;
			complain(tail, "reading %s: %s", source->path,
			    got == -EBADMSG ? "the compressed data is damaged; what follows is lost" :
					      strerror((int)-got));
		}
		if (got <= 0)
			return false;
	} while (now_ms() < deadline);
	return true;
}

/* Finds the file that holds now what a source held: renamed, compressed, or copied away before it was truncated. */
static bool
find_again(struct tail *tail, struct source *source)
{
	struct series series = {0};
	bool is_found = false;
	const struct source *live = NULL;
	const char *base = NULL;

	if (source->head == 0)
		return false;
	for (size_t i = 0; i < tail->log_count && base == NULL; i++) {
		size_t len = strcspn(tail->logs[i].path, "%");

		if (strncmp(source->path, tail->logs[i].path, len) == 0) {
			base = tail->logs[i].path;
			live = tail->logs[i].live;
		}
	}
	if (base == NULL)
		return false;
	series_list(base, &series);
	for (size_t i = 0; i < series.count && !is_found; i++) {
		if (live != NULL && live != source && strcmp(live->path, series.paths[i]) == 0)
			continue;
		is_found = head_of_path(series.paths[i], source->head_len) == source->head;
		if (is_found) {
			struct source *again = source_open(series.paths[i], source->number);

			if (again == NULL) {
				is_found = false;
				continue;
			}
			/* The place reached stays; bytes in the buffer are read anew from where they begin. */
			uint64_t offset = source->offset - (source->end - source->begin);
			free(source->path);
			source_close(source);
			source->fd = again->fd;
			source->gzip = again->gzip;
			source->path = again->path;
			source->device = again->device;
			source->inode = again->inode;
			source->offset = offset;
			source->is_at_end = false;
			free(again);
		}
	}
	series_clear(&series);
	return is_found;
}

/* A file under its old inode was emptied: what it held may live on in a copy, and what it holds now is another text. */
static struct source *
begin_anew(struct tail *tail, struct log *log, struct source *old, const char *path)
{
	struct source *fresh = open_source(tail, path);

	if (fresh == NULL)
		return old;
	log->rotations++;
	fresh->is_followed = true;
	fresh->state = TAIL_FOLLOWING;
	old->is_followed = false;
	old->state = TAIL_DONE;
	source_close(old);
	/* A copy made before the truncation may hold lines that had not been read yet. A compressed one has to be read through to get there. */
	if (find_again(tail, old) && old->gzip == NULL) {
		old->is_followed = true;
		old->quiet_since = now_ms();
	}
	return fresh;
}

static struct source *
open_live(struct tail *tail, struct log *log, const char *path, const struct stat *status)
{
	uint64_t head = 0;
	struct source *known = find_known(tail, status, head);

	if (known != NULL && known->fd >= 0 && known->inode == status->st_ino) {
		free(known->path);
		known->path = strdup(path);
		known->is_followed = true;
		return known;
	}
	struct source *source = open_source(tail, path);
	if (source == NULL) {
		complain_unreadable(tail, log, path, errno);
		return NULL;
	}
	log->error = 0;
	source->is_followed = true;
	source->state = TAIL_FOLLOWING;
	source->quiet_since = now_ms();
	return source;
}

/* What does the name point to now? */
static void
look(struct tail *tail, struct log *log)
{
	char *resolved = strchr(log->path, '%') != NULL ? series_resolve(log->path) : NULL;
	const char *path = resolved != NULL ? resolved : log->path;
	struct source *live = log->live;
	struct stat status, open_status;

	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
		if (live == NULL)
			complain_unreadable(tail, log, path, errno);
		/* It was moved or deleted: its last lines may still come through the open file. */
		if (live != NULL && live->fd >= 0 && fstat(live->fd, &open_status) == 0 &&
		    open_status.st_ino != 0) {
			log->live = NULL;
			log->error = ENOENT;
			watch_log(tail, log, path);
		}
	} else if (live == NULL) {
		log->live = open_live(tail, log, path, &status);
		if (log->live != NULL)
			watch_log(tail, log, path);
	} else if (status.st_dev != live->device || status.st_ino != live->inode) {
		struct source *fresh = open_live(tail, log, path, &status);

		if (fresh != NULL) {
			log->rotations++;
			log->live = fresh;
			watch_log(tail, log, path);
		}
	} else if (live->gzip == NULL && live->fd >= 0 &&
	    ((uint64_t)status.st_size < live->offset || !source_has_same_head(live))) {
		log->live = begin_anew(tail, log, live, path);
		watch_log(tail, log, path);
	}
	free(resolved);
}

/* Reads on in everything that is followed. True when there is more than the slice allowed. */
static bool
read_followed(struct tail *tail, int64_t deadline)
{
	bool is_more = false;

	/* Older files first: their late lines are older. */
	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];

		if (source->is_followed && source->fd >= 0)
			is_more |= read_until(tail, source, deadline);
	}
	return is_more;
}

/* Lets go of rotated files that have been silent for long. */
static void
retire(struct tail *tail)
{
	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];
		bool is_live = false;
		struct stat status;

		for (size_t l = 0; l < tail->log_count; l++)
			is_live |= tail->logs[l].live == source;
		if (is_live || source->fd < 0 || source->state == TAIL_BACKFILL)
			continue;
		if (source->is_followed && now_ms() - source->quiet_since > QUIET_MS) {
			source->is_followed = false;
			source->state = TAIL_DONE;
		}
		/* A deleted file holds its space for as long as it is open; once compressed it is read there. */
		if (!source->is_followed && fstat(source->fd, &status) == 0 && status.st_nlink == 0 &&
		    !find_again(tail, source))
			source_close(source);
	}
}

static void
finish_backfill(struct tail *tail)
{
	if (tail->is_caught_up)
		return;
	tail->is_caught_up = true;
	tail->counts.backfill_done = true;
	tail->backfill_ended = now_ms();
	for (size_t i = 0; i < tail->log_count; i++)
		if (tail->logs[i].live != NULL)
			tail->logs[i].live->state = TAIL_FOLLOWING;
	if (tail->receiver.caught_up != NULL)
		tail->receiver.caught_up(tail->receiver.context);
}

/* Reads the next stretch of the back-fill. True when there is more. */
static bool
read_backfill(struct tail *tail, int64_t deadline)
{
	while (tail->queue_begin < tail->queue_end) {
		struct source *source = source_of(tail, tail->queue[tail->queue_begin]);

		if (source->fd >= 0 && read_until(tail, source, deadline))
			return true;
		tail->queue_begin++;
		if (!source->is_followed) {
			/* A whole file of the past: what stands behind its last newline is a line too. */
			source_finish(source, &tail->receiver, &tail->counts.lines);
			source->state = TAIL_DONE;
		} else {
			source->state = TAIL_FOLLOWING;
		}
		if (now_ms() >= deadline)
			return true;
	}
	finish_backfill(tail);
	return false;
}

static void
run(struct tail *tail)
{
	int64_t deadline = now_ms() + SLICE_MS;
	bool is_more = tail->is_caught_up ? false : read_backfill(tail, deadline);
	const struct timeval at_once = {0, 0};

	if (tail->is_caught_up)
		is_more |= read_followed(tail, deadline);
	/* Not event_active(): an event that activates itself keeps libevent from looking at the sockets. */
	if (is_more)
		event_add(tail->work, &at_once);
}

static void
on_work(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	run(context);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct tail *tail = context;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < tail->log_count; i++)
		look(tail, &tail->logs[i]);
	run(tail);
	retire(tail);
}

static void
on_notify(evutil_socket_t fd, short what, void *context)
{
	char events[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct tail *tail = context;
	bool is_name = false;
	ssize_t got;

	(void)what;
	while ((got = read(fd, events, sizeof(events))) > 0) {
		for (char *at = events; at < events + got;) {
			const struct inotify_event *event = (const struct inotify_event *)(void *)at;

			/* More bytes in a file need no look at names, all else does, an overflow of the queue too. */
			is_name |= (event->mask & IN_MODIFY) == 0;
			at += sizeof(*event) + event->len;
		}
	}
	for (size_t i = 0; i < tail->log_count; i++) {
		struct log *log = &tail->logs[i];
		struct stat status;

		if (is_name || log->live == NULL || log->live->fd < 0 ||
		    (fstat(log->live->fd, &status) == 0 &&
			(uint64_t)status.st_size < log->live->offset))
			look(tail, log);
	}
	run(tail);
}

/* --- life --- */

static bool
start_following(struct tail *tail)
{
	struct timeval interval = {tail->options.poll_ms / 1000, (tail->options.poll_ms % 1000) * 1000};

	tail->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (tail->inotify < 0) {
		tail->counts.polling_only = true;
		complain(tail, "inotify is not to be had (%s); looking every %u ms instead",
		    strerror(errno), tail->options.poll_ms);
	}
	tail->work = event_new(tail->base, -1, 0, on_work, tail);
	tail->timer = event_new(tail->base, -1, EV_PERSIST, on_timer, tail);
	if (tail->work == NULL || tail->timer == NULL || event_add(tail->timer, &interval) != 0)
		return false;
	event_priority_set(tail->work, event_base_get_npriorities(tail->base) - 1);
	event_priority_set(tail->timer, event_base_get_npriorities(tail->base) - 1);
	if (tail->inotify >= 0) {
		tail->notified = event_new(tail->base, tail->inotify, EV_READ | EV_PERSIST, on_notify, tail);
		if (tail->notified == NULL || event_add(tail->notified, NULL) != 0)
			return false;
	}
	for (size_t i = 0; i < tail->log_count; i++)
		watch_log(tail, &tail->logs[i],
		    tail->logs[i].live != NULL ? tail->logs[i].live->path : tail->logs[i].path);
	return event_add(tail->work, &(struct timeval){0, 0}) == 0;
}

/* Opens the log under its name and lines up what has to be read first. */
static void
start_log(struct tail *tail, struct log *log)
{
	char *resolved = strchr(log->path, '%') != NULL ? series_resolve(log->path) : NULL;
	const char *path = resolved != NULL ? resolved : log->path;

	if (tail->options.siblings)
		add_siblings(tail, log->path);
	struct source *source = open_source(tail, path);
	if (source == NULL) {
		complain_unreadable(tail, log, path, errno);
	} else {
		source->is_followed = tail->options.follow;
		source->quiet_since = now_ms();
		log->live = source;
		if (tail->options.window_start != 0)
			source_enter(source, tail->options.window_start, &tail->receiver);
		enqueue(tail, source);
	}
	free(resolved);
}

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
	tail->backfill_began = now_ms();
	for (size_t i = 0; i < options->path_count; i++) {
		struct log *log = &tail->logs[tail->log_count++];

		*log = (struct log){.path = strdup(options->paths[i]), .file_watch = -1, .directory_watch = -1};
		if (log->path != NULL)
			start_log(tail, log);
	}
	if (options->follow && !start_following(tail)) {
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
	struct event *events[] = {tail->notified, tail->timer, tail->work};
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (tail->inotify >= 0)
		close(tail->inotify);
	for (uint32_t i = 0; i < tail->source_count; i++)
		source_free(tail->sources[i]);
	for (size_t i = 0; i < tail->log_count; i++)
		free(tail->logs[i].path);
	free(tail->sources);
	free(tail->queue);
	free(tail->logs);
	free(tail);
}

int
tail_read_all(struct tail *tail)
{
	int error = 0;

	while (read_backfill(tail, INT64_MAX))
		;
	for (size_t i = 0; i < tail->log_count && error == 0; i++)
		error = tail->logs[i].error;
	for (uint32_t i = 0; i < tail->source_count && error == 0; i++)
		error = tail->sources[i]->error;
	return -error;
}

/* --- reading back --- */

static bool
reopen(struct tail *tail, struct source *source)
{
	if (source->fd >= 0)
		return true;
	if (source->head != 0 && head_of_path(source->path, source->head_len) == source->head) {
		struct source *again = source_open(source->path, source->number);

		if (again == NULL)
			return false;
		source->fd = again->fd;
		source->gzip = again->gzip;
		free(again->path);
		free(again);
		return true;
	}
	return find_again(tail, source);
}

ptrdiff_t
tail_read_line(struct tail *tail, struct position position, char *buffer, size_t size)
{
	struct source *source = source_of(tail, position.file);

	if (source == NULL || !reopen(tail, source))
		return -ENOENT;
	return source_read_line(source, position.offset, buffer, size);
}

const char *
tail_file_path(const struct tail *tail, uint32_t file)
{
	const struct source *source = source_of(tail, file);

	return source != NULL ? source->path : NULL;
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
	out->read_bytes = source->offset - (source->end - source->begin);
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
		/* The logs themselves have been told already. */
		for (size_t i = 0; i < tail->log_count; i++)
			if (tail->logs[i].live == source)
				out->path = NULL;
		return;
	}
	const struct log *log = &tail->logs[index];
	if (log->live != NULL) {
		source_status(log->live, out);
	} else {
		out->path = log->path;
		out->error = log->error;
		out->state = log->error == ENOENT || log->error == ENOTDIR ? TAIL_MISSING : TAIL_UNREADABLE;
	}
	out->rotations = log->rotations;
}

void
tail_count(const struct tail *tail, struct tail_counts *out)
{
	int64_t end = tail->counts.backfill_done ? tail->backfill_ended : now_ms();
	int64_t elapsed = end - tail->backfill_began;
	uint64_t done = 0;

	*out = tail->counts;
	for (size_t i = 0; i < tail->queue_end; i++) {
		const struct source *source = source_of(tail, tail->queue[i]);

		done += source->gzip != NULL ? gzip_input_offset(source->gzip) : source->offset;
	}
	out->backfill_percent = out->backfill_done || tail->backfill_total == 0 ? 100 :
	    done >= tail->backfill_total ? 99 :
					   (unsigned)(done * 100 / tail->backfill_total);
	out->backfill_bytes_per_s = elapsed > 0 ? done * 1000 / (uint64_t)elapsed : 0;
}
