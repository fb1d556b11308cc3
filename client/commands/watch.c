/* watch: failures as they happen; with a cursor file, none is lost between two runs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/cursor_file.h"
#include "client/render/line.h"
#include "client/render/value.h"
#include "client/session.h"

enum { WAIT_FOR_DAEMON_S = 60 };

struct watching {
	struct session *session;
	const char *path;         /* of the cursor file, or NULL */
	char cursor[CURSOR_SIZE]; /* "": none yet */
	bool is_saved;
};

static int
save_cursor(struct watching *watching)
{
	int error;

	if (watching->path == NULL || watching->is_saved || watching->cursor[0] == '\0')
		return 0;
	error = cursor_file_write(watching->path, watching->cursor);
	watching->is_saved = true;
	if (error == 0)
		return 0;
	return usage_error(
	    "cannot write the cursor to %s: %s; name a file in a folder that you may write to",
	    watching->path, strerror(-error));
}

static void
take_cursor(struct watching *watching, struct json_object *from)
{
	const char *cursor = value_text(from, "cursor");
	int64_t missed = value_int(from, "missed");

	if (cursor != NULL && strlen(cursor) < CURSOR_SIZE) {
		strcpy(watching->cursor, cursor);
		watching->is_saved = false;
	}
	if (missed > 0)
		fprintf(stderr,
		    "bouncectl: %lld failures were missed: they left the window before they could be shown\n",
		    (long long)missed);
}

static void
show(struct session *session, struct json_object *item)
{
	if (session_is_json(session))
		session_print_json(session, item);
	else
		line_show_failure(&session->screen, item);
}

/* Takes one line that came. 0, or the exit status that it means. */
static int
take_line(struct watching *watching, const char *line, size_t len)
{
	struct session *session = watching->session;
	struct rpc_message message;
	int status = 0;

	if (!rpc_parse(line, len, &message))
		return session_invalid(session);
	if (message.error != NULL) {
		status = session_show_error(session, message.error);
	} else if (message.method != NULL) {
		struct json_object *item = value_member(message.params, "item");

		show(session, item != NULL ? item : message.params);
		take_cursor(watching, message.params);
	} else {
		take_cursor(watching, message.result);
	}
	json_object_put(message.message);
	return status;
}

/* Follows one connection until it ends: 0 then, else the exit status. */
static int
follow(struct watching *watching)
{
	struct session *session = watching->session;
	struct json_object *params = arguments_params(session->arguments);
	int status = 0;
	char *line;
	size_t len;

	if (watching->cursor[0] != '\0')
		json_object_object_add(params, "cursor", json_object_new_string(watching->cursor));
	rpc_queue(&session->rpc, "watch", params);
	rpc_flush(&session->rpc, true);
	while (status == 0) {
		enum rpc_state state = rpc_read_line(&session->rpc, false, &line, &len);

		if (state == RPC_AGAIN) {
			/* What was not written out must not count as seen. */
			if (fflush(session->screen.out) != 0)
				return EXIT_NOTHING;
			status = save_cursor(watching);
			if (status != 0)
				break;
			state = rpc_read_line(&session->rpc, true, &line, &len);
		}
		if (state != RPC_LINE)
			break;
		status = take_line(watching, line, len);
	}
	if (fflush(session->screen.out) != 0)
		return EXIT_NOTHING;
	int saved = save_cursor(watching);
	return status != 0 ? status : saved;
}

/* A daemon that is restarted comes back within seconds. */
static bool
wait_for_daemon(struct session *session)
{
	char where[sizeof(session->transport.where)];

	memcpy(where, session->transport.where, sizeof(where));
	session_disconnect(session);
	fprintf(stderr, "bouncectl: %s went away; waiting for it to come back\n", where);
	for (int second = 0; second < WAIT_FOR_DAEMON_S; second++) {
		sleep(1);
		if (transport_is_reachable(session->arguments))
			return true;
	}
	return false;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct watching watching = {.session = session,
	    .path = arguments_value(arguments, "cursor-file")};
	int status = 0;

	if (watching.path != NULL) {
		int error = cursor_file_read(watching.path, watching.cursor);
		if (error != 0)
			return usage_error(
			    "cannot take a cursor from %s: %s; name another file, or remove it to begin anew",
			    watching.path,
			    error == -EINVAL ? "it holds something else" : strerror(-error));
		watching.is_saved = true;
	}
	while ((status = session_connect(session)) == 0) {
		status = follow(&watching);
		if (status != 0)
			return ferror(session->screen.out) ? EXIT_ANSWERED : status;
		if (session->transport.child != 0)
			return session_lost(session, RPC_CLOSED);
		if (!wait_for_daemon(session))
			break;
	}
	return status != 0 ? status : session_connect(session);
}

static const struct option_spec options[] = {
    FAILURE_FILTERS,
    SPAN_OPTIONS,
    {"cursor-file", 0, OPTION_TEXT, "FILE", NULL,
	"remember in FILE what was shown, and go on from there the next time"},
    OPTIONS_END,
};

const struct command command_watch = {
    .name = "watch",
    .usage = "",
    .summary = "failures as they happen",
    .details =
	"When the daemon is restarted, watch waits a minute for it and goes on where it was. Failures that left the "
	"window meanwhile are counted on standard error.",
    .options = options,
    .operands_max = 0,
    .follows = true,
    .is_live = true,
    .run = run,
};
