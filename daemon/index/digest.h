/* Digests: what the finished messages of a segment add up to, made when it is first asked for and dropped when memory is short. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_DIGEST_H
#define INDEX_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/index/counts.h"

struct index;
struct message;
struct segment;

enum {
	DIGEST_KINDS = 9, /* of rows: what they are about is the asker's business */
	/* In the place of a verdict: */
	DIGEST_OPEN = 0xff,   /* not finished when the digest was made: to be looked at each time */
	DIGEST_NOBODY = 0xfe, /* a place without a message */
	DIGEST_REFUSAL = 0x80, /* beside the verdict: it never had an id */
};

/*
 * A finished message changes no more; should a line come for one after all, the digest of its segment is dropped. So the others, few in
 * an old segment, are all that has to be looked at again.
 */
struct digest {
	uint32_t count; /* messages of the segment */
	uint32_t from,
	    to; /* seconds in which the finished ones arrived; from > to: there are none */
	uint32_t open_count;
	struct counts small[DIGEST_KINDS]; /* where they are few */
	bool has_small[DIGEST_KINDS];
	uint8_t verdicts[]; /* one for each message, or enum values of above */
};

/* The digest of the segment of that number; NULL for the newest one, which grows, and where memory is short. Valid until the next line is folded. */
const struct digest *index_digest(struct index *index, uint64_t number);
/* Gives the counts of the finished messages to the digest, which takes them over where they are few and there is memory; they are empty then. */
void index_digest_keep(struct index *index, uint64_t number, int kind, struct counts *counts);

/* The counts of the finished messages of all segments from the oldest one on, as far as somebody has counted them. */
struct digest_whole {
	uint64_t next; /* number of the first segment that is not among them; 0: none is */
	struct counts counts;
};

/* NULL where memory is short. Valid until the next line is folded. */
struct digest_whole *index_whole(struct index *index, int kind);

/* A line has come for the message, which has not been changed yet. */
void digest_touch(struct index *index, struct segment *segment, uint32_t message);
/* Whether there is memory for so much more. Digests may fill what the cap leaves free, and are the first to go. */
bool digest_has_room(const struct index *index, size_t bytes);
/*
 * Whether so much is free that what nobody has asked for yet may be made, too: an eighth of the cap, and more than a segment that has just
 * left makes room for, or it would be made and dropped each time.
 */
bool index_has_plenty(const struct index *index);
void digest_drop(struct segment *segment);
size_t digest_bytes(const struct segment *segment);
/* What was counted of all segments holds no more: one has left, or changed. */
void digest_forget_whole(struct index *index);
/* Drops what hangs on the classes of failures: all digests. */
void digest_forget_classes(struct index *index);
/* Drops all digests, marks and blocks. */
void digest_forget(struct index *index);

/* The next message below left that was open, or has that verdict and an id; returns one more than its index, 0 for none. verdict -1: only open ones. */
uint32_t digest_next(const struct digest *digest, uint32_t left, int verdict);

#endif
