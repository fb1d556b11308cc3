/* Session: what a command runs in: its arguments, the daemon it asks, the screen it answers on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/session.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/render/text.h"
#include "client/render/value.h"
#include "protocol/errors.h"

void
session_init(struct session *session, const struct arguments *arguments)
{
	*session = (struct session){.arguments = arguments, .transport = {.socket = -1}};
	screen_init(&session->screen, arguments->color);
	rpc_init(&session->rpc, -1);
}

void
session_disconnect(struct session *session)
{
	rpc_clear(&session->rpc);
	transport_close(&session->transport);
	session->is_connected = false;
}

int
session_end(struct session *session, int status)
{
	bool was_written = screen_end(&session->screen);

	session_disconnect(session);
	return was_written ? status : EXIT_UNREACHABLE;
}

int
session_connect(struct session *session)
{
	if (session->is_connected)
		return 0;
	int status = transport_open(&session->transport, session->arguments);
	if (status != 0)
		return status;
	rpc_init(&session->rpc, session->transport.socket);
	session->is_connected = true;
	return 0;
}

int
session_lost(struct session *session, enum rpc_state state)
{
	const char *where = session->transport.where;
	const char *child = session->arguments->host != NULL ? "ssh" : "bounced";
	int error = errno, status = 0;

	if (session->transport.child != 0)
		status = transport_close(&session->transport);
	fflush(session->screen.out);
	if (status == 127 && session->arguments->host == NULL)
		return EXIT_UNREACHABLE; /* transport has said that it could not be run */
	if (status == EXIT_USAGE && session->arguments->memory_max != NULL)
		return EXIT_USAGE; /* the daemon has said what it does not understand */
	if (status == EXIT_UNREACHABLE && session->arguments->log_count != 0)
		return EXIT_UNREACHABLE; /* it has said which log it cannot read, and why */
	if (status != 0)
		fprintf(stderr, "bouncectl: %s ended before its answer: %s gave exit status %d%s\n",
		    where, child, status, status == 127 ? "; is bouncectl installed there?" : "");
	else if (state == RPC_FAILED)
		fprintf(stderr, "bouncectl: cannot read from %s: %s; ask again\n", where,
		    strerror(error));
	else
		fprintf(stderr,
		    "bouncectl: %s closed the connection%s; ask again, or see: systemctl status bounced\n",
		    where,
		    state == RPC_CUT ? " in the middle of its answer" : " before its answer");
	return EXIT_UNREACHABLE;
}

int
session_invalid(const struct session *session)
{
	fprintf(stderr,
	    "bouncectl: %s sent something that is not JSON-RPC; are bouncectl and bounced of one version?\n",
	    session->transport.where);
	return EXIT_UNREACHABLE;
}

int
session_receive(struct session *session, struct rpc_message *message)
{
	enum rpc_state state;
	char *line;
	size_t len;

	state = rpc_read_line(&session->rpc, true, &line, &len);
	if (state != RPC_LINE)
		return session_lost(session, state);
	return rpc_parse(line, len, message) ? 0 : session_invalid(session);
}

void
session_begin_output(struct session *session)
{
	if (session->wants_pager)
		screen_start_pager(&session->screen);
	session->wants_pager = false;
}

int
session_ask(struct session *session, const char *method, struct json_object *params,
    struct rpc_message *message)
{
	int status = session_connect(session);

	if (status != 0) {
		json_object_put(params);
		return status;
	}
	int64_t id = rpc_queue(&session->rpc, method, params);
	/* A daemon that refuses at once (busy) may have closed already; its answer is there to be read. */
	rpc_flush(&session->rpc, true);
	for (;;) {
		status = session_receive(session, message);
		if (status != 0)
			return status;
		if (message->method == NULL && message->error != NULL)
			return 0;
		if (message->method == NULL && message->id == id) {
			session_begin_output(session);
			return 0;
		}
		json_object_put(message->message);
	}
}

int
session_call(struct session *session, const char *method, struct json_object *params,
    struct rpc_message *message)
{
	int status = session_ask(session, method, params, message);

	if (status == 0 && message->error != NULL) {
		status = session_show_error(session, message->error);
		json_object_put(message->message);
	}
	return status;
}

int
session_show_error(const struct session *session, struct json_object *error)
{
	int64_t code = value_int(error, "code");
	const char *message = value_text(error, "message");
	const char *hint = value_text(value_member(error, "data"), "hint");

	fflush(session->screen.out);
	if (code == RPC_NOT_FOUND && hint != NULL)
		usage_error("%s", hint);
	else if (code == RPC_METHOD_NOT_FOUND)
		usage_error("%s does not know this command (%s)%s%s", session->transport.where,
		    message != NULL ? message : "no reason given", hint != NULL ? "; " : "",
		    hint != NULL ? hint : "");
	else
		usage_error("%s%s%s",
		    message != NULL ? message : "the daemon refused, without a reason",
		    hint != NULL ? ": " : "", hint != NULL ? hint : "");
	switch (code) {
	case RPC_NOT_FOUND:
		return EXIT_NOTHING;
	case RPC_INVALID_PARAMS:
		return EXIT_USAGE;
	default:
		return EXIT_REFUSED;
	}
}

bool
session_is_json(const struct session *session)
{
	return session->arguments->output != OUTPUT_HUMAN;
}

void
session_print_json(struct session *session, struct json_object *value)
{
	int flags = session->arguments->output == OUTPUT_JSON_PRETTY ?
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED :
	    JSON_C_TO_STRING_PLAIN;
	const char *text = json_object_to_json_string_ext(value,
	    flags | JSON_C_TO_STRING_NOSLASHESCAPE);
	FILE *out = session->screen.out;

	if (text == NULL)
		return;
	if (session->screen.is_terminal)
		text_write_json(out, text, strlen(text));
	else
		fputs(text, out);
	fputc('\n', out);
}
