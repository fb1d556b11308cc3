/* Back-fill: the files of the past in the order of their lines, also where several cover the same hours, as far as the window reaches, in slices. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/tail/seek.h"
#include "daemon/tail/state.h"

static void
enqueue(struct tail *tail, struct source *source)
{
	struct source **queue = reallocarray(tail->queue, tail->queue_end + 1,
	    sizeof(struct source *));

	if (queue == NULL) {
		tail_complain(tail, "no memory left to read %s", source->path);
		return;
	}
	tail->queue = queue;
	queue[tail->queue_end++] = source;
	source->state = TAIL_BACKFILL;
	source->was_read = true;
}

/* Decides how much of a file the window reaches. False: none of it. */
static bool
enter_window(struct tail *tail, struct source *source)
{
	int64_t last, start = tail->options.window_start;
	struct stat status;

	if (start == 0)
		return true;
	/* gzip(1) keeps the time of the last line's writing. */
	if (source->gzip != NULL)
		return fstat(source->fd, &status) == 0 && status.st_mtime >= start;
	if (seek_last_time(source, &tail->receiver, &last) && last < start)
		return false;
	seek_enter(source, start, &tail->receiver);
	return true;
}

/* A log that was rotated a short time ago is still being written by those that had opened it. */
static bool
may_grow(const struct source *source)
{
	enum { RECENT_S = 3600 };
	struct stat status;

	return source->gzip == NULL && fstat(source->fd, &status) == 0 &&
	    status.st_mtime >= time(NULL) - RECENT_S;
}

static void
add_sibling(struct tail *tail, size_t log, struct source *source)
{
	if (known_find(tail, source) != NULL) {
		source_free(source);
		return;
	}
	source = tail_keep(tail, source, log);
	if (source == NULL)
		return;
	if (tail->options.siblings && enter_window(tail, source)) {
		enqueue(tail, source);
		source->is_followed = tail->options.follow && may_grow(source);
		return;
	}
	/* Known, so that it is not taken for news when the log is rotated. */
	source->state = TAIL_DONE;
	source_close(source);
}

static void
add_siblings(struct tail *tail, size_t log)
{
	struct series series;

	series_list(tail->logs[log].path, &series);
	/* Plain ones first: a compressed one beside them may be half written yet. */
	for (int is_gzip = 0; is_gzip <= 1; is_gzip++) {
		for (size_t i = 0; i < series.count; i++) {
			struct source *source = source_open(series.paths[i], 0);

			if (source == NULL) {
				if (is_gzip == 0 && errno != ENOENT && tail->options.siblings)
					tail_complain(tail, "cannot read %s: %s", series.paths[i],
					    strerror(errno));
			} else if ((source->gzip != NULL) == is_gzip) {
				add_sibling(tail, log, source);
			} else {
				source_free(source);
			}
		}
	}
	series_clear(&series);
}

static struct source *
open_log(const struct tail *tail, const char *path)
{
	struct stat status;

	if (strcmp(path, "-") == 0) {
		if (!tail->options.follow)
			return source_spool(dup(STDIN_FILENO), "-", 0);
		errno = ESPIPE;
		return NULL;
	}
	/* To follow a pipe would be to wait for its end. */
	if (tail->options.follow && stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		errno = S_ISDIR(status.st_mode) ? EISDIR : ESPIPE;
		return NULL;
	}
	return source_open(path, 0);
}

static off_t
size_of(const struct source *source)
{
	struct stat status;

	return fstat(source->fd, &status) == 0 ? status.st_size : 0;
}

/* Whether the compressed file holds text behind that place. */
static bool
reaches_beyond(struct source *compressed, off_t offset)
{
	char byte;
	bool does = gzip_read_at(compressed->gzip, (uint64_t)offset, &byte, 1) > 0;

	gzip_rest(compressed->gzip);
	return does;
}

/* Whether a holds more of the text that both begin with. */
static bool
is_longer(struct source *a, struct source *b)
{
	if (a->gzip != NULL)
		return b->gzip == NULL && reaches_beyond(a, size_of(b));
	return b->gzip != NULL ? !reaches_beyond(b, size_of(a)) : size_of(a) > size_of(b);
}

/* Copied logs: one that is given twice, or with an earlier copy of itself, is read once, from the longer one. */
static bool
is_copy(struct tail *tail, struct log *log, struct source *source)
{
	struct source *known = tail->options.follow ? NULL : known_find(tail, source);

	/* Of two compressed ones nothing but the whole would tell which holds more. */
	if (known == NULL ||
	    (known->gzip != NULL && source->gzip != NULL && size_of(known) != size_of(source)))
		return false;
	tail_complain(tail, "%s holds the same lines as %s; reading them once", source->path,
	    known->path);
	if (is_longer(source, known))
		source_move(known, source);
	else
		source_free(source);
	log->live = known;
	return true;
}

