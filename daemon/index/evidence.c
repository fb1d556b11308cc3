/* Evidence: one full position and some distances: appending looks at nothing but that position. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/evidence.h"

/* Half the distance that is told by 32 bits: what was noted here first may be followed by what stands before it. */
#define HALF ((uint64_t)1 << 31)

/* Of a list: a ring, named by its last node. */
struct node {
	uint64_t last;
	uint32_t next;
	uint8_t used;
	uint8_t bytes[EVIDENCE_BYTES];
} __attribute__((packed, aligned(4)));

static struct position
position_of(uint64_t number)
{
	return (struct position){
	    .file = (uint32_t)(number >> EVIDENCE_OFFSET_BITS),
	    .offset = number & (((uint64_t)1 << EVIDENCE_OFFSET_BITS) - 1),
	};
}

/* Takes the distance at *at; the caller knows that there is one. */
static uint64_t
take_distance(const uint8_t **at)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte = *(*at)++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
}

/* Puts a distance behind the others, a step back as one that goes all the way round. False where there is no room for it. */
static bool
put_distance(uint8_t bytes[EVIDENCE_BYTES], unsigned *used, uint64_t value)
{
	unsigned at = *used;

	if (at + (unsigned)(63 - __builtin_clzll(value | 1)) / 7 >= EVIDENCE_BYTES)
		return false;
	for (; value >= 0x80; value >>= 7)
		bytes[at++] = (uint8_t)(value | 0x80);
	bytes[at++] = (uint8_t)value;
	*used = at;
	return true;
}

/* The first position of those whose last one is given. */
static uint64_t
first_of(uint64_t last, const uint8_t *bytes, unsigned used)
{
	for (const uint8_t *at = bytes; at < bytes + used;)
		last -= take_distance(&at);
	return last;
}

static bool
is_list(const struct evidence *evidence)
{
	return evidence->used == EVIDENCE_IS_LIST;
}

struct position
evidence_last(const struct evidence_home *home, const struct evidence *evidence)
{
	if (is_list(evidence))
		return position_of(
		    ((const struct node *)arena_at(home->arena, evidence->last))->last);
	return position_of(home->origin + evidence->last);
}

/* Goes on with that node. */
static void
begin_node(struct evidence_reader *reader, uint32_t reference)
{
	const struct node *node = arena_at(reader->arena, reference);

	reader->number = first_of(node->last, node->bytes, node->used);
	reader->bytes = node->bytes;
	reader->end = node->bytes + node->used;
	reader->node = reference != reader->last ? node->next : 0;
}

void
evidence_reader_init(struct evidence_reader *reader, const struct evidence_home *home,
    const struct evidence *evidence)
{
	*reader = (struct evidence_reader){.arena = home->arena,
	    .is_at_end = evidence_is_none(evidence)};
	if (reader->is_at_end)
		return;
	if (is_list(evidence)) {
		reader->last = evidence->last;
		begin_node(reader,
		    ((const struct node *)arena_at(home->arena, evidence->last))->next);
		return;
	}
	reader->bytes = evidence->bytes;
	reader->end = evidence->bytes + evidence->used - 1;
	reader->number = first_of(home->origin + evidence->last, evidence->bytes,
	    evidence->used - 1u);
}

bool
evidence_next(struct evidence_reader *reader, struct position *position)
{
	if (reader->is_at_end)
		return false;
	*position = position_of(reader->number);
	if (reader->bytes != reader->end)
		reader->number += take_distance(&reader->bytes);
	else if (reader->node != 0)
		begin_node(reader, reader->node);
	else
		reader->is_at_end = true;
	return true;
}

/* One more node goes behind the last one; 0: there is none yet. Returns its reference, 0 when memory is out. */
static uint32_t
add_node(struct arena *arena, uint32_t last, uint64_t number)
{
	uint32_t reference = arena_take_unset(arena, sizeof(struct node));

	if (reference == 0)
		return 0;
	struct node *added = arena_at(arena, reference);
	*added = (struct node){.last = number, .next = reference};
	if (last != 0) {
		struct node *before = arena_at(arena, last);

		added->next = before->next;
		before->next = reference;
	}
	return reference;
}

static bool
append_to_list(struct arena *arena, struct evidence *evidence, uint64_t number)
{
	struct node *node = arena_at(arena, evidence->last);
	unsigned used = node->used;

	if (put_distance(node->bytes, &used, number - node->last)) {
		node->used = (uint8_t)used;
		node->last = number;
		return true;
	}
	uint32_t reference = add_node(arena, evidence->last, number);
	if (reference != 0)
		evidence->last = reference;
	return reference != 0;
}

/* What is known so far, and one more position, go into a list. */
static bool
make_list(const struct evidence_home *home, struct evidence *evidence, uint64_t number)
{
	bool was_none = evidence_is_none(evidence);
	uint32_t reference = add_node(home->arena, 0,
	    was_none ? number : home->origin + evidence->last);

	if (reference == 0)
		return false;
	struct node *node = arena_at(home->arena, reference);
	if (!was_none) {
		node->used = (uint8_t)(evidence->used - 1);
		memcpy(node->bytes, evidence->bytes, EVIDENCE_BYTES);
	}
	*evidence = (struct evidence){.last = reference, .used = EVIDENCE_IS_LIST};
	return was_none || append_to_list(home->arena, evidence, number);
}

bool
evidence_append_any(struct evidence_home *home, struct evidence *evidence, uint64_t number)
{
	if (is_list(evidence))
		return append_to_list(home->arena, evidence, number);
	if (!home->has_origin) {
		home->origin = number - HALF;
		home->has_origin = true;
	}
	uint64_t place = number - home->origin;
	unsigned used = 0;
	if (place > UINT32_MAX)
		return make_list(home, evidence, number);
	if (!evidence_is_none(evidence)) {
		used = evidence->used - 1u;
		if (!put_distance(evidence->bytes, &used, place - evidence->last))
			return make_list(home, evidence, number);
	}
	evidence->last = (uint32_t)place;
	evidence->used = (uint8_t)(used + 1);
	return true;
}
