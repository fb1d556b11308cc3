/* Splitting: the lines of a block, handed over many at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/split.h"

#include <string.h>

/* Lines on their way to the receiver, who gets many at once. */
struct batch {
	struct source *source;
	const struct tail_receiver *receiver;
	struct tail_line *lines; /* the block's */
	size_t count;
};

static void
flush(struct batch *batch)
{
	source_hand(batch->source, batch->receiver, batch->lines, batch->count);
	batch->count = 0;
}

/* Makes room for more lines than a block of a usual log holds. */
static void
flush_full(struct batch *batch)
{
	flush(batch);
	source_settle(batch->source);
}

/* The line that begins there among the bytes, of which a carriage return at its end is no part. */
static inline void
make_line(const struct source *source, size_t begin, size_t len, bool is_cut,
    struct tail_line *line)
{
	line->position.file = source->number;
	line->position.offset = source->offset - (source->end - begin);
	line->text.at = source->block->bytes + begin;
	line->text.len = len - (!is_cut && len != 0 && line->text.at[len - 1] == '\r');
	line->is_cut = is_cut;
}

/* Whether the last of the lines in the buffer, or one shortly before it, is to wait: one line a block is looked at as a rule. */
static bool
must_wait(const struct source *source, const struct tail_receiver *receiver)
{
	enum { LINES_MAX = 64 };
	struct slice rest = slice_of(source->block->bytes + source->begin,
	    source->end - source->begin);
	int64_t second;

	if (source->hand_until == INT64_MAX || receiver->line_time == NULL)
		return false;
	for (int i = 0; i < LINES_MAX; i++) {
		const char *newline = rest.len != 0 ? memrchr(rest.at, '\n', rest.len) : NULL;

		if (newline == NULL)
			break;
		rest.len = (size_t)(newline - rest.at);
		const char *before = rest.len != 0 ? memrchr(rest.at, '\n', rest.len) : NULL;
		size_t from = before != NULL ? (size_t)(before + 1 - rest.at) : 0;

		if (receiver->line_time(receiver->context, slice_skip(rest, from), &second))
			return second > source->hand_until;
	}
	return true;
}

/* Whether a line waits for those of other files. */
static bool
is_to_wait(struct source *source, const struct tail_receiver *receiver, struct slice line)
{
	int64_t second;

	if (!receiver->line_time(receiver->context, line, &second) || second <= source->hand_until)
		return false;
	source->next_second = second;
	return true;
}

/*
 * Hands over the lines from *begin on, *passed newlines of the block before them, up to one that is not like nearly all: longer than a line may be, or
 * without an end. None of them has a carriage return: the text itself is not looked at, for it may be in another processor's cache.
 * Returns how many.
 */
static size_t
split_plain(const struct source *source, size_t line_max, size_t *begin, uint32_t *passed,
    struct batch *batch)
{
	const struct block *block = source->block;
	const size_t room = block->room, end = source->end;
	const uint64_t offset = source->offset - end;
	const uint32_t number = source->number;
	const uint32_t *newlines = block->newlines + *passed, *next = newlines;
	struct tail_line *line = batch->lines + batch->count, *full = batch->lines + BLOCK_LINES;
	size_t at = *begin, newline;

	for (; (newline = room + *next) < end && newline - at <= line_max;
	     at = newline + 1, next++, line++) {
		if (line == full) {
			batch->count = BLOCK_LINES;
			flush_full(batch);
			line = batch->lines;
		}
		line->position.file = number;
		line->position.offset = offset + at;
		line->text = slice_of(block->bytes + at, newline - at);
		line->is_cut = false;
	}
	batch->count = (size_t)(line - batch->lines);
	*begin = at;
	*passed += (uint32_t)(next - newlines);
	return (size_t)(next - newlines);
}

void
source_split(struct source *source, const struct tail_receiver *receiver, size_t line_max,
    struct tail_counts *counts)
{
	const struct block *block = source->block;
	const size_t end = source->end;
	bool may_wait = must_wait(source, receiver), is_skipping = source->is_skipping;
	bool is_plain = !may_wait && !block->has_returns;
	size_t begin = source->begin, next;
	uint32_t passed = source->newlines_passed;
	struct batch batch = {source, receiver, source->block->lines, 0};

	source->is_holding = false;
	for (; begin < end; begin = next, passed++) {
		if (is_plain && !is_skipping && begin >= block->room)
			counts->lines += split_plain(source, line_max, &begin, &passed, &batch);
		size_t newline = block_newline(block, passed);
		bool is_cut = newline - begin > line_max;

		next = newline < end ? newline + 1 : end;
		if (is_skipping) {
			is_skipping = newline == end;
			continue;
		}
		if (newline == end && !is_cut)
			break;
		if (may_wait &&
		    is_to_wait(source, receiver, slice_of(block->bytes + begin, newline - begin))) {
			source->is_holding = true;
			break;
		}
		if (batch.count == BLOCK_LINES)
			flush_full(&batch);
		make_line(source, begin, is_cut ? line_max : newline - begin, is_cut,
		    &batch.lines[batch.count++]);
		counts->lines++;
		if (is_cut) {
			counts->overlong++;
			is_skipping = newline == end;
		}
	}
	source->begin = begin;
	source->newlines_passed = passed;
	source->is_skipping = is_skipping;
	flush(&batch);
}

void
source_finish(struct source *source, const struct tail_receiver *receiver,
    struct tail_counts *counts)
{
	size_t left = source->end - source->begin;

	if (left != 0) {
		struct tail_line line;

		make_line(source, source->begin, left, false, &line);
		source_hand(source, receiver, &line, 1);
		source_settle(source);
		counts->lines++;
	}
	source->begin = source->end;
	source->is_skipping = false;
}
