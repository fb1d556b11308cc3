/* Evidence: rings of small nodes, one full position and some distances each: appending looks at nothing but that position. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/evidence.h"

enum {
	NODE_BYTES =
	    11, /* with the rest of the node, 24: enough for the five or six lines of a plain message */
};

struct node {
	uint32_t next;
	uint32_t offset_low;
	uint16_t offset_high;
	uint16_t file;
	uint8_t used;
	uint8_t bytes[NODE_BYTES];
};

static struct position
node_position(const struct node *node)
{
	return (struct position){
	    .file = node->file,
	    .offset = (uint64_t)node->offset_high << 32 | node->offset_low,
	};
}

static void
set_offset(struct node *node, uint64_t offset)
{
	node->offset_low = (uint32_t)offset;
	node->offset_high = (uint16_t)(offset >> 32);
}

/* Takes the distance at *at; the caller knows that there is one. */
static uint64_t
take_number(const struct node *node, int *at)
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
span(const struct node *node)
{
	uint64_t sum = 0;

	for (int at = 0; at < node->used;)
		sum += take_number(node, &at);
	return sum;
}

/* Puts a distance behind the others. False where the node has no room for it. */
static bool
put_number(struct node *node, uint64_t value)
{
	size_t at = node->used, room = NODE_BYTES - at;

	if (room == 0 || value >= (uint64_t)1 << 7 * (room < 9 ? room : 9))
		return false;
	for (; value >= 0x80; value >>= 7)
		node->bytes[at++] = (uint8_t)(value | 0x80);
	node->bytes[at++] = (uint8_t)value;
	node->used = (uint8_t)at;
	return true;
}

struct position
evidence_last(const struct arena *arena, uint32_t last)
{
	return node_position(arena_at(arena, last));
}

void
evidence_reader_init(struct evidence_reader *reader, const struct arena *arena, uint32_t last)
{
	*reader = (struct evidence_reader){.arena = arena, .last = last, .at = -1};
	if (last != 0)
		reader->node = ((const struct node *)arena_at(arena, last))->next;
}

bool
evidence_next(struct evidence_reader *reader, struct position *position)
{
	if (reader->node == 0)
		return false;
	const struct node *node = arena_at(reader->arena, reader->node);

	if (reader->at < 0) {
		reader->position = node_position(node);
		reader->position.offset -= span(node);
		reader->at = 0;
	} else {
		reader->position.offset += take_number(node, &reader->at);
	}
	if (reader->at == node->used) {
		reader->node = reader->node != reader->last ? node->next : 0;
		reader->at = -1;
	}
	*position = reader->position;
	return true;
}

static bool
append_node(struct arena *arena, uint32_t *last, struct position position)
{
	uint32_t reference = arena_take(arena, sizeof(struct node));

	if (reference == 0)
		return false;
	struct node *added = arena_at(arena, reference);
	set_offset(added, position.offset);
	added->file = (uint16_t)position.file;
	if (*last != 0) {
		struct node *node = arena_at(arena, *last);

		added->next = node->next;
		node->next = reference;
	} else {
		added->next = reference;
	}
	*last = reference;
	return true;
}

bool
evidence_append(struct arena *arena, uint32_t *last, struct position position)
{
	struct node *node = *last != 0 ? arena_at(arena, *last) : NULL;
	struct position before = node != NULL ? node_position(node) : position;

	if (node == NULL || (uint16_t)position.file != node->file ||
	    position.offset < before.offset || !put_number(node, position.offset - before.offset))
		return append_node(arena, last, position);
	set_offset(node, position.offset);
	return true;
}
