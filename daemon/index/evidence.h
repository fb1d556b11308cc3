/* Evidence: where the lines of a message stand, a few bytes a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_EVIDENCE_H
#define INDEX_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/index/arena.h"
#include "daemon/tail/tail.h"

enum {
	EVIDENCE_BYTES = 11, /* enough for the five or six lines of a plain message */
	EVIDENCE_IS_LIST = UINT8_MAX,
	EVIDENCE_OFFSET_BITS = 48,
};

/*
 * Positions, the first one first; all zero: none. A position is one number, whose distances are exact from one file to the next, too: the
 * file's << EVIDENCE_OFFSET_BITS, and the offset. What holds the last one in full, and the distances from the first one on as
 * variable-length numbers, needs to decode nothing to take one more. What does not fit goes into a list in the arena.
 */
struct evidence {
	uint32_t
	    last; /* position, from the home's origin on; or reference of the list's last node */
	uint8_t used; /* 0: none; EVIDENCE_IS_LIST; else one more than how many of the bytes */
	uint8_t bytes[EVIDENCE_BYTES];
};

/* Where evidence lies: the lines that one segment is about stand close together. */
struct evidence_home {
	struct arena *arena;
	uint64_t origin; /* near the first position that was noted here */
	bool has_origin;
};

/* The same as evidence_append, for any position. */
bool evidence_append_any(struct evidence_home *home, struct evidence *evidence, uint64_t number);

/* Appends a position. False when memory is out. */
static inline bool
evidence_append(struct evidence_home *home, struct evidence *evidence, struct position position)
{
	uint64_t number = (uint64_t)position.file << EVIDENCE_OFFSET_BITS | position.offset;
	uint64_t place = number - home->origin, distance = place - evidence->last;
	unsigned at = evidence->used - 1u;

	/*
	 * The lines of a message come close together: nearly all distances take two bytes or three. Which it is cannot be foreseen: nothing
	 * branches on it.
	 */
	if (at > EVIDENCE_BYTES - 3 || distance >= 1 << 21 || place > UINT32_MAX)
		return evidence_append_any(home, evidence, number);
	unsigned is_far = distance >= 1 << 14;
	evidence->bytes[at] = (uint8_t)(distance | 0x80);
	evidence->bytes[at + 1] = (uint8_t)(distance >> 7 & 0x7f) | (uint8_t)(is_far << 7);
	evidence->bytes[at + 2] = (uint8_t)(distance >> 14);
	evidence->used = (uint8_t)(at + 3 + is_far);
	evidence->last = (uint32_t)place;
	return true;
}

static inline bool
evidence_is_none(const struct evidence *evidence)
{
	return evidence->used == 0;
}

/* The position that was appended last; there is one. */
struct position evidence_last(const struct evidence_home *home, const struct evidence *evidence);

/* Walks them, the first position first. */
struct evidence_reader {
	const struct arena *arena;
	const uint8_t *bytes; /* the distances that are left of this piece */
	const uint8_t *end;
	uint32_t node, last; /* of the list: the next node, 0: none */
	uint64_t number;     /* the position that is read next */
	bool is_at_end;
};

void evidence_reader_init(struct evidence_reader *reader, const struct evidence_home *home,
    const struct evidence *evidence);
bool evidence_next(struct evidence_reader *reader, struct position *position);

#endif
