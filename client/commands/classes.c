/* classes: the classes, their meaning and advice. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/nearest.h"
#include "client/render/failure.h"
#include "client/render/value.h"
#include "client/session.h"

/* What is said to people, words in braces being filled in with the facts of the failure. */
static void
show_texts(struct screen *screen, struct json_object *texts, const char *who)
{
	const char *summary = value_text(texts, "summary"),
		   *customer = value_text(texts, "customer");

	if (summary != NULL)
		screen_paragraph(screen, 4, "Cause", 4 + LABEL_WIDTH, summary);
	if (who != NULL)
		screen_paragraph(screen, 4, "Who must act", 4 + LABEL_WIDTH, failure_who(who));
	failure_show_steps(screen, 4, texts);
	if (customer != NULL)
		screen_paragraph(screen, 4, "Tell them", 4 + LABEL_WIDTH, customer);
}

static void
show_all_texts(struct screen *screen, struct json_object *class)
{
	static const struct {
		const char *key, *title;
	} others[] = {
	    {"refused", "When this server was the one that refused:"},
	    {"local", "When no other server was asked:"},
	    {"many", "When many messages failed of one cause:"},
	    {"bounce", "When the message was itself a bounce:"},
	    {"bare", "When the text shows no server's reply:"},
	};

	show_texts(screen, class, NULL);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct json_object *texts = value_member(class, others[i].key);

		if (texts == NULL)
			continue;
		screen_print(screen, "\n");
		screen_paragraph(screen, 2, "", 2, others[i].title);
		show_texts(screen, texts, value_text(texts, "who"));
	}
}

static void
show_class(struct session *session, struct json_object *class, bool is_whole)
{
	struct screen *screen = &session->screen;
	const char *name = value_text(class, "class"), *severity = value_text(class, "severity");
	const char *meaning = value_text(class, "meaning");

	if (session_is_json(session)) {
		session_print_json(session, class);
		return;
	}
	int used = screen_show(screen, TONE_STRONG, name != NULL ? name : "?");
	screen_pad(screen, used < 26 ? 26 - used : 2);
	used = screen_show(screen, failure_tone(class), severity != NULL ? severity : "");
	screen_pad(screen, 7 - used);
	screen_show(screen, TONE_PLAIN, failure_who(value_text(class, "who")));
	screen_print(screen, "\n");
	if (meaning != NULL)
		screen_hanging(screen, 4, 4, meaning);
	if (is_whole)
		show_all_texts(screen, class);
}

static bool
is_wanted(const struct arguments *arguments, const char *name)
{
	for (int i = 0; i < arguments->operand_count; i++)
		if (name != NULL && strcmp(arguments->operands[i], name) == 0)
			return true;
	return arguments->operand_count == 0;
}

/* Each class that was asked for must be there. */
static int
check_names(const struct arguments *arguments, struct json_object *classes, size_t count)
{
	for (int i = 0; i < arguments->operand_count; i++) {
		struct nearest nearest = nearest_to(arguments->operands[i]);
		bool is_there = false;

		for (size_t c = 0; c < count && !is_there; c++) {
			const char *name = value_text(json_object_array_get_idx(classes, c),
			    "class");

			if (name == NULL)
				continue;
			is_there = strcmp(name, arguments->operands[i]) == 0;
			nearest_offer(&nearest, name);
		}
		if (!is_there) {
			usage_error("there is no class \"%s\"%s%s%s", arguments->operands[i],
			    nearest.best != NULL ? "; did you mean " :
						   "; bouncectl classes lists them",
			    nearest.best != NULL ? nearest.best : "",
			    nearest.best != NULL ? "?" : "");
			return EXIT_NOTHING;
		}
	}
	return 0;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct rpc_message message;
	int status = session_call(session, "classes", NULL, &message);
	size_t count;

	if (status != 0)
		return status;
	struct json_object *classes = value_array(message.result, "items", &count);
	status = check_names(arguments, classes, count);
	for (size_t i = 0; status == 0 && i < count; i++) {
		struct json_object *class = json_object_array_get_idx(classes, i);

		if (is_wanted(arguments, value_text(class, "class")))
			show_class(session, class, arguments->operand_count != 0);
	}
	json_object_put(message.message);
	return status;
}

static const struct option_spec options[] = {OPTIONS_END};

const struct command command_classes = {
    .name = "classes",
    .usage = "[CLASS ...]",
    .summary = "the classes, their meaning and advice",
    .details = "With a CLASS, all that is said about it as well.",
    .options = options,
    .operands_max = -1,
    .needs_no_log = true,
    .run = run,
};
