/* Origins: who or what handed a message to this server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/origin.h"

struct slice
origin_login(struct message_view view, struct room *room)
{
	const struct message_extra *extra = segment_extra(view.segment, view.message);

	if (view.message->flags & MESSAGE_HAS_LOGIN)
		return segment_name(view.segment, view.message->origin, room);
	return extra != NULL ? segment_name(view.segment, extra->login, room) : slice_of("", 0);
}

struct slice
origin_account(struct message_view view, struct room *room)
{
	return view.message->account != 0 ? segment_string(view.segment, view.message->account) :
					    segment_name(view.segment, view.message->origin, room);
}

struct slice
origin_script(struct message_view view)
{
	const struct message_extra *extra = segment_extra(view.segment, view.message);

	return extra != NULL ? segment_string(view.segment, extra->folder) : slice_of("", 0);
}
