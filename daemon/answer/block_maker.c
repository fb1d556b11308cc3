/* Block maker: learns what stands in the blocks of a segment while they are read for the first time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/block_maker.h"

#include <stdlib.h>

void
block_maker_stop(struct block_maker *maker)
{
	free(maker->made);
	maker->made = NULL;
}

static uint32_t
count_unarrived(const struct segment *segment)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < segment->message_count; i++)
		count += (segment_message(segment, i)->flags & MESSAGE_HAS_ARRIVAL) == 0;
	return count;
}

void
block_maker_begin(struct block_maker *maker, struct index *index, const struct segment *segment,
    const struct scan_block *list, size_t count)
{
	*maker = (struct block_maker){.index = index, .unarrived = count_unarrived(segment)};
	if (segment->number + 1 == index_end(index) || count == 0)
		return;
	maker->made = calloc(1, sizeof(*maker->made) + count * sizeof(struct block));
	if (maker->made == NULL)
		return;
	maker->made->count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		maker->made->list[i].file = list[i].file;
		maker->made->list[i].number = list[i].number;
	}
}

/* Notes the subject of an arrival line, with whatever follows up to the last quote. */
static void
note_arrival(struct block *block, struct slice line)
{
	ptrdiff_t subject = slice_find(line, SLICE(" T=\""));

	if (subject < 0)
		return;
	struct slice text = slice_skip(line, (size_t)subject + 4);
	const char *quote = text.len != 0 ? memrchr(text.at, '"', text.len) : NULL;
	block_add_text(block, quote != NULL ? slice_first(text, (size_t)(quote - text.at)) : text);
}

/* The first equals sign of an arrival line is that of its flag. */
static bool
find_arrival(struct slice *line)
{
	ptrdiff_t at = slice_find_byte(*line, '=');

	if (at < 2 || line->at[at - 2] != ' ' ||
	    (line->at[at - 1] != '<' && line->at[at - 1] != '('))
		return false;
	*line = slice_skip(*line, (size_t)at);
	return true;
}

/* The block in which a line begins. */
static struct block *
block_at(struct block_maker *maker, struct position at)
{
	struct block *list = maker->made->list;

	while (maker->next + 1 < maker->made->count &&
	    (list[maker->next].file < at.file ||
		(list[maker->next].file == at.file &&
		    list[maker->next].number < at.offset / BLOCK_BYTES)))
		maker->next++;
	return &list[maker->next];
}

void
block_maker_note(struct block_maker *maker, struct slice lines, struct position at)
{
	const char *begin = lines.at;

	while (maker->made != NULL && !slice_is_empty(lines)) {
		struct position here = {at.file, at.offset + (uint64_t)(lines.at - begin)};
		struct slice line = slice_take_until(&lines, '\n');

		if (find_arrival(&line))
			note_arrival(block_at(maker, here), line);
	}
}

void
block_maker_end(struct block_maker *maker, const struct segment *segment)
{
	/* An arrival that has come meanwhile may stand in another block. */
	if (maker->made == NULL || maker->unarrived != count_unarrived(segment)) {
		block_maker_stop(maker);
		return;
	}
	index_blocks_keep(maker->index, segment->number, maker->made);
	maker->made = NULL;
}
