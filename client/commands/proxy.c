/* proxy: joins standard input and output to the daemon's socket; what -H runs at the far end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/session.h"

struct stream {
	int from, to;
	char buffer[64 * 1024];
	size_t begin, end;
	bool has_ended; /* nothing more comes */
};

static bool
is_empty(const struct stream *stream)
{
	return stream->begin == stream->end;
}

/* Never waits once poll said that there is room: the other direction has to go on. */
static ssize_t
send_some(int fd, const char *at, size_t len)
{
	ssize_t sent = send(fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno == ENOTSOCK)
		sent = write(fd, at, len < PIPE_BUF ? len : PIPE_BUF);
	return sent;
}

/* False when the receiving side is gone. */
static bool
move(struct stream *stream, short in, short out)
{
	if (in != 0 && is_empty(stream) && !stream->has_ended) {
		ssize_t got = read(stream->from, stream->buffer, sizeof(stream->buffer));

		if (got > 0)
			stream->begin = 0, stream->end = (size_t)got;
		else if (got == 0 || (errno != EINTR && errno != EAGAIN))
			stream->has_ended = true;
	}
	if (out != 0 && !is_empty(stream)) {
		ssize_t sent = send_some(stream->to, stream->buffer + stream->begin,
		    stream->end - stream->begin);

		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (sent > 0)
			stream->begin += (size_t)sent;
	}
	return true;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static struct stream there, back;
	bool was_told = false;
	int status = session_connect(session);

	(void)arguments;
	if (status != 0)
		return status;
	there = (struct stream){.from = STDIN_FILENO, .to = session->transport.socket};
	back = (struct stream){.from = session->transport.socket, .to = STDOUT_FILENO};
	while (!back.has_ended || !is_empty(&back)) {
		struct pollfd ready[] = {
		    {.fd = is_empty(&there) && !there.has_ended ? there.from : -1,
			.events = POLLIN},
		    {.fd = is_empty(&there) ? -1 : there.to, .events = POLLOUT},
		    {.fd = is_empty(&back) && !back.has_ended ? back.from : -1, .events = POLLIN},
		    {.fd = is_empty(&back) ? -1 : back.to, .events = POLLOUT},
		};

		if (poll(ready, 4, -1) < 0 && errno != EINTR)
			return usage_error("cannot wait: %s", strerror(errno));
		if (!move(&back, ready[2].revents, ready[3].revents))
			break;
		if (!move(&there, ready[0].revents, ready[1].revents))
			there.begin = there.end = 0, there.has_ended = true;
		if (there.has_ended && is_empty(&there) && !was_told) {
			transport_end_sending(&session->transport);
			was_told = true;
		}
	}
	return EXIT_ANSWERED;
}

static const struct option_spec options[] = {OPTIONS_END};

const struct command command_proxy = {
    .name = "proxy",
    .usage = "",
    .summary = "joins standard input and output to the socket (what -H runs at the far end)",
    .options = options,
    .operands_max = 0,
    .is_live = true,
    .run = run,
};
