/* find: messages that have what was asked for, newest first. */
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
	line_show_message(&session->screen, item);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct item_sink sink = {.show = show};
	int status = items_list(session, "find",
	    arguments_count(arguments, "number", NUMBER_DEFAULT), &sink);

	if (status != 0)
		return status;
	if (sink.count == 0) {
		usage_error(
		    "no such message in the window; see how far it goes back: bouncectl status");
		return EXIT_NOTHING;
	}
	if (sink.has_more && !session_is_json(session))
		screen_print(&session->screen, "\nThere are more; -n NUMBER shows so many.\n");
	return EXIT_ANSWERED;
}

static const struct option_spec options[] = {
    {"from", 0, OPTION_TEXT, "ADDRESS", "from",
	"sender: an address, @domain, or the beginning of one with *"},
    {"to", 0, OPTION_TEXT, "ADDRESS", "to", "recipient, likewise"},
    {"subject", 0, OPTION_TEXT, "TEXT", "subject", "TEXT is in the subject, in capitals or not"},
    {"host", 0, OPTION_TEXT, "IP|NAME", "host", "sent or received by this host"},
    {"verdict", 0, OPTION_TEXT, "VERDICT", "verdict",
	"delivered, bounced, partial, deferred, discarded, rejected, frozen, removed or in-transit"},
    SPAN_OPTIONS,
    {"number", 'n', OPTION_COUNT, "N", NULL, "show at most N messages (50)"},
    OPTIONS_END,
};

const struct command command_find = {
    .name = "find",
    .usage = "",
    .summary = "messages by sender, recipient, subject, host or verdict",
    .options = options,
    .operands_max = 0,
    .run = run,
};
