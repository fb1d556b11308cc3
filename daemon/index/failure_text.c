/* Failure texts: what a server or Exim said of a recipient, kept once for all recipients it was said of. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/segment.h"

enum { ERROR_NUMBER_MAX = (1 << 14) - 1 }; /* the system's end at some 130, Exim's own at -60 */

static struct recipient_more *
add_more(struct segment *segment, struct recipient *recipient)
{
	if (recipient->more == 0) {
		recipient->more = arena_take(&segment->arena, sizeof(struct recipient_more));
		if (recipient->more != 0)
			segment_more(segment, recipient)->rule_index = CLASSIFY_NO_RULE;
	}
	return segment_more(segment, recipient);
}

void
segment_keep_original(struct segment *segment, struct recipient *recipient, struct slice original)
{
	struct recipient_more *more = original.len != 0 || recipient->more != 0 ?
	    add_more(segment, recipient) :
	    NULL;

	if (more != NULL)
		more->original = segment_keep_address(segment, original);
}

/* Stands for the recipient's address, so that what is said of many recipients is one text. */
static const char placeholder = '\1';

/* Writes the text with the placeholder in place of the address. False where it holds no address, or a placeholder. */
static bool
put_placeholder(struct slice text, struct slice address, struct room *room, struct slice *out)
{
	ptrdiff_t at = address.len != 0 ? slice_find_address(text, address) : -1;

	if (at < 0 || slice_find_byte(text, placeholder) >= 0)
		return false;
	*out = slice_of(room->bytes + room->used, 0);
	for (; at >= 0; at = slice_find_address(text, address)) {
		out->len += room_add(room, slice_first(text, (size_t)at)).len;
		out->len += room_add(room, slice_of(&placeholder, 1)).len;
		text = slice_skip(text, (size_t)at + address.len);
	}
	out->len += room_add(room, text).len;
	return true;
}

void
segment_keep_failure(struct segment *segment, struct recipient *recipient, struct slice message,
    int error_number, uint16_t rule_index)
{
	bool is_needed = message.len != 0 || error_number != 0 || rule_index != CLASSIFY_NO_RULE ||
	    recipient->more != 0;
	struct recipient_more *more = is_needed ? add_more(segment, recipient) : NULL;
	struct room room;

	if (more == NULL)
		return;
	room_empty(&room);
	message = slice_first(message, STRING_MAX);
	more->has_placeholder = put_placeholder(message,
	    segment_name(segment, recipient->address, &room), &room, &message);
	more->message = segment_keep(segment, message);
	more->rule_index = rule_index;
	more->error_number = error_number > ERROR_NUMBER_MAX || error_number < -ERROR_NUMBER_MAX ?
	    0 :
	    (int16_t)error_number;
}

struct slice
segment_failure_text(const struct segment *segment, const struct recipient *recipient,
    struct room *room)
{
	const struct recipient_more *more = segment_more(segment, recipient);
	struct slice kept = segment_string(segment, more != NULL ? more->message : 0);

	if (more == NULL || !more->has_placeholder)
		return kept;
	struct slice address = segment_name(segment, recipient->address, room);
	struct slice text = slice_of(room->bytes + room->used, 0);
	for (ptrdiff_t at; (at = slice_find_byte(kept, placeholder)) >= 0;
	     kept = slice_skip(kept, (size_t)at + 1)) {
		text.len += room_add(room, slice_first(kept, (size_t)at)).len;
		text.len += room_add(room, address).len;
	}
	text.len += room_add(room, kept).len;
	return text;
}
