/* incidents: one cause behind many messages, with when it began and what it hits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/render/failure.h"
#include "client/render/value.h"
#include "client/render/when.h"
#include "client/session.h"

enum { HANG = 2 + LABEL_WIDTH };

/* The scope has one member, whose name says what its text is: {"host":"mx.example.com"}. */
static void
show_scope(struct screen *screen, struct json_object *incident)
{
	struct json_object *scope = value_member(incident, "scope");
	char *line = NULL;

	if (scope == NULL || !json_object_is_type(scope, json_type_object))
		return;
	json_object_object_foreach(scope, kind, value)
	{
		bool is_all = strcmp(kind, "all") == 0;

		if (asprintf(&line, "%s%s%s", is_all ? "all mail" : kind, is_all ? "" : " ",
			!is_all && value != NULL ? json_object_get_string(value) : "") >= 0)
			screen_paragraph(screen, 2, "Hits", HANG, line);
		free(line);
	}
}

static void
show_figures(struct screen *screen, struct json_object *incident)
{
	char began[WHEN_SIZE], last[WHEN_SIZE], line[256];

	snprintf(line, sizeof(line), "%s, last seen %s",
	    when_format(value_text(incident, "began"), began),
	    when_format(value_text(incident, "last"), last));
	screen_paragraph(screen, 2, "Since", HANG, line);
	snprintf(line, sizeof(line),
	    "%" PRIi64 " messages, %" PRIi64 " recipients; %.4g an hour now, %.4g as a rule",
	    value_int(incident, "messages"), value_int(incident, "recipients"),
	    value_double(incident, "now_per_hour"), value_double(incident, "usual_per_hour"));
	screen_paragraph(screen, 2, "How many", HANG, line);
}

static void
show(struct screen *screen, struct json_object *incident)
{
	const char *class = value_text(incident, "class");
	bool is_ongoing = value_bool(incident, "ongoing");
	size_t count;
	struct json_object *samples = value_array(incident, "sample_ids", &count);

	screen_show(screen, TONE_STRONG, class != NULL ? class : "?");
	screen_print(screen, "   ");
	screen_show(screen, is_ongoing ? TONE_BAD : TONE_GOOD, is_ongoing ? "ONGOING" : "OVER");
	screen_print(screen, "\n");
	show_scope(screen, incident);
	show_figures(screen, incident);
	failure_show(screen, 2, incident, NULL);
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, 2, i == 0 ? "For example" : "", HANG,
		    value_text_at(samples, i));
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct rpc_message message;
	int status = session_call(session, "incidents", arguments_params(arguments), &message);
	size_t count;

	if (status != 0)
		return status;
	struct json_object *items = value_array(message.result, "items", &count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);

		if (session_is_json(session)) {
			session_print_json(session, item);
			continue;
		}
		if (i != 0)
			screen_print(&session->screen, "\n");
		show(&session->screen, item);
	}
	json_object_put(message.message);
	if (count != 0)
		return EXIT_ANSWERED;
	usage_error("no incident: no cause stands behind unusually many messages");
	return EXIT_NOTHING;
}

static const struct option_spec options[] = {OPTIONS_END};

const struct command command_incidents = {
    .name = "incidents",
    .usage = "",
    .summary = "one cause behind many messages, with when it began and what it hits",
    .options = options,
    .operands_max = 0,
    .run = run,
};
