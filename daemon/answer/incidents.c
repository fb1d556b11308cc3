/* incidents: one cause behind many messages, with when it began and what it hits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/judgement.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/mishaps.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/params.h"
#include "daemon/answer/story.h"
#include "daemon/answer/walk.h"
#include "daemon/text/moment.h"

enum {
	INCIDENTS_MAX = 100,
	SAMPLES_MAX = 5,
	ROUNDS_MAX = 8,     /* incidents looked for in one class */
	RECIPIENTS_MIN = 5, /* fewer are no incident */
	FLOOD_MIN = 20,     /* waiting recipients of one account */
	SHARE_PERCENT = 60, /* of a class, that one part has to have for the cause to be its own */
	DOMAINS_MIN = 3,    /* so many at once have their cause in common */
	ONGOING_S = 3600,   /* silent for longer: over */
	HOUR_S = 3600,
	STEADY_S = 24 * HOUR_S, /* of log, before what goes on in all of it counts as usual */
	STEADY_PERCENT = 10,    /* of all messages, that such a thing has to hit */
	EVERYDAY_MIN = 10,
	EVERYDAY_PER_HOUR = 5,
	SUMMARY_ROOM = 2048,
};

/* What an incident is made of. */
struct incident {
	enum scope_kind kind;
	struct tally_row *part; /* NULL: all */
	uint16_t class_index;
	bool is_flood;    /* of one account, whatever its failures are */
	uint32_t waiting; /* is_flood: of all */
	uint32_t messages, recipients, domains, senders, accounts;
	int64_t began, last;
	double usual, now; /* failures an hour */
	bool is_ongoing;
	struct mishap samples[SAMPLES_MAX]; /* the newest, of different messages */
	size_t sample_count;
};

struct incidents {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	uint64_t next;     /* ordinals below this are still to be looked at */
	uint64_t messages; /* in the window */
	int64_t from,
	    now; /* seconds of the oldest one that was looked at, and of the log's last line */
	struct mishaps mishaps;
	struct incident list[INCIDENTS_MAX];
	size_t count;
};

/* Classes that a sender or a login brings upon himself, although the server's administrator has to act. */
static bool
is_senders_class(const struct class *class)
{
	static const char *const names[] = {"domain-auth-failed", "login-locked-out",
	    "rate-limited", "sender-suspended"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(class->name, names[i]) == 0)
			return true;
	return strcmp(class->who, "sender-user") == 0;
}

/* Classes of one recipient's own: that there are many of them is nothing out of the way. */
static bool
is_everyday_class(const struct class *class)
{
	return strcmp(class->who, "sender-user") == 0 || strcmp(class->who, "recipient") == 0;
}

static bool
is_no_failure_class(const struct class *class)
{
	return strcmp(class->name, "retry-pending") == 0 ||
	    strcmp(class->name, "message-frozen") == 0 ||
	    strcmp(class->name, "discarded-by-filter") == 0;
}

static bool
has_share(const struct mishap_shares *shares, enum scope_kind kind)
{
	return shares->largest[kind].count >= RECIPIENTS_MIN &&
	    shares->largest[kind].count * 100 >= shares->total * SHARE_PERCENT;
}

/* Of several kinds the one with the most; of as many, the first. SCOPE_COUNT when none has enough. */
static enum scope_kind
largest_of(const struct mishap_shares *shares, const enum scope_kind *kinds, size_t count)
{
	enum scope_kind found = SCOPE_COUNT;

	for (size_t i = 0; i < count; i++)
		if (shares->largest[kinds[i]].count >= RECIPIENTS_MIN &&
		    (found == SCOPE_COUNT ||
			shares->largest[kinds[i]].count > shares->largest[found].count))
			found = kinds[i];
	return found;
}

/* What the cause of what is left of a class is tied to. False when there is no more incident in it. */
static bool
choose_scope(const struct class *class, const struct mishap_shares *shares, enum scope_kind *kind)
{
	static const enum scope_kind theirs[] = {SCOPE_DOMAIN, SCOPE_HOST};
	static const enum scope_kind ours[] = {SCOPE_SENDER, SCOPE_IP, SCOPE_ACCOUNT};
	bool is_senders = is_senders_class(class);
	enum scope_kind found = is_senders ? largest_of(shares, ours, 3) :
					     largest_of(shares, theirs, 2);

	if (shares->total < RECIPIENTS_MIN)
		return false;
	*kind = found;
	if (found != SCOPE_COUNT && has_share(shares, found))
		return true;
	if (is_senders && has_share(shares, SCOPE_DOMAIN)) {
		*kind = SCOPE_DOMAIN;
		return true;
	}
	if (!is_everyday_class(class) && shares->domains >= DOMAINS_MIN) {
		*kind = SCOPE_COUNT;
		return true;
	}
	if (is_everyday_class(class) && !is_senders)
		*kind = largest_of(shares, ours, 3);
	return *kind != SCOPE_COUNT;
}

static bool
belongs(const struct mishap *mishap, const struct incident *incident)
{
	return !mishap->is_taken &&
	    (incident->part == NULL || mishap->parts[incident->kind] == incident->part);
}