static void
add_live(struct tail *tail, size_t index)
{
	struct log *log = &tail->logs[index];
	char *path = follow_path(log);
	struct source *source = path != NULL ? open_log(tail, path) : NULL;

	if (source == NULL) {
		tail_complain_unreadable(tail, log, path != NULL ? path : log->path, errno);
		free(path);
		return;
	}
	free(path);
	for (uint32_t i = 0; i < tail->source_count; i++) {
		if (tail->sources[i]->fd >= 0 && tail->sources[i]->device == source->device &&
		    tail->sources[i]->inode == source->inode) {
			tail_complain(tail, "%s is the same file as %s; reading it once",
			    source->path, tail->sources[i]->path);
			source_free(source);
			log->live = tail->sources[i];
			return;
		}
	}
	if (is_copy(tail, log, source))
		return;
	source = tail_keep(tail, source, index);
	if (source == NULL)
		return;
	source->is_followed = tail->options.follow;
	log->live = source;
	log->was_live = true;
	if (tail->options.window_start != 0)
		seek_enter(source, tail->options.window_start, &tail->receiver);
	enqueue(tail, source);
}

void
backfill_add(struct tail *tail, size_t log)
{
	tail->logs[log].wall_since = time(NULL);
	/* The log first: should it be rotated meanwhile, it is found among the siblings and known. */
	add_live(tail, log);
	if ((tail->options.siblings || tail->options.follow) &&
	    strcmp(tail->logs[log].path, "-") != 0)
		add_siblings(tail, log);
}

struct dated {
	struct source *source;
	int64_t first;
	struct timespec modified;
	size_t place; /* siblings stand in their order, the log itself behind them */
};

static int
older_first(const void *left, const void *right)
{
	const struct dated *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->modified.tv_sec != b->modified.tv_sec)
		return a->modified.tv_sec < b->modified.tv_sec ? -1 : 1;
	if (a->modified.tv_nsec != b->modified.tv_nsec)
		return a->modified.tv_nsec < b->modified.tv_nsec ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

void
backfill_sort_sources(struct tail *tail, struct source **sources, size_t count)
{
	struct dated *dated = calloc(count + 1, sizeof(*dated));

	if (dated == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		struct stat status;

		dated[i].source = sources[i];
		dated[i].place = known_is_live(tail, sources[i]) ? SIZE_MAX : i;
		if (fstat(sources[i]->fd, &status) == 0)
			dated[i].modified = status.st_mtim;
		/* A file without times is as old as its last change. */
		if (!seek_first_time(sources[i], &tail->receiver, &dated[i].first))
			dated[i].first = dated[i].modified.tv_sec;
	}
	qsort(dated, count, sizeof(*dated), older_first);
	for (size_t i = 0; i < count; i++) {
		sources[i] = dated[i].source;
		sources[i]->next_second = dated[i].first;
	}
	free(dated);
}

void
backfill_sort(struct tail *tail)
{
	backfill_sort_sources(tail, tail->queue, tail->queue_end);
}

/* The source whose next line is the oldest; it is told how far it may go before another one has an older line. NULL: all are read. */
static struct source *
choose_next(struct tail *tail)
{
	struct source *oldest = NULL;
	int64_t until = INT64_MAX;

	while (tail->queue_begin < tail->queue_end &&
	    tail->queue[tail->queue_begin]->state != TAIL_BACKFILL)
		tail->queue_begin++;
	for (size_t i = tail->queue_begin; i < tail->queue_end; i++) {
		struct source *source = tail->queue[i];
		const struct source *other = source;

		if (source->state != TAIL_BACKFILL)
			continue;
		if (oldest == NULL || source->next_second < oldest->next_second) {
			other = oldest;
			oldest = source;
		}
		if (other != NULL && other->next_second < until)
			until = other->next_second;
	}
	if (oldest != NULL)
		oldest->hand_until = until;
	return oldest;
}

static void
finish(struct tail *tail, struct source *source)
{
	source->hand_until = INT64_MAX;
	if (source->is_followed) {
		source->state = TAIL_FOLLOWING;
	} else {
		/* A whole file of the past: what stands behind its last newline is a line too. */
		source_finish(source, &tail->receiver, &tail->counts);
		source->state = TAIL_DONE;
	}
	if (source->gzip != NULL && source->error == 0 && !gzip_is_whole(source->gzip))
		tail_complain(tail, "%s ends in the middle: it is being written, or was cut off",
		    source->path);
}

bool
backfill_read(struct tail *tail, int64_t deadline_us)
{
	struct source *source;

	while ((source = choose_next(tail)) != NULL) {
		bool has_more = source->fd >= 0 && tail_read_until(tail, source, deadline_us);

		if (!has_more)
			finish(tail, source);
		else if (!source->is_holding)
			return true;
		if (tail_now_us() >= deadline_us)
			return true;
	}
	return false;
}
