/* Candidates: the next messages that may be those sought, by the handful, so that what they lead to is fetched for all before it is needed for one. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_CANDIDATES_H
#define ANSWER_CANDIDATES_H

#include "daemon/answer/walk.h"

enum { CANDIDATES = 16 };

struct candidates {
	struct message_view list[CANDIDATES];
	uint32_t
	    passed[CANDIDATES]; /* messages that were passed to come to each, itself among them */
	unsigned count;
	uint32_t passed_behind; /* the last one, where the segment ended */
};

/* The next ones of the segment that the walk is in, walk_segment's. Valid until the next line is folded. */
void candidates_find(struct candidates *found, struct walk *walk, struct index *index,
    const struct segment *segment, const struct sought *sought);

#endif
