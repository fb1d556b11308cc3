/* Evidence: rings of small nodes, one full position and some distances each: appending looks at nothing but that position. */
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

	for (int at = 0; at < node->used;)
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
	*reader = (struct evidence_reader){.arena = arena, .last = last, .at = -1};
	if (last != 0)
		reader->node = ((const struct evidence_node *)arena_at(arena, last))->next;
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
	if (reader->at == node->used) {
		reader->node = reader->node != reader->last ? node->next : 0;
		reader->at = -1;
	}
	*position = position_of(reader->number);
	return true;
}

/* Puts a distance behind the others, a step back as one that goes all the way round. False where the node has no room for it. */
static bool
put_distance(struct evidence_node *node, uint64_t value)
{
	unsigned at = node->used;

	if (at + (unsigned)(63 - __builtin_clzll(value | 1)) / 7 >= EVIDENCE_NODE_BYTES)
		return false;
	for (; value >= 0x80; value >>= 7)
		node->bytes[at++] = (uint8_t)(value | 0x80);
	node->bytes[at++] = (uint8_t)value;
	node->used = (uint8_t)at;
	return true;
}

bool
evidence_begin(struct arena *arena, uint32_t *last, uint64_t number)
{
	uint32_t reference = arena_take_unset(arena, sizeof(struct evidence_node));

	if (reference == 0)
		return false;
	*(struct evidence_node *)arena_at(arena, reference) = (struct evidence_node){
	    .next = reference,
	    .last = number,
	};
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
	/* One more node goes into the ring behind that one. */
	if (!evidence_begin(arena, last, number))
		return false;
	struct evidence_node *added = arena_at(arena, *last);
	added->next = node->next;
	node->next = *last;
	return true;
}
