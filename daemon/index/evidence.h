/* Evidence: where the lines of a message stand, a few bytes a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_EVIDENCE_H
#define INDEX_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/index/arena.h"
#include "daemon/tail/tail.h"

/*
 * A list of positions in the arena, named by its last node (the list is a ring, so that both ends are near; 0: empty). A node
 * holds its last position in full, and the distances from its first one on as variable-length numbers.
 * Appends a position. False when memory is out.
 */
bool evidence_append(struct arena *arena, uint32_t *last, struct position position);

/* The position that was appended last; the list is not empty. */
struct position evidence_last(const struct arena *arena, uint32_t last);

/* Walks a list, first position first. */
struct evidence_reader {
	const struct arena *arena;
	uint32_t node, last; /* node 0: the end */
	int at;              /* bytes of the node read so far; -1: not even its full position */
	struct position position;
};

void evidence_reader_init(struct evidence_reader *reader, const struct arena *arena, uint32_t last);
bool evidence_next(struct evidence_reader *reader, struct position *position);

#endif
