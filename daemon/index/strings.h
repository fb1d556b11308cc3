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

/*
 * A set of references by hashes. Places come in groups, a line of the processor's cache each, that are filled from the front; what finds its group full
 * stands in the next one that is not. A group is looked at as a whole: what is in it, and how full it is, cannot be foreseen.
 */
enum { STRINGS_GROUP = 8 };

struct strings_group {
	uint32_t words[2 * STRINGS_GROUP]; /* half of each hash, then the references; 0: free */
};

struct strings {
	struct arena *arena;
	const struct hash_key *key;
	struct strings_group *groups;
	uint32_t mask; /* groups, less one */
	uint32_t left; /* that may be added before they are three quarters full */
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

/* Makes room for one more. False when memory is out. */
static inline bool
strings_reserve(struct strings *strings)
{
	return strings->left != 0 || strings_grow(strings);
}

static inline struct strings_group *
strings_group(const struct strings *strings, uint64_t hash)
{
	return &strings->groups[(uint32_t)hash & strings->mask];
}

#if defined(__SSE2__)
/* Which of eight are that one: half of all bits of sixteen for each. */
static inline __m128i
strings_lanes(const uint32_t *eight, __m128i one)
{
	const __m128i *fours = (const __m128i *)(const void *)eight;

	return _mm_packs_epi32(_mm_cmpeq_epi32(_mm_load_si128(fours), one),
	    _mm_cmpeq_epi32(_mm_load_si128(fours + 1), one));
}
#endif

/* A bit for each place whose hash is that one, which a free one may have as well; then one for each that is free. */
static inline unsigned
strings_look(const struct strings_group *group, uint64_t hash)
{
#if defined(__SSE2__)
	return (unsigned)_mm_movemask_epi8(
	    _mm_packs_epi16(strings_lanes(group->words, _mm_set1_epi32((int)(uint32_t)hash)),
		strings_lanes(group->words + STRINGS_GROUP, _mm_setzero_si128())));
#else
	unsigned bits = 0;

	for (unsigned i = 0; i < STRINGS_GROUP; i++)
		bits |= (unsigned)(group->words[i] == (uint32_t)hash) << i |
		    (unsigned)(group->words[STRINGS_GROUP + i] == 0) << (STRINGS_GROUP + i);
	return bits;
#endif
}

/* Whether something of that hash is it, and its place; the free one that it would have where it is not kept. */
static inline __attribute__((always_inline)) bool
strings_search(const struct strings *strings, uint64_t hash,
    bool (*is_it)(const struct arena *arena, uint32_t reference, const void *what),
    const void *what, uint32_t **place)
{
	struct strings_group *group = strings_group(strings, hash);

	for (;;) {
		unsigned bits = strings_look(group, hash), are_free = bits >> STRINGS_GROUP;

		for (unsigned same = bits & ~are_free & ((1u << STRINGS_GROUP) - 1); same != 0;
		     same &= same - 1) {
			*place = &group->words[STRINGS_GROUP + __builtin_ctz(same)];
			if (is_it(strings->arena, **place, what))
				return true;
		}
		if (are_free != 0) {
			*place = &group->words[STRINGS_GROUP + __builtin_ctz(are_free)];
			return false;
		}
		group = strings_group(strings, (uint32_t)(group - strings->groups) + 1);
	}
}

/* The reference that is likely to have that hash, if one has: for what is fetched ahead. */
static inline uint32_t
strings_guess(const struct strings *strings, uint64_t hash)
{
	const uint32_t *words = strings_group(strings, hash)->words;
	unsigned at = 0;

#if defined(__SSE2__)
	__m128i same = strings_lanes(words, _mm_set1_epi32((int)(uint32_t)hash));

	at = (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(same) | 1u << 15) / 2;
#else
	while (at < STRINGS_GROUP - 1 && words[at] != (uint32_t)hash)
		at++;
#endif
	return words[STRINGS_GROUP + at];
}

static inline bool
strings_is(const struct arena *arena, uint32_t reference, const void *what)
{
	const struct kept_string *kept = arena_at(arena, reference);
	const struct slice *text = what;

	return kept->len == text->len && strings_equal(kept->bytes, text->at, text->len);
}

/* Takes the free place, that of a reference, for what has that hash and reference. */
static inline void
strings_fill(struct strings *strings, uint32_t *place, uint64_t hash, uint32_t reference)
{
	*place = reference;
	place[-STRINGS_GROUP] = (uint32_t)hash;
	strings->left--;
}

/* Keeps a string in its free place. 0 when memory is out. */
uint32_t strings_put(struct strings *strings, uint32_t *place, struct slice text, uint64_t hash);

/* The reference of a string that is not empty, STRING_MAX long at most, and has that hash_nocase; kept now if it was not before. */
static inline uint32_t
strings_intern_hashed(struct strings *strings, struct slice text, uint64_t hash)
{
	uint32_t *place;

	if (!strings_reserve(strings))
		return 0;
	return strings_search(strings, hash, strings_is, &text, &place) ?
	    *place :
	    strings_put(strings, place, text, hash);
}

#endif
