/* Follow: a state machine over what the names point to now and the older files that are still being written. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/tail/state.h"

enum {
	QUIET_MS = 15 *
	    60000, /* an Exim that waits for a slow host holds the deleted log open for minutes */
	LONG_QUIET_MS = 24 * 3600000, /* of a rotated file that stands in the directory */
	MISSING_MS = 2000, /* a rotation takes the name away for a moment: no reason to complain */
	CLOCK_SLACK_S = 5,
};

char *
follow_path(const struct log *log)
{
	char *resolved = strchr(log->path, '%') != NULL ? series_resolve(log->path) : NULL;

	return resolved != NULL ? resolved : strdup(log->path);
}

static void
follow_source(struct tail *tail, struct source *source)
{
	source->is_followed = true;
	source->was_read = true;
	source->quiet_since = tail_now_ms();
	if (source->state != TAIL_BACKFILL)
		source->state = TAIL_FOLLOWING;
	watch_source(tail, source);
}

static void
set_live(struct tail *tail, struct log *log, struct source *source)
{
	if (log->was_live)
		log->rotations++;
	log->live = source;
	log->was_live = true;
	log->error = 0;
	log->is_complained = false;
	log->missing_since = 0;
	log->wall_since = time(NULL);
	follow_source(tail, source);
}

/* A file that was emptied before it was renamed: what is known of it is not what it holds. */
static void
notice_truncated(struct tail *tail)
{
	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];
		struct stat status;

		if (source->is_followed && source->fd >= 0 && source->gzip == NULL &&
		    fstat(source->fd, &status) == 0 &&
		    ((uint64_t)status.st_size < source->offset || !source_has_same_head(source)))
			follow_truncated(tail, source);
	}
}

/*
 * The log may have been rotated more than once since the last look (the machine was busy, the daemon stopped): siblings that are
 * not known and that were written since are read before the log itself, which is fresh where it is not known yet.
 */
static void
adopt_missed(struct tail *tail, struct log *log, const struct source *fresh)
{
	struct source *missed[16];
	struct series series;
	size_t count = 0;

	notice_truncated(tail);
	series_list(log->path, &series);
	for (size_t i = 0; i < series.count && count < sizeof(missed) / sizeof(missed[0]); i++) {
		struct source *source = source_open(series.paths[i], 0);
		struct stat status;

		if (source == NULL)
			continue;
		bool is_new = source->identity.len != 0 && fstat(source->fd, &status) == 0 &&
		    status.st_mtime >= log->wall_since - CLOCK_SLACK_S &&
		    known_find(tail, source) == NULL;
		/* The log that was just opened may have been renamed meanwhile. */
		if (fresh != NULL && fresh->inode == source->inode &&
		    fresh->device == source->device)
			is_new = false;
		for (size_t k = 0; k < count && is_new; k++)
			is_new = missed[k]->identity.hash != source->identity.hash;
		if (is_new)
			missed[count++] = source;
		else
			source_free(source);
	}
	series_clear(&series);
	backfill_sort_sources(tail, missed, count);
	for (size_t i = 0; i < count; i++) {
		struct source *source = tail_keep(tail, missed[i], (size_t)(log - tail->logs));

		if (source != NULL)
			follow_source(tail, source);
	}
}

/* Goes on with a text that has moved to another file, should lines of it be unread, or to know the way back into a compressed one. */
static void
find_rest(struct tail *tail, struct source *source)
{
	if (known_find_again(tail, source))
		follow_source(tail, source);
}

/* A file under its old inode was emptied: what it held may live on in a copy, and what it holds now is another text. */
static void
begin_anew(struct tail *tail, struct log *log)
{
	struct source *old = log->live, *fresh = source_open(old->path, 0);

	if (fresh == NULL || fresh->inode != old->inode || fresh->device != old->device) {
		source_free(fresh);
		return;
	}
	unwatch_source(tail, old);
	source_close(old);
	old->is_followed = false;
	if (old->state != TAIL_BACKFILL)
		old->state = TAIL_DONE;
	old->gone_at = 0;
	/* A copy made before the truncation may hold lines that had not been read yet. */
	find_rest(tail, old);
	adopt_missed(tail, log, fresh);
	fresh = tail_keep(tail, fresh, old->log);
	log->live = NULL;
	if (fresh != NULL)
		set_live(tail, log, fresh);
}

void
follow_truncated(struct tail *tail, struct source *source)
{
	for (size_t i = 0; i < tail->log_count; i++) {
		if (tail->logs[i].live == source && tail->options.follow) {
			begin_anew(tail, &tail->logs[i]);
			return;
		}
	}
	unwatch_source(tail, source);
	source_close(source);
	source->is_followed = false;
	source->gone_at = 0;
	if (source->state != TAIL_BACKFILL)
		source->state = TAIL_DONE;
	if (tail->options.follow)
		find_rest(tail, source);
	if (source->fd < 0)
		tail_complain(tail, "%s was truncated while it was read", source->path);
}

