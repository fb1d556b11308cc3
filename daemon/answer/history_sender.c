/* History of a sender: which address that was reached before is spelt almost like the one that failed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>

#include "daemon/answer/history.h"
#include "daemon/answer/match.h"
#include "daemon/answer/walk.h"

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

	if (a.len > SPELLING_MAX || b.len > SPELLING_MAX || a.len > b.len + EDITS_MAX ||
	    b.len > a.len + EDITS_MAX)
		return EDITS_MAX + 1;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = (unsigned char)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned char *row = rows[i % 3], *above = rows[(i + 2) % 3],
			      *two_above = rows[(i + 1) % 3];
		int left = tolower((unsigned char)a.at[i - 1]);

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
		}
	}
	return rows[a.len % 3][b.len];
}

bool
history_nearest_reached(struct index *index, struct slice sender, struct slice address, char *found,
    size_t size)
{
	const struct sought sought = {
	    .to = {.is_any = true},
	    .from = match_sought(index_key(index), sender),
	};
	struct walk walk = walk_newest(index);
	struct message_view other;
	unsigned visited = 0, best = EDITS_MAX + 1;
	struct room room;

	if (sender.len == 0 || slice_equal(sender, SLICE("<>")))
		return false;
	for (const struct segment *segment; (segment = walk_segment(&walk, index)) != NULL;) {
		if (walk.left == segment->message_count && !segment_may_have(segment, sender)) {
			walk_skip_segment(&walk);
			continue;
		}
		visited += walk_pass(&walk, index, &sought) + (walk.left != 0);
		if (visited >= VISIT_MAX)
			break;
		if (walk.left == 0)
			continue;
		if (!walk_older(&walk, index, &other))
			break;
		if (!names_equal_nocase(&other.segment->arena, other.message->sender, sender))
			continue;
		for (uint32_t r = 0;
		     (r = segment_next_recipient(other.segment, other.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(other.segment, r);
			uint32_t original = segment_original(other.segment, entry);

			if (entry->outcome != OUTCOME_DELIVERED)
				continue;
			room_empty(&room);
			struct slice reached = segment_name(other.segment,
			    original != 0 ? original : entry->address, &room);
			unsigned edits = count_edits(reached, address);
			if (edits != 0 && edits < best) {
				best = edits;
				snprintf(found, size, "%.*s", (int)reached.len, reached.at);
			}
		}
	}
	return best <= EDITS_MAX;
}
