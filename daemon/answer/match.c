/* Matching: whether a message or a recipient is what was asked for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/match.h"

bool
match_domain(struct slice address, struct slice domain)
{
	return address.len > domain.len && address.at[address.len - domain.len - 1] == '@' &&
	    slice_equal_nocase(slice_skip(address, address.len - domain.len), domain);
}

static bool
is_prefix_pattern(struct slice pattern)
{
	return pattern.len != 0 && pattern.at[pattern.len - 1] == '*';
}

bool
match_address(struct slice address, struct slice pattern)
{
	if (pattern.len == 0 || pattern.len > address.len + 1)
		return false;
	if (is_prefix_pattern(pattern)) {
		pattern.len--;
		return slice_equal_nocase(slice_first(address, pattern.len), pattern);
	}
	if (pattern.at[0] == '@')
		return match_domain(address, slice_skip(pattern, 1));
	if (slice_find_byte(pattern, '@') >= 0)
		return slice_equal_nocase(address, pattern);
	return match_domain(address, pattern) || slice_equal_nocase(address, pattern) ||
	    (address.len > pattern.len && address.at[pattern.len] == '@' &&
		slice_equal_nocase(slice_first(address, pattern.len), pattern));
}

bool
match_name(const struct segment *segment, uint32_t name, struct slice pattern, struct room *room)
{
	return name != 0 && match_address(segment_name(segment, name, room), pattern);
}

bool
match_segment(const struct segment *segment, struct slice pattern)
{
	ptrdiff_t at = slice_find_byte(pattern, '@');

	if (is_prefix_pattern(pattern) || at < 0)
		return is_prefix_pattern(pattern) || slice_find_byte(pattern, '.') < 0 ||
		    segment_may_have(segment, pattern);
	return segment_may_have(segment, at == 0 ? slice_skip(pattern, 1) : pattern);
}

bool
match_recipients(const struct asker *asker, struct message_view view, struct slice pattern)
{
	const struct segment *segment = view.segment;
	struct room room;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		room_empty(&room);
		if ((match_name(segment, recipient->address, pattern, &room) ||
			match_name(segment, segment_original(segment, recipient), pattern,
			    &room)) &&
		    match_shown(asker, view, recipient))
			return true;
	}
	return false;
}

bool
match_message(const struct asker *asker, struct message_view view, struct slice pattern)
{
	const struct segment *segment = view.segment;
	const struct message_extra *extra = segment_extra(segment, view.message);
	struct room room;

	room_empty(&room);
	return match_name(segment, view.message->sender, pattern, &room) ||
	    ((match_name(segment, view.message->origin, pattern, &room) ||
		 (extra != NULL && match_name(segment, extra->login, pattern, &room))) &&
		match_sent(asker, view)) ||
	    match_recipients(asker, view, pattern);
}

bool
match_failure(const struct failure_filter *filter, struct message_view view,
    const struct recipient *recipient)
{
	const struct segment *segment = view.segment;
	struct room room;

	room_empty(&room);
	struct slice address = segment_name(segment, recipient->address, &room);
	struct slice original = segment_name(segment, segment_original(segment, recipient), &room);
	struct slice sender = segment_name(segment, view.message->sender, &room);

	return (filter->severity == SEVERITY_NONE || recipient->severity == filter->severity) &&
	    (filter->class_index < 0 || recipient->class_index == filter->class_index) &&
	    (filter->domain.len == 0 || match_domain(address, filter->domain) ||
		match_domain(original, filter->domain)) &&
	    (filter->sender.len == 0 || match_address(sender, filter->sender)) &&
	    (filter->since == 0 || recipient->at >= filter->since) &&
	    (filter->until == 0 || recipient->at <= filter->until);
}

static bool
owns(const struct asker *asker, struct slice address)
{
	ptrdiff_t at = slice_find_byte(address, '@');

	return at >= 0 && asker->owns_domain(asker->context, slice_skip(address, (size_t)at + 1));
}

bool
match_sent(const struct asker *asker, struct message_view view)
{
	struct room room;

	room_empty(&room);
	return asker->sees_all ||
	    owns(asker, segment_name(view.segment, view.message->sender, &room));
}

static bool
owns_recipient(const struct asker *asker, const struct segment *segment,
    const struct recipient *recipient)
{
	struct room room;

	room_empty(&room);
	return owns(asker, segment_name(segment, recipient->address, &room)) ||
	    owns(asker, segment_name(segment, segment_original(segment, recipient), &room));
}

bool
match_asker(const struct asker *asker, struct message_view view)
{
	const struct segment *segment = view.segment;

	if (match_sent(asker, view))
		return true;
	for (uint32_t r = 0; (r = segment_next_recipient(segment, view.message, r)) != 0;)
		if (owns_recipient(asker, segment, segment_recipient(segment, r)))
			return true;
	return false;
}

bool
match_shown(const struct asker *asker, struct message_view view, const struct recipient *recipient)
{
	/* The entry without an address is about the message as a whole. */
	return asker->sees_all || recipient->address == 0 || match_sent(asker, view) ||
	    owns_recipient(asker, view.segment, recipient);
}

bool
match_line(const struct asker *asker, struct message_view view, struct slice line)
{
	static const struct slice marks = {" \t<>()[]{},;:\"'=", 17};
	struct room room;

	room_empty(&room);
	struct slice sender = segment_name(view.segment, view.message->sender, &room);
	/* The login, the local user and the folder of a script are the sender's own affair. */
	if (slice_find(line, SLICE(" A=")) >= 0 || slice_find(line, SLICE(" U=")) >= 0 ||
	    slice_find(line, SLICE("cwd=")) >= 0)
		return false;
	for (size_t i = 0; i < line.len; i++) {
		size_t begin = i, end = i;

		if (line.at[i] != '@')
			continue;
		while (begin != 0 && slice_find_byte(marks, line.at[begin - 1]) < 0)
			begin--;
		while (end < line.len && slice_find_byte(marks, line.at[end]) < 0)
			end++;
		struct slice address = slice_of(line.at + begin, end - begin);
		bool is_header_id = begin >= 4 && memcmp(line.at + begin - 4, " id=", 4) == 0;
		if (!is_header_id && !slice_equal_nocase(address, sender) && !owns(asker, address))
			return false;
	}
	return true;
}
