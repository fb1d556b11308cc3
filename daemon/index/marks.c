/* Marks: a byte for what the names of every message have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/marks.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/index/store.h"

enum {
	BEGINNING_LEN = 2, /* bytes of a name */
	/* Messages: those for which more lines are to come, and of those before them so many at a time of the newest segment, and of older ones. */
	MARKED_LATE = 512,
	MARKED_ALONG = 1024,
	MARKED_OLDER = 256,
};

uint64_t
mark_hash_domain(const struct hash_key *key, struct slice domain)
{
	return hash_nocase(key, domain) | 1;
}

/* Without a secret: names that begin alike are many anyhow. */
static uint8_t
hash_beginning(struct slice name)
{
	uint64_t value = 0;

	for (size_t i = 0; i < BEGINNING_LEN && i < name.len; i++)
		value = value << 8 | (uint8_t)name.at[i] | 0x20U;
	return mark_of_hash(value * 0x9e3779b97f4a7c15);
}

uint8_t
mark_of_beginning(struct slice beginning)
{
	return beginning.len < BEGINNING_LEN ? MARK_UNSET : hash_beginning(beginning);
}

bool
mark_is_unmarked(struct slice name)
{
	return name.len != 0 && slice_find_byte(SLICE("/|:>"), name.at[0]) >= 0;
}

/* What names have in common. */
struct side {
	uint8_t domain, more, begins;
};

static uint8_t
join(uint8_t mark, uint8_t other)
{
	return mark == MARK_NOBODY || mark == other ? other : MARK_SEVERAL;
}

enum { KNOWN = 1024 };

/* What is being marked, and the marks of the domains and remote ends met last, since most come again and again. */
struct marker {
	const struct segment *segment;
	struct marks *marks;
	struct {
		uint32_t reference; /* 0: free */
		uint8_t mark, more;
	} domains[KNOWN];
	struct {
		uint32_t reference;
		uint8_t host, ip;
	} hops[KNOWN];
};

static void
add_domain(struct marker *marker, struct side *side, uint32_t domain)
{
	const struct segment *segment = marker->segment;
	uint32_t slot = domain % KNOWN;

	if (marker->domains[slot].reference != domain) {
		uint64_t hash = mark_hash_domain(segment->key, segment_string(segment, domain));

		marker->domains[slot].reference = domain;
		marker->domains[slot].mark = mark_of_hash(hash);
		marker->domains[slot].more = mark_of_more(hash);
	}
	side->domain = join(side->domain, marker->domains[slot].mark);
	side->more = join(side->more, marker->domains[slot].more);
}

/* A name that is kept as a whole. */
static void
add_whole(struct side *side, const struct segment *segment, uint32_t name)
{
	struct room room;

	room_empty(&room);
	struct slice whole = segment_name(segment, name, &room), domain = slice_domain(whole);
	if (domain.len == 0 && mark_is_unmarked(whole))
		return;
	uint64_t hash = mark_hash_domain(segment->key, domain.len != 0 ? domain : whole);
	side->begins = join(side->begins, hash_beginning(whole));
	side->domain = join(side->domain, mark_of_hash(hash));
	side->more = join(side->more, mark_of_more(hash));
}

static void
add_name(struct marker *marker, struct side *side, uint32_t name)
{
	const struct arena *arena = &marker->segment->arena;
	uint32_t domain = names_domain(arena, name);
	char first[BEGINNING_LEN];

	if (domain != 0) {
		size_t len = names_beginning(arena, name, first, sizeof(first));

		side->begins = join(side->begins, hash_beginning(slice_of(first, len)));
		add_domain(marker, side, domain);
	} else if (name != 0) {
		add_whole(side, marker->segment, name);
	}
}

static uint8_t
mark_of_text(const struct hash_key *key, struct slice text)
{
	return text.len != 0 ? mark_of_hash(hash_nocase(key, text)) : MARK_NOBODY;
}

