/* Fold: what each line of the log changes in the index. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/fold.h"

#include <string.h>

enum {
	PARSE_AHEAD_LINES = 256, /* fewer at a time are no work for two */
	LOOK_AHEAD = 4,          /* lines: as long as it takes to fetch what they will meet */
};

/* Lines that do not start with a time belong to the one before them. */
static void
fold_continuation(struct index *index, const struct line *line, struct position position)
{
	struct place place;

	if (!message_id_is_none(index->previous) &&
	    store_message(index, index->previous, false, line->second, &place))
		evidence_append(&place.segment->evidence, &place.message->evidence, position);
}

/*
 * Whether an arrival is that of another message, which has the id of one that arrived and was done with earlier in the same file: a
 * clock that was set back, or logs of several servers one behind the other.
 */
static bool
is_successor(const struct place *place, const struct line *line, struct position position)
{
	const uint16_t done = MESSAGE_HAS_ARRIVAL | MESSAGE_IS_COMPLETED;

	if ((line->kind != LINE_ARRIVAL && line->kind != LINE_FAKEREJECT) ||
	    (place->message->flags & done) != done)
		return false;
	struct position last = evidence_last(&place->segment->evidence, &place->message->evidence);
	return last.file == position.file && last.offset < position.offset;
}

static inline void
fold_message_line(struct index *index, struct place *place, const struct parsed *parsed,
    struct position position)
{
	const struct event *event = &parsed->event;
	const struct line *line = &event->line;

	index->previous = line->id;
	if (!store_message_by(index, place, line->id, true, line->second) ||
	    (is_successor(place, line, position) && !store_successor(index, place, line->second)))
		return;
	if (evidence_is_none(&place->message->evidence))
		place->message->utc_offset = line->utc_offset;
	place->segment->is_changed = true;
	if (segment_has_digests(place->segment))
		digest_touch(index, place->segment, place->index);
	evidence_append(&place->segment->evidence, &place->message->evidence, position);
	if (!event->is_parsed)
		return;
	switch (line->kind) {
	case LINE_ARRIVAL:
	case LINE_FAKEREJECT:
		fold_arrival(index, place, parsed);
		break;
	case LINE_DELIVERED:
	case LINE_ADDITIONAL:
	case LINE_CUTTHROUGH:
	case LINE_SUPPRESSED:
	case LINE_FAILED:
	case LINE_DEFERRED:
		fold_delivery(index, place, parsed);
		break;
	case LINE_COMPLETED:
		place->message->flags |= MESSAGE_IS_COMPLETED;
		store_finished(place, line->second);
		recipients_complete(place);
		if (place->message->further & FURTHER_IS_EXTRA)
			recipients_forget_lookup(index, place);
		break;
	default:
		fold_notice(index, place, line, &event->notice);
		break;
	}
}

/* A command line that names a message (-Mc ID) is evidence for it, but no sign that there is such a message. */
static void
fold_command(struct index *index, const struct line *line, const struct command *command,
    struct message_id id, struct position position)
{
	struct place place;

	origins_note(&index->origins, command, line->second);
	if (!message_id_is_none(id) && store_message(index, id, false, line->second, &place))
		evidence_append(&place.segment->evidence, &place.message->evidence, position);
}

/* The clock of another file than the one of the line before. */
static struct file_clock *
other_clock(struct index *index, uint32_t file)
{
	size_t turn = (size_t)(index->clock - index->clocks);
	struct file_clock *clock = NULL;

	for (unsigned i = 0; i < STORE_CLOCKS; i++) {
		clock = &index->clocks[(turn + i) % STORE_CLOCKS];
		if (clock->is_used && clock->file == file)
			return clock;
	}
	/* The one that was found last is tried first; the one before it in turn is given up. */
	clock->is_used = true;
	clock->file = file;
	line_clock_init(&clock->clock, index->options.zone);
	return clock;
}

static inline struct line_clock *
clock_for(struct index *index, uint32_t file)
{
	if (index->clock->file != file || !index->clock->is_used)
		index->clock = other_clock(index, file);
	return &index->clock->clock;
}

