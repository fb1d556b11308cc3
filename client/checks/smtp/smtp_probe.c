/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/smtp/smtp_probe.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/checks/patience.h"
#include "client/checks/smtp/smtp_reply.h"

enum {
	REPLY_MAX =
	    8192, /* bytes; RFC 5321 4.5.3.1.5 allows 512 a line, in as many lines as there are */
};

enum step {
	STEP_CONNECT,
	STEP_GREETING,
	STEP_EHLO,
	STEP_DONE,
};

struct conversation {
	struct smtp_probe *probe;
	enum step step;
	int fd;
	int64_t ends_ms; /* the step */
	size_t len;
	char reply[REPLY_MAX];
};

/* An answer to the SYN, the greeting, the reply to EHLO: each has its time. */
static void
begin_step(struct conversation *conversation, enum step step)
{
	conversation->step = step;
	conversation->ends_ms = patience_now_ms() + patience_ms(PATIENCE_SMTP);
	conversation->len = 0;
}

static void
end(struct conversation *conversation)
{
	if (conversation->fd >= 0)
		close(conversation->fd);
	conversation->fd = -1;
	conversation->step = STEP_DONE;
}

static void
end_with(struct conversation *conversation, enum probe_result result, int error)
{
	conversation->probe->result = result;
	conversation->probe->error = error;
	end(conversation);
}

static enum probe_result
result_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return PROBE_REFUSED;
	case ETIMEDOUT:
		return PROBE_TIMED_OUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return PROBE_UNREACHABLE;
	case EACCES:
	case EPERM:
		return PROBE_PROHIBITED;
	case ECONNRESET:
	case EPIPE:
		return PROBE_RESET;
	default:
		return PROBE_FAILED;
	}
}

static socklen_t
socket_address(const struct ip *ip, int port, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)ip->family;
	if (ip->family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)address;

		in->sin_port = htons((uint16_t)port);
		memcpy(&in->sin_addr, ip->bytes, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	in6->sin6_port = htons((uint16_t)port);
	memcpy(&in6->sin6_addr, ip->bytes, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

static void
note_local_address(struct conversation *conversation)
{
	struct smtp_probe *probe = conversation->probe;
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(conversation->fd, (struct sockaddr *)&address, &len) != 0)
		return;
	probe->local = (struct ip){.family = address.ss_family};
	if (address.ss_family == AF_INET)
		memcpy(probe->local.bytes, &((struct sockaddr_in *)&address)->sin_addr, 4);
	else if (address.ss_family == AF_INET6)
		memcpy(probe->local.bytes, &((struct sockaddr_in6 *)&address)->sin6_addr, 16);
	probe->has_local = true;
}

static void
begin(struct conversation *conversation)
{
	struct smtp_probe *probe = conversation->probe;
	struct sockaddr_storage address;
	socklen_t len = socket_address(&probe->ip, probe->port, &address);

	conversation->fd = socket(probe->ip.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    IPPROTO_TCP);
	if (conversation->fd < 0) {
		end_with(conversation, result_of(errno), errno);
		return;
	}
	begin_step(conversation, STEP_CONNECT);
	if (connect(conversation->fd, (struct sockaddr *)&address, len) != 0 &&
	    errno != EINPROGRESS)
		end_with(conversation, result_of(errno), errno);
	else
		/* Now, as the server may reset the connection before it is looked at. */
		note_local_address(conversation);
}

static void
finish_connect(struct conversation *conversation)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(conversation->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		end_with(conversation, result_of(error), error);
		return;
	}
	conversation->probe->result = PROBE_SILENT;
	begin_step(conversation, STEP_GREETING);
}

/* Sends a line as far as it goes at once: so little fits into any socket. */
static bool
say(struct conversation *conversation, const char *command, const char *argument)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s%.400s\r\n", command, argument);

	return send(conversation->fd, line, (size_t)len, MSG_NOSIGNAL) == len;
}

static void
take_greeting(struct conversation *conversation)
{
	struct smtp_probe *probe = conversation->probe;

	probe->greeting = smtp_reply_text(conversation->reply, conversation->len);
	probe->code = smtp_reply_code(conversation->reply, conversation->len);
	if (probe->code == 0)
		end_with(conversation, PROBE_NOT_SMTP, 0);
	else
		probe->result = PROBE_GREETED;
}

