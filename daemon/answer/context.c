/* Context: what the rest of the window says about a failure, as sentences. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/answer/filter.h"
#include "daemon/answer/history.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/story.h"
#include "daemon/text/moment.h"

enum {
	TOGETHER_MIN = 2,    /* other domains that fail in the same hour */
	HAM_SCORE_BELOW = 5, /* SpamAssassin's own threshold */
	TABLE_LINE_MAX = 512,
	TABLE_LINES_MAX = 2000000,
	USUAL_GIVING_UP_S = 4 *
	    86400, /* F,4d,6h: the last rule of Exim's default retry configuration */
};

/* What is looked at. */
struct scene {
	struct context *context;
	const struct answer_sources *sources;
	struct message_view view;
	const struct recipient *recipient;
	struct classification *found;
	struct route route;
	struct slice address, domain, sender;
	struct domain_history history;
};

__attribute__((format(printf, 2, 3))) static void
say(const struct scene *scene, const char *format, ...)
{
	struct context *context = scene->context;
	va_list arguments;

	if (context->count == CONTEXT_SENTENCES)
		return;
	va_start(arguments, format);
	vsnprintf(context->sentences[context->count++], CONTEXT_SENTENCE_SIZE, format, arguments);
	va_end(arguments);
}

/* "2013-12-14 02:01:57", by the log's clock. */
static const char *
time_text(const struct scene *scene, int64_t second, char text[MOMENT_TEXT_SIZE])
{
	moment_format(second, zone_offset_at(scene->sources->zone, second), text);
	text[10] = ' ';
	text[19] = '\0';
	return text;
}

/* "25 minutes": the largest unit of which there are at least two. */
static const char *
span_text(int64_t seconds, char text[32])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (seconds >= 2 * units[i].seconds || units[i].seconds == 1) {
			snprintf(text, 32, "%lld %s", (long long)(seconds / units[i].seconds),
			    units[i].name);
			break;
		}
	return text;
}

static const char *
class_name(const struct scene *scene)
{
	return classifier_class(scene->sources->classifier, scene->found->class_index)->name;
}

static bool
is_class(const struct scene *scene, const char *const *names)
{
	while (*names != NULL && strcmp(class_name(scene), *names) != 0)
		names++;
	return *names != NULL;
}

static bool
is_asked_locally(const struct scene *scene)
{
	struct slice ip = scene->route.ip;

	return ip.len == 0 || slice_equal(ip, SLICE("127.0.0.1")) || slice_equal(ip, SLICE("::1"));
}

/* A message that only waits, or has waited too long, does not tell why; others to the same place may. */
static void
say_what_is_behind(const struct scene *scene)
{
	static const char *const classes[] = {"retry-pending", "delivery-expired", NULL};
	const struct domain_history *history = &scene->history;

	if (is_class(scene, classes) && history->other_failures != 0)
		say(scene, "What lies behind: another message to %.*s failed as %s: %s",
		    (int)scene->domain.len, scene->domain.at,
		    classifier_class(scene->sources->classifier, history->other_class)->name,
		    history->other_words);
}

/* Whose filter it is that discarded, and which of its rules can have done it. */
static void
say_filter(const struct scene *scene)
{
	static const char *const classes[] = {"discarded-by-filter", NULL};
	char text[CONTEXT_SENTENCE_SIZE];

	if (is_class(scene, classes) &&
	    filter_describe(scene->sources, scene->route.router, scene->address, text,
		sizeof(text)))
		say(scene, "%s", text);
}

