/* Walks: messages from the newest to the oldest, in slices, while the index goes on changing. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_WALK_H
#define ANSWER_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/index/index.h"

/* A place between two messages; it stays good whatever comes and goes. */
struct walk {
	uint64_t segment; /* number; below the oldest: the end */
	uint32_t
	    left; /* messages of the segment not yet walked; 0: the next one is in the segment before */
};

struct walk walk_newest(const struct index *index);
/* The next message, older than the last one. False at the end. */
bool walk_older(struct walk *walk, const struct index *index, struct message_view *out);
/* Passes over the rest of the segment that the next message is in. */
void walk_skip_segment(struct walk *walk);
/* Passes over messages of the segment that are none of those sought; how many. walk_segment has been called. */
uint32_t walk_pass(struct walk *walk, struct index *index, const struct sought *sought);
/* Passes over messages that no host of that name or address took or refused, by hash_nocase. */
void walk_pass_hosts(struct walk *walk, struct index *index, uint64_t host);
/* The segment that the next message is in; NULL at the end. */
const struct segment *walk_segment(struct walk *walk, const struct index *index);

/* Monotonic milliseconds. */
int64_t clock_ms(void);

enum { SLICE_MS = 4 }; /* an answer that takes longer goes on in its next slice */

/* Asks the clock now and then: true when the slice that began at start_ms is over. *count is the caller's, 0 at first. */
bool slice_is_over(int64_t start_ms, unsigned *count);

#endif
