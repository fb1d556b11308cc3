/* The protocol on standard input and output, for one client that started the daemon for itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/stdio.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemon/server/conversation.h"
#include "protocol/limits.h"
#include "protocol/wide_pipe.h"

struct stdio {
	struct event_base *base;
	struct conversation *conversation;
	struct evbuffer *in, *out;
	struct event *readable; /* NULL: standard input is a file, which is always readable */
	struct event *more;
	struct event *look; /* for a watch: does anybody still read */
	bool has_ended;
	bool follows;
};

static void on_readable(evutil_socket_t fd, short what, void *context);
static void on_more(evutil_socket_t fd, short what, void *context);
static void on_look(evutil_socket_t fd, short what, void *context);

static void
schedule(void *context)
{
	static const struct timeval now = {0, 0};
	struct stdio *stdio = context;

	if (!evtimer_pending(stdio->more, NULL))
		evtimer_add(stdio->more, &now);
}

/* Regular files and /dev/null, which epoll refuses: asked beforehand, since libevent would warn. */
static bool
is_always_readable(int fd)
{
	struct epoll_event readable = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	bool is_refused = epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &readable) != 0 &&
	    errno == EPERM;

	if (epoll >= 0)
		close(epoll);
	return is_refused;
}

struct stdio *
stdio_new(struct event_base *base, const struct answer_sources *sources, bool follows)
{
	const struct conversation_options options = {
	    .sources = sources,
	    .asker = {.sees_all = true},
	    .request_bytes = LIMIT_REQUEST_BYTES,
	    .unsent_bytes = LIMIT_UNSENT_BYTES,
	    .wake = schedule,
	};
	const struct timeval often = {.tv_sec = 1};
	struct stdio *stdio = calloc(1, sizeof(*stdio));

	if (stdio == NULL)
		return NULL;
	struct conversation_options own = options;
	own.context = stdio;
	stdio->base = base;
	stdio->follows = follows;
	stdio->conversation = conversation_new(&own);
	stdio->in = evbuffer_new();
	stdio->out = evbuffer_new();
	if (!is_always_readable(STDIN_FILENO))
		stdio->readable = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, on_readable,
		    stdio);
	stdio->more = evtimer_new(base, on_more, stdio);
	stdio->look = event_new(base, -1, EV_PERSIST, on_look, stdio);
	if (stdio->conversation == NULL || stdio->in == NULL || stdio->out == NULL ||
	    stdio->more == NULL || stdio->look == NULL || event_add(stdio->look, &often) != 0 ||
	    (stdio->readable != NULL && event_add(stdio->readable, NULL) != 0)) {
		stdio_free(stdio);
		return NULL;
	}
	wide_pipe(STDOUT_FILENO);
	if (stdio->readable == NULL)
		schedule(stdio);
	return stdio;
}

void
stdio_free(struct stdio *stdio)
{
	if (stdio == NULL)
		return;
	conversation_free(stdio->conversation);
	if (stdio->readable != NULL)
		event_free(stdio->readable);
	if (stdio->more != NULL)
		event_free(stdio->more);
	if (stdio->look != NULL)
		event_free(stdio->look);
	if (stdio->in != NULL)
		evbuffer_free(stdio->in);
	if (stdio->out != NULL)
		evbuffer_free(stdio->out);
	free(stdio);
}

/* False when nobody reads any more. */
static bool
write_all(struct stdio *stdio)
{
	while (evbuffer_get_length(stdio->out) != 0) {
		if (evbuffer_write(stdio->out, STDOUT_FILENO) >= 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return false;
		struct pollfd pollfd = {.fd = STDOUT_FILENO, .events = POLLOUT};
		poll(&pollfd, 1, -1);
	}
	return true;
}

static void
read_some(struct stdio *stdio)
{
	int got = evbuffer_read(stdio->in, STDIN_FILENO, LIMIT_REQUEST_BYTES);

	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	stdio->has_ended = true;
	if (stdio->readable != NULL)
		event_del(stdio->readable);
}

static void
run(struct stdio *stdio)
{
	enum conversation_state state = conversation_run(stdio->conversation, stdio->in, stdio->out,
	    stdio->has_ended);

	if (!write_all(stdio) || state == CONVERSATION_BROKE ||
	    (state == CONVERSATION_WAITS && stdio->has_ended &&
		!(stdio->follows && conversation_is_watching(stdio->conversation))))
		event_base_loopbreak(stdio->base);
	else if (state != CONVERSATION_WAITS || (stdio->readable == NULL && !stdio->has_ended))
		schedule(stdio);
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	struct stdio *stdio = context;

	(void)fd;
	(void)what;
	/* What has been read is answered before more is. */
	if (evtimer_pending(stdio->more, NULL))
		return;
	read_some(stdio);
	run(stdio);
}

static void
on_more(evutil_socket_t fd, short what, void *context)
{
	struct stdio *stdio = context;

	(void)fd;
	(void)what;
	if (stdio->readable == NULL && !stdio->has_ended &&
	    !conversation_is_answering(stdio->conversation))
		read_some(stdio);
	run(stdio);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
	struct stdio *stdio = context;
	struct pollfd pollfd = {.fd = STDOUT_FILENO};

	(void)fd;
	(void)what;
	if (stdio->has_ended && poll(&pollfd, 1, 0) > 0 && (pollfd.revents & (POLLERR | POLLHUP)))
		event_base_loopbreak(stdio->base);
}
