/* The server: takes connections on the daemon's socket and lets each hold its conversation. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/answer/answer.h"
#include "daemon/server/access.h"
#include "daemon/server/socket.h"

struct event_base;
struct server;

struct server_options {
	struct event_base *base;
	const struct answer_sources *sources; /* borrowed for as long as the server lives */
	struct socket_options socket;         /* its strings are borrowed likewise */
	struct access_options access;
	unsigned clients_max;
	unsigned idle_seconds;
	size_t request_bytes, unsent_bytes;
	/* One line for the daemon's own log. */
	void (*complain)(void *context, const char *message);
	void *context;
};

/* Listens. NULL with a sentence in problem. */
struct server *server_new(const struct server_options *options, char *problem, size_t size);
void server_free(struct server *server);

/* To be called every second: whether the socket's file is still there, connections can be accepted again, and peers are still there. */
void server_look(struct server *server);

/* For answer_sources.write_clients; context is the server. */
void server_write_clients(void *context, struct json_out *out);

/* Takes no more connections and lets the peers go as soon as each has the answer that it is getting. */
void server_end(struct server *server);
unsigned server_peer_count(const struct server *server);

/* Drops the peers that are in the middle of an answer: what it is made from is about to change. */
void server_drop_answering(struct server *server);
bool server_is_answering(const struct server *server);

#endif
