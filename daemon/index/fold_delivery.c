/* Deliveries: what became of one recipient, or of all that wait. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/fold.h"

#include <string.h>

/* ":blackhole:" and the like where the line names no address: all that wait are discarded. */
static bool
discard_waiting(struct index *index, const struct place *place, const struct line *line,
    const struct delivery *delivery)
{
	if (!delivery->is_discarded || !slice_is_empty(delivery->original) ||
	    slice_find_byte(delivery->final, '/') == 0)
		return false;
	struct failure failure = {.kind = FAILURE_DISCARDED, .message = line->text};
	return fold_settle_waiting(index, place, line->second, OUTCOME_DISCARDED, &failure);
}

/* "mua_wrapper is set but recipients cannot all be delivered in one transaction": all that wait have failed. */
static void
fail_waiting(struct index *index, const struct place *place, const struct line *line,
    const struct delivery *delivery)
{
	struct failure failure = {.kind = FAILURE_BOUNCED, .message = delivery->message};

	if (!segment_has_recipients(place->segment, place->message))
		recipients_add(index, place, slice_of("", 0), slice_of("", 0));
	fold_settle_waiting(index, place, line->second, OUTCOME_BOUNCED, &failure);
}

/* Whether a retry that came too late has failed the address; the last real failure says why. */
static bool
has_expired(const struct line *line, const struct delivery *delivery)
{
	return line->kind == LINE_FAILED && slice_is_empty(delivery->router) &&
	    slice_has_prefix(delivery->message, SLICE("retry timeout exceeded"));
}

/* The final address, where the line names no other, as most do; else empty. */
static struct slice
only_address(const struct delivery *delivery)
{
	if (delivery->address.len != 0)
		return delivery->address;
	return delivery->parents.len == 0 &&
		(delivery->original.len == 0 || slice_equal(delivery->original, delivery->final)) ?
	    delivery->final :
	    slice_of("", 0);
}

/* The entry of the only recipient, where that is the address; else NULL. */
static inline struct recipient *
only_entry(const struct place *place, struct slice address)
{
	struct recipient *entry = &place->message->first;

	return address.len != 0 &&
		segment_only_recipient(place->segment, place->message) == entry &&
		segment_original(place->segment, entry) == 0 &&
		names_equal_nocase(&place->segment->arena, entry->address, address) ?
	    entry :
	    NULL;
}

/* The entry of any line; 0 when memory is out. */
static uint32_t
entry_of(struct index *index, const struct place *place, const struct line *line,
    const struct delivery *delivery, struct slice final)
{
	struct slice original = delivery->original;

	if (slice_equal_nocase(original, final))
		original.len = 0;
	recipients_forget_nameless(place);
	if (place->message->flags & MESSAGE_HAS_BARE)
		recipients_qualify(index, place, slice_is_empty(original) ? final : original);
	recipients_answer_parents(index, place, delivery->parents, original);
	uint32_t reference = has_expired(line, delivery) ?
	    recipients_expired_entry(index, place, final, original) :
	    recipients_entry(index, place, final, original);
	/* "=> user@x <User@x>": the letters of the delivery count, whatever the envelope had. */
	if (reference != 0 && original.len == 0 && delivery->original.len != 0 &&
	    !slice_equal(delivery->original, final))
		segment_recipient(place->segment, reference)->address = segment_keep_address(
		    place->segment, final);
	return reference;
}

/* The final address, or what stands in its place. */
static struct slice
final_of(const struct line *line, const struct delivery *delivery, char *buffer, size_t size)
{
	struct slice final = delivery_final_address(delivery, buffer, size), rest = line->text;

	return slice_is_empty(final) ? slice_take_until(&rest, ' ') : final;
}

/* Writes who carried the message where into the recipient's entry. */
static inline void
keep_route(struct index *index, struct segment *segment, struct recipient *recipient,
    const struct parsed *parsed)
{
	const struct delivery *delivery = &parsed->event.delivery;

	recipient->path = paths_number_known(&index->paths, delivery->route, delivery->router,
	    delivery->transport);
	recipient->hop = delivery->host.name.len + delivery->host.ip.len != 0 ?
	    segment_keep_hop_hashed(segment, parsed->hop, delivery->host.name, delivery->host.ip) :
	    0;
}

