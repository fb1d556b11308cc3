/* Context: what the rest of the window says about a failure, as sentences. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/context.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/answer/history.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/scene.h"
#include "daemon/answer/story.h"
#include "daemon/text/moment.h"

enum {
	TOGETHER_MIN = 2, /* other domains that fail in the same hour */
	USUAL_GIVING_UP_S = 4 *
	    86400, /* F,4d,6h: the last rule of Exim's default retry configuration */
};

void
scene_say(const struct scene *scene, const char *format, ...)
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

const char *
scene_class_name(const struct scene *scene)
{
	return classifier_class(scene->sources->classifier, scene->found->class_index)->name;
}

bool
scene_is_class(const struct scene *scene, const char *const *names)
{
	while (*names != NULL && strcmp(scene_class_name(scene), *names) != 0)
		names++;
	return *names != NULL;
}

/* A message that only waits, or has waited too long, does not tell why; others to the same place may. */
static void
say_what_is_behind(const struct scene *scene)
{
	static const char *const classes[] = {"retry-pending", "delivery-expired", NULL};
	const struct domain_history *history = &scene->history;

	if (scene_is_class(scene, classes) && history->other_failures != 0)
		scene_say(scene, "What lies behind: another message to %.*s failed as %s: %s",
		    (int)scene->domain.len, scene->domain.at,
		    classifier_class(scene->sources->classifier, history->other_class)->name,
		    history->other_words);
}

static void
say_history(const struct scene *scene)
{
	const struct domain_history *history = &scene->history;
	unsigned delivered = history->delivered_remotely + history->delivered_here;
	const char *since = history->was_cut ? "lately" : "in the window";
	int len = (int)scene->domain.len;
	char at[MOMENT_TEXT_SIZE], span[32];
	bool is_open_again = history->last_delivered > scene->recipient->at &&
	    scene->recipient->outcome == OUTCOME_DEFERRED;

	time_text(scene, history->last_delivered, at);
	const char *behind = is_open_again ?
	    " That is later than this failure: mail gets through again." :
	    "";
	if (delivered == 1)
		scene_say(scene, "Another message to %.*s was delivered on %s.%s", len,
		    scene->domain.at, at, behind);
	else if (delivered != 0)
		scene_say(scene, "%u other messages to %.*s were delivered %s, the last on %s.%s",
		    delivered, len, scene->domain.at, since, at, behind);
	else if (history->same_class != 0)
		scene_say(scene,
		    "No message to %.*s was delivered %s; %u other%s failed the same way.", len,
		    scene->domain.at, since, history->same_class,
		    history->same_class == 1 ? "" : "s");
	else if (history->other_failures != 0)
		scene_say(scene,
		    "No message to %.*s was delivered %s; others failed in other ways.", len,
		    scene->domain.at, since);
	if (history->tries != 0 && scene->recipient->severity == SEVERITY_SOFT)
		scene_say(scene,
		    "A message to %.*s that was put off before was delivered on try %u, %s after it arrived.",
		    len, scene->domain.at, history->tries, span_text(history->took_s, span));
}

/* What is at fault when many fail alike, by class. */
static const struct {
	const char *class, *many;
	bool may_be_ours; /* nobody answered: without other evidence it may be either side */
} shared_troubles[] = {
    {"dns-failure", "so this server's own resolver is at fault: see /etc/resolv.conf", true},
    {"tls-failure", "so the TLS settings of this server are at fault", false},
    {"network-unreachable", "so the network of this server is at fault", true},
    {"connection-timeout", NULL, true},
    {"connection-refused", NULL, true},
    {"connection-lost", NULL, false},
    {"remote-system-error", NULL, false},
};

/* One receiver's trouble, or this side's: what failed alike and what got through in the same hour tells them apart. */
static void
say_hour(const struct scene *scene)
{
	size_t trouble = 0, count = sizeof(shared_troubles) / sizeof(shared_troubles[0]);
	int len = (int)scene->domain.len;
	struct hour_history hour;

	while (
	    trouble < count && strcmp(scene_class_name(scene), shared_troubles[trouble].class) != 0)
		trouble++;
	if (trouble == count)
		return;
	history_of_hour(scene->sources->index, scene->recipient->at, scene->recipient->class_index,
	    scene->domain, &hour);
	if (hour.domains >= TOGETHER_MIN)
		scene_say(scene,
		    "What decided: %u deliveries to %u other domains failed this way in the hour around it, %s.%s See bouncectl incidents.",
		    hour.failures, hour.domains,
		    shared_troubles[trouble].many != NULL ?
			shared_troubles[trouble].many :
			"so a firewall or a proxy on port 25, here or at the provider, is more likely than a fault of each of them",
		    hour.delivered != 0 ?
			" Mail to other domains got through, so it does not hit all." :
			"");
	else if (hour.delivered != 0)
		scene_say(scene,
		    "What decided: in the hour around it %u message%s to %u other domain%s got through, so the trouble lies with %.*s.",
		    hour.delivered, hour.delivered == 1 ? "" : "s", hour.delivered_domains,
		    hour.delivered_domains == 1 ? "" : "s", len, scene->domain.at);
	else if (shared_troubles[trouble].may_be_ours)
		scene_say(scene,
		    "No message to another server got through in the hour around it, so the log alone does not tell whether %.*s or this server's network is at fault.",
		    len, scene->domain.at);
}

