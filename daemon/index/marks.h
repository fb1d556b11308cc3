/* Marks: twelve bytes a message that tell whose it is nearly for sure, and who took it when, so that most messages are passed over unread. */
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
 * Marks are hashes of what the names of one message have in common: their domains, and their first two bytes. The recipients' names are the
 * final and the original ones; who handed the message over is a login or a local user, whose whole name stands for a domain, and whose
 * beginning stands beside that of the sender. The hosts that took it, or refused it, have a hash of the name and one of the address.
 * The hash of a domain has a second byte, by which a rare one is told from those that most mail goes to. Those of one kind stand side by side,
 * so that many messages are compared at once.
 */
enum mark_kind {
	MARK_TO,
	MARK_TO_MORE,
	MARK_FROM,
	MARK_FROM_MORE,
	MARK_ORIGIN,
	MARK_ORIGIN_MORE,
	MARK_TO_BEGINS,
	MARK_FROM_BEGINS,
	MARK_HOST,
	MARK_IP,
	MARK_KINDS,
};

/* In place of a hash: */
enum {
	MARK_UNSET = 0, /* the message has changed since; of what is sought: whatever it is */
	MARK_NOBODY = 1,
	MARK_SEVERAL = 2,
	MARK_FIRST = 3, /* the hashes begin here */
};

/* In place of the moment at which another server took the message for its only recipient, who has a domain: */
enum {
	TAKEN_BY_NOBODY = 0,
	TAKEN_UNKNOWN = 1, /* it has several recipients, or what the moment has no room for */
	TAKEN_FIRST = 2,   /* seconds since the segment's first line, and this */
};

/* A hash in one byte, and in another one. */
static inline uint8_t
mark_of_hash(uint64_t hash)
{
	return (uint8_t)(MARK_FIRST + (hash >> 32) % (UINT8_MAX + 1 - MARK_FIRST));
}

static inline uint8_t
mark_of_more(uint64_t hash)
{
	return (uint8_t)(MARK_FIRST + (uint32_t)hash % (UINT8_MAX + 1 - MARK_FIRST));
}

enum { MARKS_TOGETHER = 64 }; /* marks that are compared at once */

/* Made when they are first asked for, and dropped when memory is short. */
struct marks {
	uint32_t count, size; /* messages that have them; room for: a multiple of MARKS_TOGETHER */
	bool has_unset;
	uint16_t *taken;
	uint8_t *of[MARK_KINDS];
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
/*
 * Marks at most so many messages of the segments that have none yet, the newest first, so that the next question finds them. For when
 * there is nothing else to do. Where memory is scarce it waits until marks have been asked for. False when there was nothing to mark.
 */
bool index_mark_ahead(struct index *index, uint32_t most);
/*
 * Where marks have been asked for: marks some of the messages that have come since, for some dozens of microseconds, so that no question has all of
 * them to mark. To be called every thousand lines or so. The last ones, for which more lines are to come, wait.
 */
void index_mark_along(struct index *index);
/* What names are hashed with. */
const struct hash_key *index_key(const struct index *index);

/*
 * Lists the next messages below *left that may be one of those, at most so many, from the last to the first; returns how many. *left is then
 * the last one that is listed, or 0 where there are no more.
 */
unsigned marks_list(const struct marks *marks, uint32_t *left, const struct sought *sought,
    uint32_t *list, unsigned most);
/* One more than the index of the next one, 0 for none. */
uint32_t marks_next(const struct marks *marks, uint32_t left, const struct sought *sought);
/* The next message below left that such a host may have taken or refused, by hash_nocase of its name or its address; likewise. */
uint32_t marks_next_host(const struct marks *marks, uint32_t left, uint64_t host);
/* Whether the message may be to a domain of that hash. */
bool marks_may_be_to(const struct marks *marks, uint32_t message, uint64_t domain);

/* Seconds of one segment, in the terms of the marks. */
struct taken_span {
	uint16_t from, to;
};
struct taken_span marks_taken_span(const struct segment *segment, int64_t from, int64_t to);
/* The next message below left that another server took then, or of which that is unknown; returns one more than its index, 0 for none. */
uint32_t marks_next_taken(const struct marks *marks, uint32_t left, struct taken_span span);

/* A line has come for that message. */
static inline void
marks_touch(struct marks *marks, uint32_t message)
{
	if (marks == NULL || message >= marks->count)
		return;
	marks->of[MARK_TO][message] = MARK_UNSET;
	marks->has_unset = true;
}

void marks_drop(struct segment *segment);
size_t marks_bytes(const struct segment *segment);

#endif
