/* Recipients: which entry of a message a line about an address is about. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/store.h"

#include <stdlib.h>
#include <string.h>

enum {
	LOOKUP_FROM = 48, /* recipients; fewer are looked through one by one */
	LOOKUP_FIRST_SLOTS = 256,
};

static inline struct recipient_lookup *
lookup_of(struct index *index, const struct place *place)
{
	const struct message_extra *extra = segment_extra(place->segment, place->message);

	return extra != NULL && extra->lookup != 0 ? &index->lookups[extra->lookup - 1] : NULL;
}

static inline bool
is_named(const struct segment *segment, uint32_t reference, struct slice address)
{
	return names_equal_nocase(&segment->arena, segment_recipient(segment, reference)->address,
	    address);
}

static inline bool
comes_from(const struct segment *segment, const struct recipient *entry, struct slice original)
{
	if (entry->more == 0)
		return original.len == 0;
	return names_equal_nocase(&segment->arena, segment_original(segment, entry), original);
}

static void
lookup_put(struct index *index, const struct place *place, struct recipient_lookup *lookup,
    uint32_t reference)
{
	struct room room;

	room_empty(&room);
	uint64_t at = hash_nocase(&index->key,
	    segment_name(place->segment, segment_recipient(place->segment, reference)->address,
		&room));

	while (lookup->slots[at & lookup->mask] != 0)
		at++;
	lookup->slots[at & lookup->mask] = reference;
	lookup->count++;
}

/* Fills a table with all entries of the message, with room for as many again. */
static bool
lookup_build(struct index *index, const struct place *place, struct recipient_lookup *lookup)
{
	uint32_t size = LOOKUP_FIRST_SLOTS;

	while (size < segment_recipient_count(place->segment, place->message, UINT32_MAX / 3) * 3)
		size *= 2;
	uint32_t *slots = calloc(size, sizeof(*slots));
	if (slots == NULL)
		return false;
	free(lookup->slots);
	*lookup = (struct recipient_lookup){.slots = slots, .mask = size - 1};
	for (uint32_t r = 0; (r = segment_next_recipient(place->segment, place->message, r)) != 0;)
		lookup_put(index, place, lookup, r);
	return true;
}

/* The entry has a new address: the table, if the message has one, leads to it. */
static void
lookup_add(struct index *index, const struct place *place, uint32_t reference)
{
	struct recipient_lookup *lookup = lookup_of(index, place);

	if (lookup == NULL)
		return;
	if (lookup->count < lookup->mask - lookup->mask / 4)
		lookup_put(index, place, lookup, reference);
	else if (!lookup_build(index, place, lookup))
		recipients_forget_lookup(index, place);
}

/* Gives the message a look-up table of its own, in a free place of the index's list. */
static bool
lookup_start(struct index *index, const struct place *place)
{
	uint32_t i = 0;
	struct message_extra *extra = store_extra(place);

	if (extra == NULL)
		return false;
	while (i < index->lookup_size && index->lookups[i].slots != NULL)
		i++;
	if (i == index->lookup_size) {
		struct recipient_lookup *lookups = reallocarray(index->lookups, i + 1,
		    sizeof(*lookups));

		if (lookups == NULL)
			return false;
		lookups[i] = (struct recipient_lookup){0};
		index->lookups = lookups;
		index->lookup_size = i + 1;
	}
	if (!lookup_build(index, place, &index->lookups[i]))
		return false;
	extra->lookup = i + 1;
	return true;
}

void
recipients_forget_lookup(struct index *index, const struct place *place)
{
	struct recipient_lookup *lookup = lookup_of(index, place);

	if (lookup == NULL)
		return;
	free(lookup->slots);
	*lookup = (struct recipient_lookup){0};
	segment_extra(place->segment, place->message)->lookup = 0;
}

/* Goes through the entries that may have that address: all of them, or those of one probe sequence. */
struct candidates {
	const struct recipient_lookup *lookup;
	uint64_t at;
	uint32_t reference;
};

static inline uint32_t
next_candidate(const struct place *place, struct candidates *candidates)
{
	if (candidates->lookup == NULL)
		candidates->reference = segment_next_recipient(place->segment, place->message,
		    candidates->reference);
	else
		candidates->reference =
		    candidates->lookup->slots[candidates->at++ & candidates->lookup->mask];
	return candidates->reference;
}

static inline struct candidates
candidates_for(struct index *index, const struct place *place, struct slice address)
{
	struct candidates candidates = {.lookup = lookup_of(index, place)};

	if (candidates.lookup != NULL)
		candidates.at = hash_nocase(&index->key, address);
	return candidates;
}

/* The entry with that final address and original. */
static inline uint32_t
find_exact(struct index *index, const struct place *place, struct slice final,
    struct slice original)
{
	struct candidates candidates = candidates_for(index, place, final);

