/* Block maker: learns what stands in the blocks of a segment while they are read for the first time. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_BLOCK_MAKER_H
#define ANSWER_BLOCK_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/index/blocks.h"
#include "daemon/index/index.h"

/* One stretch of a file that holds first lines of the segment's messages. */
struct scan_block {
	uint32_t file, number; /* offset / BLOCK_BYTES */
};

/* All zero: it makes nothing. */
struct block_maker {
	struct index *index;
	struct blocks *made;
	uint32_t next;      /* the block in which the next line begins, or one before it */
	uint32_t unarrived; /* messages whose arrival had not come when it began */
};

/* Begins with the segment's blocks, in order. Of the newest segment nothing is learnt, nor without memory. */
void block_maker_begin(struct block_maker *maker, struct index *index,
    const struct segment *segment, const struct scan_block *list, size_t count);
/* Learns from lines that have been read; where the first begins. They come in the order of the blocks. */
void block_maker_note(struct block_maker *maker, struct slice lines, struct position at);
/* All have been read: gives what is known to the index. */
void block_maker_end(struct block_maker *maker, const struct segment *segment);
/* Some cannot be read: nothing is known. */
void block_maker_stop(struct block_maker *maker);

#endif
