/* Notices and refusals: what the lines without a flag change. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/fold.h"

enum {
	TROUBLE_RECIPIENTS_MAX =
	    8, /* a host's trouble is noted with so many waiting recipients at most */
};

/* cPanel names the account behind a message in a line of its own. */
static void
keep_account(const struct place *place, struct slice account)
{
	uint32_t origin = segment_message_origin(place->segment, place->message);

	if (!names_equal_nocase(&place->segment->arena, origin, account))
		store_account(place, segment_keep(place->segment, account));
}

/* Writes whose words these are into the recipient's entry: no router has said any. */
static void
keep_host(struct segment *segment, struct recipient *recipient, const struct host *host)
{
	recipient->path = 0;
	recipient->hop = segment_keep_hop(segment, host->name, host->ip);
}

/* One host's trouble is all that is known of recipients who wait: the class and the words, not an outcome. */
static void
fold_trouble(struct index *index, const struct place *place, const struct line *line,
    const struct notice *notice)
{
	struct failure failure = {
	    .kind = FAILURE_WARNING,
	    .message = notice->message,
	    .host = notice->host.name,
	    .ip = notice->host.ip,
	};

	if (segment_recipient_count(place->segment, place->message, TROUBLE_RECIPIENTS_MAX + 1) >
	    TROUBLE_RECIPIENTS_MAX)
		return;
	/* Nothing else is known of the message: an entry without an address holds the words. */
	if (!segment_has_recipients(place->segment, place->message))
		recipients_add(index, place, slice_of("", 0), slice_of("", 0));
	for (uint32_t r = 0;
	     (r = segment_next_recipient(place->segment, place->message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place->segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN)
			continue;
		recipient->at = (uint32_t)line->second;
		keep_host(place->segment, recipient, &notice->host);
		fold_judge(index, place->segment, place->message, recipient, &failure);
		failures_note(index, place, r, line->second);
	}
}

/* The system filter speaks for all that wait: they are deferred, or discarded since it named others. */
static void
filter_waiting(struct index *index, const struct place *place, const struct line *line,
    enum outcome outcome)
{
	struct failure failure = {
	    .kind = outcome == OUTCOME_DEFERRED ? FAILURE_DEFERRED : FAILURE_DISCARDED,
	    .message = line->text,
	};

	fold_settle_waiting(index, place, line->second, outcome, &failure);
}

/* Recipients nothing will be done for any more: the one with that address, or all. */
static void
settle_removed(const struct place *place, int64_t second, struct slice address)
{
	for (uint32_t r = 0;
	     (r = segment_next_recipient(place->segment, place->message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place->segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN && recipient->outcome != OUTCOME_DEFERRED)
			continue;
		if (!slice_is_empty(address) &&
		    !names_equal_nocase(&place->segment->arena, recipient->address, address))
			continue;
		recipient->outcome = OUTCOME_REMOVED;
		recipient->at = (uint32_t)second;
	}
}

/* An entry without an address: holds why a message or a connection was refused. */
static void
note_refusal(struct index *index, const struct place *place, int64_t second,
    const struct host *host, struct slice recipient_address, const struct failure *failure)
{
	uint32_t reference = recipients_add(index, place, recipient_address, slice_of("", 0));

	if (reference == 0)
		return;
	struct recipient *recipient = segment_recipient(place->segment, reference);
	recipient->outcome = OUTCOME_REJECTED;
	recipient->at = (uint32_t)second;
	recipient->attempts = 1;
	keep_host(place->segment, recipient, host);
	fold_judge(index, place->segment, place->message, recipient, failure);
	failures_note(index, place, reference, second);
}

static void
fold_rejected(struct index *index, const struct place *place, const struct line *line,
    const struct notice *notice)
{
	struct message *message = place->message;
	struct failure failure = {
	    .kind = FAILURE_REJECTED,
	    .message = notice->message,
	};

	/* A message on the spool cannot be refused any more: the words belong to something else. */
	if ((message->flags & MESSAGE_HAS_ARRIVAL) && notice->kind != NOTICE_RESCINDED)
		return;
	bool was_rejected = (message->flags & MESSAGE_IS_REJECTED) != 0;
	message->flags |= MESSAGE_IS_REJECTED;
	if (notice->kind != NOTICE_REJECTED)
		message->flags |= MESSAGE_IS_TEMPORARY;
	if (!was_rejected)
		note_refusal(index, place, line->second, &notice->host, notice->address, &failure);
	store_finished(place, line->second);
	if (!slice_is_empty(notice->sender))
		store_sender(place, segment_keep_address(place->segment, notice->sender));
	for (uint32_t r = 0; (r = segment_next_recipient(place->segment, message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place->segment, r);

		if (recipient->outcome == OUTCOME_UNKNOWN)
			recipient->outcome = OUTCOME_REJECTED;
	}
}

/* One recipient of a message that is being received was refused when its data had come. */
static void
fold_recipient_refused(struct index *index, const struct place *place, const struct line *line,
    const struct notice *notice)
{
	struct failure failure = {.kind = FAILURE_REJECTED, .message = notice->message};
	uint32_t reference = recipients_entry(index, place, notice->address, slice_of("", 0));

	if (reference == 0)
		return;
	struct recipient *recipient = segment_recipient(place->segment, reference);
	recipient->outcome = OUTCOME_REJECTED;
	recipient->at = (uint32_t)line->second;
	fold_count_attempt(recipient);
	fold_judge(index, place->segment, place->message, recipient, &failure);
	failures_note(index, place, reference, line->second);
}

void
fold_notice(struct index *index, const struct place *place, const struct line *line,
    const struct notice *notice)
{
	struct message *message = place->message;
	struct message_extra *extra;

	switch (notice->kind) {
	case NOTICE_HOST_TROUBLE:
		fold_trouble(index, place, line, notice);
		break;
	case NOTICE_SENDER_IDENTITY:
		keep_account(place, notice->user);
		break;
	case NOTICE_SPAM_SCORE:
		if ((extra = store_extra(place)) != NULL)
			extra->spam_score = segment_keep(place->segment, notice->score);
		break;
	case NOTICE_REJECTED:
	case NOTICE_TEMPORARILY_REJECTED:
	case NOTICE_ABANDONED:
	case NOTICE_RESCINDED:
		fold_rejected(index, place, line, notice);
		break;
	case NOTICE_RECIPIENT_REFUSED:
		fold_recipient_refused(index, place, line, notice);
		break;
	case NOTICE_FROZEN:
		message->flags |= MESSAGE_IS_FROZEN;
		break;
	case NOTICE_UNFROZEN:
		message->flags &= (uint16_t)~MESSAGE_IS_FROZEN;
		break;
	case NOTICE_HELD:
		filter_waiting(index, place, line, OUTCOME_DEFERRED);
		break;
	case NOTICE_IGNORED:
		filter_waiting(index, place, line, OUTCOME_DISCARDED);
		break;
	case NOTICE_REMOVED:
		message->flags |= MESSAGE_IS_REMOVED;
		store_finished(place, line->second);
		settle_removed(place, line->second, slice_of("", 0));
		break;
	case NOTICE_MARKED:
		settle_removed(place, line->second, notice->address);
		break;
	case NOTICE_ADDED:
		recipients_entry(index, place, notice->address, slice_of("", 0));
		break;
	default:
		break;
	}
}

void
fold_refusal(struct index *index, const struct line *line, const struct refusal *refusal,
    struct position position)
{
	struct place place;

	if (refusal->kind == REFUSAL_NONE || !store_refusal(index, line->second, &place))
		return;
	place.segment->is_changed = true;
	place.message->utc_offset = line->utc_offset;
	store_finished(&place, line->second);
	place.message->sender = segment_keep_address(place.segment, refusal->sender);
	if (refusal->is_temporary)
		place.message->flags |= MESSAGE_IS_TEMPORARY;
	evidence_append(&place.segment->evidence, &place.message->evidence, position);
	if (!slice_is_empty(refusal->login)) {
		struct message_extra *extra = store_extra(&place);

		if (extra != NULL)
			extra->login = segment_keep_address(place.segment, refusal->login);
	}
	struct failure failure = {
	    .kind = refusal->kind == REFUSAL_AUTH ? FAILURE_AUTH :
		refusal->kind == REFUSAL_PROGRAM || refusal->kind == REFUSAL_LOST ?
						    FAILURE_WARNING :
						    FAILURE_REJECTED,
	    .message = refusal->message,
	};
	note_refusal(index, &place, line->second, &refusal->host, refusal->recipient, &failure);
}