	for (uint32_t r; (r = next_candidate(place, &candidates)) != 0;) {
		if (is_named(place->segment, r, final) &&
		    comes_from(place->segment, segment_recipient(place->segment, r), original))
			return r;
	}
	return 0;
}

/*
 * The entry of an address that has no outcome of its own: an envelope recipient without a line yet, or one that was deferred
 * before a transport had it, in routing.
 */
static uint32_t
find_open(struct index *index, const struct place *place, struct slice address, bool or_unrouted)
{
	struct candidates candidates = candidates_for(index, place, address);

	for (uint32_t r; (r = next_candidate(place, &candidates)) != 0;) {
		const struct recipient *entry = segment_recipient(place->segment, r);
		bool is_open = entry->outcome == OUTCOME_UNKNOWN ||
		    (or_unrouted && entry->outcome == OUTCOME_DEFERRED &&
			!segment_has_transport(place->segment, entry));

		if (is_open && segment_original(place->segment, entry) == 0 &&
		    is_named(place->segment, r, address))
			return r;
	}
	return 0;
}

/* One more, behind the first one and those after it. 0 when memory is out. */
static uint32_t
add_later(const struct place *place)
{
	struct segment *segment = place->segment;
	uint32_t reference = arena_take(&segment->arena, sizeof(struct later_recipient));

	if (reference == 0)
		return 0;
	struct later_recipient *added = segment_later_recipient(segment, reference);
	added->next = reference;
	uint32_t before = segment_last_later(segment, place->message);
	if (before != 0) {
		struct later_recipient *last = segment_later_recipient(segment, before);

		added->next = last->next;
		last->next = reference;
	}
	store_later(place, reference);
	return reference;
}

static uint32_t
add_entry(struct index *index, const struct place *place, const struct name *address,
    struct slice original)
{
	struct segment *segment = place->segment;
	struct message *message = place->message;
	bool is_first = (message->flags & (MESSAGE_HAS_FIRST | MESSAGE_LOST_FIRST)) == 0;
	uint32_t reference = is_first ? arena_reference(&message->first) : add_later(place);

	if (reference == 0)
		return 0;
	struct recipient *added = segment_recipient(segment, reference);
	*added = (struct recipient){
	    .address = segment_keep_name(segment, address),
	    .class_index = CLASS_NONE,
	};
	if (original.len != 0)
		segment_keep_original(segment, added, original);
	if (is_first)
		message->flags |= MESSAGE_HAS_FIRST;
	else if (lookup_of(index, place) != NULL)
		lookup_add(index, place, reference);
	else if (segment_recipient_count(segment, message, LOOKUP_FROM) == LOOKUP_FROM)
		lookup_start(index, place);
	return reference;
}

uint32_t
recipients_add(struct index *index, const struct place *place, struct slice address,
    struct slice original)
{
	struct name name;

	name_of(&index->key, address, NAME_ADDRESS, &name);

	return add_entry(index, place, &name, original);
}

uint32_t
recipients_envelope_entry(struct index *index, const struct place *place,
    const struct name *address)
{
	uint32_t entry = segment_has_recipients(place->segment, place->message) ?
	    find_exact(index, place, address->text, slice_of("", 0)) :
	    0;

	return entry != 0 ? entry : add_entry(index, place, address, slice_of("", 0));
}

/* Takes an entry out of the ring of the later ones. */
static void
drop_later(const struct place *place, uint32_t reference)
{
	const struct segment *segment = place->segment;
	uint32_t before = reference, next = segment_later_recipient(segment, reference)->next;

	while (segment_later_recipient(segment, before)->next != reference)
		before = segment_later_recipient(segment, before)->next;
	segment_later_recipient(segment, before)->next = next;
	if (segment_last_later(segment, place->message) == reference)
		store_later(place, before != reference ? before : 0);
}

/*
 * Takes an entry away; its memory goes with the segment, and is not used again. A look-up table still leads to it, but it has no address to
 * be found by.
 */
static void
drop_entry(const struct place *place, uint32_t reference)
{
	struct message *message = place->message;
	struct recipient *dropped = segment_recipient(place->segment, reference);

	if (dropped == &message->first)
		message->flags ^= MESSAGE_HAS_FIRST | MESSAGE_LOST_FIRST;
	else
		drop_later(place, reference);
	dropped->address = 0;
	dropped->class_index = CLASS_NONE;
}

/* Makes the open entry of an alias that of the first address it led to, in its place. */
static void
turn_entry(struct index *index, const struct place *place, uint32_t reference, struct slice final,
    struct slice original)
{
	struct recipient *entry = segment_recipient(place->segment, reference);

	*entry = (struct recipient){
	    .address = segment_keep_address(place->segment, final),
	    .class_index = CLASS_NONE,
	};
	segment_keep_original(place->segment, entry, original);
	lookup_add(index, place, reference);
}

