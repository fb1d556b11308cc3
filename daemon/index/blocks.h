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
	BLOCK_WORDS = 48,    /* of its filter: some seventy messages begin in a block */
	REMOTE_WORDS = 2048, /* likewise of a segment's */
	BLOCK_GRAM = 4,      /* bytes of a subject that are looked for together */
};

struct block {
	uint32_t file, number; /* offset / BLOCK_BYTES */
	/* A Bloom filter of every few bytes of the subjects, and of the sending hosts' names and addresses. */
	uint64_t filter[BLOCK_WORDS];
};

/* Known once a question has read all of them; of the newest segment never. */
struct blocks {
	uint32_t count;
	uint64_t remote
	    [REMOTE_WORDS]; /* a Bloom filter of the names and addresses of the hosts that took recipients, or refused them */
	struct block list[]; /* by file and number */
};

/* NULL: not known, or dropped. Valid until the next line is folded. */
const struct blocks *index_blocks(const struct index *index, uint64_t number);
/* Takes over what was allocated with malloc, where the segment is not the newest and there is memory; frees it else. */
void index_blocks_keep(struct index *index, uint64_t number, struct blocks *blocks);

/* Notes a text, as it stands in the log, and a host's name or address by hash_nocase. Case is no matter. */
void block_add_text(struct block *block, struct slice text);
void block_add_host(struct block *block, uint64_t hash);
void blocks_add_remote(struct blocks *blocks, uint64_t hash);

/* False when the block has no subject with that text, a sending host of that name or address, or the segment no such remote one. */
bool block_may_have_text(const struct block *block, struct slice text);
bool block_may_have_host(const struct block *block, uint64_t hash);
bool blocks_may_have_remote(const struct blocks *blocks, uint64_t hash);

void blocks_drop(struct segment *segment);
size_t blocks_bytes(const struct segment *segment);

#endif
