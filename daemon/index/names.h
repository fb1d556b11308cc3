/* Names: addresses and host names, kept as what stands before the domain and the domain, which many of them share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_NAMES_H
#define INDEX_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/index/strings.h"
#include "daemon/text/lanes.h"

/* Where texts are put together: what has been put there stays until it is emptied. */
struct room {
	size_t used;
	char bytes[6 * STRING_MAX];
};

static inline void
room_empty(struct room *room)
{
	room->used = 0;
}

/* Adds a text behind those that are there, cut where no place is left; what was added. */
struct slice room_add(struct room *room, struct slice text);

/* How a name falls into two: "user@" and the domain, "mx1." and the domain. */
enum name_kind {
	NAME_ADDRESS,
	NAME_HOST,
};

/* A name on its way in: where it falls into two, and what is hashed of it, case aside. */
struct name {
	struct slice text; /* cut at STRING_MAX */
	uint64_t hash;
	uint64_t
	    domain_hash;    /* where it is split: hash_nocase of what stands behind the separator */
	uint16_t first_len; /* before the separator */
	bool is_split;
	bool is_host; /* kind NAME_HOST */
	/* It is split, and as long as usual before and behind the separator: what is done with it need not branch on the lengths. */
	bool is_usual;
};

enum {
	NAMES_AT_HAND = 2,      /* of one line, hashed where it is parsed */
	NAME_FIRST_USUAL = 16,  /* bytes: what stands before the separator is seldom longer */
	NAME_DOMAIN_USUAL = 32, /* likewise behind it */
	NAME_USUAL_MIN = 16     /* of all of it */
};

/* Into its place: a struct that is written by fields and copied whole is waited for. */
void name_of(const struct hash_key *key, struct slice text, enum name_kind kind, struct name *out);

/*
 * The hash of what stands before the separator, no more than usual, beside that of the domain. As many bytes as are usual can be read there: nothing
 * branches on how many count.
 */
static inline uint64_t
name_first_hash(const struct hash_key *key, uint64_t domain_hash, const char *at, size_t len)
{
	uint64_t words[2] = {0};

#if defined(__SSE2__)
	_mm_storeu_si128((__m128i *)(void *)words, _mm_and_si128(lanes_at(at), lanes_first(len)));
#else
	memcpy(words, at, len);
#endif
	return hash_mix(
	    hash_mix((words[0] | HASH_NO_CASE) ^ key->b, (words[1] | HASH_NO_CASE) ^ domain_hash),
	    (key->a | 1) + 2 * len);
}

/* The same as name_of of an address of usual length; false of any other. */
static inline bool
name_glance(const struct hash_key *key, struct slice text, struct name *out)
{
#if defined(__SSE2__)
	enum { LANES = 16, LONGEST = 3 * LANES };

	if (text.len - NAME_USUAL_MIN > LONGEST - NAME_USUAL_MIN)
		return false;
	size_t last = text.len - LANES, middle = last < LANES ? last : LANES;
	uint64_t at_signs = slice_lanes(text.at, '@') |
	    (uint64_t)slice_lanes(text.at + middle, '@') << middle |
	    (uint64_t)slice_lanes(text.at + last, '@') << last;
	if (at_signs == 0)
		return false;
	size_t first_len = 63 - (size_t)__builtin_clzll(at_signs);
	if (first_len > NAME_FIRST_USUAL || text.len - first_len > NAME_DOMAIN_USUAL + 1)
		return false;
	uint64_t domain_hash = hash_nocase(key,
	    slice_of(text.at + first_len + 1, text.len - first_len - 1));
	*out = (struct name){
	    .text = text,
	    .hash = name_first_hash(key, domain_hash, text.at, first_len),
	    .domain_hash = domain_hash,
	    .first_len = (uint16_t)first_len,
	    .is_split = true,
	    .is_usual = true,
	};
	return true;
#else
	(void)key;
	(void)text;
	(void)out;
	return false;
#endif
}

/* Where the names of a segment are kept. Sets NULL: it is not the newest one, and names are just added. */
struct names {
	struct arena *arena;
	struct strings *set;     /* of names */
	struct strings *strings; /* of domains, and of all else that is no name */
};

/*
 * Has the processor fetch what names_intern will look at: first the places in the sets, then, when these are there, what
 * they lead to.
 */
void names_expect(const struct names *names, const struct name *list, unsigned count);
void names_expect_kept(const struct names *names, const struct name *list, unsigned count);

/* The reference of the name, kept now if it was not before. 0 for the empty one, and when memory is out. */
uint32_t names_intern(const struct names *names, const struct name *name, bool *is_new);

/* The name: a slice of the arena, or of the room where it had to be put together. */
struct slice names_at(const struct arena *arena, uint32_t reference, struct room *room);

/* Whether it is that text, but for ASCII case. Reference 0 is the empty name. */
bool names_equal_nocase(const struct arena *arena, uint32_t reference, struct slice text);
/* Whether it begins so, or is an address at that domain, likewise. */
bool names_begin_nocase(const struct arena *arena, uint32_t reference, struct slice text);
bool names_at_domain_nocase(const struct arena *arena, uint32_t reference, struct slice domain);
/* Whether it is an address whose local part is that. */
bool names_of_user_nocase(const struct arena *arena, uint32_t reference, struct slice user);
/* Writes the first so many bytes of the name, and returns how many there are. */
size_t names_beginning(const struct arena *arena, uint32_t reference, char *first, size_t len);
/* The string that is the domain of the address; 0 where it has none, or is kept as a whole. */
uint32_t names_domain(const struct arena *arena, uint32_t reference);

#endif
