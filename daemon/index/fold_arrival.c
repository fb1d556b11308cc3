/* Arrivals: who sent the message, who handed it over, and to whom it goes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/fold.h"

enum {
	LATE_RECIPIENTS_MAX =
	    256, /* more deliveries before the arrival are not looked through for each recipient */
};

/*
 * R=ID names the message that made Exim write this one. It is a bounce where something of that message has failed; a warning of a
 * delay, or the answer of a filter, is none. What the window does not hold most likely failed.
 */
static void
join_bounce(struct index *index, struct place bounce, struct message_id id, int64_t second)
{
	struct place cause;
	struct message_extra *extra;
	bool is_known = store_message(index, id, false, second, &cause);

	if (is_known) {
		bool has_failed = (cause.message->flags &
				      (MESSAGE_IS_REMOVED | MESSAGE_IS_REJECTED)) != 0;

		for (uint32_t r = 0;
		     (r = segment_next_recipient(cause.segment, cause.message, r)) != 0;)
			if (segment_recipient(cause.segment, r)->outcome == OUTCOME_BOUNCED)
				has_failed = true;
		if (!has_failed)
			return;
		if ((extra = store_extra(cause)) != NULL)
			extra->bounced_by = bounce.message->id;
	}
	if ((extra = store_extra(bounce)) != NULL)
		extra->bounce_of = id;
}

/* Who handed the message over: "A=dovecot_login:x" has the login behind its driver; a script has left its folder in a line before. */
static void
keep_origin(struct index *index, struct place place, const struct arrival *arrival, int64_t second)
{
	if (arrival->auth.len != 0) {
		struct slice login = arrival->auth, driver = slice_take_until(&login, ':');

		place.message->flags |= MESSAGE_HAS_LOGIN;
		/* What may stand behind the login is the sender that the client claimed. */
		struct slice name = slice_is_empty(login) ? driver : slice_take_until(&login, ':');
		place.message->origin = slice_equal(name, arrival->sender) ?
		    place.message->sender :
		    segment_keep_address(place.segment, name);
		return;
	}
	if (arrival->user.len == 0)
		return;
	place.message->origin = segment_keep_address(place.segment, arrival->user);
	struct slice folder = origins_take(&index->origins, arrival->user, second);
	struct message_extra *extra = folder.len != 0 ? store_extra(place) : NULL;
	if (extra != NULL)
		extra->folder = segment_keep(place.segment, folder);
}

void
fold_arrival(struct index *index, struct place place, const struct line *line,
    const struct arrival *arrival)
{
	struct message *message = place.message;
	struct slice recipients = arrival->recipients, address;

	if (message->flags & MESSAGE_IS_REJECTED) {
		/* A host refused it for the time being, or some of its recipients were bad: Exim has taken it all the same. */
		message->flags &= (uint16_t) ~(MESSAGE_IS_REJECTED | MESSAGE_IS_TEMPORARY);
		recipients_forget_refusal(place);
	}
	message->flags |= MESSAGE_HAS_ARRIVAL;
	if (line->kind == LINE_FAKEREJECT)
		message->flags |= MESSAGE_IS_FAKEREJECT;
	message->arrived = (uint32_t)line->second;
	message->utc_offset = line->utc_offset;
	message->sender = segment_keep_address(place.segment,
	    arrival->is_bounce ? SLICE("<>") : arrival->sender);
	if (arrival->is_bounce)
		message->flags |= MESSAGE_IS_BOUNCE;
	if (!message_id_is_none(arrival->bounce_of) && arrival->is_bounce)
		join_bounce(index, place, arrival->bounce_of, line->second);
	if (!arrival->is_bounce)
		keep_origin(index, place, arrival, line->second);
	/* An address that is named twice, or has had a cutthrough delivery already, has one entry. */
	bool is_late = message->recipients != 0 &&
	    segment_recipient_count(place.segment, message, LATE_RECIPIENTS_MAX + 1) <=
		LATE_RECIPIENTS_MAX;
	while (arrival_take_recipient(&recipients, &address)) {
		if (slice_find_byte(address, '@') < 0)
			message->flags |= MESSAGE_HAS_BARE;
		if (!is_late || !recipients_has_descendant(place, address))
			recipients_entry(index, place, address, slice_of("", 0));
	}
}
