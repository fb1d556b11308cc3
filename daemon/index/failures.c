/* Failures: every one in the order of the log, for recent, watch and the journal. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/store.h"

void
failures_note(struct index *index, const struct place *place, uint32_t recipient, int64_t second)
{
	struct segment *newest = store_segment(index, second);
	const struct recipient *entry = recipient != 0 ?
	    segment_recipient(place->segment, recipient) :
	    NULL;

	if (newest == NULL)
		return;
	/* Cursors count failures within a second, so seconds must not go back. */
	if (second > index->failure_second)
		index->failure_second = second;
	struct failure_entry failure = {
	    .segment = (uint32_t)place->segment->number,
	    .message = place->index,
	    .recipient = recipient,
	    .at = (uint32_t)index->failure_second,
	    .attempts = entry != NULL ? entry->attempts : 0,
	};
	if (!segment_add_failure(newest, &failure))
		return;
	uint64_t ordinal = index->failure_next++;
	for (struct index_listener *listener = index->listeners, *next; listener != NULL;
	     listener = next) {
		next = listener->next;
		listener->failed(listener->context, ordinal);
	}
}

struct failure_range
index_failures(const struct index *index)
{
	const struct segment *oldest = index_segment(index, index->oldest);

	return (struct failure_range){
	    .first = oldest != NULL ? oldest->failure_ordinal : index->failure_next,
	    .next = index->failure_next,
	};
}

/* The segment that noted the failure: ordinals grow with segments, so by halving. */
static const struct failure_entry *
find_failure(const struct index *index, uint64_t ordinal)
{
	uint64_t low = index->oldest, high = index->next;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (index_segment(index, middle)->failure_ordinal <= ordinal)
			low = middle;
		else
			high = middle;
	}
	const struct segment *segment = index_segment(index, low);
	if (segment == NULL || ordinal < segment->failure_ordinal ||
	    ordinal - segment->failure_ordinal >= segment->failure_count)
		return NULL;
	return &segment->failures[ordinal - segment->failure_ordinal];
}

int64_t
index_failure_second(const struct index *index, uint64_t ordinal)
{
	const struct failure_entry *failure = find_failure(index, ordinal);

	return failure != NULL ? failure->at : 0;
}

/* Whether nothing has come about the recipient since, and it has not been delivered. */
static bool
is_still_so(const struct failure_entry *failure, const struct recipient *entry)
{
	return entry->attempts == failure->attempts && entry->class_index != CLASS_NONE &&
	    entry->outcome != OUTCOME_DELIVERED;
}

void
index_failure_expect(const struct index *index, uint64_t ordinal)
{
	const struct failure_entry *failure = find_failure(index, ordinal);
	const struct segment *segment = failure != NULL ? index_segment(index, failure->segment) :
							  NULL;

	if (segment == NULL)
		return;
	__builtin_prefetch(segment_message(segment, failure->message));
	if (failure->recipient != 0)
		__builtin_prefetch(segment_recipient(segment, failure->recipient));
}

bool
index_failure_past(const struct index *index, uint64_t ordinal, struct message_view *view,
    uint32_t *recipient, int64_t *second, bool *is_current)
{
	const struct failure_entry *failure = find_failure(index, ordinal);
	const struct segment *segment = failure != NULL ? index_segment(index, failure->segment) :
							  NULL;

	if (segment == NULL || failure->recipient == 0)
		return false;
	*view = (struct message_view){segment, segment_message(segment, failure->message),
	    failure->message};
	*recipient = failure->recipient;
	*second = failure->at;
	*is_current = is_still_so(failure, segment_recipient(segment, failure->recipient));
	return true;
}

bool
index_failure_at(const struct index *index, uint64_t ordinal, struct message_view *view,
    uint32_t *recipient)
{
	const struct failure_entry *failure = find_failure(index, ordinal);
	const struct segment *segment = failure != NULL ? index_segment(index, failure->segment) :
							  NULL;

	*view = (struct message_view){0};
	if (segment == NULL)
		return false;
	*view = (struct message_view){segment, segment_message(segment, failure->message),
	    failure->message};
	*recipient = failure->recipient;
	if (failure->recipient == 0)
		return true;
	return is_still_so(failure, segment_recipient(segment, failure->recipient));
}

void
index_listen(struct index *index, struct index_listener *listener)
{
	listener->next = index->listeners;
	index->listeners = listener;
}

void
index_unlisten(struct index *index, struct index_listener *listener)
{
	struct index_listener **link = &index->listeners;

	while (*link != NULL && *link != listener)
		link = &(*link)->next;
	if (*link != NULL)
		*link = listener->next;
}
