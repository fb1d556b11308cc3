/* Blocks: filters of the texts that stand in stretches of the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/index/store.h"

static void
set_bit(uint64_t *words, uint32_t bit)
{
	words[bit / 64] |= (uint64_t)1 << bit % 64;
}

static bool
has_bit(const uint64_t *words, uint32_t bit)
{
	return (words[bit / 64] >> bit % 64 & 1) != 0;
}

/* Bit 5 of each byte is set: letters lose their case. One bit for each place of a text: they are many. */
static uint32_t
gram_bit(const char *at)
{
	uint32_t value;

	memcpy(&value, at, BLOCK_GRAM);
	return (
	    uint32_t)((uint64_t)((value | 0x20202020) * 0x9e3779b1U) * (BLOCK_WORDS * 64) >> 32);
}

void
block_add_text(struct block *block, struct slice text)
{
	for (size_t i = 0; i + BLOCK_GRAM <= text.len; i++)
		set_bit(block->filter, gram_bit(text.at + i));
}

bool
block_may_have_text(const struct block *block, struct slice text)
{
	for (size_t i = 0; i + BLOCK_GRAM <= text.len; i++)
		if (!has_bit(block->filter, gram_bit(text.at + i)))
			return false;
	return true;
}

const struct blocks *
index_blocks(const struct index *index, uint64_t number)
{
	const struct segment *segment = index_segment(index, number);

	return segment != NULL ? segment->log_blocks : NULL;
}

static size_t
bytes_of(const struct blocks *blocks)
{
	return sizeof(*blocks) + blocks->count * sizeof(blocks->list[0]);
}

void
index_blocks_keep(struct index *index, uint64_t number, struct blocks *blocks)
{
	if (number < index->oldest || number + 1 >= index->next ||
	    !digest_has_room(index, bytes_of(blocks))) {
		free(blocks);
		return;
	}
	struct segment *segment = index->segments[number - index->oldest];
	blocks_drop(segment);
	segment->log_blocks = blocks;
	index->table_bytes += bytes_of(blocks);
}

void
blocks_drop(struct segment *segment)
{
	free(segment->log_blocks);
	segment->log_blocks = NULL;
}

size_t
blocks_bytes(const struct segment *segment)
{
	return segment->log_blocks != NULL ? bytes_of(segment->log_blocks) : 0;
}
