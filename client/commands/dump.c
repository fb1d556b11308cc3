/* dump: every message of the window as one JSON story a line, oldest first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/render/text.h"
#include "client/render/value.h"
#include "client/session.h"
#include "protocol/wide_pipe.h"

static const char prefix[] = "{\"jsonrpc\":\"2.0\",\"method\":\"dump\",\"params\":";

enum { PREFIX_LEN = sizeof(prefix) - 1 };

/* A story's text stands between the prefix and the last brace, and is passed on as it is: there may be a million of them. */
static bool
pass_on(struct session *session, const char *line, size_t len)
{
	FILE *out = session->screen.out;

	if (len <= PREFIX_LEN || memcmp(line, prefix, PREFIX_LEN) != 0 || line[len - 1] != '}' ||
	    session->arguments->output == OUTPUT_JSON_PRETTY)
		return false;
	if (session->screen.is_terminal)
		text_write_json(out, line + PREFIX_LEN, len - PREFIX_LEN - 1);
	else
		fwrite(line + PREFIX_LEN, 1, len - PREFIX_LEN - 1, out);
	putc('\n', out);
	return true;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct json_object *params = arguments_params(arguments);
	struct rpc_message message;
	int status = session_connect(session);
	char *line;
	size_t len;

	json_object_object_add(params, "stream", json_object_new_boolean(true));
	if (status != 0) {
		json_object_put(params);
		return status;
	}
	wide_pipe(STDOUT_FILENO);
	rpc_queue(&session->rpc, "dump", params);
	rpc_flush(&session->rpc, true);
	while (!ferror(session->screen.out)) {
		enum rpc_state state = rpc_read_line(&session->rpc, true, &line, &len);

		if (state != RPC_LINE)
			return session_lost(session, state);
		session_begin_output(session);
		if (pass_on(session, line, len))
			continue;
		if (!rpc_parse(line, len, &message))
			return session_invalid(session);
		bool is_story = message.method != NULL;
		if (is_story)
			session_print_json(session, message.params);
		else if (message.error != NULL)
			status = session_show_error(session, message.error);
		json_object_put(message.message);
		if (!is_story)
			return status;
	}
	return EXIT_ANSWERED;
}

static const struct option_spec options[] = {OPTIONS_END};

const struct command command_dump = {
    .name = "dump",
    .usage = "",
    .summary = "every message of the window as one JSON story a line, oldest first",
    .options = options,
    .operands_max = 0,
    .run = run,
};
