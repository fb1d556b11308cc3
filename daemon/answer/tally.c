/* Tallies: an open-addressing table of rows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/tally.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_SLOTS = 256,
	CHUNK_SIZE = 64 * 1024,
};

struct tally_chunk {
	struct tally_chunk *next;
	size_t used;
	char room[];
};

void
tally_clear(struct tally *tally)
{
	for (struct tally_chunk *chunk = tally->chunks, *next; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(tally->slots);
	free(tally->memo);
	*tally = (struct tally){0};
}

/* Room for a row and its key; NULL when memory is out. Keys are no longer than what the index keeps of a string. */
static struct tally_row *
take_row(struct tally *tally, size_t key_len)
{
	size_t size = (sizeof(struct tally_row) + key_len + 7) & ~(size_t)7;

	if (tally->chunks == NULL || tally->chunks->used + size > CHUNK_SIZE) {
		struct tally_chunk *chunk = malloc(
		    sizeof(*chunk) + (size > CHUNK_SIZE ? size : CHUNK_SIZE));

		if (chunk == NULL)
			return NULL;
		chunk->next = tally->chunks;
		chunk->used = 0;
		tally->chunks = chunk;
	}
	struct tally_row *row = (struct tally_row *)(void *)(tally->chunks->room +
	    tally->chunks->used);
	tally->chunks->used += size;
	*row = (struct tally_row){0};
	return row;
}

static bool
grow(struct tally *tally)
{
	size_t size = tally->slots != NULL ? (tally->mask + 1) * 2 : FIRST_SLOTS;
	struct tally_slot *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; tally->slots != NULL && i <= tally->mask; i++) {
		if (tally->slots[i].row == NULL)
			continue;
		uint64_t at = tally->slots[i].hash;
		while (slots[at & (size - 1)].row != NULL)
			at++;
		slots[at & (size - 1)] = tally->slots[i];
	}
	free(tally->slots);
	tally->slots = slots;
	tally->mask = size - 1;
	return true;
}

struct tally_row *
tally_row(struct tally *tally, struct slice key, uint64_t hash)
{
	if ((tally->slots == NULL || tally->count >= tally->mask / 4 * 3) && !grow(tally))
		return NULL;
	uint64_t at = hash;
	for (struct tally_row *row; (row = tally->slots[at & tally->mask].row) != NULL; at++)
		if (tally->slots[at & tally->mask].hash == hash)
			return row;
	struct tally_row *row = take_row(tally, key.len);
	if (row == NULL)
		return NULL;
	memcpy(row + 1, key.at, key.len);
	row->key = slice_of((const char *)(row + 1), key.len);
	tally->slots[at & tally->mask] = (struct tally_slot){hash, row};
	tally->count++;
	return row;
}

struct tally_row **
tally_row_at(struct tally *tally, uint64_t place, bool *is_known)
{
	if (tally->memo == NULL) {
		tally->memo = calloc(TALLY_MEMO, sizeof(*tally->memo));
		if (tally->memo == NULL)
			return NULL;
	}
	size_t at = (size_t)(place * 0x9e3779b97f4a7c15 >> 32) % TALLY_MEMO;
	*is_known = tally->memo[at].place == place;
	tally->memo[at].place = place;
	return &tally->memo[at].row;
}
