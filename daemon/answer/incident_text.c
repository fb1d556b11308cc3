/* What is said of an incident: its summary, its scope, what to do first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/answer/incident.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/story.h"
#include "daemon/text/moment.h"

enum { SUMMARY_ROOM = 2048 };

static const char *
scope_name(enum scope_kind kind)
{
	static const char *const names[] = {
	    [SCOPE_DOMAIN] = "domain",
	    [SCOPE_HOST] = "host",
	    [SCOPE_IP] = "ip",
	    [SCOPE_SENDER] = "sender",
	    [SCOPE_ACCOUNT] = "account",
	    [SCOPE_COUNT] = "all",
	};

	return names[kind];
}

static bool
view_of(const struct incidents *incidents, const struct mishap *mishap, struct message_view *view)
{
	const struct segment *segment = index_segment(incidents->sources->index, mishap->segment);

	if (segment == NULL)
		return false;
	*view = (struct message_view){segment, segment_message(segment, mishap->message),
	    mishap->message};
	return true;
}

/* The facts of one failure, without what is true of it alone. */
static bool
facts_of(const struct incidents *incidents, const struct incident *incident, struct room *room,
    struct failure *failure, struct facts *facts)
{
	struct slice nothing = {"", 0};
	struct message_view view;

	if (incident->sample_count == 0 || !view_of(incidents, &incident->samples[0], &view))
		return false;
	room_empty(room);
	story_facts(&incidents->asker, view,
	    segment_recipient(view.segment, incident->samples[0].recipient), room, failure, facts);
	facts->address = facts->id = nothing;
	facts->is_many = true;
	facts->is_bounce = false;
	if (incident->domains > 1)
		facts->domain = nothing;
	if (incident->domains > 1 && incident->kind != SCOPE_HOST && !facts->is_refused_here) {
		facts->host = nothing;
		facts->is_local = false;
	}
	if (incident->senders > 1)
		facts->sender = facts->sender_domain = nothing;
	if (incident->accounts > 1)
		facts->login = nothing;
	return true;
}

static void
write_flood_summary(const struct incidents *incidents, const struct incident *incident, char *text,
    size_t size)
{
	struct message_view view;
	struct slice script = {"", 0}, who = incident->part->key;

	if (incident->sample_count != 0 && view_of(incidents, &incident->samples[0], &view))
		script = origin_script(view);
	snprintf(text, size,
	    "%.*s%s fills the queue: %u of the %u recipients that wait are its mail (%u %%)%s%.*s.",
	    (int)who.len, who.at, incident->kind == SCOPE_ACCOUNT ? " (account)" : "",
	    incident->recipients, incident->waiting,
	    incident->recipients * 100 / (incident->waiting != 0 ? incident->waiting : 1),
	    script.len != 0 ? ", sent by the script in " : "", (int)script.len, script.at);
}

/* "42 messages from 12 senders to 9 domains: ..." and the cause; where nothing on the other side is common, that is said. */
static void
write_summary(const struct incidents *incidents, const struct incident *incident,
    const struct failure *failure, const struct facts *facts, struct json_out *out)
{
	const struct classifier *classifier = incidents->sources->classifier;
	const struct class *class = classifier_class(classifier, incident->class_index);
	char text[SUMMARY_ROOM];
	int len = 0;

	if (incident->is_flood) {
		write_flood_summary(incidents, incident, text, sizeof(text));
		json_out_text(out, text);
		return;
	}
	len = snprintf(text, sizeof(text), "%u message%s", incident->messages,
	    incident->messages == 1 ? "" : "s");
	if (incident->kind == SCOPE_IP)
		len = snprintf(text, sizeof(text), "%.*s was refused %u times",
		    (int)incident->part->key.len, incident->part->key.at, incident->recipients);
	if (incident->kind == SCOPE_IP && incident->accounts > 1)
		len += snprintf(text + len, sizeof(text) - (size_t)len, ", under %u names",
		    incident->accounts);
	if (incident->senders > 1)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " of %u senders",
		    incident->senders);
	if (incident->domains > 1)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " to %u domains",
		    incident->domains);
	len += snprintf(text + len, sizeof(text) - (size_t)len, ": ");
	bool is_various = incident->domains > 1 && incident->kind != SCOPE_HOST &&
	    !facts->is_refused_here;
	if (incident->kind == SCOPE_COUNT || is_various) {
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s", class->meaning);
		if (incident->kind == SCOPE_COUNT && !incident_is_senders_class(class))
			snprintf(text + len, sizeof(text) - (size_t)len,
			    " So many receivers at once: the cause is most likely on this server or on its way out, not with each of them.");
	} else {
		const struct mishap *sample = &incident->samples[0];
		struct message_view view;
		struct classification found = {.class_index = incident->class_index,
		    .rule_index = CLASSIFY_NO_RULE};

		if (view_of(incidents, sample, &view) && incident->domains <= 1)
			found = story_classification(view.segment,
			    segment_recipient(view.segment, sample->recipient));
		advice_summary(classifier, &found, failure, facts, text + len,
		    sizeof(text) - (size_t)len);
	}
	json_out_text(out, text);
}

