/* Evidence: rings of small nodes, one full position and some distances each. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/evidence.h"

#include <string.h>

enum {
	NODE_BYTES =
	    11, /* with the rest of the node, 24: enough for the five or six lines of a plain message */
	NUMBER_MAX = 10, /* bytes of a 64-bit number */
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

static size_t
put_number(uint8_t *to, uint64_t value)
{
	size_t len = 0;

	while (value >= 0x80) {
		to[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	to[len++] = (uint8_t)value;
	return len;
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
	added->offset_low = (uint32_t)position.offset;
	added->offset_high = (uint16_t)(position.offset >> 32);
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
	uint8_t number[NUMBER_MAX];

	if (*last == 0)
		return append_node(arena, last, position);

	struct node *node = arena_at(arena, *last);
	struct position before = node_position(node);
	for (unsigned at = 0, shift = 0; at < node->used; at++) {
		uint8_t byte = node->bytes[at];

		before.offset += (uint64_t)(byte & 0x7f) << shift;
		shift = byte >= 0x80 ? shift + 7 : 0;
	}
	if ((uint16_t)position.file != node->file || position.offset < before.offset)
		return append_node(arena, last, position);
	size_t len = put_number(number, position.offset - before.offset);
	if (node->used + len > NODE_BYTES)
		return append_node(arena, last, position);
	memcpy(node->bytes + node->used, number, len);
	node->used = (uint8_t)(node->used + len);
	return true;
}
