/* The server: takes connections on the daemon's socket and lets each hold its conversation. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/server/peer.h"

enum {
	ACCEPTS_AT_ONCE = 16, /* then the others have a turn */
};

struct guest {
	LIST_ENTRY(guest) link;
	struct server *server;
	struct peer *peer;
};

struct server {
	struct server_options options;
	struct socket socket;
	struct access *access;
	struct event *readable; /* somebody wants to connect */
	bool is_paused;         /* no descriptor was left for a connection */
	bool is_starved;        /* and this was said */
	bool is_displaced;      /* another socket stands in our place */
	LIST_HEAD(, guest) guests;
	unsigned guest_count;
	uint64_t refused;
};

static void on_readable(evutil_socket_t fd, short what, void *context);

static bool
listen_events(struct server *server)
{
	server->readable = event_new(server->options.base, server->socket.fd, EV_READ | EV_PERSIST,
	    on_readable, server);
	return server->readable != NULL && event_add(server->readable, NULL) == 0;
}

struct server *
server_new(const struct server_options *options, char *problem, size_t size)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL) {
		snprintf(problem, size, "memory is out");
		return NULL;
	}
	server->options = *options;
	LIST_INIT(&server->guests);
	if (!socket_open(&server->socket, &options->socket, problem, size)) {
		free(server);
		return NULL;
	}
	server->access = access_new(&options->access);
	if (server->access == NULL || !listen_events(server)) {
		snprintf(problem, size, "memory is out");
		server_free(server);
		return NULL;
	}
	return server;
}

static void
guest_free(struct guest *guest)
{
	LIST_REMOVE(guest, link);
	guest->server->guest_count--;
	free(guest);
}

static void
stop_listening(struct server *server)
{
	if (server->readable != NULL)
		event_free(server->readable);
	server->readable = NULL;
	socket_close(&server->socket);
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	while (!LIST_EMPTY(&server->guests)) {
		struct guest *guest = LIST_FIRST(&server->guests);

		peer_free(guest->peer);
		guest_free(guest);
	}
	stop_listening(server);
	access_free(server->access);
	free(server);
}

static void
say(const struct server *server, const char *message)
{
	if (server->options.complain != NULL)
		server->options.complain(server->options.context, message);
}

static void
pause_accepting(struct server *server, bool is_paused)
{
	if (server->is_paused == is_paused || server->readable == NULL)
		return;
	server->is_paused = is_paused;
	if (is_paused)
		event_del(server->readable);
	else
		event_add(server->readable, NULL);
}

static void
on_left(void *context, struct peer *peer)
{
	struct guest *guest = context;
	struct server *server = guest->server;

	(void)peer;
	guest_free(guest);
	server->is_starved = false;
	pause_accepting(server, false);
}

/* As much politeness as fits into an empty socket: the answer, then the end. */
static void
turn_away(struct server *server, int fd)
{
	struct evbuffer *out = evbuffer_new();
	struct rpc_error error;

	server->refused++;
	rpc_error_set(&error, RPC_BUSY, NULL,
	    "all %u connections are in use; try again, or raise [socket] max-clients",
	    server->options.clients_max);
	if (out != NULL) {
		conversation_write_error(out, &error);
		evbuffer_write(out, fd);
		evbuffer_free(out);
	}
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void
welcome(struct server *server, int fd)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	struct peer_options options = {
	    .base = server->options.base,
	    .conversation = {.sources = server->options.sources,
		.request_bytes = server->options.request_bytes,
		.unsent_bytes = server->options.unsent_bytes},
	    .idle_seconds = server->options.idle_seconds,
	    .left = on_left,
	    .context = guest,
	};

	if (guest == NULL) {
		close(fd);
		return;
	}
	options.conversation.refusal = access_decide(server->access, fd,
	    &options.conversation.asker, &options.account);
	guest->server = server;
	guest->peer = peer_new(fd, &options);
	if (guest->peer == NULL) {
		free(guest);
		return;
	}
	LIST_INSERT_HEAD(&server->guests, guest, link);
	server->guest_count++;
}

/* Once, until a peer leaves and makes room. */
static void
say_starved(struct server *server, int error)
{
	char message[128];

	if (server->is_starved)
		return;
	server->is_starved = true;
	snprintf(message, sizeof(message), "cannot take connections for now: %s%s", strerror(error),
	    error == EMFILE ? "; raise LimitNOFILE" : "");
	say(server, message);
}

static void
on_readable(evutil_socket_t listener, short what, void *context)
{
	struct server *server = context;

	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 &&
		    (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)) {
			say_starved(server, errno);
			pause_accepting(server, true);
			return;
		}
		if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
			return;
		if (fd < 0)
			continue;
		if (server->guest_count >= server->options.clients_max)
			turn_away(server, fd);
		else
			welcome(server, fd);
	}
}

/* The file has been removed: nobody can reach us, so make it anew. The peers that are connected stay. */
static void
listen_again(struct server *server)
{
	char problem[512], message[600];
	struct socket fresh;

	if (!socket_open(&fresh, &server->options.socket, problem, sizeof(problem))) {
		if (!server->is_displaced) {
			snprintf(message, sizeof(message), "the socket has gone: %s", problem);
			say(server, message);
		}
		server->is_displaced = true;
		return;
	}
	stop_listening(server);
	server->socket = fresh;
	server->is_displaced = server->is_paused = false;
	if (!listen_events(server))
		say(server, "memory is out: nobody can connect");
	snprintf(message, sizeof(message), "the socket %s was removed; it is there again",
	    fresh.path);
	say(server, message);
}

void
server_look(struct server *server)
{
	struct guest *guest, *next;

	pause_accepting(server, false);
	if (server->readable != NULL && !socket_is_there(&server->socket))
		listen_again(server);
	for (guest = LIST_FIRST(&server->guests); guest != NULL; guest = next) {
		next = LIST_NEXT(guest, link);
		peer_look(guest->peer);
	}
}

void
server_write_clients(void *context, struct json_out *out)
{
	const struct server *server = context;

	json_out_object_begin(out);
	json_out_key(out, "now");
	json_out_uint(out, server->guest_count);
	json_out_key(out, "max");
	json_out_uint(out, server->options.clients_max);
	json_out_key(out, "refused");
	json_out_uint(out, server->refused);
	json_out_object_end(out);
}

void
server_end(struct server *server)
{
	struct guest *guest;

	stop_listening(server);
	LIST_FOREACH(guest, &server->guests, link)
	peer_end(guest->peer);
}

unsigned
server_peer_count(const struct server *server)
{
	return server->guest_count;
}

bool
server_is_answering(const struct server *server)
{
	const struct guest *guest;

	LIST_FOREACH(guest, &server->guests, link)
	if (peer_is_answering(guest->peer))
		return true;
	return false;
}

void
server_drop_answering(struct server *server)
{
	struct guest *guest, *next;

	for (guest = LIST_FIRST(&server->guests); guest != NULL; guest = next) {
		next = LIST_NEXT(guest, link);
		if (!peer_is_answering(guest->peer))
			continue;
		peer_free(guest->peer);
		guest_free(guest);
	}
}