static bool
is_other_message(const struct incident *incident, const struct mishap *mishap)
{
	for (size_t i = 0; i < incident->sample_count; i++)
		if (incident->samples[i].segment == mishap->segment &&
		    incident->samples[i].message == mishap->message)
			return false;
	return true;
}

/* Counts one current failure of the incident's burst. Parts are counted by their first failure. */
static void
count_mishap(struct incident *incident, const struct mishap *mishap, const struct mishap *before)
{
	incident->recipients++;
	if (before == NULL || before->segment != mishap->segment ||
	    before->message != mishap->message)
		incident->messages++;
	if (mishap->parts[SCOPE_DOMAIN] != NULL && mishap->parts[SCOPE_DOMAIN]->hard++ == 0)
		incident->domains++;
	if (mishap->parts[SCOPE_SENDER] != NULL && mishap->parts[SCOPE_SENDER]->hard++ == 0)
		incident->senders++;
	if (mishap->parts[SCOPE_ACCOUNT] != NULL && mishap->parts[SCOPE_ACCOUNT]->hard++ == 0)
		incident->accounts++;
	if (incident->sample_count < SAMPLES_MAX && is_other_message(incident, mishap))
		incident->samples[incident->sample_count++] = *mishap;
}

static void
measure_rates(const struct incidents *incidents, struct incident *incident, const uint32_t *times,
    size_t count, size_t burst, bool is_change)
{
	double before_s = (double)(incident->began - incidents->from);
	double window_s = (double)(incidents->now - incidents->from);
	size_t lately = 0;

	while (lately < count && incidents->now - times[lately] < HOUR_S)
		lately++;
	incident->now = (double)lately;
	if (is_change)
		incident->usual = (double)(count - burst) * HOUR_S /
		    (before_s > 60 ? before_s : 60);
	else if (window_s >= STEADY_S)
		incident->usual = (double)count * HOUR_S / window_s;
	incident->is_ongoing = incidents->now - incident->last <= ONGOING_S;
}

/* Failures that come one by one all the time are no incident. */
static bool
is_worth_telling(const struct incidents *incidents, const struct incident *incident, bool is_change)
{
	const struct class *class = classifier_class(incidents->sources->classifier,
	    incident->class_index);
	double span_s = (double)(incident->last - incident->began + 60);

	if (incident->is_flood)
		return true;
	if (is_everyday_class(class))
		return incident->recipients >= EVERYDAY_MIN &&
		    incident->recipients * HOUR_S >= EVERYDAY_PER_HOUR * span_s;
	return is_change || incident->kind != SCOPE_COUNT ||
	    incident->messages * 100 >= incidents->messages * STEADY_PERCENT;
}

/* Measures the incident and takes its failures out. False when it is none after all. */
static bool
measure(struct incidents *incidents, struct incident *incident, const struct mishap_run *run)
{
	uint32_t *times = calloc(run->count, sizeof(*times));
	const struct mishap *before = NULL;
	size_t count = 0;

	if (times == NULL)
		return false;
	for (size_t i = 0; i < run->count; i++)
		if (belongs(run->list[i], incident))
			times[count++] = run->list[i]->at;
	size_t burst;
	bool is_change = burst_find(times, count, incidents->from, &burst);
	incident->last = times[0];
	incident->began = times[burst - 1];
	for (size_t i = 0; i < run->count; i++)
		for (int kind = 0; kind < SCOPE_COUNT; kind++)
			if (run->list[i]->parts[kind] != NULL)
				run->list[i]->parts[kind]->hard = 0;
	for (size_t i = 0; i < run->count; i++) {
		struct mishap *mishap = run->list[i];

		if (!belongs(mishap, incident))
			continue;
		mishap->is_taken = !incident->is_flood;
		if (!mishap->is_current || mishap->at < incident->began)
			continue;
		count_mishap(incident, mishap, before);
		before = mishap;
	}
	measure_rates(incidents, incident, times, count, burst, is_change);
	free(times);
	return incident->recipients >= RECIPIENTS_MIN &&
	    is_worth_telling(incidents, incident, is_change);
}

static void
find_of_class(struct incidents *incidents, uint16_t class_index, const struct mishap_run *run)
{
	const struct class *class = classifier_class(incidents->sources->classifier, class_index);
	struct mishap_shares shares;
	enum scope_kind kind;

	for (int round = 0; round < ROUNDS_MAX && incidents->count < INCIDENTS_MAX; round++) {
		struct incident *incident = &incidents->list[incidents->count];

		mishaps_share(run, &shares);
		if (!choose_scope(class, &shares, &kind))
			return;
		*incident = (struct incident){
		    .kind = kind,
		    .part = kind != SCOPE_COUNT ? shares.largest[kind].part : NULL,
		    .class_index = class_index,
		};
		if (measure(incidents, incident, run))
			incidents->count++;
	}
}

