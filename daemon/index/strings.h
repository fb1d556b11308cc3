/* Strings: each distinct one is kept once in a segment and named by its reference. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_STRINGS_H
#define INDEX_STRINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/index/arena.h"
#include "daemon/text/slice.h"

enum { STRING_MAX = 4096 }; /* bytes; longer ones are cut */

/* Secret of this process, so that nobody can choose strings or ids that collide. */
struct hash_key {
	uint64_t a, b;
};

/* Bit 5 of every byte: letters lose their case; what else becomes equal is told apart by comparing. */
#define HASH_NO_CASE UINT64_C(0x2020202020202020)

/* What has the same hash. */
enum hash_case {
	HASH_EXACTLY, /* the same text */
	HASH_ROUGHLY, /* what HASH_NO_CASE makes equal */
	HASH_LETTERS, /* what differs in the case of ASCII letters alone: for where the hash says it all */
};

/* 64x64 to 128 bits, folded: the mixing step of wyhash, keyed. */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
hash_pair(const struct hash_key *key, uint64_t high, uint64_t low)
{
	return hash_mix(hash_mix(high ^ key->a, low ^ key->b) ^ key->b, key->a | 1);
}

/* The capitals among eight bytes made small; other bytes stay what they are. */
static inline uint64_t
hash_small(uint64_t word)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t low = word & 0x7f * each;
	uint64_t from_a = low + (0x80 - 'A') * each, above_z = low + (0x7f - 'Z') * each;

	return word | ((from_a ^ above_z) & ~word & 0x80 * each) >> 2;
}

static inline uint64_t
hash_fold(uint64_t word, enum hash_case of_case)
{
	return of_case == HASH_EXACTLY ? word :
	    of_case == HASH_ROUGHLY    ? word | HASH_NO_CASE :
					 hash_small(word);
}

/*
 * The length goes in with the secret, not with the text: a text of another length that makes
 * up for it would have the same hash whatever the secret is.
 */
static inline uint64_t
hash_bytes(const struct hash_key *key, uint64_t seed, struct slice text, enum hash_case of_case)
{
	enum { WORD = 8, PAIR = 2 * WORD };
	const uint64_t end = (key->a | 1) + 2 * text.len;
	uint64_t first, second;

	if (text.len < WORD)
		return hash_mix(
		    seed ^ hash_fold(slice_short_word(text.at, text.len), of_case) ^ key->b, end);
	for (size_t at = 0; at + PAIR < text.len; at += PAIR) {
		memcpy(&first, text.at + at, WORD);
		memcpy(&second, text.at + at + WORD, WORD);
		seed = hash_mix(hash_fold(first, of_case) ^ key->b,
		    hash_fold(second, of_case) ^ seed);
	}
	/* The last sixteen bytes, some of which may have been taken already. */
	memcpy(&first, text.at + (text.len < PAIR ? 0 : text.len - PAIR), WORD);
	memcpy(&second, text.at + text.len - WORD, WORD);
	return hash_mix(
	    hash_mix(hash_fold(first, of_case) ^ key->b, hash_fold(second, of_case) ^ seed), end);
}

/* Keyed hash of a text beside another, whose hash is given, that does not see ASCII case. */
static inline uint64_t
hash_more_nocase(const struct hash_key *key, uint64_t seed, struct slice text)
{
	return hash_bytes(key, seed, text, HASH_ROUGHLY);
}

static inline uint64_t
hash_nocase(const struct hash_key *key, struct slice text)
{
	return hash_more_nocase(key, key->a, text);
}

/* One that sees the case. */
static inline uint64_t
hash_more(const struct hash_key *key, uint64_t seed, struct slice text)
{
	return hash_bytes(key, seed, text, HASH_EXACTLY);
}

struct strings {
	struct arena *arena;
	const struct hash_key *key;
	uint64_t *slots; /* half of the hash << 32 | reference; 0: free */
	uint32_t mask;
	uint32_t left; /* that may be added before the slots are three quarters full */
};

