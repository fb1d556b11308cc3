/* Evidence: small nodes, one full position and some distances each: appending looks at nothing but that position. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/evidence.h"

static struct position
position_of(uint64_t number)
{
	return (struct position){
	    .file = (uint32_t)(number >> EVIDENCE_OFFSET_BITS),
	    .offset = number & (((uint64_t)1 << EVIDENCE_OFFSET_BITS) - 1),
	};
}

static int
used_of(const struct evidence_node *node)
{
	return node->used & ~EVIDENCE_IS_LATER;
}

/* NULL: it is the first node. */
static struct evidence_later *
later_of(struct evidence_node *node)
{
	return node->used & EVIDENCE_IS_LATER ? (struct evidence_later *)(void *)node : NULL;
}

/* Takes the distance at *at; the caller knows that there is one. */
static uint64_t
take_distance(const struct evidence_node *node, int *at)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte = node->bytes[(*at)++];

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
}

/* The distance from the first position of the node to its last. */
static uint64_t
span(const struct evidence_node *node)
{
	uint64_t sum = 0;

	for (int at = 0; at < used_of(node);)
		sum += take_distance(node, &at);
	return sum;
}

struct position
evidence_last(const struct arena *arena, uint32_t last)
{
	const struct evidence_node *node = arena_at(arena, last);

	return position_of(node->last);
}

void
evidence_reader_init(struct evidence_reader *reader, const struct arena *arena, uint32_t last)
{
	const struct evidence_later *later = last != 0 ? later_of(arena_at(arena, last)) : NULL;

	*reader = (struct evidence_reader){
	    .arena = arena,
	    .node = later != NULL ? later->first : last,
	    .last = last,
	    .at = -1,
	};
}

/* The node behind that of the reader; 0: that was the last one. */
static uint32_t
next_node(const struct evidence_reader *reader)
{
	if (reader->node == reader->last)
		return 0;
	const struct evidence_later *later = later_of(arena_at(reader->arena, reader->node));
	/* The ring leads from the last one to the second. */
	if (later == NULL)
		later = arena_at(reader->arena, reader->last);
	return later->next;
}

bool
evidence_next(struct evidence_reader *reader, struct position *position)
{
	if (reader->node == 0)
		return false;
	const struct evidence_node *node = arena_at(reader->arena, reader->node);

	if (reader->at < 0) {
		reader->number = node->last - span(node);
		reader->at = 0;
	} else {
		reader->number += take_distance(node, &reader->at);
	}
	if (reader->at == used_of(node)) {
		reader->node = next_node(reader);
		reader->at = -1;
	}
	*position = position_of(reader->number);
	return true;
}

/* Puts a distance behind the others, a step back as one that goes all the way round. False where the node has no room for it. */
static bool
put_distance(struct evidence_node *node, uint64_t value)
{
	unsigned at = (unsigned)used_of(node);

	if (at + (unsigned)(63 - __builtin_clzll(value | 1)) / 7 >= EVIDENCE_NODE_BYTES)
		return false;
	for (; value >= 0x80; value >>= 7)
		node->bytes[at++] = (uint8_t)(value | 0x80);
	node->bytes[at++] = (uint8_t)value;
	node->used = (uint8_t)(at | (node->used & EVIDENCE_IS_LATER));
	return true;
}

bool
evidence_begin(struct arena *arena, uint32_t *last, uint64_t number)
{
	uint32_t reference = arena_take_unset(arena, sizeof(struct evidence_node));

	if (reference == 0)
		return false;
	*(struct evidence_node *)arena_at(arena, reference) = (struct evidence_node){
	    .last = number};
	*last = reference;
	return true;
}

/* One more node goes behind the last one. */
static bool
append_node(struct arena *arena, uint32_t *last, uint64_t number)
{
	uint32_t reference = arena_take_unset(arena, sizeof(struct evidence_later));

	if (reference == 0)
		return false;
	struct evidence_later *before = later_of(arena_at(arena, *last)),
			      *added = arena_at(arena, reference);
	*added = (struct evidence_later){
	    .node = {.last = number, .used = EVIDENCE_IS_LATER},
	    .next = before != NULL ? before->next : reference,
	    .first = before != NULL ? before->first : *last,
	};
	if (before != NULL)
		before->next = reference;
	*last = reference;
	return true;
}

bool
evidence_append_any(struct arena *arena, uint32_t *last, uint64_t number)
{
	struct evidence_node *node = arena_at(arena, *last);

	if (put_distance(node, number - node->last)) {
		node->last = number;
		return true;
	}
	return append_node(arena, last, number);
}