void
recipients_qualify(struct index *index, const struct place *place, struct slice address)
{
	ptrdiff_t at = slice_find_byte(address, '@');

	if (at <= 0 || find_exact(index, place, address, slice_of("", 0)) != 0)
		return;
	uint32_t bare = find_open(index, place, slice_first(address, (size_t)at), false);
	if (bare != 0)
		turn_entry(index, place, bare, address, slice_of("", 0));
}

uint32_t
recipients_entry(struct index *index, const struct place *place, struct slice final,
    struct slice original)
{
	uint32_t entry = find_exact(index, place, final, original);

	if (slice_is_empty(original))
		return entry != 0 ? entry : recipients_add(index, place, final, original);

	/* The line names an envelope recipient as the origin: that one is answered for. A filter's reply answers for none that waits. */
	uint32_t alias = find_open(index, place, original, !slice_has_prefix(final, SLICE(">")));
	if (entry == 0) {
		entry = find_open(index, place, final, false);
		if (entry != 0)
			segment_keep_original(place->segment,
			    segment_recipient(place->segment, entry), original);
	}
	if (entry == 0 && alias != 0) {
		turn_entry(index, place, alias, final, original);
		return alias;
	}
	if (alias != 0 && alias != entry)
		drop_entry(place, alias);
	return entry != 0 ? entry : recipients_add(index, place, final, original);
}

uint32_t
recipients_expired_entry(struct index *index, const struct place *place, struct slice final,
    struct slice original)
{
	struct candidates candidates = candidates_for(index, place, final);
	uint32_t entry = find_exact(index, place, final, original);

	for (uint32_t r; entry == 0 && (r = next_candidate(place, &candidates)) != 0;)
		if (segment_recipient(place->segment, r)->outcome == OUTCOME_DEFERRED &&
		    is_named(place->segment, r, final))
			entry = r;
	return entry != 0 ? entry : recipients_entry(index, place, final, original);
}

void
recipients_forget_nameless(const struct place *place)
{
	uint32_t first = segment_next_recipient(place->segment, place->message, 0);

	if (first != 0 && segment_recipient(place->segment, first)->address == 0 &&
	    segment_recipient(place->segment, first)->outcome == OUTCOME_UNKNOWN)
		drop_entry(place, first);
}

bool
recipients_has_descendant(const struct place *place, struct slice address)
{
	for (uint32_t r = 0; (r = segment_next_recipient(place->segment, place->message, r)) != 0;)
		if (comes_from(place->segment, segment_recipient(place->segment, r), address))
			return true;
	return false;
}

void
recipients_forget_refusal(const struct place *place)
{
	uint32_t next = segment_next_recipient(place->segment, place->message, 0);

	while (next != 0) {
		uint32_t reference = next;
		const struct recipient *entry = segment_recipient(place->segment, reference);

		next = segment_next_recipient(place->segment, place->message, reference);
		if (entry->outcome == OUTCOME_REJECTED)
			drop_entry(place, reference);
	}
}

/* Deferred before a transport had it: an alias, or an address that the router could not place. */
static bool
is_unrouted(const struct place *place, const struct recipient *entry)
{
	return entry->outcome == OUTCOME_DEFERRED && !segment_has_transport(place->segment, entry);
}

void
recipients_answer_parents(struct index *index, const struct place *place, struct slice parents,
    struct slice original)
{
	struct slice parent;

	while (!slice_is_empty(parents)) {
		parent = slice_take_until(&parents, ' ');
		while (parent.len != 0 && parent.at[0] == '(')
			parent = slice_skip(parent, 1);
		while (parent.len != 0 && strchr("),", parent.at[parent.len - 1]) != NULL)
			parent.len--;
		uint32_t reference = find_exact(index, place, parent, original);
		if (reference != 0 &&
		    is_unrouted(place, segment_recipient(place->segment, reference)))
			drop_entry(place, reference);
	}
}

void
recipients_complete(const struct place *place)
{
	const struct segment *segment = place->segment;
	uint32_t next = segment_next_recipient(segment, place->message, 0);

	while (next != 0) {
		uint32_t reference = next;
		const struct recipient *entry = segment_recipient(segment, reference);
		struct room room;
		bool is_answered = false;

		next = segment_next_recipient(segment, place->message, reference);
		if (!is_unrouted(place, entry))
			continue;
		uint32_t origin = segment_original(segment, entry);
		room_empty(&room);
		struct slice original = segment_name(segment, origin != 0 ? origin : entry->address,
		    &room);
		for (uint32_t r = 0;
		     (r = segment_next_recipient(segment, place->message, r)) != 0;) {
			const struct recipient *other = segment_recipient(segment, r);

			if (comes_from(segment, other, original) && other->at >= entry->at &&
			    other->outcome != OUTCOME_DEFERRED && other->outcome != OUTCOME_UNKNOWN)
				is_answered = true;
		}
		if (is_answered)
			drop_entry(place, reference);
	}
}
