/* explain: what a pasted log line, reply or bounce message means. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/batch.h"
#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/json_text.h"
#include "client/render/failure.h"
#include "client/render/value.h"
#include "client/session.h"

static void
show_debug(struct screen *screen, struct json_object *result)
{
	size_t count;
	struct json_object *rules = value_array(result, "debug", &count);

	for (size_t i = 0; i < count; i++) {
		struct json_object *rule = json_object_array_get_idx(rules, i);
		const char *name = value_text(rule, "rule"), *class = value_text(rule, "class");
		const char *why = value_text(rule, "why");
		char *line = NULL;

		if (asprintf(&line, "%s (%s): %s", name != NULL ? name : "?",
			class != NULL ? class : "?", why != NULL ? why : "") >= 0)
			screen_paragraph(screen, 2, i == 0 ? "Rules" : "", 2 + LABEL_WIDTH, line);
		free(line);
	}
}

/* A screenful of log holds several failures: each with the address that it befell. */
static void
show_one(struct session *session, struct json_object *failure)
{
	struct screen *screen = &session->screen;
	const char *rule = value_text(failure, "rule"), *address = value_text(failure, "address");
	char *label = failure_label(failure);

	screen_show(screen, failure_tone(failure), label);
	if (address != NULL) {
		screen_print(screen, "   ");
		screen_show(screen, TONE_STRONG, address);
	}
	screen_print(screen, "\n");
	failure_show(screen, 2, failure, NULL);
	if (arguments_value(session->arguments, "debug") != NULL) {
		screen_paragraph(screen, 2, "Rule", 2 + LABEL_WIDTH,
		    rule != NULL ? rule : "none matched");
		show_debug(screen, failure);
	}
	free(label);
}

static void
show(struct session *session, struct json_object *result)
{
	size_t count;
	struct json_object *others = value_array(result, "others", &count);

	if (session_is_json(session)) {
		session_print_json(session, result);
		return;
	}
	show_one(session, result);
	for (size_t i = 0; i < count; i++) {
		screen_print(&session->screen, "\n");
		show_one(session, json_object_array_get_idx(others, i));
	}
}

/* What was typed, its words joined as they were. */
static char *
join_operands(const struct arguments *arguments)
{
	size_t len = 1;
	char *text, *end;

	for (int i = 0; i < arguments->operand_count; i++)
		len += strlen(arguments->operands[i]) + 1;
	text = end = malloc(len);
	if (text == NULL)
		return NULL;
	*text = '\0';
	for (int i = 0; i < arguments->operand_count; i++) {
		if (i != 0)
			*end++ = ' ';
		end = stpcpy(end, arguments->operands[i]);
	}
	return text;
}

static char *
read_input(size_t *len)
{
	size_t size = JSON_TEXT_MAX + 1;
	char *text = malloc(size), rest[4096];

	for (*len = 0; text != NULL && *len < size;) {
		ssize_t got = read(STDIN_FILENO, text + *len, size - *len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return text;
		*len += (size_t)got;
	}
	fputs("bouncectl: the text is long; only its first 48 KiB are explained\n", stderr);
	*len = JSON_TEXT_MAX;
	while (read(STDIN_FILENO, rest, sizeof(rest)) > 0)
		continue;
	return text;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	bool has_text = arguments->operand_count != 0 && strcmp(arguments->operands[0], "-") != 0;
	struct json_object *params;
	struct rpc_message message;
	size_t len = 0;

	if (arguments_value(arguments, "batch") != NULL) {
		if (has_text)
			return usage_error(
			    "--batch reads standard input, one text a line; give it no text");
		return batch_explain(session);
	}
	if (!has_text && isatty(STDIN_FILENO))
		fputs("Paste a log line, a reply or a bounce message, then press Ctrl-D.\n",
		    stderr);
	char *text = has_text ? join_operands(arguments) : read_input(&len);
	if (text == NULL)
		return usage_error("memory is out");
	if (has_text)
		len = strnlen(text, JSON_TEXT_MAX);
	params = arguments_params(arguments);
	json_object_object_add(params, "text", json_text(text, len));
	free(text);
	int status = session_call(session, "explain", params, &message);
	if (status != 0)
		return status;
	show(session, message.result);
	json_object_put(message.message);
	return EXIT_ANSWERED;
}

static const struct option_spec options[] = {
    {"batch", 0, OPTION_FLAG, NULL, NULL, "one text a line of standard input, one answer a line"},
    {"debug", 0, OPTION_FLAG, NULL, "debug", "show which rules matched and why one won"},
    OPTIONS_END,
};

const struct command command_explain = {
    .name = "explain",
    .usage = "[TEXT|-]",
    .summary = "what a pasted log line, SMTP reply or bounce message means",
    .details =
	"Without TEXT, or with -, standard input is read: a whole bounce message may be piped in.",
    .options = options,
    .operands_max = -1,
    .needs_no_log = true,
    .is_live = true,
    .run = run,
};
