/* A conversation: takes one peer's lines out of a buffer, answers them in order into another, in slices. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_CONVERSATION_H
#define SERVER_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/answer/answer.h"

struct conversation;
struct evbuffer;

struct conversation_options {
	const struct answer_sources *sources; /* borrowed */
	struct asker asker;
	const char *refusal; /* NULL: the peer may ask; else why not, as a hint. Borrowed. */
	size_t request_bytes, unsent_bytes; /* limits */
	/* A watch has something to tell: run the conversation, but not from within this call. */
	void (*wake)(void *context);
	void *context;
};

/* NULL when memory is out. */
struct conversation *conversation_new(const struct conversation_options *options);
void conversation_free(struct conversation *conversation);

enum conversation_state {
	CONVERSATION_WAITS,   /* every request in the buffer is answered */
	CONVERSATION_GOES_ON, /* a slice is over: run it again, soon */
	CONVERSATION_IS_FULL, /* the peer must read first: run it again when out has been drained */
	CONVERSATION_BROKE, /* memory is out in the middle of an answer: nothing sensible can follow */
};

/*
 * Takes requests from in and writes answers to out for some milliseconds. Requests stay in the buffer until it is their turn, so
 * a peer that sends many is read no faster than it is answered. at_end: nothing will come after what in holds, so
 * that the last line needs no newline.
 */
enum conversation_state conversation_run(struct conversation *conversation, struct evbuffer *in,
    struct evbuffer *out, bool at_end);

/* True while a line has begun in the buffer (or is being passed over) and its newline has not come. */
bool conversation_is_inside_request(const struct conversation *conversation, struct evbuffer *in);
/* True while a watch goes on. */
bool conversation_is_watching(const struct conversation *conversation);
/* True between the beginning of an answer and its end. */
bool conversation_is_answering(const struct conversation *conversation);
/* From now on requests are answered with shutting-down, and watches tell no more. */
void conversation_end(struct conversation *conversation);

/* Writes a response with that error, with the id null, as one line. */
void conversation_write_error(struct evbuffer *out, const struct rpc_error *error);

#endif
