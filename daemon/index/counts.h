/* Counts: messages and recipients by what they have in common, of one segment or of all. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_COUNTS_H
#define INDEX_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/index/strings.h"

/* What one thing adds up to. It is named by the newest message that has it, in that message's segment. */
struct count_row {
	uint64_t hash;
	uint64_t place; /* of the newest message: number of the segment << 32 | index */
	uint32_t key;   /* in the terms of who counts */
	uint32_t messages, recipients, hard, soft, delivered;
};

/* Rows with the same hash are of the same thing: it has 64 bits and a secret, and is not met twice by chance. */
struct counts {
	struct count_row *rows;
	uint32_t *slots; /* open addressing: one more than the row's number */
	uint32_t count, size, mask;
};

void counts_clear(struct counts *counts);
/* Forgets the rows and keeps the memory. */
void counts_rewind(struct counts *counts);
/* The row of that thing, made when there is none; NULL when memory is out. Rows move when one is made. */
struct count_row *counts_row(struct counts *counts, uint64_t hash, uint64_t place, uint32_t key);

/* Adds other rows. False when memory is out. */
bool counts_add(struct counts *counts, const struct counts *others);
/* Makes it a copy of the other; false when memory is out. */
bool counts_copy(struct counts *counts, const struct counts *other);
size_t counts_bytes(const struct counts *counts);

/* Hash of a name, case aside. */
uint64_t counts_hash(const struct hash_key *key, struct slice name);

/*
 * Finds the first so many rows in an order, into list, which has room for them; returns how many there are. is_before: whether a row
 * comes before another one.
 */
size_t counts_first(const struct counts *counts, const struct count_row **list, size_t limit,
    bool (*is_before)(const void *context, const struct count_row *a, const struct count_row *b),
    const void *context);

#endif
