/* The protocol on standard input and output, for one client that started the daemon for itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_STDIO_H
#define SERVER_STDIO_H

#include "daemon/answer/answer.h"

struct event_base;
struct stdio;

/*
 * Answers what comes on standard input until it ends and everything is answered, then breaks the loop of base. Where the logs are
 * followed, a watch goes on until nobody reads; else it has seen all that will ever come. Writing waits for the client: there is
 * nobody else. NULL when memory is out.
 */
struct stdio *stdio_new(struct event_base *base, const struct answer_sources *sources,
    bool follows);
void stdio_free(struct stdio *stdio);

#endif
