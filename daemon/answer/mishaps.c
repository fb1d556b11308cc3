/* Mishaps: the failures of the window, sorted into what they have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/mishaps.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/answer/origin.h"

enum {
	BURST_MIN = 5,   /* times that make a burst */
	BURST_RATIO = 3, /* how much more often than before */
	BURST_GAIN = 6,  /* log-likelihood that two rates explain the times, not one */
};

void
mishaps_clear(struct mishaps *mishaps)
{
	for (int kind = 0; kind < SCOPE_COUNT; kind++)
		tally_clear(&mishaps->parts[kind]);
	free(mishaps->list);
	*mishaps = (struct mishaps){0};
}

/* Of a place: what stands there is the string of a domain, no name. */
#define IS_DOMAIN ((uint64_t)1 << 63)

static bool
is_refusal(struct message_view view)
{
	return (view.message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED)) != 0;
}

static uint64_t
domain_place(struct message_view view, const struct recipient *recipient)
{
	uint32_t domain = names_domain(&view.segment->arena, recipient->address);

	if (domain != 0)
		return IS_DOMAIN | domain;
	return segment_original(view.segment, recipient) == 0 ? recipient->address : 0;
}

/* Where in the segment that stands which part_of makes the part of; 0: in several places. */
static uint64_t
place_of(enum scope_kind kind, struct message_view view, const struct recipient *recipient)
{
	switch (kind) {
	case SCOPE_DOMAIN:
		return domain_place(view, recipient);
	case SCOPE_HOST:
		return segment_host(view.segment, recipient);
	case SCOPE_IP:
		return recipient->hop;
	case SCOPE_SENDER:
		return view.message->sender;
	default:
		if (message_account(view.message) != 0)
			return message_account(view.message);
		return view.message->further & FURTHER_IS_EXTRA ?
		    0 :
		    segment_message_origin(view.segment, view.message);
	}
}

static struct slice
part_of(enum scope_kind kind, struct message_view view, const struct recipient *recipient,
    struct room *room)
{
	struct slice found;
	uint32_t domain;

	switch (kind) {
	case SCOPE_DOMAIN:
		domain = names_domain(&view.segment->arena, recipient->address);
		if (domain != 0)
			return segment_string(view.segment, domain);
		found = slice_domain(segment_name(view.segment, recipient->address, room));
		return found.len != 0 ? found :
					slice_domain(segment_name(view.segment,
					    segment_original(view.segment, recipient), room));
	case SCOPE_HOST:
		return segment_name(view.segment, segment_host(view.segment, recipient), room);
	case SCOPE_IP:
		return segment_route(view.segment, recipient, room).ip;
	case SCOPE_SENDER:
		return segment_name(view.segment, view.message->sender, room);
	default:
		found = origin_account(view, room);
		return found.len != 0 ? found : origin_login(view, room);
	}
}

/* Whether there can be a part of that kind. */
static bool
may_have_part(enum scope_kind kind, struct message_view view)
{
	switch (kind) {
	case SCOPE_HOST:
		return !is_refusal(view);
	case SCOPE_IP:
		return is_refusal(view);
	case SCOPE_SENDER:
		return !(view.message->flags & MESSAGE_IS_BOUNCE);
	default:
		return true;
	}
}

/* A part of a failure whose row is still to be found. */
struct wanted_part {
	struct slice text; /* empty: none is wanted */
	uint64_t hash;
	struct tally_row **known; /* where the row is to be remembered; NULL: nowhere */
};

/* Finds the row where it is remembered, NULL where the failure has no such part, or else what to look for. False when memory is out. */
static bool
begin_part(struct tally *parts, enum scope_kind kind, struct message_view view,
    const struct recipient *recipient, struct room *room, struct tally_row **row,
    struct wanted_part *wanted)
{
	bool is_known = false;

	*row = NULL;
	*wanted = (struct wanted_part){.text = {"", 0}};
	if (!may_have_part(kind, view))
		return true;
	uint64_t place = place_of(kind, view, recipient);
	if ((place & ~IS_DOMAIN) != 0) {
		wanted->known = tally_row_at(parts, view.segment->number << 32 | place, &is_known);
		if (wanted->known == NULL)
			return false;
	}
	if (is_known) {
		*row = *wanted->known;
		return true;
	}
	wanted->text = part_of(kind, view, recipient, room);
	if (wanted->text.len != 0) {
		wanted->hash = counts_hash(view.segment->key, wanted->text);
		tally_expect(parts, wanted->hash);
	} else if (wanted->known != NULL) {
		*wanted->known = NULL;
	}
	return true;
}

static bool
find_parts(struct mishaps *mishaps, struct message_view view, const struct recipient *recipient,
    struct tally_row *rows[static SCOPE_COUNT])
{
	struct wanted_part wanted[SCOPE_COUNT];
	struct room room;

