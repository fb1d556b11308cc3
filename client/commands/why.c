/* why: the whole story of a message, or of all mail from or to an address or a domain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/failure.h"
#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/json_text.h"
#include "client/render/findings.h"
#include "client/render/story.h"
#include "client/render/value.h"
#include "client/render/when.h"
#include "client/session.h"
#include "protocol/errors.h"

enum { STORIES_DEFAULT = 10, PAGE_MAX = 1000 };

struct telling {
	struct session *session;
	const char *what;
	int64_t wanted, told;
	bool is_first;                 /* of all that this run shows */
	struct failure_checks *checks; /* NULL: none were asked for */
};

static void
separate(struct telling *telling)
{
	if (!telling->is_first)
		screen_print(&telling->session->screen, "\n");
	telling->is_first = false;
}

/* "12 messages: 9 delivered, 3 bounced; the failures are mostly mailbox-full." */
static void
show_summary(struct telling *telling, struct json_object *summary)
{
	struct screen *screen = &telling->session->screen;
	struct json_object *by_verdict = value_member(summary, "by_verdict");
	const char *mostly = value_text(summary, "mostly"), *comma = "";
	int64_t messages = value_int(summary, "messages");

	if (summary == NULL || messages == 0)
		return;
	separate(telling);
	screen_show(screen, TONE_STRONG, telling->what);
	screen_print(screen, ": %lld message%s: ", (long long)messages, messages == 1 ? "" : "s");
	if (by_verdict != NULL) {
		json_object_object_foreach(by_verdict, verdict, count)
		{
			screen_print(screen, "%s%lld ", comma,
			    (long long)json_object_get_int64(count));
			screen_show(screen, verdict_tone(verdict), verdict);
			comma = ", ";
		}
	}
	if (mostly != NULL) {
		screen_print(screen, "; most failures are ");
		screen_show(screen, TONE_STRONG, mostly);
	}
	screen_print(screen, "\n");
}

static void
tell_story(struct telling *telling, struct json_object *story)
{
	struct json_object *findings = telling->checks != NULL ?
	    failure_checks_make(telling->checks, story) :
	    NULL;

	if (session_is_json(telling->session)) {
		if (findings != NULL)
			json_object_object_add(story, "checks", json_object_get(findings));
		session_print_json(telling->session, story);
	} else {
		separate(telling);
		story_show(&telling->session->screen, story);
		if (findings != NULL)
			findings_show_below_story(&telling->session->screen, findings);
	}
	json_object_put(findings);
}

static void
tell_items(struct telling *telling, struct json_object *result)
{
	size_t count;
	struct json_object *items = value_array(result, "items", &count);

	if (telling->told == 0 && !session_is_json(telling->session))
		show_summary(telling, value_member(result, "summary"));
	for (size_t i = 0; i < count; i++) {
		tell_story(telling, json_object_array_get_idx(items, i));
		telling->told++;
	}
}

/* An id tells when its message arrived, so even one that no log read so far holds gets an answer. */
static int
tell_missing(struct telling *telling, struct json_object *error)
{
	struct screen *screen = &telling->session->screen;
	struct json_object *data = value_member(error, "data");
	const char *arrived = value_text(data, "arrived"), *from = value_text(data, "window_from");
	const char *rotated = value_text(data, "rotated_log"), *hint = value_text(data, "hint");
	char at[WHEN_SIZE];

	if (value_int(error, "code") != RPC_NOT_FOUND || arrived == NULL)
		return session_show_error(telling->session, error);
	if (session_is_json(telling->session)) {
		struct json_object *answer = json_object_new_object();

		json_object_object_add(answer, "id",
		    json_text(telling->what, strlen(telling->what)));
		json_object_object_add(answer, "error", json_object_new_string("not-found"));
		json_object_object_foreach(data, name, value)
		    json_object_object_add(answer, name, json_object_get(value));
		session_print_json(telling->session, answer);
		json_object_put(answer);
		return EXIT_NOTHING;
	}
	separate(telling);
	screen_show(screen, TONE_STRONG, telling->what);
	screen_print(screen, "   ");
	screen_show(screen, TONE_WARN, "NOT IN THE WINDOW");
	screen_print(screen, "\n");
	screen_paragraph(screen, 2, "Arrived", 15, when_format(arrived, at));
	screen_paragraph(screen, 2, "", 15,
	    "if there was such a message: an id tells the second it was given in");
	screen_paragraph(screen, 2, "Window from", 15,
	    from != NULL ? when_format(from, at) : "nothing has been read");
	if (rotated != NULL)
		screen_paragraph(screen, 2, "Look in", 15, rotated);
	if (hint != NULL)
		screen_paragraph(screen, 2, "What to do", 15, hint);
	return EXIT_NOTHING;
}

