/* Session: what a command runs in: its arguments, the daemon it asks, the screen it answers on. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "client/arguments.h"
#include "client/render/screen.h"
#include "client/rpc.h"
#include "client/transport.h"

struct json_object;

struct session {
	const struct arguments *arguments;
	struct screen screen;
	struct transport transport;
	struct rpc rpc;
	bool is_connected;
	bool wants_pager; /* until there is something to show */
};

void session_init(struct session *session, const struct arguments *arguments);
/* Ends pager and child; returns status, or a worse one when the output could not be written. */
int session_end(struct session *session, int status);

/* Connects, when that has not been done. 0, or EXIT_UNREACHABLE after a line on standard error. */
int session_connect(struct session *session);
/* Forgets the connection; the next session_connect makes a new one. */
void session_disconnect(struct session *session);

/* There is something to show: starts the pager, if one is wanted. */
void session_begin_output(struct session *session);

/*
 * Asks and waits. 0 and *result, which the caller puts with *message; or the exit status after the error was shown. params is
 * taken over.
 */
int session_call(struct session *session, const char *method, struct json_object *params,
    struct rpc_message *message);
/* The same without showing an error that the daemon answers: 0 with message->error set. */
int session_ask(struct session *session, const char *method, struct json_object *params,
    struct rpc_message *message);

/* The next message, waiting for it; on anything else the exit status, after a line on standard error. */
int session_receive(struct session *session, struct rpc_message *message);
/* Says why no line came. Returns EXIT_UNREACHABLE. */
int session_lost(struct session *session, enum rpc_state state);
int session_invalid(const struct session *session);

/* Shows an error of the daemon; returns the exit status that belongs to it. */
int session_show_error(const struct session *session, struct json_object *error);

/* One value as -o json or json-pretty has it, and a line end. */
void session_print_json(struct session *session, struct json_object *value);
bool session_is_json(const struct session *session);

#endif