static void
emit_step(void *out, const char *text)
{
	json_out_text(out, text);
}

/* Steps are copied into shells: what a stranger wrote there that a shell would act on gives way to a word. */
static struct slice
for_shell(struct slice text, struct slice word)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isalnum((unsigned char)text.at[i]) && strchr("@._-+=", text.at[i]) == NULL)
			return word;
	return text.len != 0 && text.at[0] != '-' ? text : word;
}

/* What to do first about a flood: stop it, find how it came in, take it out of the queue. */
static void
write_flood_advice(const struct incident *incident, const struct facts *facts, struct json_out *out)
{
	char text[SUMMARY_ROOM];
	struct slice who = incident->part->key;
	struct slice user = slice_find_byte(who, '@') < 0 ? for_shell(who, SLICE("USER")) :
							    SLICE("USER");
	struct slice sender = for_shell(slice_find_byte(who, '@') >= 0 ? who : facts->sender,
	    SLICE("SENDER"));

	snprintf(text, sizeof(text), "Hold its mail at once: whmapi1 hold_outgoing_email user=%.*s",
	    (int)user.len, user.at);
	json_out_text(out, text);
	snprintf(text, sizeof(text),
	    "Look at what it sends: bouncectl find --from '%.*s' --since -1d; bouncectl stats --by script --since -1d",
	    (int)sender.len, sender.at);
	json_out_text(out, text);
	json_out_text(out,
	    "A login: change the mailbox's password in cPanel > Email Accounts, and scan the computers that know it. A script: take it out of the web site, and bring the site up to date.");
	snprintf(text, sizeof(text),
	    "Take the spam out of the queue: exiqgrep -i -f '%.*s' | xargs -r exim -Mrm; then let go what is genuine: whmapi1 release_outgoing_email user=%.*s",
	    (int)sender.len, sender.at, (int)user.len, user.at);
	json_out_text(out, text);
	json_out_text(out, "The others' mail goes out by itself then; at once with: exim -qff");
}

static void
write_time(const struct incidents *incidents, struct json_out *out, int64_t second)
{
	char text[MOMENT_TEXT_SIZE];

	json_out_string(out, text,
	    moment_format(second, zone_offset_at(incidents->sources->zone, second), text));
}

static void
write_scope(const struct incident *incident, const struct facts *facts, struct json_out *out)
{
	/* What all receivers name in their replies is this server's own address. */
	bool is_our_ip = incident->kind == SCOPE_COUNT && facts->ip.len != 0;

	json_out_key(out, "scope");
	json_out_object_begin(out);
	json_out_key(out, is_our_ip ? "ip" : scope_name(incident->kind));
	if (is_our_ip)
		json_out_string(out, facts->ip.at, facts->ip.len);
	else if (incident->part != NULL)
		json_out_string(out, incident->part->key.at, incident->part->key.len);
	else
		json_out_text(out, "all");
	json_out_object_end(out);
}

static void
write_samples(const struct incidents *incidents, const struct incident *incident,
    struct json_out *out)
{
	struct message_view view;

	json_out_key(out, "sample_ids");
	json_out_array_begin(out);
	for (size_t i = 0; i < incident->sample_count; i++)
		if (view_of(incidents, &incident->samples[i], &view) &&
		    !message_id_is_none(segment_message_id(view.segment, view.message)))
			story_write_id(out, segment_message_id(view.segment, view.message));
	json_out_array_end(out);
}

void
incident_write(const struct incidents *incidents, const struct incident *incident,
    struct json_out *out)
{
	const struct classifier *classifier = incidents->sources->classifier;
	const struct class *class = classifier_class(classifier, incident->class_index);
	struct classification found = {.class_index = incident->class_index,
	    .rule_index = CLASSIFY_NO_RULE};
	struct failure failure;
	struct facts facts;
	struct room room;

	if (!facts_of(incidents, incident, &room, &failure, &facts))
		return;
	json_out_object_begin(out);
	json_out_key(out, "class");
	json_out_text(out, class->name);
	json_out_key(out, "who");
	json_out_text(out, advice_who(classifier, &found, &facts));
	write_scope(incident, &facts, out);
	json_out_key(out, "began");
	write_time(incidents, out, incident->began);
	json_out_key(out, "last");
	write_time(incidents, out, incident->last);
	json_out_key(out, "messages");
	json_out_uint(out, incident->messages);
	json_out_key(out, "recipients");
	json_out_uint(out, incident->recipients);
	json_out_key(out, "ongoing");
	json_out_bool(out, incident->is_ongoing);
	json_out_key(out, "usual_per_hour");
	json_out_double(out, round(incident->usual * 100) / 100);
	json_out_key(out, "now_per_hour");
	json_out_double(out, incident->now);
	json_out_key(out, "summary");
	write_summary(incidents, incident, &failure, &facts, out);
	json_out_key(out, "advice");
	json_out_array_begin(out);
	if (incident->is_flood)
		write_flood_advice(incident, &facts, out);
	else
		advice_steps(classifier, &found, &facts, emit_step, out);
	json_out_array_end(out);
	write_samples(incidents, incident, out);
	json_out_object_end(out);
}
