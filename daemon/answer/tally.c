/* Tallies: an open-addressing table of rows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/tally.h"

#include <ctype.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 256 };

void
tally_clear(struct tally *tally)
{
	for (size_t i = 0; tally->slots != NULL && i <= tally->mask; i++)
		free(tally->slots[i]);
	free(tally->slots);
	*tally = (struct tally){0};
}

/* FNV-1a; the keys come from an index whose strings are bounded in number by its memory. */
static uint64_t
hash(struct slice key)
{
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < key.len; i++)
		value = (value ^ (uint8_t)tolower((unsigned char)key.at[i])) * 0x100000001b3;
	return value ^ value >> 29;
}

static bool
grow(struct tally *tally)
{
	size_t size = tally->slots != NULL ? (tally->mask + 1) * 2 : FIRST_SLOTS;
	struct tally_row **slots = calloc(size, sizeof(struct tally_row *));

	if (slots == NULL)
		return false;
	for (size_t i = 0; tally->slots != NULL && i <= tally->mask; i++) {
		if (tally->slots[i] == NULL)
			continue;
		uint64_t at = hash(tally->slots[i]->key);
		while (slots[at & (size - 1)] != NULL)
			at++;
		slots[at & (size - 1)] = tally->slots[i];
	}
	free(tally->slots);
	tally->slots = slots;
	tally->mask = size - 1;
	return true;
}

struct tally_row *
tally_row(struct tally *tally, struct slice key)
{
	if ((tally->slots == NULL || tally->count >= tally->mask / 4 * 3) && !grow(tally))
		return NULL;
	uint64_t at = hash(key);
	for (struct tally_row *row; (row = tally->slots[at & tally->mask]) != NULL; at++)
		if (slice_equal_nocase(row->key, key))
			return row;
	struct tally_row *row = calloc(1, sizeof(*row) + key.len);
	if (row == NULL)
		return NULL;
	memcpy(row + 1, key.at, key.len);
	row->key = slice_of((const char *)(row + 1), key.len);
	tally->slots[at & tally->mask] = row;
	tally->count++;
	return row;
}

static int
compare_keys(struct slice a, struct slice b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Empty slots go last. */
static int
compare_by_key(const void *left, const void *right)
{
	const struct tally_row *a = *(struct tally_row *const *)left;
	const struct tally_row *b = *(struct tally_row *const *)right;

	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	return compare_keys(a->key, b->key);
}

static int
compare_by_count(const void *left, const void *right)
{
	const struct tally_row *a = *(struct tally_row *const *)left;
	const struct tally_row *b = *(struct tally_row *const *)right;

	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	uint64_t failed_a = a->hard + a->soft, failed_b = b->hard + b->soft;
	if (failed_a != failed_b)
		return failed_a < failed_b ? 1 : -1;
	if (a->messages != b->messages)
		return a->messages < b->messages ? 1 : -1;
	return compare_keys(a->key, b->key);
}

size_t
tally_sort(struct tally *tally, bool by_key)
{
	if (tally->slots != NULL)
		qsort(tally->slots, tally->mask + 1, sizeof(struct tally_row *),
		    by_key ? compare_by_key : compare_by_count);
	return tally->count;
}

const struct tally_row *
tally_sorted(const struct tally *tally, size_t i)
{
	return tally->slots[i];
}