void strings_init(struct strings *strings, struct arena *arena, const struct hash_key *key);
void strings_clear(struct strings *strings);
/* Forgets all strings, keeps the memory, and goes on with another arena. */
void strings_restart(struct strings *strings, struct arena *arena);
size_t strings_bytes(const struct strings *strings);

/* The reference of that string, kept now if it was not before. 0 for the empty string, and when memory is out. */
uint32_t strings_intern(struct strings *strings, struct slice text);

/* Keeps the string without looking whether it has been kept. */
uint32_t strings_add(struct arena *arena, struct slice text);

/* In the arena a string is its length and its bytes. */
struct kept_string {
	uint16_t len;
	char bytes[];
};

static inline struct slice
strings_at(const struct arena *arena, uint32_t reference)
{
	if (reference == 0)
		return slice_of("", 0);
	const struct kept_string *kept = arena_at(arena, reference);
	return slice_of(kept->bytes, kept->len);
}

/* Whether so many bytes are the same: for short texts, where the call of a function would take longer than the comparison. */
static inline bool
strings_equal(const char *a, const char *b, size_t len)
{
	uint64_t left, right;

	if (len < 8)
		return slice_short_word(a, len) == slice_short_word(b, len);
	for (size_t at = 0; at + 8 < len; at += 8) {
		memcpy(&left, a + at, 8);
		memcpy(&right, b + at, 8);
		if (left != right)
			return false;
	}
	memcpy(&left, a + len - 8, 8);
	memcpy(&right, b + len - 8, 8);
	return left == right;
}

/* Copies so many bytes of a short text, likewise. */
static inline void
strings_copy(char *to, const char *from, size_t len)
{
	uint64_t word;

	if (len >= 8) {
		for (size_t at = 0; at + 8 < len; at += 8)
			memcpy(to + at, from + at, 8);
		memcpy(&word, from + len - 8, 8);
		memcpy(to + len - 8, &word, 8);
	} else if (len >= 4) {
		uint32_t low, high;

		memcpy(&low, from, 4);
		memcpy(&high, from + len - 4, 4);
		memcpy(to, &low, 4);
		memcpy(to + len - 4, &high, 4);
	} else if (len != 0) {
		to[0] = from[0];
		to[len / 2] = from[len / 2];
		to[len - 1] = from[len - 1];
	}
}

bool strings_grow(struct strings *strings);

/* Makes room for one more in the slots. False when memory is out. */
static inline bool
strings_reserve(struct strings *strings)
{
	return strings->left != 0 || strings_grow(strings);
}

/* The slot of a string whose hash_nocase is given; a free one where it is not kept. */
static inline uint64_t *
strings_find(const struct strings *strings, struct slice text, uint64_t hash)
{
	uint32_t at = (uint32_t)hash, mask = strings->mask;
	uint64_t *slots = strings->slots;

	for (uint64_t slot; (slot = slots[at & mask]) != 0; at++) {
		const struct kept_string *kept = arena_at(strings->arena, (uint32_t)slot);

		if (slot >> 32 == (uint32_t)hash && kept->len == text.len &&
		    strings_equal(kept->bytes, text.at, text.len))
			break;
	}
	return &slots[at & mask];
}

/* Takes the free slot for what has that hash and reference. */
static inline void
strings_fill(struct strings *strings, uint64_t *slot, uint64_t hash, uint32_t reference)
{
	*slot = hash << 32 | reference;
	strings->left--;
}

/* Keeps a string in its free slot. 0 when memory is out. */
uint32_t strings_put(struct strings *strings, uint64_t *slot, struct slice text, uint64_t hash);

/* The reference of a string that is not empty, STRING_MAX long at most, and has that hash_nocase; kept now if it was not before. */
static inline uint32_t
strings_intern_hashed(struct strings *strings, struct slice text, uint64_t hash)
{
	if (!strings_reserve(strings))
		return 0;
	uint64_t *slot = strings_find(strings, text, hash);
	return *slot != 0 ? (uint32_t)*slot : strings_put(strings, slot, text, hash);
}

#endif
