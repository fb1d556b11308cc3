/* History of a sender: which address that was reached before is spelt almost like the one that failed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>

#include "daemon/answer/candidates.h"
#include "daemon/answer/history.h"
#include "daemon/answer/match.h"

enum {
	VISIT_MAX = 20000, /* messages of the window that are passed for one failure */
	SPELLING_MAX = 64, /* bytes of an address that are compared */
	EDITS_MAX = 2,
};

/* Letters that have to be changed, left out, put in or exchanged with their neighbour to make one of the other; more than EDITS_MAX: many. */
static unsigned
count_edits(struct slice a, struct slice b)
{
	unsigned char rows[3][SPELLING_MAX + 1];
	unsigned least_above = 0;

	if (a.len > SPELLING_MAX || b.len > SPELLING_MAX || a.len > b.len + EDITS_MAX ||
	    b.len > a.len + EDITS_MAX)
		return EDITS_MAX + 1;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = (unsigned char)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned char *row = rows[i % 3], *above = rows[(i + 2) % 3],
			      *two_above = rows[(i + 1) % 3];
		int left = tolower((unsigned char)a.at[i - 1]);

		unsigned least = (unsigned)i;

		row[0] = (unsigned char)i;
		for (size_t j = 1; j <= b.len; j++) {
			int right = tolower((unsigned char)b.at[j - 1]);
			unsigned best = above[j - 1] + (left != right);

			if (above[j] + 1u < best)
				best = above[j] + 1u;
			if (row[j - 1] + 1u < best)
				best = row[j - 1] + 1u;
			if (i > 1 && j > 1 && left == tolower((unsigned char)b.at[j - 2]) &&
			    right == tolower((unsigned char)a.at[i - 2]) &&
			    two_above[j - 2] + 1u < best)
				best = two_above[j - 2] + 1u;
			row[j] = (unsigned char)best;
			least = best < least ? best : least;
		}
		/* What follows comes from these two rows. */
		if (least > EDITS_MAX && least_above > EDITS_MAX)
			return EDITS_MAX + 1;
		least_above = least;
	}
	return rows[a.len % 3][b.len];
}

/* Of the recipients that were reached, the one that is spelt most like that address. */
struct nearest_reached {
	struct slice address;
	unsigned edits;
	char *found;
	size_t size;
};

static void
offer_recipients(struct nearest_reached *nearest, struct message_view view)
{
	struct room room;

	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *entry = segment_recipient(view.segment, r);
		uint32_t original = segment_original(view.segment, entry);

		if (entry->outcome != OUTCOME_DELIVERED)
			continue;
		room_empty(&room);
		struct slice reached = segment_name(view.segment,
		    original != 0 ? original : entry->address, &room);
		unsigned edits = count_edits(reached, nearest->address);
		if (edits != 0 && edits < nearest->edits) {
			nearest->edits = edits;
			snprintf(nearest->found, nearest->size, "%.*s", (int)reached.len,
			    reached.at);
		}
	}
}

bool
history_nearest_reached(struct index *index, struct slice sender, struct slice address, char *found,
    size_t size)
{
	const struct sought sought = {
	    .to = {.is_any = true},
	    .from = match_sought(index_key(index), sender),
	};
	struct nearest_reached nearest = {address, EDITS_MAX + 1, found, size};
	struct walk walk = walk_newest(index);
	struct candidates candidates;
	unsigned visited = 0;

	if (sender.len == 0 || slice_equal(sender, SLICE("<>")))
		return false;
	for (const struct segment *segment;
	     visited < VISIT_MAX && (segment = walk_segment(&walk, index)) != NULL;) {
		if (walk.left == segment->message_count && !segment_may_have(segment, sender)) {
			walk_skip_segment(&walk);
			continue;
		}
		candidates_find(&candidates, &walk, index, segment, &sought);
		for (unsigned i = 0; i < candidates.count; i++) {
			struct message_view other = candidates.list[i];

			visited += candidates.passed[i];
			if (visited >= VISIT_MAX)
				break;
			if (names_equal_nocase(&segment->arena, other.message->sender, sender))
				offer_recipients(&nearest, other);
		}
		visited += candidates.passed_behind;
	}
	return nearest.edits <= EDITS_MAX;
}