static void
say_history(const struct scene *scene)
{
	const struct domain_history *history = &scene->history;
	unsigned delivered = history->delivered_remotely + history->delivered_here;
	const char *since = history->was_cut ? "lately" : "in the window";
	char text[MOMENT_TEXT_SIZE], span[32];

	if (delivered != 0)
		say(scene, "%u other message%s to %.*s %s delivered %s, the last at %s.%s",
		    delivered, delivered == 1 ? "" : "s", (int)scene->domain.len, scene->domain.at,
		    delivered == 1 ? "was" : "were", since,
		    time_text(scene, history->last_delivered, text),
		    history->last_delivered > scene->recipient->at &&
			    scene->recipient->outcome == OUTCOME_DEFERRED ?
			" That is later than this failure, so the way there is open again." :
			"");
	else if (history->same_class + history->other_failures != 0)
		say(scene,
		    history->same_class != 0 ?
			"No message to %.*s was delivered %s; %u other%s failed the same way." :
			"No message to %.*s was delivered %s; others failed in other ways.",
		    (int)scene->domain.len, scene->domain.at, since, history->same_class,
		    history->same_class == 1 ? "" : "s");
	if (history->tries != 0 && scene->recipient->severity == SEVERITY_SOFT)
		say(scene,
		    "A message to %.*s that was put off before was delivered on try %u, %s after it arrived.",
		    (int)scene->domain.len, scene->domain.at, history->tries,
		    span_text(history->took_s, span));
}

