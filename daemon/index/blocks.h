/* Blocks: the stretches of the log in which a segment's messages begin, and which texts may stand in each, so that few are read again. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_BLOCKS_H
#define INDEX_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct index;
struct segment;

enum {
	BLOCK_BYTES = 64 * 1024,
	BLOCK_WORDS = 48, /* of its filter: some seventy messages begin in a block */
	BLOCK_GRAM = 4,   /* bytes of a subject that are looked for together */
};

struct block {
	uint32_t file, number; /* offset / BLOCK_BYTES */
	/* A Bloom filter of every few bytes of the subjects. */
	uint64_t filter[BLOCK_WORDS];
};

/* Known once a question has read all of them; of the newest segment never. */
struct blocks {
	uint32_t count;
	struct block list[]; /* by file and number */
};

/* NULL: not known, or dropped. Valid until the next line is folded. */
const struct blocks *index_blocks(const struct index *index, uint64_t number);
/* Takes over what was allocated with malloc, where the segment is not the newest and there is memory; frees it else. */
void index_blocks_keep(struct index *index, uint64_t number, struct blocks *blocks);

/* Notes a subject, as it stands in the log. Case is no matter. */
void block_add_text(struct block *block, struct slice text);
/* False when the block has no subject with that text. */
bool block_may_have_text(const struct block *block, struct slice text);

void blocks_drop(struct segment *segment);
size_t blocks_bytes(const struct segment *segment);

#endif