static void
add_hop(struct marker *marker, const struct recipient *recipient, uint8_t *host, uint8_t *ip)
{
	uint32_t hop = recipient->hop, slot = hop % KNOWN;
	struct room room;

	if (hop == 0)
		return;
	if (marker->hops[slot].reference != hop) {
		room_empty(&room);
		struct route route = segment_route(marker->segment, recipient, &room);
		marker->hops[slot].reference = hop;
		marker->hops[slot].host = mark_of_text(marker->segment->key, route.host);
		marker->hops[slot].ip = mark_of_text(marker->segment->key, route.ip);
	}
	*host = join(*host, marker->hops[slot].host);
	*ip = join(*ip, marker->hops[slot].ip);
}

/* When another server took the message, in the terms of the marks. */
static uint16_t
taken_of(const struct segment *segment, const struct message *message)
{
	if (!segment_has_recipients(segment, message))
		return TAKEN_BY_NOBODY;
	const struct recipient *recipient = segment_only_recipient(segment, message);
	if (recipient == NULL)
		return TAKEN_UNKNOWN;
	if (recipient->outcome != OUTCOME_DELIVERED || !segment_is_remote(segment, recipient))
		return TAKEN_BY_NOBODY;
	int64_t second = recipient->at - segment->first + TAKEN_FIRST;
	return names_domain(&segment->arena, recipient->address) != 0 && second >= TAKEN_FIRST &&
		second <= UINT16_MAX ?
	    (uint16_t)second :
	    TAKEN_UNKNOWN;
}

static void
mark(struct marker *marker, uint32_t at)
{
	const struct segment *segment = marker->segment;
	const struct message *message = segment_message(segment, at);
	const struct message_extra *extra = segment_extra(segment, message);
	struct side to = {MARK_NOBODY, MARK_NOBODY, MARK_NOBODY}, from = to, origin = to;
	uint8_t host = MARK_NOBODY, ip = MARK_NOBODY;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		add_name(marker, &to, recipient->address);
		add_name(marker, &to, segment_original(segment, recipient));
		add_hop(marker, recipient, &host, &ip);
	}
	add_name(marker, &from, message->sender);
	add_name(marker, &origin, segment_message_origin(segment, message));
	if (extra != NULL)
		add_name(marker, &origin, extra->login);
	if (origin.begins != MARK_NOBODY)
		from.begins = join(from.begins, origin.begins);
	marker->marks->of[MARK_TO][at] = to.domain;
	marker->marks->of[MARK_TO_MORE][at] = to.more;
	marker->marks->of[MARK_FROM][at] = from.domain;
	marker->marks->of[MARK_FROM_MORE][at] = from.more;
	marker->marks->of[MARK_ORIGIN][at] = origin.domain;
	marker->marks->of[MARK_ORIGIN_MORE][at] = origin.more;
	marker->marks->of[MARK_TO_BEGINS][at] = to.begins;
	marker->marks->of[MARK_FROM_BEGINS][at] = from.begins;
	marker->marks->of[MARK_HOST][at] = host;
	marker->marks->of[MARK_IP][at] = ip;
	marker->marks->taken[at] = taken_of(segment, message);
}

void
marks_drop(struct segment *segment)
{
	free(segment->marks);
	segment->marks = NULL;
}

/* Of so many messages. */
static size_t
bytes_for(uint32_t size)
{
	return sizeof(struct marks) + size * (sizeof(uint16_t) + MARK_KINDS);
}

size_t
marks_bytes(const struct segment *segment)
{
	return segment->marks != NULL ? bytes_for(segment->marks->size) : 0;
}

/* NULL when memory is out. */
static struct marks *
make(uint32_t size, const struct marks *old)
{
	struct marks *marks = calloc(1, bytes_for(size));

	if (marks == NULL)
		return NULL;
	marks->size = size;
	marks->taken = (uint16_t *)(void *)(marks + 1);
	for (int kind = 0; kind < MARK_KINDS; kind++)
		marks->of[kind] = (uint8_t *)(marks->taken + size) + (size_t)kind * size;
	if (old == NULL)
		return marks;
	marks->count = old->count;
	marks->has_unset = old->has_unset;
	memcpy(marks->taken, old->taken, old->count * sizeof(old->taken[0]));
	for (int kind = 0; kind < MARK_KINDS; kind++)
		memcpy(marks->of[kind], old->of[kind], old->count);
	return marks;
}

