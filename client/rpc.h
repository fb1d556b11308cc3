/* RPC: requests out, responses and notifications in, a line each (JSON-RPC 2.0). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RPC_H
#define CLIENT_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

struct rpc {
	int socket;
	int64_t last_id;
	char *buffer; /* what was read: lines begin at from, bytes end at len */
	size_t from, len, size;
	size_t searched; /* no newline before this */
	char *unsent;
	size_t unsent_from, unsent_len, unsent_size;
};

enum rpc_state {
	RPC_LINE,
	RPC_AGAIN, /* nothing whole has come yet; only where waiting was not asked for */
	RPC_CLOSED,
	RPC_CUT,    /* closed in the middle of a line */
	RPC_FAILED, /* errno says why */
};

void rpc_init(struct rpc *rpc, int socket);
void rpc_clear(struct rpc *rpc); /* closes nothing */

/* Queues a request and takes params over (NULL: none). Returns its id, or -1 when memory is out. */
int64_t rpc_queue(struct rpc *rpc, const char *method, struct json_object *params);
/* Sends what is queued: all of it, or what the other side takes now. 0 or -errno. */
int rpc_flush(struct rpc *rpc, bool waits);
bool rpc_has_unsent(const struct rpc *rpc);

/* The next line, without its end and NUL-terminated; valid until the next call. */
enum rpc_state rpc_read_line(struct rpc *rpc, bool waits, char **line, size_t *len);

/* What came in a line; the parts borrow from message. */
struct rpc_message {
	struct json_object *message;
	int64_t id;         /* -1: a notification, or an error without one */
	const char *method; /* of a notification, else NULL */
	struct json_object *params;
	struct json_object *result;
	struct json_object *error;
};

/* False when the line is not JSON-RPC; else the caller puts message->message. */
bool rpc_parse(const char *line, size_t len, struct rpc_message *message);

#endif
