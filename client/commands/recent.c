/* recent: failures, newest first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/items.h"
#include "client/render/line.h"

enum { NUMBER_DEFAULT = 50 };

static void
show(struct item_sink *sink, struct session *session, struct json_object *item)
{
	(void)sink;
	line_show_failure(&session->screen, item);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct item_sink sink = {.show = show};
	int status = items_list(session, "recent",
	    arguments_count(arguments, "number", NUMBER_DEFAULT), &sink);

	if (status != 0)
		return status;
	if (sink.count == 0) {
		usage_error(
		    "no such failure in the window; see how far back it goes: bouncectl status");
		return EXIT_NOTHING;
	}
	if (sink.has_more && !session_is_json(session))
		screen_print(&session->screen, "\nThere are more; -n NUMBER shows so many.\n");
	return EXIT_ANSWERED;
}

static const struct option_spec options[] = {
    FAILURE_FILTERS,
    SPAN_OPTIONS,
    {"number", 'n', OPTION_COUNT, "N", NULL, "show at most N failures (50)"},
    OPTIONS_END,
};

const struct command command_recent = {
    .name = "recent",
    .usage = "",
    .summary = "failures, newest first",
    .options = options,
    .operands_max = 0,
    .run = run,
};
