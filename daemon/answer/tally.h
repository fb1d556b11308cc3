/* Tallies: rows of counts by key. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_TALLY_H
#define ANSWER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct tally_row {
	struct slice key; /* the tally's own copy */
	uint64_t recipients, hard;
};

enum { TALLY_MEMO = 4096 };

struct tally_slot {
	uint64_t hash;
	struct tally_row *row; /* NULL: free */
};

struct tally {
	struct tally_slot *slots; /* open addressing */
	size_t count, mask;
	struct tally_chunk *chunks; /* that the rows lie in */
	/* Rows by where their keys were met before: most keys come again and again. */
	struct {
		uint64_t place;
		struct tally_row *row;
	} * memo;
};

void tally_clear(struct tally *tally);
/* Has the processor fetch what tally_row will look at first. */
static inline void
tally_expect(const struct tally *tally, uint64_t hash)
{
	if (tally->slots != NULL)
		__builtin_prefetch(&tally->slots[hash & tally->mask]);
}

/* The row of that key, whose counts_hash is given, and says all of it: it has 64 bits and a secret, made when there is none. NULL when memory is out. Rows stay where they are. */
struct tally_row *tally_row(struct tally *tally, struct slice key, uint64_t hash);
/*
 * Where the row is remembered, or is to be, whose key stands in that place: the same place has the same key, or none, while the tally lives.
 * *is_known: it is. NULL when memory is out. place is not 0.
 */
struct tally_row **tally_row_at(struct tally *tally, uint64_t place, bool *is_known);

#endif
