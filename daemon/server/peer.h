/* Peers: one connection of the socket each, with its conversation, its patience and its leave-taking. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include <stdbool.h>

#include "daemon/server/access.h"
#include "daemon/server/conversation.h"

struct event_base;
struct peer;

struct peer_options {
	struct event_base *base;
	struct conversation_options conversation; /* wake is the peer's own */
	struct account *account;                  /* NULL, or freed with the peer */
	unsigned idle_seconds;
	/* The peer has left or been shown out; it is freed when the call returns. */
	void (*left)(void *context, struct peer *peer);
	void *context;
};

/* Takes over fd, a connected non-blocking socket, and account, in any case. NULL when memory is out. */
struct peer *peer_new(int fd, const struct peer_options *options);
/* Drops the connection; `left` is not called. */
void peer_free(struct peer *peer);

/* Lets the peer go when it has got the answer that it is getting; every request from now on is answered with shutting-down. */
void peer_end(struct peer *peer);
/* True between the beginning of an answer and its end. */
bool peer_is_answering(const struct peer *peer);
/* Drops a watcher that has gone: one that has said all it will and is not written to would never be noticed. May call `left`. */
void peer_look(struct peer *peer);

#endif
