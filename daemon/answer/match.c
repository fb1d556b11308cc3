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

/* With a dot and without an at sign: no user, but a domain, or all of a name that has none. */
static bool
is_domain_pattern(struct slice pattern)
{
	return slice_find_byte(pattern, '@') < 0 && slice_find_byte(pattern, '.') >= 0;
}

bool
match_name(const struct segment *segment, uint32_t name, struct slice pattern)
{
	const struct arena *arena = &segment->arena;

	if (name == 0 || pattern.len == 0)
		return false;
	if (is_prefix_pattern(pattern))
		return names_begin_nocase(arena, name, slice_first(pattern, pattern.len - 1));
	if (pattern.at[0] == '@')
		return names_at_domain_nocase(arena, name, slice_skip(pattern, 1));
	if (slice_find_byte(pattern, '@') >= 0)
		return names_equal_nocase(arena, name, pattern);
	return names_at_domain_nocase(arena, name, pattern) ||
	    (!is_domain_pattern(pattern) && names_of_user_nocase(arena, name, pattern)) ||
	    names_equal_nocase(arena, name, pattern);
}

bool
match_segment(const struct segment *segment, struct slice pattern)
{
	ptrdiff_t at = slice_find_byte(pattern, '@');

	if (is_prefix_pattern(pattern) || at < 0)
		return is_prefix_pattern(pattern) || !is_domain_pattern(pattern) ||
		    segment_may_have(segment, pattern);
	return segment_may_have(segment, at == 0 ? slice_skip(pattern, 1) : pattern);
}

struct sought_name
match_sought(const struct hash_key *key, struct slice pattern)
{
	const char *at = pattern.len != 0 ? memrchr(pattern.at, '@', pattern.len) : NULL;
	struct slice domain = at != NULL ? slice_skip(pattern, (size_t)(at - pattern.at) + 1) :
					   pattern;

	if (mark_is_unmarked(pattern))
		return (struct sought_name){.is_any = true};
	if (is_prefix_pattern(pattern))
		return (struct sought_name){
		    .begins = mark_of_beginning(slice_first(pattern, pattern.len - 1))};
	return (struct sought_name){
	    .domain = domain.len != 0 ? mark_hash_domain(key, domain) : 0,
	    .begins = at == pattern.at || is_domain_pattern(pattern) ? MARK_UNSET :
								       mark_of_beginning(pattern),
	    .is_either = at == NULL && !is_domain_pattern(pattern),
	};
}

bool
match_recipients(const struct asker *asker, struct message_view view, struct slice pattern)
{
	const struct segment *segment = view.segment;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		if ((match_name(segment, recipient->address, pattern) ||
			match_name(segment, segment_original(segment, recipient), pattern)) &&
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

	return match_name(segment, view.message->sender, pattern) ||
	    ((match_name(segment, segment_message_origin(segment, view.message), pattern) ||
		 (extra != NULL && match_name(segment, extra->login, pattern))) &&
		match_sent(asker, view)) ||
	    match_recipients(asker, view, pattern);
}

bool
match_ip(const struct asker *asker, struct message_view view, struct slice ip)
{
	const struct segment *segment = view.segment;
	struct room room;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		room_empty(&room);
		if (segment_has_ip(segment, recipient) &&
		    slice_equal_nocase(segment_route(segment, recipient, &room).ip, ip) &&
		    match_shown(asker, view, recipient))
			return true;
	}
	return false;
}

bool
match_failure(const struct failure_filter *filter, struct message_view view,
    const struct recipient *recipient)
{
	const struct segment *segment = view.segment;
	const struct arena *arena = &segment->arena;

	return (filter->severity == SEVERITY_NONE || recipient->severity == filter->severity) &&
	    (filter->domain.len == 0 ||
		names_at_domain_nocase(arena, recipient->address, filter->domain) ||
		names_at_domain_nocase(arena, segment_original(segment, recipient),
		    filter->domain)) &&
	    (filter->sender.len == 0 ||
		match_name(segment, view.message->sender, filter->sender)) &&
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

/* Finds the next address in the text, from *from on, which goes behind it. */
static bool
next_address(struct slice text, size_t *from, struct slice *address)
{
	static const struct slice marks = {" \t<>()[]{},;:\"'=", 17};
	const char *at = *from < text.len ? memchr(text.at + *from, '@', text.len - *from) : NULL;

	if (at == NULL)
		return false;
	size_t begin = (size_t)(at - text.at), end = begin;
	while (begin != 0 && slice_find_byte(marks, text.at[begin - 1]) < 0)
		begin--;
	while (end < text.len && slice_find_byte(marks, text.at[end]) < 0)
		end++;
	*address = slice_of(text.at + begin, end - begin);
	*from = end;
	return true;
}

bool
match_line(const struct asker *asker, struct message_view view, struct slice line)
{
	struct slice address;
	struct room room;
	size_t from = 0;

	room_empty(&room);
	struct slice sender = segment_name(view.segment, view.message->sender, &room);
	/* The login, the local user and the folder of a script are the sender's own affair. */
	if (slice_find(line, SLICE(" A=")) >= 0 || slice_find(line, SLICE(" U=")) >= 0 ||
	    slice_find(line, SLICE("cwd=")) >= 0)
		return false;
	while (next_address(line, &from, &address)) {
		bool is_header_id = address.at - line.at >= 4 &&
		    memcmp(address.at - 4, " id=", 4) == 0;

		if (!is_header_id && !slice_equal_nocase(address, sender) && !owns(asker, address))
			return false;
	}
	return true;
}

struct slice
match_words(const struct asker *asker, struct message_view view, struct slice words,
    struct room *room)
{
	static const struct slice blot = {"***@***", 7};
	struct slice address, sender, masked = slice_first(words, 0);
	size_t from = 0, told = 0;
	struct room names;

	if (match_sent(asker, view))
		return words;
	room_empty(&names);
	sender = segment_name(view.segment, view.message->sender, &names);
	while (next_address(words, &from, &address)) {
		if (slice_equal_nocase(address, sender) || owns(asker, address))
			continue;
		struct slice before = slice_of(words.at + told,
		    (size_t)(address.at - words.at) - told);
		struct slice added = room_add(room, before);
		if (masked.len == 0)
			masked.at = added.at;
		masked.len += added.len + room_add(room, blot).len;
		told = from;
	}
	if (told == 0)
		return words;
	masked.len += room_add(room, slice_skip(words, told)).len;
	return masked;
}