/* One receiver's trouble, or this side's: what failed alike in the same hour tells them apart. */
static void
say_hour(const struct scene *scene)
{
	static const char *const classes[] = {"remote-system-error", "greylisted",
	    "connection-timeout", "connection-refused", "connection-lost", "network-unreachable",
	    "dns-failure", "tls-failure", NULL};
	struct hour_history hour;

	if (!is_class(scene, classes))
		return;
	history_of_hour(scene->sources->index, scene->recipient->at, scene->recipient->class_index,
	    scene->domain, &hour);
	if (hour.domains == 0 && strcmp(class_name(scene), "dns-failure") == 0)
		say(scene,
		    "Nothing else failed this way in the hour around it: if other domains were reached then, the name servers of %.*s are at fault, else this server's own, which stand in /etc/resolv.conf.",
		    (int)scene->domain.len, scene->domain.at);
	else if (hour.domains < TOGETHER_MIN)
		say(scene, "What decided: %s%s, so the trouble is most likely with %.*s alone.",
		    hour.domains == 0 ? "nothing else failed this way" :
					"only one other domain failed this way",
		    " in the hour around it", (int)scene->domain.len, scene->domain.at);
	else if (strcmp(class_name(scene), "dns-failure") == 0)
		say(scene,
		    "What decided: %u messages to %u other domains failed this way in the hour around it, so this server's own resolver is at fault, not %.*s.",
		    hour.failures, hour.domains, (int)scene->domain.len, scene->domain.at);
	else
		say(scene,
		    "What decided: %u messages to %u other domains failed this way in the hour around it; a firewall or a proxy on port 25, here or at the provider, is more likely than a fault of each of them. See bouncectl incidents.",
		    hour.failures, hour.domains);
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
	const char *const paths[] = {scene->sources->userdomains, "/etc/localdomains"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		unsigned line = paths[i] != NULL ? find_line(paths[i], scene->domain) : 0;

		if (line != 0)
			say(scene, "Line %u of %s makes %.*s local.", line, paths[i],
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
	int misrouted = classifier_find_class(scene->sources->classifier,
	    SLICE("misrouted-local-domain"));
	const struct domain_history *history = &scene->history;

	if (history->delivered_remotely > history->delivered_here && misrouted >= 0) {
		scene->found->class_index = (uint16_t)misrouted;
		scene->found->rule_index = CLASSIFY_NO_RULE;
		say(scene,
		    "What decided: mail to %.*s was delivered to %s, so its mailboxes are not on this server.",
		    (int)scene->domain.len, scene->domain.at, history->last_host);
	} else if (history->delivered_here != 0) {
		say(scene,
		    "What decided: mail to other mailboxes of %.*s was delivered on this server, so the domain belongs here.",
		    (int)scene->domain.len, scene->domain.at);
	} else {
		say(scene,
		    "Nothing in the window shows where %.*s has its mailboxes; if it is hosted elsewhere, this server must stop treating it as local.",
		    (int)scene->domain.len, scene->domain.at);
	}
	say_tables(scene);
}

static void
say_unknown_user(const struct scene *scene)
{
	static const char *const unknown[] = {"user-unknown", NULL};
	static const char *const misspelt[] = {"user-unknown", "bad-domain", "bad-address-syntax",
	    NULL};
	static const char *const misrouted[] = {"misrouted-local-domain", NULL};
	char reached[CONTEXT_SENTENCE_SIZE / 2];

	if (is_class(scene, misspelt) &&
	    history_nearest_reached(scene->sources->index, scene->sender, scene->address, reached,
		sizeof(reached)))
		say(scene, "This sender did reach %s: most likely that address was meant.",
		    reached);
	if (is_class(scene, misrouted)) {
		say(scene,
		    "What decided: a router of this server refused it, and %.*s is a domain of another provider.",
		    (int)scene->domain.len, scene->domain.at);
		say_tables(scene);
	} else if (is_class(scene, unknown) && scene->recipient->outcome == OUTCOME_BOUNCED &&
	    scene->route.ip.len == 0) {
		judge_misrouted(scene);
	}
}

static void
say_whose_quota(const struct scene *scene)
{
	static const char *const classes[] = {"mailbox-full", NULL};

	if (!is_class(scene, classes))
		return;
	if (is_asked_locally(scene))
		say(scene,
		    "What decided: no remote server was asked (%s%.*s), so it is a mailbox or an account of this server that is full.",
		    scene->route.transport.len != 0 ? "transport " : "router ",
		    (int)(scene->route.transport.len != 0 ? scene->route.transport.len :
							    scene->route.router.len),
		    scene->route.transport.len != 0 ? scene->route.transport.at :
						      scene->route.router.at);
	else
		say(scene,
		    "What decided: %.*s said so, so it is the recipient's quota there; nothing on this server is full.",
		    (int)(scene->route.host.len != 0 ? scene->route.host.len : scene->route.ip.len),
		    scene->route.host.len != 0 ? scene->route.host.at : scene->route.ip.at);
}

static void
say_score(const struct scene *scene)
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
		say(scene,
		    "SpamAssassin's score was %s, which is that of ordinary mail, so the score is not the cause. If it was treated as spam all the same, look for errors in SpamAssassin's configuration: spamassassin --lint; grep 'config:' /var/log/maillog",
		    text);
	else if (is_class(scene, classes))
		say(scene,
		    "What decided: SpamAssassin's score was %s, over the limit of %d that is usual; the account's own limit stands in cPanel > Spam Filters.",
		    text, HAM_SCORE_BELOW);
}

/* A bounce that cannot be delivered: the one who should learn of the failure does not. */
static void
say_lost_bounce(const struct scene *scene)
{
	const struct message_extra *extra = segment_extra(scene->view.segment, scene->view.message);
	char id[MESSAGE_ID_TEXT_SIZE] = "another message";

	if (!(scene->view.message->flags & MESSAGE_IS_BOUNCE) ||
	    scene->recipient->outcome != OUTCOME_BOUNCED)
		return;
	if (extra != NULL && !message_id_is_none(extra->bounce_of))
		message_id_format(extra->bounce_of, id);
	say(scene,
	    "This message is itself the bounce of %s: nobody has been told that that one failed.%s",
	    id,
	    scene->view.message->flags & MESSAGE_IS_FROZEN ?
		" It stays frozen on the queue until it is removed or thawed." :
		"");
}

static void
say_next_try(const struct scene *scene)
{
	const struct message *message = scene->view.message;
	char began[MOMENT_TEXT_SIZE], end[MOMENT_TEXT_SIZE], tries[32];

	if (scene->recipient->outcome != OUTCOME_DEFERRED ||
	    !(message->flags & MESSAGE_HAS_ARRIVAL) || (message->flags & MESSAGE_IS_FROZEN) ||
	    message_is_finished(message))
		return;
	if (scene->recipient->attempts == 1)
		snprintf(tries, sizeof(tries), "once");
	else
		snprintf(tries, sizeof(tries), "%u times", scene->recipient->attempts);
	say(scene,
	    "Tried %s since %s. Exim goes on by its retry rule, with the usual one until %s; when the next try is due: exinext %.*s",
	    tries, time_text(scene, message->arrived, began),
	    time_text(scene, message->arrived + USUAL_GIVING_UP_S, end), (int)scene->domain.len,
	    scene->domain.at);
}

/* Who was refused, how often: one client that is set wrongly, or guessing. */
static void
say_client(const struct scene *scene)
{
	static const char *const logins[] = {"smtp-auth-failed", "login-locked-out", NULL};
	int lockout = classifier_find_class(scene->sources->classifier, SLICE("login-locked-out"));
	struct room room;

	room_empty(&room);
	struct slice ip = scene->route.ip, login = origin_login(scene->view, &room);
	char first[MOMENT_TEXT_SIZE], last[MOMENT_TEXT_SIZE];
	struct client_history history;

	history_of_client(scene->sources->index, ip, login, scene->recipient->class_index, lockout,
	    &history);
	if (history.same_class > 1)
		say(scene, "%.*s%s%.*s%s was refused %u times for this, from %s to %s.",
		    (int)ip.len, ip.at, scene->route.host.len != 0 ? " (" : "",
		    (int)scene->route.host.len, scene->route.host.at,
		    scene->route.host.len != 0 ? ")" : "", history.same_class,
		    time_text(scene, history.first, first), time_text(scene, history.last, last));
	else if (ip.len != 0)
		say(scene, "%.*s was refused for this only once in the window.", (int)ip.len,
		    ip.at);
	if (!is_class(scene, logins))
		return;
	if (history.logins > 2)
		say(scene,
		    "What decided: it tried %u different logins, so it is guessing passwords; block it.",
		    history.logins);
	else if (history.clients > 2)
		say(scene,
		    "What decided: %.*s was tried from %u addresses, so others are guessing its password.",
		    (int)login.len, login.at, history.clients);
	else if (history.same_class > 1)
		say(scene,
		    "What decided: one address tries %s over and over, so it is a mail program with an old password rather than an attack.",
		    history.logins > 1 ? "two logins" : "one login");
	if (history.lockouts != 0)
		say(scene,
		    "cPHulk or the firewall has locked it out, %u time%s: release it once the password is right.",
		    history.lockouts, history.lockouts == 1 ? "" : "s");
}

void
context_find(struct context *context, const struct answer_sources *sources,
    struct message_view view, const struct recipient *recipient, struct classification *found)
{
	struct room room;
	struct failure failure;
	struct facts facts;

	room_empty(&room);
	story_facts(view, recipient, &room, &failure, &facts);
	struct scene scene = {
	    .context = context,
	    .sources = sources,
	    .view = view,
	    .recipient = recipient,
	    .found = found,
	    .route = {failure.router, failure.transport, failure.host, failure.ip},
	    .address = facts.address,
	    .domain = facts.domain,
	    .sender = facts.sender,
	};
	if (view.message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED)) {
		say_client(&scene);
		say_score(&scene);
		return;
	}
	say_lost_bounce(&scene);
	if (!slice_is_empty(scene.domain)) {
		history_of_domain(sources->index, view.message, scene.domain,
		    recipient->class_index, &scene.history);
		say_unknown_user(&scene);
		say_what_is_behind(&scene);
		say_filter(&scene);
		say_hour(&scene);
		say_whose_quota(&scene);
	}
	say_score(&scene);
	if (!slice_is_empty(scene.domain) && recipient->outcome != OUTCOME_DISCARDED)
		say_history(&scene);
	say_next_try(&scene);
}
