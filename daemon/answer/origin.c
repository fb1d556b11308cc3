/* Origins: who or what handed a message to this server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/origin.h"

uint32_t
origin_login_name(struct message_view view)
{
	const struct message_extra *extra = segment_extra(view.segment, view.message);

	if (view.message->flags & MESSAGE_HAS_LOGIN)
		return segment_message_origin(view.segment, view.message);
	return extra != NULL ? extra->login : 0;
}

struct slice
origin_login(struct message_view view, struct room *room)
{
	return segment_name(view.segment, origin_login_name(view), room);
}

struct slice
origin_account(struct message_view view, struct room *room)
{
	uint32_t account = message_account(view.message);

	return account != 0 ?
	    segment_string(view.segment, account) :
	    segment_name(view.segment, segment_message_origin(view.segment, view.message), room);
}

uint32_t
origin_script_string(struct message_view view)
{
	const struct message_extra *extra = segment_extra(view.segment, view.message);

	return extra != NULL ? extra->folder : 0;
}

struct slice
origin_script(struct message_view view)
{
	return segment_string(view.segment, origin_script_string(view));
}
