/* incidents: one cause behind many messages, with when it began and what it hits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/answer/incident.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/walk.h"

enum {
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
	AHEAD = 8, /* failures that are fetched before they are looked at */
};

bool
incident_is_senders_class(const struct class *class)
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
	bool is_senders = incident_is_senders_class(class);
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
		if (incidents->next >= range.first + AHEAD)
			index_failure_expect(index, incidents->next - AHEAD);
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
		incident_write(incidents, &incidents->list[i], out);
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