static void
take_capabilities(struct conversation *conversation)
{
	struct smtp_probe *probe = conversation->probe;

	probe->has_answered_ehlo = smtp_reply_code(conversation->reply, conversation->len) / 100 ==
	    2;
	probe->has_starttls = probe->has_answered_ehlo &&
	    smtp_reply_has_keyword(conversation->reply, conversation->len, "STARTTLS");
}

static void
take_reply(struct conversation *conversation, const char *helo)
{
	if (conversation->step == STEP_GREETING) {
		take_greeting(conversation);
		if (conversation->step == STEP_DONE)
			return;
		if (conversation->probe->code / 100 == 2 && say(conversation, "EHLO ", helo)) {
			begin_step(conversation, STEP_EHLO);
			return;
		}
	} else {
		take_capabilities(conversation);
	}
	/* The answer to it is of no use, so nobody waits for it. */
	say(conversation, "QUIT", "");
	end(conversation);
}

/* What an end before the reply was whole means. */
static void
take_end(struct conversation *conversation, enum probe_result result, int error)
{
	if (conversation->step == STEP_GREETING) {
		if (conversation->len != 0)
			conversation->probe->greeting = smtp_reply_text(conversation->reply,
			    conversation->len);
		end_with(conversation, result, error);
	} else {
		end(conversation);
	}
}

static void
receive(struct conversation *conversation, const char *helo)
{
	ssize_t got = recv(conversation->fd, conversation->reply + conversation->len,
	    sizeof(conversation->reply) - conversation->len, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		take_end(conversation, PROBE_RESET, errno);
		return;
	}
	if (got == 0) {
		take_end(conversation, PROBE_CLOSED, 0);
		return;
	}
	conversation->len += (size_t)got;
	if (smtp_reply_is_whole(conversation->reply, conversation->len) ||
	    conversation->len == sizeof(conversation->reply))
		take_reply(conversation, helo);
}

static void
give_up(struct conversation *conversation)
{
	if (conversation->step == STEP_CONNECT)
		end_with(conversation, PROBE_TIMED_OUT, ETIMEDOUT);
	else
		take_end(conversation, PROBE_SILENT, 0);
}

/* Ends what has had its time. Returns for how long the others may be waited for; -1: there are no others. */
static int
next_wait(struct conversation *conversations, size_t count)
{
	int64_t now = patience_now_ms(), next = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		struct conversation *conversation = &conversations[i];

		if (conversation->step == STEP_DONE)
			continue;
		if (conversation->ends_ms <= now)
			give_up(conversation);
		else if (conversation->ends_ms < next)
			next = conversation->ends_ms;
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

static void
converse(struct conversation *conversations, struct pollfd *polled, size_t count, const char *helo)
{
	int wait;

	for (size_t i = 0; i < count; i++)
		begin(&conversations[i]);
	while ((wait = next_wait(conversations, count)) >= 0) {
		/* poll leaves out what has a negative descriptor. */
		for (size_t i = 0; i < count; i++)
			polled[i] = (struct pollfd){
			    .fd = conversations[i].fd,
			    .events = conversations[i].step == STEP_CONNECT ? POLLOUT : POLLIN,
			};
		if (poll(polled, (nfds_t)count, wait) <= 0)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (polled[i].revents == 0)
				continue;
			if (conversations[i].step == STEP_CONNECT)
				finish_connect(&conversations[i]);
			else
				receive(&conversations[i], helo);
		}
	}
}

void
smtp_probe_all(struct smtp_probe *probes, size_t count, const char *helo)
{
	struct conversation *conversations = calloc(count + 1, sizeof(*conversations));
	struct pollfd *polled = calloc(count + 1, sizeof(*polled));

	for (size_t i = 0; i < count; i++) {
		probes[i].result = PROBE_FAILED;
		probes[i].error = ENOMEM;
		if (conversations != NULL)
			conversations[i] = (struct conversation){.probe = &probes[i], .fd = -1};
	}
	if (conversations != NULL && polled != NULL)
		converse(conversations, polled, count, helo);
	free(conversations);
	free(polled);
}

void
smtp_probe_clear(struct smtp_probe *probe)
{
	free(probe->greeting);
	probe->greeting = NULL;
}