	room_empty(&room);
	for (enum scope_kind kind = 0; kind < SCOPE_COUNT; kind++)
		if (!begin_part(&mishaps->parts[kind], kind, view, recipient, &room, &rows[kind],
			&wanted[kind]))
			return false;
	for (enum scope_kind kind = 0; kind < SCOPE_COUNT; kind++) {
		if (wanted[kind].text.len == 0)
			continue;
		rows[kind] = tally_row(&mishaps->parts[kind], wanted[kind].text, wanted[kind].hash);
		if (rows[kind] == NULL)
			return false;
		if (wanted[kind].known != NULL)
			*wanted[kind].known = rows[kind];
	}
	return true;
}

bool
mishaps_add(struct mishaps *mishaps, struct message_view view, uint32_t reference, int64_t second,
    bool is_current)
{
	const struct recipient *recipient = segment_recipient(view.segment, reference);

	if (mishaps->count == MISHAPS_MAX)
		return false;
	if (mishaps->count == mishaps->size) {
		size_t size = mishaps->size != 0 ? mishaps->size * 4 : 1024;
		struct mishap *list = reallocarray(mishaps->list, size, sizeof(*list));

		if (list == NULL)
			return false;
		mishaps->list = list;
		mishaps->size = size;
	}
	struct mishap *mishap = &mishaps->list[mishaps->count];
	*mishap = (struct mishap){
	    .segment = view.segment->number,
	    .message = view.index,
	    .recipient = reference,
	    .at = (uint32_t)second,
	    .class_index = recipient->class_index,
	    .is_current = is_current,
	    .is_waiting = is_current && recipient->outcome == OUTCOME_DEFERRED,
	};
	if (!find_parts(mishaps, view, recipient, mishap->parts))
		return false;
	mishaps->count++;
	return true;
}

struct mishap **
mishaps_by_class(const struct mishaps *mishaps, size_t starts[static UINT8_MAX + 2])
{
	struct mishap **sorted = malloc(mishaps->count * sizeof(struct mishap *) + 1);
	size_t next[UINT8_MAX + 1];

	if (sorted == NULL)
		return NULL;
	memset(starts, 0, (UINT8_MAX + 2) * sizeof(*starts));
	for (size_t i = 0; i < mishaps->count; i++)
		starts[mishaps->list[i].class_index + 1]++;
	for (int c = 0; c <= UINT8_MAX; c++) {
		starts[c + 1] += starts[c];
		next[c] = starts[c];
	}
	for (size_t i = 0; i < mishaps->count; i++)
		sorted[next[mishaps->list[i].class_index]++] = &mishaps->list[i];
	return sorted;
}

struct mishap_run
mishaps_waiting(const struct mishaps *mishaps)
{
	struct mishap_run run = {malloc(mishaps->count * sizeof(struct mishap *) + 1), 0};

	for (size_t i = 0; run.list != NULL && i < mishaps->count; i++)
		if (mishaps->list[i].is_waiting)
			run.list[run.count++] = &mishaps->list[i];
	return run;
}

void
mishaps_share(const struct mishap_run *run, struct mishap_shares *shares)
{
	*shares = (struct mishap_shares){0};
	for (size_t i = 0; i < run->count; i++)
		for (int kind = 0; kind < SCOPE_COUNT; kind++)
			if (run->list[i]->parts[kind] != NULL)
				run->list[i]->parts[kind]->recipients = 0;
	for (size_t i = 0; i < run->count; i++) {
		struct mishap *mishap = run->list[i];

		if (!mishap->is_current || mishap->is_taken)
			continue;
		shares->total++;
		for (int kind = 0; kind < SCOPE_COUNT; kind++) {
			struct tally_row *part = mishap->parts[kind];

			if (part == NULL)
				continue;
			uint32_t count = (uint32_t)++part->recipients;
			if (kind == SCOPE_DOMAIN && count == 1)
				shares->domains++;
			if (count > shares->largest[kind].count) {
				shares->largest[kind].count = count;
				shares->largest[kind].part = part;
			}
		}
	}
}

static double
likelihood(size_t count, int64_t seconds)
{
	double n = (double)count, span = seconds > 60 ? (double)seconds : 60;

	return count != 0 ? n * log(n / span) : 0;
}

bool
burst_find(const uint32_t *times, size_t count, int64_t window_from, size_t *length)
{
	bool is_found = false;
	double best = 0;

	*length = count;
	if (count < BURST_MIN)
		return false;
	double one_rate = likelihood(count, times[0] - window_from);
	for (size_t i = BURST_MIN; i <= count; i++) {
		int64_t later = (int64_t)times[0] - times[i - 1],
			earlier = times[i - 1] - window_from;

		if (i < count && times[i] == times[i - 1])
			continue;
		double gain = likelihood(i, later) + likelihood(count - i, earlier) - one_rate;
		double later_rate = (double)i / (double)(later > 60 ? later : 60);
		double earlier_rate = (double)(count - i) / (double)(earlier > 60 ? earlier : 60);
		if (gain > best && gain > BURST_GAIN && later_rate >= BURST_RATIO * earlier_rate) {
			best = gain;
			*length = i;
			is_found = true;
		}
	}
	return is_found;
}
