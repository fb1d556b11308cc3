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

	if (place->message->recipients == 0)
		recipients_add(index, place, slice_of("", 0), slice_of("", 0));
	fold_settle_waiting(index, place, line->second, OUTCOME_BOUNCED, &failure);
}

void
fold_delivery(struct index *index, const struct place *place, const struct line *line,
    const struct delivery *delivery, uint64_t key)
{
	bool is_failure = line->kind == LINE_FAILED || line->kind == LINE_DEFERRED;
	char buffer[STRING_MAX];
	struct room room;

	/* +sender_on_delivery tells the sender of a message whose arrival is in an older file. */
	if (place->message->sender == 0 && delivery->sender.at != NULL)
		place->message->sender = segment_keep_address(place->segment,
		    slice_is_empty(delivery->sender) ? SLICE("<>") : delivery->sender);
	if (!is_failure && discard_waiting(index, place, line, delivery))
		return;
	if (delivery->is_for_all) {
		fail_waiting(index, place, line, delivery);
		return;
	}
	struct slice final = delivery_final_address(delivery, buffer, sizeof(buffer));
	if (slice_is_empty(final)) {
		struct slice rest = line->text;

		final = slice_take_until(&rest, ' ');
	}
	struct slice original = delivery->original;
	if (slice_equal_nocase(original, final))
		original.len = 0;
	if (recipients_begin_nameless(place))
		recipients_forget_nameless(place);
	if (place->message->flags & MESSAGE_HAS_BARE)
		recipients_qualify(index, place, slice_is_empty(original) ? final : original);
	if (!slice_is_empty(delivery->parents))
		recipients_answer_parents(index, place, delivery->parents, original);
	bool has_expired = line->kind == LINE_FAILED && slice_is_empty(delivery->router) &&
	    slice_has_prefix(delivery->message, SLICE("retry timeout exceeded"));
	uint32_t reference = has_expired ? recipients_expired_entry(index, place, final, original) :
					   recipients_entry(index, place, final, original);
	if (reference == 0)
		return;
	struct recipient *recipient = segment_recipient(place->segment, reference);
	/* "=> user@x <User@x>": the letters of the delivery count, whatever the envelope had. */
	if (original.len == 0 && delivery->original.len != 0 &&
	    !slice_equal(delivery->original, final))
		recipient->address = segment_keep_address(place->segment, final);
	fold_count_attempt(recipient);
	/* Nobody waits once the message is done with: another process has written late, or the log was sorted. */
	if (line->kind == LINE_DEFERRED && (place->message->flags & MESSAGE_IS_COMPLETED) &&
	    recipient->outcome != OUTCOME_UNKNOWN && recipient->outcome != OUTCOME_DEFERRED)
		return;
	recipient->at = (uint32_t)line->second;

	/* Waiting for its next try is no new error: the last real one stays what is to be said. */
	bool is_kept = (delivery->is_retry_wait || has_expired) &&
	    recipient->class_index != CLASS_NONE;
	if (!is_kept)
		fold_keep_route(index, place->segment, recipient, delivery->router,
		    delivery->transport, &delivery->host);
	if (!is_failure && !delivery->is_discarded) {
		recipient->outcome = line->kind == LINE_SUPPRESSED ? OUTCOME_DISCARDED :
								     OUTCOME_DELIVERED;
		recipient->class_index = CLASS_NONE;
		return;
	}
	recipient->outcome = line->kind == LINE_FAILED ? OUTCOME_BOUNCED :
	    line->kind == LINE_DEFERRED                ? OUTCOME_DEFERRED :
							 OUTCOME_DISCARDED;
	if (is_kept && line->kind == LINE_FAILED) {
		/* The cause is the earlier one, but now it is final. */
		recipient->kind = FAILURE_BOUNCED;
		recipient->severity = SEVERITY_HARD;
	}
	if (!is_kept) {
		struct failure failure = parsed_failure(line->kind, delivery, final);

		fold_judge_keyed(index, place->segment, place->message, recipient, &failure, key);
	} else if (has_expired) {
		struct failure failure;

		room_empty(&room);
		index_failure(place->segment, recipient, &room, &failure);
		failure.kind = FAILURE_BOUNCED;
		fold_judge(index, place->segment, place->message, recipient, &failure);
	}
	failures_note(index, place, reference, line->second);
}
