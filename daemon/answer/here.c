/* Here: what this server's own files, filters and mailboxes have to do with a failure, as sentences. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/answer/elsewhere.h"
#include "daemon/answer/filter.h"
#include "daemon/answer/scene.h"

enum {
	HAM_SCORE_BELOW = 5, /* SpamAssassin's own threshold */
	TABLE_LINE_MAX = 512,
	TABLE_LINES_MAX = 2000000,
};

static bool
is_asked_locally(const struct scene *scene)
{
	struct slice ip = scene->route.ip;

	return ip.len == 0 || slice_equal(ip, SLICE("127.0.0.1")) || slice_equal(ip, SLICE("::1"));
}

/* Whose filter it is that discarded, and which of its rules can have done it. */
void
scene_say_filter(const struct scene *scene)
{
	static const char *const classes[] = {"discarded-by-filter", NULL};
	char text[CONTEXT_SENTENCE_SIZE];

	if (scene_is_class(scene, classes) &&
	    filter_describe(scene->sources, scene->route.router, scene->address, text,
		sizeof(text)))
		scene_say(scene, "%s", text);
}

/* The number of the line of a table that names the domain: alone, or before a colon. 0: none, or not to be read. */
static unsigned
find_line(const char *path, struct slice domain)
{
	FILE *file = fopen(path, "re");
	char line[TABLE_LINE_MAX];
	unsigned found = 0;

	if (file == NULL)
		return 0;
	for (unsigned number = 1;
	     number < TABLE_LINES_MAX && fgets(line, sizeof(line), file) != NULL; number++) {
		struct slice rest = slice_str(line);
		struct slice name = slice_trim(
		    slice_take_until(&rest, strchr(line, ':') != NULL ? ':' : '\n'));

		if (slice_equal_nocase(name, domain)) {
			found = number;
			break;
		}
	}
	fclose(file);
	return found;
}

static void
say_tables(const struct scene *scene)
{
	const char *const paths[] = {scene->sources->userdomains, scene->sources->localdomains};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		unsigned line = paths[i] != NULL ? find_line(paths[i], scene->domain) : 0;

		if (line != 0)
			scene_say(scene, "Line %u of %s makes %.*s local.", line, paths[i],
			    (int)scene->domain.len, scene->domain.at);
	}
}

/*
 * "No such user" from a router of this server, for a domain whose mail goes elsewhere: the domain should not be local. The text
 * alone cannot tell; what became of other mail to the domain can.
 */
static void
judge_misrouted(const struct scene *scene)
{
	const struct domain_history *history = &scene->history;

	if (elsewhere_is(history) && elsewhere_set(scene->sources, scene->found)) {
		scene_say(scene,
		    "What decided: other mail to %.*s was delivered to %s, so its mailboxes are not on this server.",
		    (int)scene->domain.len, scene->domain.at, history->last_host);
	} else if (history->delivered_here != 0) {
		scene_say(scene,
		    "What decided: mail to other mailboxes of %.*s was delivered on this server, so the domain belongs here.",
		    (int)scene->domain.len, scene->domain.at);
	} else {
		scene_say(scene,
		    "Nothing in the window shows where %.*s has its mailboxes; if it is hosted elsewhere, this server must stop treating it as local.",
		    (int)scene->domain.len, scene->domain.at);
	}
	say_tables(scene);
}

void
scene_say_unknown_user(const struct scene *scene)
{
	static const char *const unknown[] = {"user-unknown", NULL};
	static const char *const misspelt[] = {"user-unknown", "bad-domain", "bad-address-syntax",
	    NULL};
	static const char *const misrouted[] = {"misrouted-local-domain", NULL};
	char reached[CONTEXT_SENTENCE_SIZE / 2];

	if (scene_is_class(scene, misspelt) &&
	    history_nearest_reached(scene->sources->index, scene->sender, scene->address, reached,
		sizeof(reached)))
		scene_say(scene, "This sender did reach %s: most likely that address was meant.",
		    reached);
	if (scene_is_class(scene, misrouted)) {
		scene_say(scene,
		    "What decided: a router of this server refused it, and %.*s is a domain of another provider.",
		    (int)scene->domain.len, scene->domain.at);
		say_tables(scene);
	} else if (scene_is_class(scene, unknown) && scene->recipient->outcome == OUTCOME_BOUNCED &&
	    scene->route.ip.len == 0) {
		judge_misrouted(scene);
	}
}

void
scene_say_whose_quota(const struct scene *scene)
{
	static const char *const classes[] = {"mailbox-full", NULL};

	if (!scene_is_class(scene, classes))
		return;
	if (is_asked_locally(scene))
		scene_say(scene,
		    "What decided: no remote server was asked (%s%.*s), so it is a mailbox or an account of this server that is full.",
		    scene->route.transport.len != 0 ? "transport " : "router ",
		    (int)(scene->route.transport.len != 0 ? scene->route.transport.len :
							    scene->route.router.len),
		    scene->route.transport.len != 0 ? scene->route.transport.at :
						      scene->route.router.at);
	else
		scene_say(scene,
		    "What decided: %.*s said so, so it is the recipient's quota there; nothing on this server is full.",
		    (int)(scene->route.host.len != 0 ? scene->route.host.len : scene->route.ip.len),
		    scene->route.host.len != 0 ? scene->route.host.at : scene->route.ip.at);
}

void
scene_say_score(const struct scene *scene)
{
	static const char *const classes[] = {"discarded-by-filter", "spam-content",
	    "policy-rejected", NULL};
	const struct message_extra *extra = segment_extra(scene->view.segment, scene->view.message);
	char text[32];

	if (extra == NULL || extra->spam_score == 0)
		return;
	struct slice score = segment_string(scene->view.segment, extra->spam_score);
	snprintf(text, sizeof(text), "%.*s", (int)score.len, score.at);
	if (strtod(text, NULL) < HAM_SCORE_BELOW)
		scene_say(scene,
		    "SpamAssassin's score was %s, which is that of ordinary mail, so the score is not the cause. If it was treated as spam all the same, look for errors in SpamAssassin's configuration: spamassassin --lint; grep 'config:' /var/log/maillog",
		    text);
	else if (scene_is_class(scene, classes))
		scene_say(scene,
		    "What decided: SpamAssassin's score was %s, over the limit of %d that is usual; the account's own limit stands in cPanel > Spam Filters.",
		    text, HAM_SCORE_BELOW);
}
