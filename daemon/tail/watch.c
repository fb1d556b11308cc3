/* Watch: inotify says when to look; where it cannot, the timer does. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/tail/state.h"

enum {
	FILE_EVENTS = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF,
	DIRECTORY_EVENTS = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB |
	    IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR,
};

void
watch_start(struct tail *tail)
{
	tail->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (tail->inotify >= 0)
		return;
	tail->counts.polling_only = true;
	tail_complain(tail, "inotify is not to be had (%s%s); looking every %u ms instead",
	    strerror(errno), errno == EMFILE ? ", see fs.inotify.max_user_instances" : "",
	    tail->options.poll_ms);
}

static int
add_watch(struct tail *tail, const char *path, uint32_t events, const char *shown)
{
	int watch = inotify_add_watch(tail->inotify, path, events);

	if (watch < 0 && errno == ENOSPC && !tail->counts.polling_only) {
		tail->counts.polling_only = true;
		tail_complain(tail,
		    "inotify has no watches left (see fs.inotify.max_user_watches); looking at %s every %u ms instead",
		    shown, tail->options.poll_ms);
	}
	return watch;
}

void
watch_source(struct tail *tail, struct source *source)
{
	char open_file[64];

	if (tail->inotify < 0 || source->watch >= 0 || source->fd < 0)
		return;
	/* By its descriptor: the name may point elsewhere by now. */
	snprintf(open_file, sizeof(open_file), "/proc/self/fd/%d", source->fd);
	source->watch = add_watch(tail, open_file, FILE_EVENTS, source->path);
	if (source->watch < 0 && errno == ENOENT)
		source->watch = add_watch(tail, source->path, FILE_EVENTS, source->path);
}

void
unwatch_source(struct tail *tail, struct source *source)
{
	if (source->watch < 0)
		return;
	inotify_rm_watch(tail->inotify, source->watch);
	source->watch = -1;
}

void
watch_directory(struct tail *tail, struct log *log, const char *path)
{
	char *directory;

	if (tail->inotify < 0 || (directory = series_directory(path)) == NULL)
		return;
	/* The kernel gives the same number for the same directory, and another one where it was replaced. */
	int watch = add_watch(tail, directory, DIRECTORY_EVENTS, directory);
	free(directory);
	if (watch == log->directory_watch)
		return;
	bool is_shared = false;
	for (size_t i = 0; i < tail->log_count; i++)
		is_shared |= &tail->logs[i] != log &&
		    tail->logs[i].directory_watch == log->directory_watch;
	if (log->directory_watch >= 0 && !is_shared)
		inotify_rm_watch(tail->inotify, log->directory_watch);
	log->directory_watch = watch;
}

unsigned
watch_drain(struct tail *tail)
{
	char events[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	unsigned seen = 0;
	ssize_t got;

	/* What does not fill the room was all that there was. */
	do {
		got = tail->inotify >= 0 ? read(tail->inotify, events, sizeof(events)) : -1;
		for (char *at = events; got > 0 && at < events + got;) {
			const struct inotify_event *event = (const struct inotify_event *)(void *)
			    at;

			/* All but more bytes in a file: names, permissions, and an overflow of the queue, which may have hidden anything. */
			seen |= (event->mask & IN_MODIFY) == 0 ? WATCH_NAMES : WATCH_BYTES;
			for (uint32_t i = 0;
			     i < tail->source_count && (event->mask & IN_IGNORED) != 0; i++)
				if (tail->sources[i]->watch == event->wd)
					tail->sources[i]->watch = -1;
			at += sizeof(*event) + event->len;
		}
	} while (got > (ssize_t)sizeof(events) / 2);
	return seen;
}
