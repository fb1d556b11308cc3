/* Turns: when the tail reads, for how long, and what wakes it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <event2/event.h>
#include <unistd.h>

#include "daemon/tail/state.h"

enum {
	SLICE_US = 1000,      /* of reading between two looks at the sockets */
	ASKED_SLICE_US = 200, /* likewise, while questions come */
	/* The pause after a read, so that lines that come one by one are read by the handful: reading takes a two-hundredth of the time, for as long as that is soon. */
	PAUSE_SHARE = 200,
	PAUSE_MIN_US = 1500,
	PAUSE_MAX_US = 3000,
	PAUSE_GATHERING_US = 25000, /* while nobody waits for lines */
	CATCH_UP_US = 1000,         /* what a question may wait for lines written before it */
};

static void
finish_backfill(struct tail *tail)
{
	tail->is_caught_up = true;
	tail->counts.backfill_done = true;
	tail->backfill_ended = tail_now_ms();
	if (tail->receiver.caught_up != NULL)
		tail->receiver.caught_up(tail->receiver.context);
}

/* How long to leave the file alone after a read that took so long. */
static int64_t
pause_us(const struct tail *tail, int64_t took_us)
{
	int64_t pause = took_us * PAUSE_SHARE;

	if (tail->hurries == 0)
		return PAUSE_GATHERING_US;
	return pause < PAUSE_MIN_US ? PAUSE_MIN_US : pause > PAUSE_MAX_US ? PAUSE_MAX_US : pause;
}

/*
 * Where lines come, more are to come: the next read is in a moment, and until then nobody needs to say that there is something to
 * read. Only where nothing has come is inotify listened to.
 */
static void
wait_for_more(struct tail *tail, bool is_busy, int64_t wait_us)
{
	struct timeval wait = {0, (suseconds_t)wait_us};

	if (!tail->is_caught_up || tail->notified == NULL) {
		/* The names are watched all the time. */
	} else if (is_busy) {
		event_del(tail->notified);
	} else {
		event_add(tail->notified, NULL);
	}
	/* Not event_active(): an event that activates itself keeps libevent from looking at the sockets. */
	if (is_busy)
		event_add(tail->work, &wait);
	else
		event_del(tail->work);
}

/* Reads on for a slice of that length. */
static void
run(struct tail *tail, int64_t slice_us)
{
	uint64_t before = tail->counts.bytes;
	int64_t began = tail_now_us(), deadline_us = began + slice_us;

	tail->is_behind = backfill_read(tail, deadline_us) || follow_read(tail, deadline_us);
	if (!tail->is_behind && !tail->is_caught_up)
		finish_backfill(tail);
	wait_for_more(tail, tail->is_behind || tail->counts.bytes != before,
	    tail->is_behind ? 0 : pause_us(tail, tail_now_us() - began));
}

static void
run_slice(struct tail *tail)
{
	run(tail, tail_is_asked(tail) ? ASKED_SLICE_US : SLICE_US);
}

/* Takes what inotify has to say, and reads on. */
static void
attend(struct tail *tail)
{
	follow_look(tail, (watch_drain(tail) & WATCH_NAMES) != 0);
	run_slice(tail);
}

static void
on_work(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	attend(context);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct tail *tail = context;

	(void)fd;
	(void)what;
	follow_look(tail, true);
	run_slice(tail);
	follow_retire(tail);
	if (tail->receiver.looked != NULL)
		tail->receiver.looked(tail->receiver.context);
}

static void
on_notify(evutil_socket_t fd, short what, void *context)
{
	struct tail *tail = context;

	(void)fd;
	(void)what;
	/* The back-fill has its own turn, behind the sockets. */
	if (tail->is_caught_up)
		attend(tail);
	else
		follow_look(tail, (watch_drain(tail) & WATCH_NAMES) != 0);
}

void
tail_catch_up(struct tail *tail)
{
	unsigned seen;

	if (!tail->options.follow)
		return;
	tail->asked_us = tail_now_us();
	if (!tail->is_caught_up || tail->is_behind)
		return;
	seen = watch_drain(tail);
	if (seen == 0 && !tail->counts.polling_only)
		return;
	follow_look(tail, (seen & WATCH_NAMES) != 0);
	run(tail, CATCH_UP_US);
}

void
tail_hurry(struct tail *tail)
{
	tail->hurries++;
}

void
tail_rest(struct tail *tail)
{
	tail->hurries--;
}

bool
turns_start(struct tail *tail)
{
	struct timeval interval = {tail->options.poll_ms / 1000,
	    (suseconds_t)(tail->options.poll_ms % 1000) * 1000};
	int lowest = event_base_get_npriorities(tail->base) - 1;

	watch_start(tail);
	tail->work = event_new(tail->base, -1, 0, on_work, tail);
	tail->timer = event_new(tail->base, -1, EV_PERSIST, on_timer, tail);
	if (tail->work == NULL || tail->timer == NULL ||
	    event_priority_set(tail->work, lowest) != 0 ||
	    event_priority_set(tail->timer, 0) != 0 || event_add(tail->timer, &interval) != 0 ||
	    event_add(tail->work, &(struct timeval){0, 0}) != 0)
		return false;
	if (tail->inotify >= 0) {
		tail->notified = event_new(tail->base, tail->inotify, EV_READ | EV_PERSIST,
		    on_notify, tail);
		if (tail->notified == NULL || event_add(tail->notified, NULL) != 0)
			return false;
	}
	for (uint32_t i = 0; i < tail->source_count; i++)
		if (tail->sources[i]->is_followed)
			watch_source(tail, tail->sources[i]);
	follow_look(tail, true);
	return true;
}

void
turns_stop(struct tail *tail)
{
	struct event *events[] = {tail->notified, tail->timer, tail->work};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (tail->inotify >= 0)
		close(tail->inotify);
}
