/* What stats counts by: keys that are compared within a segment, and the names that they stand for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/stats_keys.h"

#include <string.h>

#include "daemon/answer/origin.h"
#include "daemon/text/moment.h"

/* Of a key: it is a reference to a string, not to a name. */
#define KEY_IS_STRING ((uint32_t)1 << 31)

static const char *const by_names[BY_COUNT] = {
    [BY_CLASS] = "class",
    [BY_DOMAIN] = "domain",
    [BY_SENDER] = "sender",
    [BY_LOGIN] = "login",
    [BY_ACCOUNT] = "account",
    [BY_SCRIPT] = "script",
    [BY_HOST] = "host",
    [BY_HOUR] = "hour",
    [BY_VERDICT] = "verdict",
};

const char *
stats_by_name(enum stats_by by)
{
	return by_names[by];
}

bool
stats_names_client(enum stats_by by)
{
	return by == BY_LOGIN || by == BY_ACCOUNT || by == BY_SCRIPT;
}

/* The domain of an address: a string where the index keeps it as one, else by the address; 0: it has none. */
static uint32_t
domain_key(const struct segment *segment, uint32_t address)
{
	uint32_t domain = names_domain(&segment->arena, address);
	struct room room;

	if (domain != 0)
		return domain | KEY_IS_STRING;
	room_empty(&room);
	return slice_domain(segment_name(segment, address, &room)).len != 0 ? address : 0;
}

bool
stats_find_key(enum stats_by by, struct message_view view, const struct recipient *recipient,
    uint32_t *key)
{
	const struct segment *segment = view.segment;

	switch (by) {
	case BY_CLASS:
		*key = recipient->class_index;
		return recipient->class_index != CLASS_NONE;
	case BY_DOMAIN:
		*key = domain_key(segment, recipient->address);
		if (*key == 0)
			*key = domain_key(segment, segment_original(segment, recipient));
		return *key != 0;
	case BY_SENDER:
		*key = view.message->sender;
		return *key != 0;
	case BY_LOGIN:
		*key = origin_login_name(view);
		return *key != 0;
	case BY_ACCOUNT:
		*key = message_account(view.message) != 0 ?
		    message_account(view.message) | KEY_IS_STRING :
		    segment_message_origin(view.segment, view.message);
		return *key != 0;
	case BY_SCRIPT:
		*key = origin_script_string(view) | KEY_IS_STRING;
		return *key != KEY_IS_STRING;
	case BY_HOST:
		*key = segment_host(segment, recipient);
		return *key != 0;
	case BY_HOUR:
		*key = view.message->arrived / 3600;
		return true;
	default:
		*key = segment_verdict(segment, view.message);
		return true;
	}
}

struct slice
stats_name(const struct answer_sources *sources, enum stats_by by, const struct segment *segment,
    uint32_t key, struct room *room)
{
	char text[MOMENT_TEXT_SIZE];

	switch (by) {
	case BY_CLASS:
		return slice_str(classifier_class(sources->classifier, key)->name);
	case BY_VERDICT:
		return slice_str(verdict_name(key));
	case BY_HOUR: {
		int64_t hour = (int64_t)key * 3600;
		size_t len = moment_format(hour, zone_offset_at(sources->zone, hour), text);

		return room_add(room, slice_of(text, len));
	}
	default:
		break;
	}
	if (segment == NULL)
		return slice_of("", 0);
	if (key & KEY_IS_STRING)
		return segment_string(segment, key & ~KEY_IS_STRING);
	struct slice name = segment_name(segment, key, room);
	return by == BY_DOMAIN ? slice_domain(name) : name;
}
