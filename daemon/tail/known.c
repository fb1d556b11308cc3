/* Known: a text keeps its identity when its file is renamed, copied, truncated or compressed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/tail/read_at.h"
#include "daemon/tail/state.h"

enum { SEARCH_AGAIN_MS = 1000 };

bool
known_is_live(const struct tail *tail, const struct source *source)
{
	for (size_t i = 0; i < tail->log_count; i++)
		if (tail->logs[i].live == source)
			return true;
	return false;
}

/* Two plain files that begin alike are one text when they also agree where the shorter one ends. */
static bool
agree_at_end(const struct source *a, const struct source *b)
{
	char left[4096], right[sizeof(left)];
	struct stat status_a, status_b;

	if (a->gzip != NULL || b->gzip != NULL || fstat(a->fd, &status_a) != 0 ||
	    fstat(b->fd, &status_b) != 0)
		return true;
	off_t end = status_a.st_size < status_b.st_size ? status_a.st_size : status_b.st_size;
	size_t len = end < (off_t)sizeof(left) ? (size_t)end : sizeof(left);
	return read_at(a->fd, left, len, (uint64_t)end - len) == (ssize_t)len &&
	    read_at(b->fd, right, len, (uint64_t)end - len) == (ssize_t)len &&
	    memcmp(left, right, len) == 0;
}

/* False when the file was truncated, or written anew, and nobody has noticed yet: what it held may be in a copy. */
static bool
holds_its_text(struct source *source)
{
	struct stat status;

	return source->gzip != NULL || fstat(source->fd, &status) != 0 ||
	    ((uint64_t)status.st_size >= source->offset && source_has_same_head(source));
}

struct source *
known_find(struct tail *tail, struct source *candidate)
{
	char head[IDENTITY_BYTES], known_head[IDENTITY_BYTES];
	int len = identity_read_head(candidate->fd, head), known_len;

	for (uint32_t i = 0; i < tail->source_count; i++) {
		struct source *source = tail->sources[i];

		/* A number stays a file's own for as long as that is open. */
		if (source->fd >= 0 && source->device == candidate->device &&
		    source->inode == candidate->inode)
			return source;
		bool is_same = len > 0 && identity_fits(&source->identity, head, (size_t)len);
		if (!is_same && source->fd >= 0 && candidate->identity.len != 0 &&
		    candidate->identity.len < source->identity.len) {
			known_len = identity_read_head(source->fd, known_head);
			is_same = known_len > 0 &&
			    identity_fits(&candidate->identity, known_head, (size_t)known_len);
		}
		if (is_same &&
		    (source->fd < 0 || agree_at_end(source, candidate) || !holds_its_text(source)))
			return source;
	}
	return NULL;
}

/* What holds the text now, among the siblings; a plain file rather than a compressed one, which may be half written yet. */
static struct source *
open_again(struct tail *tail, const struct source *source)
{
	const struct log *log = &tail->logs[source->log];
	struct source *found = NULL;
	struct series series;

	series_list(log->path, &series);
	for (size_t i = 0; i < series.count; i++) {
		char head[IDENTITY_BYTES];
		int len = identity_read_head_of(series.paths[i], head);

		if (len <= 0 || !identity_fits(&source->identity, head, (size_t)len) ||
		    (found != NULL && found->gzip == NULL))
			continue;
		struct source *again = source_open(series.paths[i], source->number);
		if (again == NULL)
			continue;
		if ((log->live != NULL && again->inode == log->live->inode &&
			again->device == log->live->device) ||
		    (found != NULL && again->gzip != NULL)) {
			source_free(again);
			continue;
		}
		source_free(found);
		found = again;
	}
	series_clear(&series);
	return found;
}

/* Where a deleted file's text lives on: compressed, most often. */
static char *
path_of_copy(struct tail *tail, const struct source *source)
{
	struct source *again = source->identity.len != 0 ? open_again(tail, source) : NULL;
	char *path = again != NULL ? strdup(again->path) : NULL;

	source_free(again);
	return path;
}

/* A descriptor knows where its file is now. NULL when it has no name. */
static char *
path_of_descriptor(int fd)
{
	char open_file[64], path[PATH_MAX];
	ssize_t len;

	snprintf(open_file, sizeof(open_file), "/proc/self/fd/%d", fd);
	len = readlink(open_file, path, sizeof(path) - 1);
	if (len <= 0)
		return NULL;
	path[len] = '\0';
	return access(path, F_OK) == 0 ? strdup(path) : NULL;
}

void
known_learn_path(struct tail *tail, struct source *source)
{
	struct stat status;
	bool is_deleted = fstat(source->fd, &status) == 0 && status.st_nlink == 0;
	char *path = is_deleted ? path_of_copy(tail, source) : path_of_descriptor(source->fd);

	if (path == NULL)
		return;
	free(source->path);
	source->path = path;
}

bool
known_find_again(struct tail *tail, struct source *source)
{
	int64_t now = tail_now_ms();

	/* Thousands of lines may be asked for; the directory is searched once. */
	if (source->identity.len == 0 ||
	    (source->gone_at != 0 && now - source->gone_at < SEARCH_AGAIN_MS))
		return false;
	struct source *again = open_again(tail, source);
	source->gone_at = again == NULL ? now : 0;
	if (again == NULL)
		return false;
	unwatch_source(tail, source);
	source_move(source, again);
	return true;
}

bool
known_reopen(struct tail *tail, struct source *source)
{
	char head[IDENTITY_BYTES];
	int len;

	if (source->fd >= 0)
		return true;
	len = identity_read_head_of(source->path, head);
	if (len > 0 && identity_fits(&source->identity, head, (size_t)len)) {
		struct source *again = source_open(source->path, source->number);

		if (again == NULL)
			return false;
		source_move(source, again);
		return true;
	}
	return known_find_again(tail, source);
}
