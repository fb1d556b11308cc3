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
join_bounce(struct index *index, const struct place *bounce, struct message_id id, int64_t second)
{
	struct place cause = {0}; /* not in the cache, where it could take the bounce's place */
	struct message_extra *extra;
	bool is_known = store_message_anew(index, &cause, id.high, id.low, false, second);

	if (is_known) {
		bool has_failed = (cause.message->flags &
				      (MESSAGE_IS_REMOVED | MESSAGE_IS_REJECTED)) != 0;

		for (uint32_t r = 0;
		     (r = segment_next_recipient(cause.segment, cause.message, r)) != 0;)
			if (segment_recipient(cause.segment, r)->outcome == OUTCOME_BOUNCED)
				has_failed = true;
		if (!has_failed)
			return;
		if ((extra = store_extra(&cause)) != NULL)
			extra->bounced_by = segment_message_id(bounce->segment, bounce->message);
	}
	if ((extra = store_extra(bounce)) != NULL)
		extra->bounce_of = id;
}

/* "A=dovecot_login:x" has the login behind its driver; what may stand behind the login is the sender that the client claimed. */
static inline struct slice
login_of(struct slice auth)
{
	struct slice login = auth, driver = slice_take_until(&login, ':');

	return slice_is_empty(login) ? driver : slice_take_until(&login, ':');
}

/* Who handed the message over; a script has left its folder in a line before. */
static void
keep_origin(struct index *index, const struct place *place, const struct arrival *arrival,
    int64_t second)
{
	if (arrival->auth.len != 0) {
		struct slice login = login_of(arrival->auth);

		place->message->flags |= MESSAGE_HAS_LOGIN;
		store_origin(place,
		    slice_equal(login, arrival->sender) ?
			place->message->sender :
			segment_keep_address(place->segment, login));
		return;
	}
	if (arrival->user.len == 0)
		return;
	store_origin(place, segment_keep_address(place->segment, arrival->user));
	struct slice folder = origins_take(&index->origins, arrival->user, second);
	struct message_extra *extra = folder.len != 0 ? store_extra(place) : NULL;
	if (extra != NULL)
		extra->folder = segment_keep(place->segment, folder);
}

static void
keep_recipient(struct index *index, const struct place *place, const struct name *address,
    bool is_late)
{
	if (!address->is_split)
		place->message->flags |= MESSAGE_HAS_BARE;
	if (!is_late || !recipients_has_descendant(place, address->text))
		recipients_envelope_entry(index, place, address);
}

static void
keep_recipients(struct index *index, const struct place *place, const struct parsed *parsed)
{
	struct slice rest = parsed->event.arrival.recipients, address;
	/* An address that is named twice, or has had a cutthrough delivery already, has one entry. */
	bool is_late = segment_has_recipients(place->segment, place->message) &&
	    segment_recipient_count(place->segment, place->message, LATE_RECIPIENTS_MAX + 1) <=
		LATE_RECIPIENTS_MAX;

	if (parsed->name_count == NAMES_AT_HAND) {
		const struct name *first = &parsed->names[1];

		keep_recipient(index, place, first, is_late);
		/* Most messages have only one. */
		if (first->text.len == rest.len)
			return;
		arrival_take_recipient(&rest, &address);
	}
	while (arrival_take_recipient(&rest, &address)) {
		struct name name;

		name_of(&index->key, address, NAME_ADDRESS, &name);

		keep_recipient(index, place, &name, is_late);
	}
}

/* Whether this is the first line about the message, and names one recipient, as nearly all do. */
static inline bool
is_plain(const struct message *message, const struct parsed *parsed)
{
	const struct arrival *arrival = &parsed->event.arrival;

	return message->flags == 0 && (message->further | message->owner | message->sender) == 0 &&
	    !arrival->is_bounce && parsed->name_count == NAMES_AT_HAND &&
	    parsed->names[1].text.len == arrival->recipients.len;
}

static inline bool
is_equal(struct slice a, struct slice b)
{
	return a.len == b.len && strings_equal(a.at, b.at, a.len);
}

/* What fold_arrival makes of it, with each field written once. */
static void
fold_plain(struct index *index, const struct place *place, const struct parsed *parsed)
{
	const struct line *line = &parsed->event.line;
	const struct arrival *arrival = &parsed->event.arrival;
	struct message *message = place->message;

	message->flags = MESSAGE_HAS_ARRIVAL | MESSAGE_HAS_FIRST |
	    (parsed->names[1].is_split ? 0 : MESSAGE_HAS_BARE) |
	    (line->kind == LINE_FAKEREJECT ? MESSAGE_IS_FAKEREJECT : 0);
	message->arrived = (uint32_t)line->second;
	message->sender = segment_keep_name(place->segment, &parsed->names[0]);
	message->first.address = segment_keep_name(place->segment, &parsed->names[1]);
	message->first.class_index = CLASS_NONE;
	sending_hosts_note(place->segment, place->index, parsed->sending_host);
	/* Nearly all that log in do so by the address they write from. */
	if (arrival->auth.len != 0 && message->sender != 0 &&
	    is_equal(login_of(arrival->auth), arrival->sender))
		message->flags |= MESSAGE_HAS_LOGIN | MESSAGE_IS_BY_SENDER;
	else
		keep_origin(index, place, arrival, line->second);
}

void
fold_arrival(struct index *index, const struct place *place, const struct parsed *parsed)
{
	const struct line *line = &parsed->event.line;
	const struct arrival *arrival = &parsed->event.arrival;
	struct message *message = place->message;

	if (is_plain(message, parsed)) {
		fold_plain(index, place, parsed);
		return;
	}
	if (message->flags & MESSAGE_IS_REJECTED) {
		/* A host refused it for the time being, or some of its recipients were bad: Exim has taken it all the same. */
		message->flags &= (uint16_t) ~(MESSAGE_IS_REJECTED | MESSAGE_IS_TEMPORARY);
		recipients_forget_refusal(place);
	}
	message->flags |= MESSAGE_HAS_ARRIVAL;
	if (line->kind == LINE_FAKEREJECT)
		message->flags |= MESSAGE_IS_FAKEREJECT;
	store_arrived(place, line->second);
	message->utc_offset = line->utc_offset;
	sending_hosts_note(place->segment, place->index, parsed->sending_host);
	if (arrival->is_bounce) {
		message->flags |= MESSAGE_IS_BOUNCE;
		store_sender(place, segment_keep_address(place->segment, SLICE("<>")));
		if (!message_id_is_none(arrival->bounce_of))
			join_bounce(index, place, arrival->bounce_of, line->second);
	} else {
		store_sender(place,
		    parsed->name_count != 0 ?
			segment_keep_name(place->segment, &parsed->names[0]) :
			segment_keep_address(place->segment, arrival->sender));
		keep_origin(index, place, arrival, line->second);
	}
	keep_recipients(index, place, parsed);
}
