/* Walks: messages from the newest to the oldest, in slices, while the index goes on changing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/walk.h"

#include <time.h>

enum { CLOCK_EVERY = 64 };

struct walk
walk_newest(const struct index *index)
{
	return (struct walk){.segment = index_end(index), .left = 0};
}

void
walk_skip_segment(struct walk *walk)
{
	walk->left = 0;
}

uint32_t
walk_pass(struct walk *walk, struct index *index, const struct sought *sought)
{
	const struct marks *marks = index_marks(index, walk->segment);
	uint32_t before = walk->left;

	if (marks != NULL)
		walk->left = marks_next(marks, before, sought);
	return before - walk->left;
}

void
walk_pass_hosts(struct walk *walk, struct index *index, uint64_t host)
{
	const struct marks *marks = index_marks(index, walk->segment);

	if (marks != NULL)
		walk->left = marks_next_host(marks, walk->left, host);
}

const struct segment *
walk_segment(struct walk *walk, const struct index *index)
{
	if (walk->segment > index_end(index))
		*walk = walk_newest(index);
	while (walk->left == 0) {
		if (walk->segment <= index_oldest(index))
			return NULL;
		walk->segment--;
		const struct segment *segment = index_segment(index, walk->segment);
		walk->left = segment != NULL ? segment->message_count : 0;
	}
	const struct segment *segment = index_segment(index, walk->segment);
	if (segment == NULL)
		walk->left = 0;
	return segment;
}

bool
walk_older(struct walk *walk, const struct index *index, struct message_view *out)
{
	for (const struct segment *segment; (segment = walk_segment(walk, index)) != NULL;) {
		uint32_t i = --walk->left;

		*out = (struct message_view){segment, segment_message(segment, i), i};
		if (!message_is_void(out->message))
			return true;
	}
	return false;
}

int64_t
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
slice_is_over(int64_t start_ms, unsigned *count)
{
	return ++*count % CLOCK_EVERY == 0 && clock_ms() - start_ms >= SLICE_MS;
}
