/* Counts: rows in a row, and a table of their hashes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/counts.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 16 };

void
counts_clear(struct counts *counts)
{
	free(counts->rows);
	free(counts->slots);
	*counts = (struct counts){0};
}

void
counts_rewind(struct counts *counts)
{
	counts->count = 0;
	if (counts->slots != NULL)
		memset(counts->slots, 0, ((size_t)counts->mask + 1) * sizeof(*counts->slots));
}

/* Room for twice as many rows, and slots that are half full at most. */
static bool
grow(struct counts *counts)
{
	uint32_t size = counts->size != 0 ? counts->size * 2 : FIRST_ROWS;
	struct count_row *rows = reallocarray(counts->rows, size, sizeof(*rows));

	if (rows == NULL)
		return false;
	counts->rows = rows;
	uint32_t *slots = calloc((size_t)size * 2, sizeof(*slots));
	if (slots == NULL)
		return false;
	free(counts->slots);
	counts->slots = slots;
	counts->size = size;
	counts->mask = size * 2 - 1;
	for (uint32_t i = 0; i < counts->count; i++) {
		uint32_t at = (uint32_t)rows[i].hash;

		while (slots[at & counts->mask] != 0)
			at++;
		slots[at & counts->mask] = i + 1;
	}
	return true;
}

struct count_row *
counts_row(struct counts *counts, uint64_t hash, uint64_t place, uint32_t key)
{
	if (counts->count == counts->size && !grow(counts))
		return NULL;
	uint32_t at = (uint32_t)hash;
	for (uint32_t slot; (slot = counts->slots[at & counts->mask]) != 0; at++) {
		struct count_row *row = &counts->rows[slot - 1];

		if (row->hash != hash)
			continue;
		if (place > row->place) {
			row->place = place;
			row->key = key;
		}
		return row;
	}
	struct count_row *row = &counts->rows[counts->count++];
	*row = (struct count_row){.hash = hash, .place = place, .key = key};
	counts->slots[at & counts->mask] = counts->count;
	return row;
}

bool
counts_add(struct counts *counts, const struct counts *others)
{
	for (uint32_t i = 0; i < others->count; i++) {
		const struct count_row *one = &others->rows[i];
		struct count_row *row = counts_row(counts, one->hash, one->place, one->key);

		if (row == NULL)
			return false;
		row->messages += one->messages;
		row->recipients += one->recipients;
		row->hard += one->hard;
		row->soft += one->soft;
		row->delivered += one->delivered;
	}
	return true;
}

bool
counts_copy(struct counts *counts, const struct counts *other)
{
	counts_clear(counts);
	if (other->count == 0)
		return true;
	*counts = *other;
	counts->rows = malloc(other->size * sizeof(*other->rows));
	counts->slots = malloc(((size_t)other->mask + 1) * sizeof(*other->slots));
	if (counts->rows == NULL || counts->slots == NULL) {
		counts_clear(counts);
		return false;
	}
	memcpy(counts->rows, other->rows, other->count * sizeof(*other->rows));
	memcpy(counts->slots, other->slots, ((size_t)other->mask + 1) * sizeof(*other->slots));
	return true;
}

size_t
counts_bytes(const struct counts *counts)
{
	return counts->size * sizeof(*counts->rows) +
	    (counts->slots != NULL ? ((size_t)counts->mask + 1) * sizeof(*counts->slots) : 0);
}

uint64_t
counts_hash(const struct hash_key *key, struct slice name)
{
	return hash_bytes(key, key->a, name, HASH_LETTERS);
}

/* Lets the last of the first rows sink from the top of a heap, where it was put, to its place. */
static void
sink(const struct count_row **heap, size_t count,
    bool (*is_before)(const void *context, const struct count_row *a, const struct count_row *b),
    const void *context)
{
	for (size_t at = 0, child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && is_before(context, heap[child], heap[child + 1]))
			child++;
		if (!is_before(context, heap[at], heap[child]))
			return;
		const struct count_row *row = heap[at];
		heap[at] = heap[child];
		heap[child] = row;
	}
}

size_t
counts_first(const struct counts *counts, const struct count_row **list, size_t limit,
    bool (*is_before)(const void *context, const struct count_row *a, const struct count_row *b),
    const void *context)
{
	size_t count = 0;

	/* A heap whose top is the last of those that are the first so far. */
	for (uint32_t i = 0; i < counts->count; i++) {
		const struct count_row *row = &counts->rows[i];

		if (count < limit) {
			size_t at = count++;

			for (; at != 0 && is_before(context, list[(at - 1) / 2], row);
			     at = (at - 1) / 2)
				list[at] = list[(at - 1) / 2];
			list[at] = row;
		} else if (limit != 0 && is_before(context, row, list[0])) {
			list[0] = row;
			sink(list, count, is_before, context);
		}
	}
	for (size_t left = count; left > 1;) {
		const struct count_row *last = list[0];

		list[0] = list[--left];
		list[left] = last;
		sink(list, left, is_before, context);
	}
	return count;
}
