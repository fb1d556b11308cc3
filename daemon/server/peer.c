/* Peers: one connection of the socket each, with its conversation, its patience and its leave-taking. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/peer.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	DRAINED = 64 * 1024, /* bytes left unsent when it is time for more */
};

struct peer {
	struct peer_options options;
	struct bufferevent *stream;
	struct event
	    *more; /* the next slice: a timer, so that the loop looks at everybody else first */
	struct conversation *conversation;
	struct evbuffer *said; /* what is said while nothing waits to be sent */
	bool is_held;          /* goes on when it has read what waits for it */
	bool has_ended;        /* has said all it will */
	bool is_timed;         /* inside a request */
	bool is_leaving;       /* gets what is written, and no more */
};

static void on_read(struct bufferevent *stream, void *context);
static void on_written(struct bufferevent *stream, void *context);
static void on_event(struct bufferevent *stream, short what, void *context);
static void on_more(evutil_socket_t fd, short what, void *context);

static void
schedule(struct peer *peer)
{
	static const struct timeval now = {0, 0};

	if (!evtimer_pending(peer->more, NULL))
		evtimer_add(peer->more, &now);
}

static void
wake(void *context)
{
	schedule(context);
}

struct peer *
peer_new(int fd, const struct peer_options *options)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL) {
		close(fd);
		account_free(options->account);
		return NULL;
	}
	peer->options = *options;
	peer->options.conversation.wake = wake;
	peer->options.conversation.context = peer;
	peer->stream = bufferevent_socket_new(options->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (peer->stream == NULL)
		close(fd);
	peer->more = evtimer_new(options->base, on_more, peer);
	peer->conversation = conversation_new(&peer->options.conversation);
	peer->said = evbuffer_new();
	if (peer->stream == NULL || peer->more == NULL || peer->conversation == NULL ||
	    peer->said == NULL) {
		peer_free(peer);
		return NULL;
	}
	/* Long answers share the last rank with the back-fill: new questions come first. */
	event_priority_set(peer->more, event_base_get_npriorities(options->base) - 1);
	bufferevent_setcb(peer->stream, on_read, on_written, on_event, peer);
	bufferevent_setwatermark(peer->stream, EV_WRITE, DRAINED, 0);
	bufferevent_enable(peer->stream, EV_READ | EV_WRITE);
	return peer;
}

void
peer_free(struct peer *peer)
{
	conversation_free(peer->conversation);
	account_free(peer->options.account);
	if (peer->more != NULL)
		event_free(peer->more);
	if (peer->stream != NULL)
		bufferevent_free(peer->stream);
	if (peer->said != NULL)
		evbuffer_free(peer->said);
	free(peer);
}

static void
leave(struct peer *peer)
{
	peer->options.left(peer->options.context, peer);
	peer_free(peer);
}

/* The clock runs only while a request is incomplete: a client may keep a quiet connection. */
static void
set_patience(struct peer *peer, bool is_inside)
{
	const struct timeval patience = {.tv_sec = peer->options.idle_seconds};

	if (is_inside == peer->is_timed)
		return;
	peer->is_timed = is_inside;
	bufferevent_set_timeouts(peer->stream, is_inside ? &patience : NULL, NULL);
}

/* Leaves at once when everything is sent, else when it is. */
static void
leave_when_sent(struct peer *peer)
{
	if (evbuffer_get_length(bufferevent_get_output(peer->stream)) == 0) {
		leave(peer);
		return;
	}
	peer->is_leaving = true;
	bufferevent_setwatermark(peer->stream, EV_WRITE, 0, 0);
	bufferevent_disable(peer->stream, EV_READ);
}

/*
 * While there is something to answer, nothing more is read: the buffer never holds more than a request and what one read
 * brings with it. (libevent's own high watermark calls back without end until the buffer has been drained.)
 */
static void
set_reading(struct peer *peer, bool reads)
{
	if (peer->has_ended)
		return;
	if (reads)
		bufferevent_enable(peer->stream, EV_READ);
	else
		bufferevent_disable(peer->stream, EV_READ);
}

/* Sends what was said, without a turn of the loop for it; what the socket does not take now, or fails to, is libevent's. */
static void
send_said(struct peer *peer)
{
	if (evbuffer_get_length(peer->said) == 0)
		return;
	evbuffer_write(peer->said, bufferevent_getfd(peer->stream));
	bufferevent_write_buffer(peer->stream, peer->said);
}

static void
run(struct peer *peer)
{
	struct evbuffer *in = bufferevent_get_input(peer->stream);
	struct evbuffer *waiting = bufferevent_get_output(peer->stream);
	struct evbuffer *out = evbuffer_get_length(waiting) == 0 ? peer->said : waiting;
	enum conversation_state state = conversation_run(peer->conversation, in, out,
	    peer->has_ended);

	send_said(peer);
	peer->is_held = false;
	switch (state) {
	case CONVERSATION_BROKE:
		leave(peer);
		return;
	case CONVERSATION_GOES_ON:
		schedule(peer);
		break;
	case CONVERSATION_IS_FULL:
		/* Also where the last request was answered just now: nobody else would have it read again. */
		peer->is_held = true;
		if (evbuffer_get_length(waiting) <= DRAINED)
			schedule(peer);
		break;
	case CONVERSATION_WAITS:
		if (peer->has_ended && !conversation_is_watching(peer->conversation)) {
			leave_when_sent(peer);
			return;
		}
		set_patience(peer, conversation_is_inside_request(peer->conversation, in));
		set_reading(peer, true);
		return;
	}
	set_patience(peer, false);
	set_reading(peer, false);
}

static void
on_read(struct bufferevent *stream, void *context)
{
	struct peer *peer = context;

	(void)stream;
	/* Between slices the requests that come wait for their turn. */
	if (!peer->is_leaving && !evtimer_pending(peer->more, NULL))
		run(peer);
}

static void
on_written(struct bufferevent *stream, void *context)
{
	struct peer *peer = context;

	(void)stream;
	if (peer->is_leaving)
		leave_when_sent(peer);
	else if (peer->is_held)
		schedule(peer);
}

static void
on_more(evutil_socket_t fd, short what, void *context)
{
	struct peer *peer = context;

	(void)fd;
	(void)what;
	if (!peer->is_leaving)
		run(peer);
}

static void
on_event(struct bufferevent *stream, short what, void *context)
{
	struct peer *peer = context;
	struct rpc_error error;

	if (what & BEV_EVENT_ERROR) {
		leave(peer);
	} else if (what & BEV_EVENT_TIMEOUT) {
		rpc_error_set(&error, RPC_INVALID_REQUEST, NULL,
		    "nothing came for %u seconds in the middle of a request; end each with a newline",
		    peer->options.idle_seconds);
		conversation_write_error(bufferevent_get_output(stream), &error);
		leave_when_sent(peer);
	} else if ((what & BEV_EVENT_EOF) && !peer->is_leaving) {
		peer->has_ended = true;
		schedule(peer);
	}
}

void
peer_end(struct peer *peer)
{
	conversation_end(peer->conversation);
	peer->has_ended = true;
	schedule(peer);
}

bool
peer_is_answering(const struct peer *peer)
{
	return conversation_is_answering(peer->conversation);
}

void
peer_look(struct peer *peer)
{
	struct pollfd pollfd = {.fd = bufferevent_getfd(peer->stream)};

	if (peer->has_ended && poll(&pollfd, 1, 0) > 0 && (pollfd.revents & (POLLHUP | POLLERR)))
		leave(peer);
}