/* Refused on connecting: it is about this server alone. */
static void
say_before_any_command(const struct scene *scene)
{
	static const char *const classes[] = {"reputation-blocked", "ip-blocklisted",
	    "policy-rejected", NULL};

	if (scene_is_class(scene, classes) && scene->phase == PHASE_CONNECT)
		scene_say(scene,
		    "It was refused on connecting, before any command: neither the sender nor the message played a part, only this server's address.");
}

/* What came in for an address here and was passed on: the next server judges this one by what others sent. */
static void
say_forwarded(const struct scene *scene)
{
	static const char *const classes[] = {"spam-content", "domain-auth-failed",
	    "reputation-blocked", "reputation-throttled", "policy-rejected", "virus-detected",
	    NULL};
	struct room room;

	room_empty(&room);
	struct slice original = segment_name(scene->view.segment,
	    segment_original(scene->view.segment, scene->recipient), &room);
	if (!scene_is_class(scene, classes) || scene->is_local || original.len == 0 ||
	    slice_find_byte(original, '@') < 0)
		return;
	scene_say(scene,
	    "It is forwarded mail: %.*s passes it on to %.*s, so it is what others sent that this server is judged by. See cPanel > Forwarders.",
	    (int)original.len, original.at, (int)scene->address.len, scene->address.at);
}

/* No route to an IPv6 address is how servers without IPv6 are. */
static void
say_ipv6(const struct scene *scene)
{
	static const char *const classes[] = {"network-unreachable", NULL};

	if (scene_is_class(scene, classes) && slice_find_byte(scene->route.ip, ':') >= 0)
		scene_say(scene,
		    "%.*s is an IPv6 address, and this server has no route for IPv6; this does no harm while mail gets out over IPv4.",
		    (int)scene->route.ip.len, scene->route.ip.at);
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
	scene_say(scene,
	    "This message is itself the bounce of %s, so its sender has not been told of the failure.%s",
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
	scene_say(scene,
	    "Tried %s since %s. Exim tries again by itself; with the usual retry rule it gives up on %s. When the next try is due: exinext %.*s",
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
		scene_say(scene, "%.*s%s%.*s%s was refused %u times for this, from %s to %s.",
		    (int)ip.len, ip.at, scene->route.host.len != 0 ? " (" : "",
		    (int)scene->route.host.len, scene->route.host.at,
		    scene->route.host.len != 0 ? ")" : "", history.same_class,
		    time_text(scene, history.first, first), time_text(scene, history.last, last));
	else if (ip.len != 0)
		scene_say(scene, "%.*s was refused for this only once in the window.", (int)ip.len,
		    ip.at);
	if (!scene_is_class(scene, logins))
		return;
	if (history.logins > 2)
		scene_say(scene,
		    "What decided: it tried %u different logins, so it is guessing passwords; block it.",
		    history.logins);
	else if (history.clients > 2)
		scene_say(scene,
		    "What decided: %.*s was tried from %u addresses, so others are guessing its password.",
		    (int)login.len, login.at, history.clients);
	else if (history.same_class > 1)
		scene_say(scene,
		    "What decided: one address tries %s over and over, so it is a mail program with an old password rather than an attack.",
		    history.logins > 1 ? "two logins" : "one login");
	if (history.lockouts != 0)
		scene_say(scene,
		    "cPHulk or the firewall has locked it out, %u time%s: release it once the password is right.",
		    history.lockouts, history.lockouts == 1 ? "" : "s");
}

void
context_find(struct context *context, const struct answer_sources *sources,
    struct message_view view, const struct recipient *recipient, const struct failure *failure,
    const struct facts *facts, struct classification *found)
{
	struct reply reply;

	reply_parse(failure->message, &reply);
	struct scene scene = {
	    .context = context,
	    .sources = sources,
	    .view = view,
	    .recipient = recipient,
	    .found = found,
	    .route = {failure->router, failure->transport, failure->host, failure->ip},
	    .phase = reply.phase,
	    .is_local = facts->is_local,
	    .address = facts->address,
	    .domain = facts->domain,
	    .sender = facts->sender,
	};
	if (view.message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED)) {
		say_client(&scene);
		scene_say_score(&scene);
		return;
	}
	say_lost_bounce(&scene);
	say_before_any_command(&scene);
	say_forwarded(&scene);
	say_ipv6(&scene);
	if (!slice_is_empty(scene.domain)) {
		history_of_domain(sources->index, view.message, scene.domain,
		    recipient->class_index, &scene.history);
		scene_say_unknown_user(&scene);
		say_what_is_behind(&scene);
		scene_say_filter(&scene);
		say_hour(&scene);
		scene_say_whose_quota(&scene);
	}
	scene_say_score(&scene);
	if (!slice_is_empty(scene.domain) && recipient->outcome != OUTCOME_DISCARDED &&
	    !scene.is_local)
		say_history(&scene);
	say_next_try(&scene);
}
