/* RPC: requests out, responses and notifications in, a line each (JSON-RPC 2.0). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/rpc.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* At once: more would not stay in the processor's cache until it is looked at. */
	READ_BYTES = 128 * 1024,
	LINE_MAX_BYTES = 512 * 1024 * 1024, /* a page of the largest stories is far smaller */
};

void
rpc_init(struct rpc *rpc, int socket)
{
	*rpc = (struct rpc){.socket = socket};
}

void
rpc_clear(struct rpc *rpc)
{
	free(rpc->buffer);
	free(rpc->unsent);
	*rpc = (struct rpc){.socket = -1};
}

static bool
append_unsent(struct rpc *rpc, const char *at, size_t len)
{
	if (rpc->unsent_from == rpc->unsent_len)
		rpc->unsent_from = rpc->unsent_len = 0;
	if (rpc->unsent_len + len > rpc->unsent_size) {
		size_t size = (rpc->unsent_len + len) * 2;
		char *grown = realloc(rpc->unsent, size);

		if (grown == NULL)
			return false;
		rpc->unsent = grown;
		rpc->unsent_size = size;
	}
	memcpy(rpc->unsent + rpc->unsent_len, at, len);
	rpc->unsent_len += len;
	return true;
}

int64_t
rpc_queue(struct rpc *rpc, const char *method, struct json_object *params)
{
	struct json_object *request = json_object_new_object();
	const char *text;

	json_object_object_add(request, "jsonrpc", json_object_new_string("2.0"));
	json_object_object_add(request, "id", json_object_new_int64(rpc->last_id + 1));
	json_object_object_add(request, "method", json_object_new_string(method));
	if (params != NULL)
		json_object_object_add(request, "params", params);
	text = json_object_to_json_string_ext(request,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	bool is_queued = text != NULL && append_unsent(rpc, text, strlen(text)) &&
	    append_unsent(rpc, "\n", 1);
	json_object_put(request);
	return is_queued ? ++rpc->last_id : -1;
}

bool
rpc_has_unsent(const struct rpc *rpc)
{
	return rpc->unsent_from < rpc->unsent_len;
}

int
rpc_flush(struct rpc *rpc, bool waits)
{
	while (rpc_has_unsent(rpc)) {
		struct pollfd ready = {.fd = rpc->socket, .events = POLLOUT};

		if (poll(&ready, 1, waits ? -1 : 0) == 0)
			return 0;
		size_t len = rpc->unsent_len - rpc->unsent_from;
		ssize_t sent = send(rpc->socket, rpc->unsent + rpc->unsent_from, len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (sent > 0)
			rpc->unsent_from += (size_t)sent;
	}
	return 0;
}

static enum rpc_state
read_more(struct rpc *rpc, bool waits)
{
	struct pollfd ready = {.fd = rpc->socket, .events = POLLIN};

	if (rpc->from != 0) {
		memmove(rpc->buffer, rpc->buffer + rpc->from, rpc->len - rpc->from);
		rpc->len -= rpc->from;
		rpc->searched -= rpc->from;
		rpc->from = 0;
	}
	if (rpc->size - rpc->len < READ_BYTES) {
		size_t size = rpc->size * 2 > READ_BYTES * 2 ? rpc->size * 2 : READ_BYTES * 2;
		char *grown = size <= LINE_MAX_BYTES ? realloc(rpc->buffer, size) : NULL;

		if (grown == NULL) {
			errno = ENOMEM;
			return RPC_FAILED;
		}
		rpc->buffer = grown;
		rpc->size = size;
	}
	if (!waits && poll(&ready, 1, 0) == 0)
		return RPC_AGAIN;
	ssize_t got;
	do
		got = read(rpc->socket, rpc->buffer + rpc->len, READ_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno != ECONNRESET)
		return RPC_FAILED;
	if (got <= 0)
		return rpc->len != 0 ? RPC_CUT : RPC_CLOSED;
	rpc->len += (size_t)got;
	return RPC_LINE;
}

enum rpc_state
rpc_read_line(struct rpc *rpc, bool waits, char **line, size_t *len)
{
	for (;;) {
		char *end = rpc->searched < rpc->len ?
		    memchr(rpc->buffer + rpc->searched, '\n', rpc->len - rpc->searched) :
		    NULL;

		if (end != NULL) {
			*end = '\0';
			*line = rpc->buffer + rpc->from;
			*len = (size_t)(end - *line);
			rpc->from = rpc->searched = (size_t)(end + 1 - rpc->buffer);
			return RPC_LINE;
		}
		rpc->searched = rpc->len;
		enum rpc_state state = read_more(rpc, waits);
		if (state != RPC_LINE)
			return state;
	}
}

bool
rpc_parse(const char *line, size_t len, struct rpc_message *message)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *value;

	*message = (struct rpc_message){.id = -1};
	if (tokener == NULL)
		return false;
	message->message = len < LINE_MAX_BYTES ? json_tokener_parse_ex(tokener, line, (int)len) :
						  NULL;
	bool is_whole = json_tokener_get_error(tokener) == json_tokener_success;
	json_tokener_free(tokener);
	if (!is_whole || !json_object_is_type(message->message, json_type_object)) {
		json_object_put(message->message);
		return false;
	}
	if (json_object_object_get_ex(message->message, "id", &value) && value != NULL)
		message->id = json_object_get_int64(value);
	if (json_object_object_get_ex(message->message, "method", &value))
		message->method = json_object_get_string(value);
	json_object_object_get_ex(message->message, "params", &message->params);
	json_object_object_get_ex(message->message, "result", &message->result);
	json_object_object_get_ex(message->message, "error", &message->error);
	if (message->method == NULL && message->error == NULL && message->result == NULL) {
		json_object_put(message->message);
		return false;
	}
	return true;
}
