/* Fold: what each line of the log changes in the index. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/fold.h"

#include <string.h>

enum {
	PARSE_AHEAD_LINES = 256, /* fewer at a time are no work for two */
	LOOK_AHEAD = 4,          /* lines: as long as it takes to fetch what they will meet */
	NAMES_AHEAD = 2,         /* lines that have names: likewise */
};

/* Lines that do not start with a time belong to the one before them. */
static void
fold_continuation(struct index *index, struct message_id previous, const struct line *line,
    struct position position)
{
	struct place place;

	if (!message_id_is_none(previous) &&
	    store_message(index, previous, false, line->second, &place))
		evidence_append(&place.segment->evidence, &place.message->evidence, position);
}

/*
 * Whether an arrival is that of another message, which has the id of one that arrived and was done with earlier in the same file: a
 * clock that was set back, or logs of several servers one behind the other.
 */
static bool
is_successor(const struct place *place, struct position position)
{
	const uint16_t done = MESSAGE_HAS_ARRIVAL | MESSAGE_IS_COMPLETED;

	if ((place->message->flags & done) != done)
		return false;
	struct position last = evidence_last(&place->segment->evidence, &place->message->evidence);
	return last.file == position.file && last.offset < position.offset;
}

/* Notes where the line of the message stands. */
static inline void
note_line(struct index *index, const struct place *place, const struct line *line,
    struct position position)
{
	if (evidence_is_none(&place->message->evidence))
		place->message->utc_offset = line->utc_offset;
	place->segment->is_changed = true;
	if (segment_has_digests(place->segment))
		digest_touch(index, place->segment, place->index);
	evidence_append(&place->segment->evidence, &place->message->evidence, position);
}

/* What all lines of a message but its arrival have in common; false when memory is out. For each kind anew: so the processor foresees more. */
static inline __attribute__((always_inline)) bool
begin_line(struct index *index, struct place *place, const struct line *line,
    struct position position)
{
	if (!store_message_by(index, place, line->id, true, line->second))
		return false;
	note_line(index, place, line, position);
	return true;
}

/* The same for an arrival. */
static inline bool
begin_arrival(struct index *index, struct place *place, const struct line *line,
    struct position position)
{
	if (!store_message_by(index, place, line->id, true, line->second) ||
	    (is_successor(place, position) && !store_successor(index, place, line->second)))
		return false;
	note_line(index, place, line, position);
	return true;
}

static inline void
fold_completed(struct index *index, struct place *place, const struct line *line,
    struct position position)
{
	if (!begin_line(index, place, line, position))
		return;
	place->message->flags |= MESSAGE_IS_COMPLETED;
	store_finished(place, line->second);
	if (segment_only_recipient(place->segment, place->message) == NULL)
		recipients_complete(place);
	if (place->message->further & FURTHER_IS_EXTRA)
		recipients_forget_lookup(index, place);
}

/* A command line that names a message (-Mc ID) is evidence for it, but no sign that there is such a message. */
static inline void
fold_command(struct index *index, struct place *recent, const struct event *event,
    struct position position)
{
	if (!event->is_parsed)
		return;
	origins_note(&index->origins, &event->command, event->line.second);
	if (!message_id_is_none(event->line.id) &&
	    store_message_by(index, recent, event->line.id, false, event->line.second))
		evidence_append(&recent->segment->evidence, &recent->message->evidence, position);
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

/* The message of the lines before the one at i, to which it belongs if it does not start with a time; none where they have none. */
static struct message_id
previous_id(const struct index *index, const struct parsed *parsed, size_t i)
{
	while (i != 0 && parsed[i - 1].event.line.kind == LINE_CONTINUATION)
		i--;
	if (i == 0)
		return index->previous;
	const struct line *line = &parsed[i - 1].event.line;
	return line->kind == LINE_COMMAND || line->kind == LINE_GENERAL ? (struct message_id){0} :
									  line->id;
}

/* Folds a line of one of the kinds that are rare. */
static void
fold_seldom(struct index *index, struct place *recent, struct parsed *parsed, size_t i,
    struct position position)
{
	const struct event *event = &parsed[i].event;
	const struct line *line = &event->line;