/* One account's mail that fills the queue, so that the others' waits. */
static void
find_flood(struct incidents *incidents, const struct mishap_run *run)
{
	uint32_t by_class[UINT8_MAX + 1] = {0};
	struct mishap_shares shares;

	mishaps_share(run, &shares);
	enum scope_kind kind = shares.largest[SCOPE_ACCOUNT].count >=
		shares.largest[SCOPE_SENDER].count ?
	    SCOPE_ACCOUNT :
	    SCOPE_SENDER;
	if (shares.largest[kind].count < FLOOD_MIN || !has_share(&shares, kind))
		return;
	struct incident *incident = &incidents->list[incidents->count];
	*incident = (struct incident){
	    .kind = kind,
	    .part = shares.largest[kind].part,
	    .is_flood = true,
	    .waiting = shares.total,
	};
	for (size_t i = 0; i < run->count; i++)
		if (belongs(run->list[i], incident) &&
		    ++by_class[run->list[i]->class_index] > by_class[incident->class_index])
			incident->class_index = run->list[i]->class_index;
	if (measure(incidents, incident, run))
		incidents->count++;
}

static int
by_weight(const void *left, const void *right)
{
	const struct incident *a = left, *b = right;

	if (a->is_ongoing != b->is_ongoing)
		return a->is_ongoing ? -1 : 1;
	if (a->is_flood != b->is_flood)
		return a->is_flood ? -1 : 1;
	if (a->recipients != b->recipients)
		return a->recipients < b->recipients ? 1 : -1;
	return (a->began > b->began) - (a->began < b->began);
}

static void
find_all(struct incidents *incidents)
{
	const struct classifier *classifier = incidents->sources->classifier;
	struct mishap_run waiting = mishaps_waiting(&incidents->mishaps);
	size_t starts[UINT8_MAX + 2];
	struct mishap **sorted = mishaps_by_class(&incidents->mishaps, starts);

	find_flood(incidents, &waiting);
	for (size_t c = 0; sorted != NULL && c < classifier_class_count(classifier); c++) {
		struct mishap_run run = {sorted + starts[c], starts[c + 1] - starts[c]};

		if (run.count != 0 && !is_no_failure_class(classifier_class(classifier, c)))
			find_of_class(incidents, (uint16_t)c, &run);
	}
	qsort(incidents->list, incidents->count, sizeof(incidents->list[0]), by_weight);
	free(waiting.list);
	free(sorted);
}

/* --- what is said of one --- */

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
	if (incident->kind == SCOPE_COUNT) {
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s", class->meaning);
		if (!is_senders_class(class))
			snprintf(text + len, sizeof(text) - (size_t)len,
			    " So many receivers at once: the cause is most likely on this server or on its way out, not with each of them.");
	} else {
		const struct mishap *sample = &incident->samples[0];
		struct message_view view;
		struct classification found = {.class_index = incident->class_index,
		    .rule_index = CLASSIFY_NO_RULE};

		if (view_of(incidents, sample, &view) && incident->domains <= 1)
			found = story_classification(
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
		    !message_id_is_none(view.message->id))
			story_write_id(out, view.message->id);
	json_out_array_end(out);
}

static void
write_incident(const struct incidents *incidents, const struct incident *incident,
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
	json_out_text(out, class->who);
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

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct incidents *incidents = (struct incidents *)answer;
	const struct index *index = incidents->sources->index;
	struct failure_range range = index_failures(index);
	int64_t start = clock_ms(), second;
	struct message_view view;
	uint32_t reference;
	unsigned count = 0;
	bool is_current, is_full = false;

	while (incidents->next > range.first && !is_full) {
		if (slice_is_over(start, &count))
			return ANSWER_MORE;
		if (!index_failure_past(index, --incidents->next, &view, &reference, &second,
			&is_current) ||
		    segment_recipient(view.segment, reference)->class_index == CLASS_NONE ||
		    !match_sent(&incidents->asker, view))
			continue;
		is_full = !mishaps_add(&incidents->mishaps, view, reference, second, is_current);
		if (is_full)
			incidents->from = second;
	}
	find_all(incidents);
	json_out_object_begin(out);
	json_out_key(out, "items");
	json_out_array_begin(out);
	for (size_t i = 0; i < incidents->count; i++)
		write_incident(incidents, &incidents->list[i], out);
	json_out_array_end(out);
	json_out_object_end(out);
	return ANSWER_DONE;
}

static void
free_incidents(struct answer *answer)
{
	struct incidents *incidents = (struct incidents *)answer;

	mishaps_clear(&incidents->mishaps);
	free(incidents);
}

static struct answer *
start_incidents(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct incidents *incidents = calloc(1, sizeof(*incidents));
	struct index_counts counts;

	(void)params;
	if (incidents == NULL)
		return answer_no_memory(error);
	index_count(sources->index, &counts);
	incidents->answer = (struct answer){.produce = produce, .free = free_incidents};
	incidents->sources = sources;
	incidents->asker = *asker;
	incidents->next = index_failures(sources->index).next;
	/* A copied log's present is its last line. */
	incidents->now = counts.last;
	incidents->messages = counts.messages;
	incidents->from = counts.first;
	return &incidents->answer;
}

static const struct answer_param incidents_params[] = {
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_incidents = {
    .name = "incidents",
    .summary = "One cause behind many messages: when it began, what it hits, what to do.",
    .params = incidents_params,
    .start = start_incidents,
};
