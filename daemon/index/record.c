/* Records: what a message has stands in its record, where there is room for it, or in its extra part. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/store.h"

struct message_extra *
store_extra(const struct place *place)
{
	struct message *message = place->message;

	if (!(message->further & FURTHER_IS_EXTRA)) {
		uint32_t reference = arena_take(&place->segment->arena,
		    sizeof(struct message_extra));

		if (reference == 0)
			return NULL;
		struct message_extra *extra = arena_at(&place->segment->arena, reference);
		extra->later = message->further;
		message->further = reference | FURTHER_IS_EXTRA;
	}
	return segment_extra(place->segment, message);
}

bool
store_long_id(const struct place *place, struct message_id id)
{
	struct message_extra *extra = store_extra(place);

	if (extra != NULL)
		extra->id = id;
	return extra != NULL;
}

void
store_arrived(const struct place *place, int64_t second)
{
	uint32_t finished = segment_message_finished(place->segment, place->message);

	place->message->arrived = (uint32_t)second;
	if (finished != 0)
		store_finished(place, finished);
}

void
store_finished_far(const struct place *place, int64_t second)
{
	struct message_extra *extra = second != 0 ? store_extra(place) : NULL;

	if (extra != NULL)
		extra->finished = (uint32_t)second;
	place->message->finished = extra != NULL ? FINISHED_IN_EXTRA :
	    second != 0                          ? FINISHED_IN_EXTRA - 1 :
						   0;
}

/* Most have one of both, or were handed over by their sender. */
static void
keep_owner(const struct place *place, uint32_t origin, uint32_t account)
{
	struct message *message = place->message;
	bool is_by_sender = origin != 0 && origin == message->sender;
	bool is_owner = !is_by_sender && origin != 0 && account == 0;
	bool is_extra = !is_by_sender && origin != 0 && account != 0;
	struct message_extra *extra = is_extra ? store_extra(place) :
						 segment_extra(place->segment, message);

	message->flags &= (uint16_t) ~(MESSAGE_IS_BY_SENDER | MESSAGE_OWNER_IS_ORIGIN);
	if (is_by_sender)
		message->flags |= MESSAGE_IS_BY_SENDER;
	if (is_owner)
		message->flags |= MESSAGE_OWNER_IS_ORIGIN;
	message->owner = is_owner ? origin : account;
	if (extra != NULL)
		extra->origin = is_extra ? origin : 0;
}

void
store_sender(const struct place *place, uint32_t sender)
{
	uint32_t origin = segment_message_origin(place->segment, place->message);
	bool was_by_sender = (place->message->flags & MESSAGE_IS_BY_SENDER) != 0;

	place->message->sender = sender;
	if (was_by_sender)
		keep_owner(place, origin, message_account(place->message));
}

void
store_origin(const struct place *place, uint32_t origin)
{
	keep_owner(place, origin, message_account(place->message));
}

void
store_account(const struct place *place, uint32_t account)
{
	if (place->message->flags & MESSAGE_OWNER_IS_ORIGIN)
		keep_owner(place, place->message->owner, account);
	else
		place->message->owner = account;
}

void
store_later(const struct place *place, uint32_t later)
{
	struct message_extra *extra = segment_extra(place->segment, place->message);

	if (extra != NULL)
		extra->later = later;
	else
		place->message->further = later;
}
