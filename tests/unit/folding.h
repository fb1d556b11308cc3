/* For the tests of folding: a log as a text, and what it makes of a message in a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FOLDING_H
#define UNIT_FOLDING_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/index/index.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

static struct classifier *classifier;

static inline void
setup(void)
{
	setenv("TZ", "UTC", 1);
	classifier = shipped_classifier();
}

static inline void
teardown(void)
{
	classifier_free(classifier);
}

static inline void
fold_line(struct index *index, struct position position, struct slice text)
{
	index_lines(index, &(struct tail_line){position, text, false}, 1);
}

/* Folds text, a line after the other, at offsets as in a file. */
static inline void
fold_text(struct index *index, const char *text)
{
	struct slice rest = slice_str(text);

	while (!slice_is_empty(rest)) {
		struct position position = {1, (uint64_t)(rest.at - text)};

		fold_line(index, position, slice_take_until(&rest, '\n'));
	}
}

/* The same, with all lines at once, as they come from a file. */
static inline void
fold_at_once(struct index *index, const char *text)
{
	enum { MOST = 256 };
	struct tail_line lines[MOST];
	struct slice rest = slice_str(text);
	size_t count = 0;

	for (; !slice_is_empty(rest); count++) {
		ck_assert_uint_lt(count, MOST);
		lines[count] = (struct tail_line){.position = {1, (uint64_t)(rest.at - text)}};
		lines[count].text = slice_take_until(&rest, '\n');
	}
	if (count != 0)
		index_lines(index, lines, count);
	index_settle(index);
}

/* "delivered from a@example.com to b@example.org=delivered*1 c@example.org<d@example.org>=bounced*2" */
static inline void
describe(const struct index *index, const char *id_text, char *text, size_t size)
{
	struct message_view view;
	struct message_id id;

	ck_assert(message_id_parse(slice_str(id_text), &id));
	if (!index_find(index, id, &view)) {
		snprintf(text, size, "nothing");
		return;
	}
	struct room room;

	room_empty(&room);
	struct slice sender = segment_name(view.segment, view.message->sender, &room);
	int len = snprintf(text, size, "%s%s from %.*s to",
	    verdict_name(segment_verdict(view.segment, view.message)),
	    view.message->flags & MESSAGE_IS_COMPLETED ? "." : "", (int)sender.len, sender.at);
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);
		room_empty(&room);
		struct slice address = segment_name(view.segment, recipient->address, &room);
		struct slice original = segment_name(view.segment,
		    segment_original(view.segment, recipient), &room);

		len += snprintf(text + len, size - (size_t)len, " %.*s%s%.*s%s=%s*%u",
		    (int)address.len, address.at, original.len != 0 ? "<" : "", (int)original.len,
		    original.at, original.len != 0 ? ">" : "", outcome_name(recipient->outcome),
		    recipient->attempts);
	}
}

#define T "2026-11-23 20:36:34 "
#define ID "1xVamA-000000006sO-44KK"

struct story {
	const char *what, *id, *log, *expected;
};

static inline void
check_story_folded(const struct story *story, void (*fold)(struct index *index, const char *text))
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct index_counts counts;
	char text[1024];

	fold(index, story->log);
	describe(index, story->id, text, sizeof(text));
	ck_assert_msg(strcmp(text, story->expected) == 0, "%s:\n got  %s\n want %s", story->what,
	    text, story->expected);
	index_count(index, &counts);
	uint64_t sum = 0;
	for (int v = 0; v < VERDICT_COUNT; v++)
		sum += counts.by_verdict[v];
	ck_assert_uint_eq(sum, counts.messages);
	ck_assert_uint_eq(counts.lines.read,
	    counts.lines.with_id + counts.lines.without_id + counts.lines.continuation +
		counts.lines.unparsed);
	index_free(index);
}

static inline void
check_story(const struct story *story)
{
	check_story_folded(story, fold_text);
	check_story_folded(story, fold_at_once);
}

#endif