static void
open_live(struct tail *tail, struct log *log, const char *path)
{
	struct source *old = log->live, *source = source_open(path, 0);

	log->live = NULL;
	if (source == NULL) {
		tail_complain_unreadable(tail, log, path, errno);
		return;
	}
	struct source *known = known_find(tail, source);
	if (known != NULL && known->fd >= 0 && known->inode == source->inode &&
	    known->device == source->device) {
		/* Renamed there and back. */
		free(known->path);
		known->path = source->path;
		source->path = NULL;
		source_free(source);
		set_live(tail, log, known);
		return;
	}
	if (known != NULL && known == old && source_is_continued_by(old, source)) {
		/* The same text in a new file, as editors and `sed -i` leave it. */
		unwatch_source(tail, old);
		source_move(old, source);
		set_live(tail, log, old);
		return;
	}
	adopt_missed(tail, log, source);
	source = tail_keep(tail, source, (size_t)(log - tail->logs));
	if (source != NULL)
		set_live(tail, log, source);
}

static void
lose(struct tail *tail, struct log *log, const char *path, int error)
{
	int64_t now = tail_now_ms();

	/* It was moved or deleted: its last lines may still come through the open file. */
	log->live = NULL;
	log->is_complained &= log->error == error;
	log->error = error;
	if (log->missing_since == 0)
		log->missing_since = now;
	if (now - log->missing_since >= MISSING_MS || error != ENOENT)
		tail_complain_unreadable(tail, log, path, error);
}

static void
learn_paths(struct tail *tail)
{
	for (uint32_t i = 0; i < tail->source_count; i++)
		if (tail->sources[i]->fd >= 0 && tail->sources[i]->was_read &&
		    !known_is_live(tail, tail->sources[i]))
			known_learn_path(tail, tail->sources[i]);
}

/* True when names in the log's directory have changed since the last time that this was asked. */
static bool
has_new_names(struct log *log, const char *path)
{
	char *directory = series_directory(path);
	struct timespec now;
	struct stat status;
	bool is_new = directory != NULL && stat(directory, &status) == 0 &&
	    (status.st_mtim.tv_sec != log->names_changed.tv_sec ||
		status.st_mtim.tv_nsec != log->names_changed.tv_nsec);

	free(directory);
	if (!is_new)
		return false;
	/* The kernel's clock ticks slowly: a change that is very young may not be the last one of its time. */
	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec - status.st_mtim.tv_sec > 1)
		log->names_changed = status.st_mtim;
	return true;
}

/* What does the name point to now? */
static void
look(struct tail *tail, struct log *log)
{
	char *path = follow_path(log);
	struct source *live = log->live;
	struct stat status;

	if (path == NULL)
		return;
	/* The clock may have been set back: what is written from now on is news all the same. */
	if (log->wall_since > time(NULL))
		log->wall_since = time(NULL);
	watch_directory(tail, log, path);
	if (stat(path, &status) != 0)
		lose(tail, log, path, errno);
	else if (!S_ISREG(status.st_mode))
		lose(tail, log, path, S_ISDIR(status.st_mode) ? EISDIR : ESPIPE);
	else if (live == NULL || status.st_dev != live->device || status.st_ino != live->inode)
		open_live(tail, log, path);
	else if (live->gzip == NULL &&
	    ((uint64_t)status.st_size < live->offset || !source_has_same_head(live)))
		begin_anew(tail, log);
	/* A file may have come, been filled, and been copied away before its first line was read. */
	if (has_new_names(log, path)) {
		if (log->live == live)
			adopt_missed(tail, log, NULL);
		learn_paths(tail);
	}
	free(path);
}

bool
follow_read(struct tail *tail, int64_t deadline_us)
{
	/* Older files first: their late lines are older. */
	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];

		if (source->is_followed && source->fd >= 0 &&
		    tail_read_until(tail, source, deadline_us))
			return true;
	}
	return false;
}

/* Lets go of a rotated file that will not be written any more. */
static void
retire_source(struct tail *tail, struct source *source, int64_t now)
{
	struct stat status;

	if (fstat(source->fd, &status) != 0)
		return;
	if (source->is_followed) {
		int64_t quiet = now - source->quiet_since;
		bool is_read = source->gzip != NULL || (uint64_t)status.st_size <= source->offset;
		bool is_over = source->gzip != NULL ?
		    gzip_is_whole(source->gzip) || quiet > QUIET_MS :
		    quiet > (status.st_nlink == 0 ? QUIET_MS : LONG_QUIET_MS);

		if (!is_read || !is_over)
			return;
		source_finish(source, &tail->receiver, &tail->counts);
		source->is_followed = false;
		source->state = TAIL_DONE;
		unwatch_source(tail, source);
	}
	/* A deleted file holds its space for as long as it is open; once compressed it is read there. */
	if (status.st_nlink == 0 && source->gzip == NULL) {
		source->gone_at = 0;
		find_rest(tail, source);
		if (!source->is_followed)
			source_close(source);
	}
}

void
follow_retire(struct tail *tail)
{
	int64_t now = tail_now_ms();

	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];

		if (source->fd >= 0 && source->state != TAIL_BACKFILL &&
		    !known_is_live(tail, source))
			retire_source(tail, source, now);
	}
}

void
follow_look(struct tail *tail, bool is_name)
{
	for (size_t i = 0; i < tail->log_count; i++)
		if (is_name || tail->logs[i].live == NULL)
			look(tail, &tail->logs[i]);
}