	switch (line->kind) {
	case LINE_CONTINUATION:
		fold_continuation(index, previous_id(index, parsed, i), line, position);
		break;
	case LINE_GENERAL:
		fold_refusal(index, line, &event->refusal, position);
		break;
	default:
		if (begin_line(index, recent, line, position) && event->is_parsed)
			fold_delivery(index, recent, &parsed[i]);
		break;
	}
}

/* The names of the lines that have some; the processor is told in time where they will be looked for. */
struct expected {
	const struct names *names; /* NULL: there is no segment yet */
	const struct parsed *parsed;
	size_t count, next;
	uint8_t lines[PARSED_LINES];
};

/* Has the processor fetch what the names of the next line will be compared with. */
static inline void
expect_kept(struct expected *expected)
{
	if (expected->next == expected->count)
		return;
	const struct parsed *parsed = &expected->parsed[expected->lines[expected->next++]];
	names_expect_kept(expected->names, parsed->names, parsed->name_count);
}

static void
expect_names(struct expected *expected, const struct index *index, const struct parsed *parsed,
    size_t count)
{
	expected->names = index->next != index->oldest ? &store_newest(index)->names : NULL;
	expected->parsed = parsed;
	expected->count = expected->next = 0;
	for (size_t i = 0; i < count; i++) {
		expected->lines[expected->count] = (uint8_t)i;
		expected->count += parsed[i].name_count != 0;
	}
	if (expected->names == NULL)
		expected->count = 0;
	for (size_t n = 0; n < expected->count; n++)
		names_expect(expected->names, parsed[expected->lines[n]].names,
		    parsed[expected->lines[n]].name_count);
	for (size_t n = 0; n < NAMES_AHEAD; n++)
		expect_kept(expected);
}

/* Folds the line at i. */
static inline void
fold_line(struct index *index, struct place *recent, struct parsed *parsed, size_t i,
    struct position position, struct expected *expected)
{
	const struct event *event = &parsed[i].event;
	struct line *line = &parsed[i].event.line;
	enum line_kind kind = line->kind;

	line_place(clock_for(index, position.file), line);
	index->counts.lines.by_kind[kind]++;
	/* What kind a line is cannot be foreseen, what to do for each kind can: few questions, and then everything for that kind. */
	if (kind == LINE_COMPLETED) {
		fold_completed(index, recent, line, position);
	} else if (kind == LINE_COMMAND) {
		fold_command(index, recent, event, position);
		return;
	} else if (kind == LINE_NOTICE) {
		if (begin_line(index, recent, line, position))
			fold_notice(index, recent, line, &event->notice);
	} else if (kind == LINE_DELIVERED) {
		if (begin_line(index, recent, line, position) && event->is_parsed)
			fold_delivery(index, recent, &parsed[i]);
	} else if (kind == LINE_ARRIVAL || kind == LINE_FAKEREJECT) {
		expect_kept(expected);
		if (begin_arrival(index, recent, line, position) && event->is_parsed)
			fold_arrival(index, recent, &parsed[i]);
	} else {
		fold_seldom(index, recent, parsed, i, position);
	}
	index->counts.lines.unparsed += !event->is_parsed;
}

static void
take_parsed(void *context, const struct tail_line *lines, struct parsed *parsed, size_t count)
{
	struct index *index = context;
	struct place *recent[PARSED_LINES + LOOK_AHEAD]; /* where messages are looked for */
	struct expected expected;

	for (size_t i = 0; i < count; i++) {
		recent[i] = store_recent(index, parsed[i].event.line.id);
		__builtin_prefetch(recent[i]);
	}
	for (size_t i = count; i < count + LOOK_AHEAD; i++)
		recent[i] = index->recent;
	expect_names(&expected, index, parsed, count);
	for (size_t i = 0; i < count; i++) {
		__builtin_prefetch(recent[i + LOOK_AHEAD]->message);
		index->counts.lines.overlong += lines[i].is_cut;
		fold_line(index, recent[i], parsed, i, lines[i].position, &expected);
	}
	index->previous = previous_id(index, parsed, count);
	index->counts.lines.read += count;
	index->lines_since_weighing += count;
	if (index->lines_since_weighing >= STORE_WEIGH_LINES) {
		store_weigh(index);
		index_mark_along(index);
	}
}

void
index_lines(struct index *index, const struct tail_line *lines, size_t count)
{
	if (count >= PARSE_AHEAD_LINES && !index->was_ahead_tried) {
		index->ahead = parse_ahead_new(index->options.classifier, &index->key, &index->pool,
		    take_parsed, index);
		index->was_ahead_tried = true;
	}
	if (count >= PARSE_AHEAD_LINES && index->ahead != NULL &&
	    parse_ahead_lines(index->ahead, lines, count))
		return;
	index_settle(index);
	for (size_t some; count != 0; lines += some, count -= some) {
		some = count < PARSED_LINES ? count : PARSED_LINES;
		parsed_lines(index->options.classifier, &index->key, &index->memo, lines, some,
		    index->parsed);
		take_parsed(index, lines, index->parsed, some);
	}
	parse_ahead_look_to_memory(index->ahead);
}

void
index_settle(struct index *index)
{
	parse_ahead_settle(index->ahead);
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
