/* Candidates: listed by the marks, and fetched. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/candidates.h"

static unsigned
list(struct walk *walk, struct index *index, const struct sought *sought, uint32_t *places)
{
	const struct marks *marks = index_marks(index, walk->segment);
	unsigned count = 0;

	if (marks != NULL)
		return marks_list(marks, &walk->left, sought, places, CANDIDATES);
	while (walk->left != 0 && count < CANDIDATES)
		places[count++] = --walk->left;
	return count;
}

void
candidates_find(struct candidates *found, struct walk *walk, struct index *index,
    const struct segment *segment, const struct sought *sought)
{
	uint32_t left = walk->left, places[CANDIDATES];

	found->count = list(walk, index, sought, places);
	for (unsigned i = 0; i < found->count; i++) {
		const struct message *message = segment_message(segment, places[i]);

		/* It may lie in two lines of the processor's cache. */
		__builtin_prefetch(&message->sender);
		__builtin_prefetch(&message->first);
		found->list[i] = (struct message_view){segment, message, places[i]};
		found->passed[i] = left - places[i];
		left = places[i];
	}
	found->passed_behind = walk->left == 0 ? left : 0;
	for (unsigned i = 0; i < found->count; i++) {
		const struct message *message = found->list[i].message;

		__builtin_prefetch(arena_at(&segment->arena, message->sender));
		__builtin_prefetch(arena_at(&segment->arena, message->first.address));
		__builtin_prefetch(arena_at(&segment->arena, message->first.hop));
	}
}