static inline void
note_success(struct index *index, struct segment *segment, struct recipient *recipient,
    const struct parsed *parsed)
{
	const struct line *line = &parsed->event.line;

	fold_count_attempt(recipient);
	recipient->at = (uint32_t)line->second;
	keep_route(index, segment, recipient, parsed);
	recipient->outcome = line->kind == LINE_SUPPRESSED ? OUTCOME_DISCARDED : OUTCOME_DELIVERED;
	recipient->class_index = CLASS_NONE;
}

/* A failure, or what was thrown away. */
static void
note_failure(struct index *index, const struct place *place, struct recipient *recipient,
    const struct parsed *parsed, struct slice final)
{
	const struct line *line = &parsed->event.line;
	const struct delivery *delivery = &parsed->event.delivery;
	struct failure failure;
	struct room room;

	fold_count_attempt(recipient);
	/* Nobody waits once the message is done with: another process has written late, or the log was sorted. */
	if (line->kind == LINE_DEFERRED && (place->message->flags & MESSAGE_IS_COMPLETED) &&
	    recipient->outcome != OUTCOME_UNKNOWN && recipient->outcome != OUTCOME_DEFERRED)
		return;
	recipient->at = (uint32_t)line->second;

	/* Waiting for its next try is no new error: the last real one stays what is to be said. */
	bool is_kept = (delivery->is_retry_wait || has_expired(line, delivery)) &&
	    recipient->class_index != CLASS_NONE;
	if (!is_kept)
		keep_route(index, place->segment, recipient, parsed);
	recipient->outcome = line->kind == LINE_FAILED ? OUTCOME_BOUNCED :
	    line->kind == LINE_DEFERRED                ? OUTCOME_DEFERRED :
							 OUTCOME_DISCARDED;
	if (is_kept && line->kind == LINE_FAILED) {
		/* The cause is the earlier one, but now it is final. */
		recipient->kind = FAILURE_BOUNCED;
		recipient->severity = SEVERITY_HARD;
	}
	if (!is_kept) {
		failure = parsed_failure(line->kind, delivery, final);
		fold_judge_keyed(index, place->segment, place->message, recipient, &failure,
		    parsed->failure_key);
	} else if (has_expired(line, delivery)) {
		room_empty(&room);
		index_failure(place->segment, recipient, &room, &failure);
		failure.kind = FAILURE_BOUNCED;
		fold_judge(index, place->segment, place->message, recipient, &failure);
	}
	failures_note(index, place, arena_reference(recipient), line->second);
}

/* Whether a delivery, and no failure, has been made to somebody. */
static inline bool
is_success(enum line_kind kind, const struct delivery *delivery)
{
	return kind != LINE_FAILED && kind != LINE_DEFERRED && !delivery->is_discarded;
}

/* Any line; apart from what happens nearly always, since it needs much room on the stack. */
static __attribute__((noinline)) void
fold_any(struct index *index, const struct place *place, const struct parsed *parsed)
{
	const struct line *line = &parsed->event.line;
	const struct delivery *delivery = &parsed->event.delivery;
	bool is_failure = line->kind == LINE_FAILED || line->kind == LINE_DEFERRED;
	char buffer[STRING_MAX];

	/* +sender_on_delivery tells the sender of a message whose arrival is in an older file. */
	if (place->message->sender == 0 && delivery->sender.at != NULL)
		store_sender(place,
		    segment_keep_address(place->segment,
			slice_is_empty(delivery->sender) ? SLICE("<>") : delivery->sender));
	if (!is_failure && discard_waiting(index, place, line, delivery))
		return;
	if (delivery->is_for_all) {
		fail_waiting(index, place, line, delivery);
		return;
	}
	struct slice final = only_address(delivery);
	struct recipient *recipient = only_entry(place, final);
	if (recipient == NULL) {
		final = final_of(line, delivery, buffer, sizeof(buffer));
		uint32_t reference = entry_of(index, place, line, delivery, final);
		if (reference == 0)
			return;
		recipient = segment_recipient(place->segment, reference);
	}
	if (is_success(line->kind, delivery))
		note_success(index, place->segment, recipient, parsed);
	else
		note_failure(index, place, recipient, parsed, final);
}

void
fold_delivery(struct index *index, const struct place *place, const struct parsed *parsed)
{
	const struct delivery *delivery = &parsed->event.delivery;
	struct recipient *recipient;

	if (is_success(parsed->event.line.kind, delivery) && delivery->sender.at == NULL &&
	    (recipient = only_entry(place, delivery->address)) != NULL)
		note_success(index, place->segment, recipient, parsed);
	else
		fold_any(index, place, parsed);
}
