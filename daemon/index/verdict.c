/* Verdicts: what has become of a message, by what became of its recipients, and what a segment adds up to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/segment.h"

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_UNKNOWN] = "unknown",
    [OUTCOME_DELIVERED] = "delivered",
    [OUTCOME_BOUNCED] = "bounced",
    [OUTCOME_DEFERRED] = "deferred",
    [OUTCOME_DISCARDED] = "discarded",
    [OUTCOME_REJECTED] = "rejected",
    [OUTCOME_REMOVED] = "removed",
};

static const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_IN_TRANSIT] = "in-transit",
    [VERDICT_DELIVERED] = "delivered",
    [VERDICT_BOUNCED] = "bounced",
    [VERDICT_PARTIAL] = "partial",
    [VERDICT_DEFERRED] = "deferred",
    [VERDICT_DISCARDED] = "discarded",
    [VERDICT_REJECTED] = "rejected",
    [VERDICT_FROZEN] = "frozen",
    [VERDICT_REMOVED] = "removed",
};

const char *
outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

const char *
verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

int
verdict_find(struct slice name)
{
	for (int i = 0; i < VERDICT_COUNT; i++)
		if (slice_equal(name, slice_str(verdict_names[i])))
			return i;
	return -1;
}

/* What the outcomes of the recipients amount to: in seen a bit is set for each that there is. */
static enum verdict
verdict_of(const struct message *message, unsigned seen)
{
	static const enum verdict settled[OUTCOME_COUNT] = {
	    [OUTCOME_DELIVERED] = VERDICT_DELIVERED,
	    [OUTCOME_BOUNCED] = VERDICT_BOUNCED,
	    [OUTCOME_DISCARDED] = VERDICT_DISCARDED,
	    [OUTCOME_REJECTED] = VERDICT_REJECTED,
	    [OUTCOME_REMOVED] = VERDICT_REMOVED,
	};
	const unsigned waiting = 1u << OUTCOME_UNKNOWN, deferred = 1u << OUTCOME_DEFERRED;
	bool is_finished = (message->flags & MESSAGE_IS_COMPLETED) != 0;

	if (message->flags & (MESSAGE_IS_REJECTED | MESSAGE_IS_REFUSAL))
		return VERDICT_REJECTED;
	if (message->flags & MESSAGE_IS_REMOVED)
		return VERDICT_REMOVED;
	if ((message->flags & MESSAGE_IS_FROZEN) && !is_finished)
		return VERDICT_FROZEN;
	if (!is_finished && (seen & (waiting | deferred)) != 0)
		return seen & deferred ? VERDICT_DEFERRED : VERDICT_IN_TRANSIT;
	seen &= ~(waiting | deferred);
	/* A message that was finished without a line about any recipient that we saw: Exim finishes only what it handed on. */
	if (seen == 0)
		return is_finished ? VERDICT_DELIVERED : VERDICT_IN_TRANSIT;
	return (seen & (seen - 1)) != 0 ? VERDICT_PARTIAL : settled[__builtin_ctz(seen)];
}

enum verdict
segment_verdict(const struct segment *segment, const struct message *message)
{
	unsigned seen = 0;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;)
		seen |= 1u << segment_recipient(segment, r)->outcome;
	return verdict_of(message, seen);
}

/* A recipient whose last line is a failure. */
static bool
has_failed(const struct recipient *recipient)
{
	return recipient->class_index != CLASS_NONE && recipient->outcome != OUTCOME_DELIVERED;
}

static void
summarise_message(struct segment *segment, const struct message *message)
{
	struct segment_summary *summary = &segment->summary;
	unsigned seen = 0;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		seen |= 1u << recipient->outcome;
		if (!has_failed(recipient))
			continue;
		summary->by_class[recipient->class_index]++;
		if (recipient->severity == SEVERITY_HARD)
			summary->hard++;
		else if (recipient->severity == SEVERITY_SOFT)
			summary->soft++;
	}
	if (!(message->flags & MESSAGE_IS_REFUSAL))
		summary->by_verdict[verdict_of(message, seen)]++;
}

const struct segment_summary *
segment_summary(struct segment *segment)
{
	if (!segment->is_changed)
		return &segment->summary;
	segment->summary = (struct segment_summary){0};
	for (uint32_t i = 0; i < segment->message_count; i++)
		if (!message_is_void(segment_message(segment, i)))
			summarise_message(segment, segment_message(segment, i));
	segment->is_changed = false;
	return &segment->summary;
}
