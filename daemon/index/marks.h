/* Marks: four bytes a message that tell whose it is nearly for sure, so that most messages are passed over unread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_MARKS_H
#define INDEX_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct hash_key;
struct index;
struct segment;

/*
 * A mark is hashes of what the names of one message have in common: their domains, and their first two bytes. The recipients' names are the
 * final and the original ones; who handed the message over is a login or a local user, whose whole name stands for a domain. Where each
 * stands, and in how many bits; the second beginning is that of sender and origin.
 */
enum {
	MARK_TO = 0,
	MARK_FROM = 8,
	MARK_DOMAIN_BITS = 8,
	MARK_ORIGIN = 16,
	MARK_ORIGIN_BITS = 6,
	MARK_TO_BEGINS = 22,
	MARK_FROM_BEGINS = 27,
	MARK_BEGINS_BITS = 5,
};

/* In place of a hash: */
enum {
	MARK_UNSET = 0, /* the message has changed since; of what is sought: whatever it is */
	MARK_NOBODY = 1,
	MARK_SEVERAL = 2,
	MARK_FIRST = 3, /* the hashes begin here */
};

/* Made when they are first asked for, and dropped when memory is short. */
struct marks {
	uint32_t count, size; /* messages that have one; room for */
	bool has_unset;
	uint32_t list[];
};

/* One name, or all that begin or end alike, on one side of a message. */
struct sought_name {
	bool is_any;     /* nothing is known of it: every message may have it */
	bool is_either;  /* the domain or the beginning is enough */
	uint64_t domain; /* hash of it; 0: whatever it is */
	uint8_t begins;
};

/* Messages to such a name, and from such a one; or, is_either, with one of these, from counting for who handed them over, too. */
struct sought {
	struct sought_name to, from;
	bool is_either;
};

uint64_t mark_hash_domain(const struct hash_key *key, struct slice domain);
/* Of what names begin with; MARK_UNSET where it is too short to tell. */
uint8_t mark_of_beginning(struct slice beginning);

/*
 * Whether a name is of a file, a pipe or the like: it stands beside the address that led there, by which messages are told apart, and is not
 * marked itself.
 */
bool mark_is_unmarked(struct slice name);

/* The marks of the segment of that number; NULL where memory is short. Valid until the next line is folded. */
const struct marks *index_marks(struct index *index, uint64_t number);
/* What names are hashed with. */
const struct hash_key *index_key(const struct index *index);

/* The next message below left that may be one of those; returns one more than its index, 0 for none. */
uint32_t marks_next(const struct marks *marks, uint32_t left, const struct sought *sought);

/* A line has come for that message. */
static inline void
marks_touch(struct marks *marks, uint32_t message)
{
	if (marks == NULL || message >= marks->count)
		return;
	marks->list[message] = MARK_UNSET;
	marks->has_unset = true;
}

void marks_drop(struct segment *segment);
size_t marks_bytes(const struct segment *segment);

#endif
