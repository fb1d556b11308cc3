/* The cache: classifications of texts that differ in no more than addresses, numbers and ids. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_CACHE_H
#define CLASSIFY_CACHE_H

#include "daemon/classify/match.h"
#include "daemon/classify/tokens.h"
#include "daemon/classify/told_names.h"

struct addressee;

enum { CACHE_BUCKETS = 2048, CACHE_WAYS = 4 };

struct cache_entry {
	uint64_t key; /* 0: free */
	struct classification found;
};

struct cache {
	uint64_t secrets[2];              /* so that nobody can make texts whose keys collide */
	struct tokens tokens;             /* that rules have */
	unsigned known_digits;            /* of these the single digits, a bit each */
	struct told_names hosts, domains; /* what rules tell apart of names */
	struct cache_entry buckets[CACHE_BUCKETS][CACHE_WAYS]; /* in each the newest first */
};

/* Makes an empty cache for the rules, which outlive it. False when memory is out. */
bool cache_init(struct cache *cache, const struct rule_set *set);
void cache_clear(struct cache *cache);

/*
 * Writes the failure as it would read with other addresses, numbers and ids: each of them becomes a word of its kind, unless rules
 * know it. What rules make of the plain form cannot hang on what a stranger chose.
 */
void cache_simplify(const struct cache *cache, const struct prepared *prepared,
    struct prepared *plain);

/* The same of an address in small letters. Returns the length of what it writes, which is not longer. */
size_t cache_simplify_address(const struct cache *cache, struct slice address, char *to);

/*
 * A key by what the failure says as it stands, but for the addressee in its text, who counts as what is known of him: takes a
 * fraction of the time, and failures that have it in common have the other key in common.
 */
uint64_t cache_first_key(const struct cache *cache, const struct failure *failure,
    const struct addressee *addressee);

/* The key of a plain failure. */
uint64_t cache_key(const struct cache *cache, const struct prepared *plain);
/* False when the cache does not hold the key. */
bool cache_find(const struct cache *cache, uint64_t key, struct classification *out);
/* Puts a key in that is not there, in the place of the one that was put there longest ago. */
void cache_put(struct cache *cache, uint64_t key, const struct classification *found);

#endif
