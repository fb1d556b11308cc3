/* Evidence: where the lines of a message stand, a few bytes a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_EVIDENCE_H
#define INDEX_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/index/arena.h"
#include "daemon/tail/tail.h"

enum {
	EVIDENCE_NODE_BYTES =
	    11, /* with the rest of the node, 20: enough for the five or six lines of a plain message */
	EVIDENCE_IS_LATER = 1 << 7,
	EVIDENCE_OFFSET_BITS = 48,
};

/*
 * A list of positions in the arena, named by its last node (0: empty). A position is one number, whose distances are exact from one file
 * to the next, too: the file's << EVIDENCE_OFFSET_BITS, and the offset. A node holds its last position in full, and the distances from
 * its first one on as variable-length numbers.
 */
struct evidence_node {
	uint64_t last;
	uint8_t used; /* of the bytes; and EVIDENCE_IS_LATER */
	uint8_t bytes[EVIDENCE_NODE_BYTES];
} __attribute__((packed, aligned(4)));

/* All nodes but the first, which most messages have alone, know where they stand: these are a ring, and each leads to the first one. */
struct evidence_later {
	struct evidence_node node;
	uint32_t next, first;
};

/* The same as evidence_append: for the first position, and for any other. */
bool evidence_begin(struct arena *arena, uint32_t *last, uint64_t number);
bool evidence_append_any(struct arena *arena, uint32_t *last, uint64_t number);

/* Appends a position. False when memory is out. */
static inline bool
evidence_append(struct arena *arena, uint32_t *last, struct position position)
{
	uint64_t number = (uint64_t)position.file << EVIDENCE_OFFSET_BITS | position.offset;

	if (*last == 0)
		return evidence_begin(arena, last, number);
	struct evidence_node *node = arena_at(arena, *last);
	uint64_t distance = number - node->last;
	/* The lines of a message come close together: nearly all distances take two bytes. Later nodes count as full. */
	if (distance >= 1 << 14 || node->used > EVIDENCE_NODE_BYTES - 2)
		return evidence_append_any(arena, last, number);
	node->bytes[node->used] = (uint8_t)(distance | 0x80);
	node->bytes[node->used + 1] = (uint8_t)(distance >> 7);
	node->used += 2;
	node->last = number;
	return true;
}

/* The position that was appended last; the list is not empty. */
struct position evidence_last(const struct arena *arena, uint32_t last);

/* Walks a list, first position first. */
struct evidence_reader {
	const struct arena *arena;
	uint32_t node, last; /* node 0: the end */
	int at;              /* bytes of the node read so far; -1: not even its full position */
	uint64_t number;     /* the position that was read last */
};

void evidence_reader_init(struct evidence_reader *reader, const struct arena *arena, uint32_t last);
bool evidence_next(struct evidence_reader *reader, struct position *position);

#endif