static struct json_object *
page_params(const struct telling *telling, struct json_object *cursor)
{
	struct json_object *params = arguments_params(telling->session->arguments);
	int64_t left = telling->wanted - telling->told;

	json_object_object_add(params, "what", json_text(telling->what, strlen(telling->what)));
	json_object_object_add(params, "limit",
	    json_object_new_int64(left < PAGE_MAX ? left : PAGE_MAX));
	if (cursor != NULL)
		json_object_object_add(params, "cursor", cursor);
	return params;
}

static int
tell(struct telling *telling)
{
	struct json_object *cursor = NULL;
	struct rpc_message message;
	bool has_more;

	telling->told = 0;
	do {
		int64_t before = telling->told;
		int status = session_ask(telling->session, "why", page_params(telling, cursor),
		    &message);

		cursor = NULL;
		if (status != 0)
			return status;
		if (message.error != NULL) {
			status = tell_missing(telling, message.error);
			json_object_put(message.message);
			return status;
		}
		tell_items(telling, message.result);
		has_more = value_bool(message.result, "more") && telling->told > before;
		cursor = json_object_get(value_member(message.result, "cursor"));
		json_object_put(message.message);
	} while (has_more && telling->told < telling->wanted && cursor != NULL);
	json_object_put(cursor);
	if (telling->told == 0) {
		fflush(telling->session->screen.out);
		usage_error(
		    "nothing is known of \"%s\"; check the spelling, and the window with: bouncectl status",
		    telling->what);
		return EXIT_NOTHING;
	}
	if (has_more && !session_is_json(telling->session))
		screen_print(&telling->session->screen,
		    "\nThere are more; -n %lld shows so many.\n", (long long)telling->wanted * 10);
	return EXIT_ANSWERED;
}

/* What --check asks for. Returns 0, or an exit status after a line on standard error. */
static int
open_checks(struct telling *telling, const struct arguments *arguments)
{
	const struct checks_options options = {
	    .root = arguments_value(arguments, "root"),
	    .nameserver = arguments_value(arguments, "nameserver"),
	    .wants_port25 = true,
	};
	const char *error = NULL;

	if (arguments_value(arguments, "check") == NULL) {
		if (options.root != NULL || options.nameserver != NULL)
			return usage_error("--root and --nameserver go with --check");
		return 0;
	}
	if (arguments->host != NULL)
		return usage_error(
		    "--check looks at the machine it runs on; for another one: ssh %s bouncectl why --check ...",
		    arguments->host);
	telling->checks = failure_checks_new(&options, &error);
	return error != NULL ? usage_error("%s", error) : 0;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct telling telling = {
	    .session = session,
	    .wanted = arguments_count(arguments, "number", STORIES_DEFAULT),
	    .is_first = true,
	};
	int worst = open_checks(&telling, arguments);

	for (int i = 0;
	     worst != EXIT_USAGE && worst != EXIT_UNREACHABLE && i < arguments->operand_count;
	     i++) {
		telling.what = arguments->operands[i];
		int status = tell(&telling);
		if (status > worst || status == EXIT_UNREACHABLE)
			worst = status;
	}
	failure_checks_free(telling.checks);
	return worst;
}

static const struct option_spec options[] = {
    {"check", 0, OPTION_FLAG, NULL, NULL,
	"look at DNS, port 25, blocklists and files, as the failures need"},
    CHECKS_OPTIONS,
    {"since", 0, OPTION_TEXT, "TIME", "since", "only messages that arrived at TIME or later"},
    {"until", 0, OPTION_TEXT, "TIME", "until", "only messages that arrived at TIME or before"},
    {"number", 'n', OPTION_COUNT, "N", NULL, "tell at most N stories of an address or domain (10)"},
    OPTIONS_END,
};

const struct command command_why = {
    .name = "why",
    .usage = "ID|ADDRESS|DOMAIN ...",
    .summary = "the whole story: verdict, cause, who must act, what to do, evidence",
    .details =
	"The word why may be left out before a message id or an address. An IP address stands for what it took, what "
	"it refused, and what it was refused. Without a story for one of them the exit status is 1.",
    .options = options,
    .operands_min = 1,
    .operands_max = -1,
    .run = run,
};
