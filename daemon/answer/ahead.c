/* Ahead: marks for find and why, counts for stats, and which part of the log find has to read for a subject. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>

#include "daemon/answer/answer.h"
#include "daemon/answer/scan.h"
#include "daemon/answer/stats.h"
#include "daemon/answer/walk.h"
#include "daemon/index/index.h"

enum {
	MARKED_AHEAD = 8192, /* messages: a millisecond */
	LEARNT_AHEAD_MS = 1,
};

struct ahead {
	const struct answer_sources *sources;
	struct scan scan;
	/* Numbers of the segments, first <= n < end, whose log has been read for its subjects, or cannot be. */
	uint64_t first, end;
};

struct ahead *
answer_ahead_new(const struct answer_sources *sources)
{
	struct ahead *ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		return NULL;
	ahead->sources = sources;
	scan_init(&ahead->scan, sources->index, sources->tail, SLICE(""), false);
	return ahead;
}

void
answer_ahead_free(struct ahead *ahead)
{
	if (ahead == NULL)
		return;
	scan_clear(&ahead->scan);
	free(ahead);
}

/* The next segment whose subjects are to be learnt, the newest first but for the one that grows; NULL: there is none. */
static const struct segment *
next_to_learn(struct ahead *ahead)
{
	const struct index *index = ahead->sources->index;
	uint64_t oldest = index_oldest(index), end = index_end(index);

	if (end - oldest < 2)
		return NULL;
	if (ahead->end <= oldest)
		ahead->first = ahead->end = end - 1;
	if (ahead->end < end - 1)
		return index_segment(index, ahead->end);
	return ahead->first > oldest ? index_segment(index, ahead->first - 1) : NULL;
}

/* Learns for a millisecond or two. False when there was nothing to learn. */
static bool
learn_subjects(struct ahead *ahead)
{
	const struct segment *segment = index_has_plenty(ahead->sources->index) ?
	    next_to_learn(ahead) :
	    NULL;

	if (segment == NULL)
		return false;
	if (!scan_learn(&ahead->scan, segment, clock_ms() - SLICE_MS + LEARNT_AHEAD_MS))
		return true;
	if (segment->number == ahead->end)
		ahead->end++;
	else
		ahead->first--;
	return true;
}

bool
answer_ahead_go_on(struct ahead *ahead)
{
	return index_mark_ahead(ahead->sources->index, MARKED_AHEAD) ||
	    stats_count_ahead(ahead->sources) || learn_subjects(ahead);
}