/* Folds the next line of the file. */
static inline void
fold_line(struct index *index, struct place *recent, struct parsed *parsed,
    struct position position)
{
	const struct event *event = &parsed->event;
	struct line *line = &parsed->event.line;

	line_place(clock_for(index, position.file), line);
	index->counts.lines.by_kind[line->kind]++;
	switch (line->kind) {
	case LINE_CONTINUATION:
		fold_continuation(index, line, position);
		break;
	case LINE_COMMAND:
		if (event->is_parsed)
			fold_command(index, line, &event->command, event->named, position);
		index->previous = (struct message_id){0};
		break;
	case LINE_GENERAL:
		fold_refusal(index, line, &event->refusal, position);
		index->previous = (struct message_id){0};
		break;
	default:
		fold_message_line(index, recent, parsed, position);
		if (!event->is_parsed)
			index->counts.lines.unparsed++;
		break;
	}
}

/* Has the processor fetch where the names of the line are looked for. */
static inline void
expect_names(const struct index *index, const struct parsed *parsed)
{
	if (parsed->name_count != 0 && index->next != index->oldest)
		names_expect(&store_newest(index)->names, parsed->names, parsed->name_count);
}

/* And what will be found there, once that has come. */
static inline void
expect_kept(const struct index *index, const struct parsed *parsed)
{
	if (parsed->name_count != 0 && index->next != index->oldest)
		names_expect_kept(&store_newest(index)->names, parsed->names, parsed->name_count);
}

static void
take_parsed(void *context, const struct tail_line *lines, struct parsed *parsed, size_t count)
{
	struct index *index = context;
	struct place *recent[PARSED_LINES]; /* where the messages of the lines are looked for */

	for (size_t i = 0; i < count; i++) {
		recent[i] = store_recent(index, parsed[i].event.line.id);
		__builtin_prefetch(recent[i]);
		expect_names(index, &parsed[i]);
	}
	for (size_t i = 0; i < count && i < LOOK_AHEAD; i++)
		expect_kept(index, &parsed[i]);
	for (size_t i = 0; i < count; i++) {
		if (i + LOOK_AHEAD < count) {
			__builtin_prefetch(recent[i + LOOK_AHEAD]->message);
			expect_kept(index, &parsed[i + LOOK_AHEAD]);
		}
		if (lines[i].is_cut)
			index->counts.lines.overlong++;
		fold_line(index, recent[i], &parsed[i], lines[i].position);
	}
	index->counts.lines.read += count;
	index->lines_since_weighing += count;
	if (index->lines_since_weighing >= STORE_WEIGH_LINES)
		store_weigh(index);
}

void
index_lines(struct index *index, const struct tail_line *lines, size_t count)
{
	if (count >= PARSE_AHEAD_LINES && !index->was_ahead_tried) {
		index->ahead = parse_ahead_new(index->options.classifier, &index->key,
		    &index->pool);
		index->was_ahead_tried = true;
	}
	if (count >= PARSE_AHEAD_LINES && index->ahead != NULL &&
	    parse_ahead_run(index->ahead, lines, count, take_parsed, index))
		return;
	for (size_t some; count != 0; lines += some, count -= some) {
		some = count < PARSED_LINES ? count : PARSED_LINES;
		parsed_lines(index->options.classifier, &index->key, &index->memo, lines, some,
		    index->parsed);
		take_parsed(index, lines, index->parsed, some);
	}
}

bool
index_begin_aside(struct index *index, void (*work)(void *), void *argument)
{
	return parse_ahead_begin_aside(index->ahead, work, argument);
}

bool
index_end_aside(struct index *index)
{
	return parse_ahead_end_aside(index->ahead);
}

bool
index_line_time(struct index *index, struct slice raw, int64_t *second)
{
	struct line_clock clock;

	line_clock_init(&clock, index->options.zone);
	return line_parse_time(&clock, raw, second);
}