/* Room for the marks of all messages; the newest segment is to have more. */
static bool
make_room(struct index *index, struct segment *segment, bool is_newest)
{
	uint32_t size = segment->marks != NULL ? segment->marks->size : MARKS_TOGETHER;
	size_t before = marks_bytes(segment);

	while (is_newest && size < segment->message_count)
		size *= 2;
	if (!is_newest)
		size = (segment->message_count + MARKS_TOGETHER - 1) / MARKS_TOGETHER *
		    MARKS_TOGETHER;
	if (segment->marks != NULL && size == segment->marks->size)
		return true;
	if (bytes_for(size) > before && !digest_has_room(index, bytes_for(size) - before))
		return false;
	struct marks *marks = make(size, segment->marks);
	if (marks == NULL)
		return false;
	marks_drop(segment);
	segment->marks = marks;
	index->table_bytes += bytes_for(size) - before;
	return true;
}

/* Marks at most so many of the new messages. */
static void
mark_new(struct marks *marks, const struct segment *segment, uint32_t most)
{
	uint32_t left = segment->message_count - marks->count,
		 end = marks->count + (left < most ? left : most);
	struct marker marker = {.segment = segment, .marks = marks};

	for (; marks->count < end; marks->count++)
		mark(&marker, marks->count);
}

/* Marks the messages that have changed, and as many of the new ones. */
static void
mark_some(struct marks *marks, const struct segment *segment, uint32_t most)
{
	struct marker marker = {.segment = segment, .marks = marks};

	for (uint32_t i = 0; marks->has_unset && i < marks->count; i++)
		if (marks->of[MARK_TO][i] == MARK_UNSET)
			mark(&marker, i);
	marks->has_unset = false;
	mark_new(marks, segment, most);
}

const struct marks *
index_marks(struct index *index, uint64_t number)
{
	if (number < index->oldest || number >= index->next)
		return NULL;
	struct segment *segment = index->segments[number - index->oldest];
	if ((segment->marks == NULL || segment->marks->count != segment->message_count) &&
	    !make_room(index, segment, number + 1 == index->next))
		return NULL;
	if (segment->marks->has_unset || segment->marks->count != segment->message_count)
		mark_some(segment->marks, segment, UINT32_MAX);
	index->has_marks = true;
	return segment->marks;
}

bool
index_mark_ahead(struct index *index, uint32_t most)
{
	if (!index->has_marks && !index_has_plenty(index))
		return false;
	/* The newest one grows, and is marked by those who ask. */
	for (uint64_t n = index->next; n-- > index->oldest;) {
		struct segment *segment = index->segments[n - index->oldest];

		if (n + 1 == index->next ||
		    (segment->marks != NULL && segment->marks->count == segment->message_count))
			continue;
		if (!make_room(index, segment, false))
			break;
		mark_some(segment->marks, segment, most);
		return true;
	}
	return false;
}

void
index_mark_along(struct index *index)
{
	if (!index->has_marks || index->next == index->oldest)
		return;
	struct segment *newest = store_newest(index);
	uint32_t unmarked = newest->message_count -
	    (newest->marks != NULL ? newest->marks->count : 0);
	if (unmarked <= MARKED_LATE) {
		index_mark_ahead(index, MARKED_OLDER);
	} else if (make_room(index, newest, true)) {
		uint32_t due = unmarked - MARKED_LATE;

		mark_new(newest->marks, newest, due < MARKED_ALONG ? due : MARKED_ALONG);
	}
}

const struct hash_key *
index_key(const struct index *index)
{
	return &index->key;
}
