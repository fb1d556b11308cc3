/* Transport: the way to a daemon: its socket, a private one for log files, or another machine's through ssh. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_TRANSPORT_H
#define CLIENT_TRANSPORT_H

#include <stdbool.h>
#include <sys/types.h>

struct arguments;

struct transport {
	int socket;      /* -1: closed */
	pid_t child;     /* 0: none */
	char where[256]; /* for messages: "the daemon at /run/..." */
};

/* Returns 0, or EXIT_UNREACHABLE after one line on standard error that says what to do. */
int transport_open(struct transport *transport, const struct arguments *arguments);

/* Whether transport_open would find a daemon at its socket; says nothing. */
bool transport_is_reachable(const struct arguments *arguments);

/* No more is going to be sent. */
void transport_end_sending(struct transport *transport);

/* Closes, and waits for the child. Returns its exit status, 0 where there is none. */
int transport_close(struct transport *transport);

#endif
