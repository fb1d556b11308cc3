/* Block maker: learns what stands in the blocks of a segment while they are read for the first time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/block_maker.h"

#include <ctype.h>
#include <stdlib.h>

enum { HOPS_MET = 256 }; /* remote ends remembered, since most come again and again */

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

/* What a name or an address of four numbers is made of: where it ends in the log there is another byte. */
static size_t
host_len(struct slice text)
{
	size_t len = 0;

	while (len < text.len &&
	    (isalnum((unsigned char)text.at[len]) ||
		slice_find_byte(SLICE(".-_"), text.at[len]) >= 0))
		len++;
	return len;
}

bool
block_maker_knows(struct slice host)
{
	/* ".example.org" is the end of one. */
	return host.len != 0 && host.at[0] != '.' && host_len(host) == host.len;
}

/* Notes what an arrival line says of its host, and its subject with whatever follows up to the last quote. */
static void
note_arrival(struct block *block, const struct hash_key *key, struct slice line)
{
	ptrdiff_t subject = slice_find(line, SLICE(" T=\""));

	for (struct slice rest = line; !slice_is_empty(rest);) {
		ptrdiff_t at = slice_find(rest, SLICE(" H="));

		rest = slice_skip(rest, at < 0 ? rest.len : (size_t)at + 3);
		if (host_len(rest) != 0)
			block_add_host(block, hash_nocase(key, slice_first(rest, host_len(rest))));
	}
	for (struct slice rest = line; !slice_is_empty(rest);) {
		slice_take_until(&rest, '[');
		if (host_len(rest) != 0)
			block_add_host(block, hash_nocase(key, slice_first(rest, host_len(rest))));
	}
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
			note_arrival(block_at(maker, here), index_key(maker->index), line);
	}
}

static void
note_remotes(struct blocks *made, const struct segment *segment)
{
	uint32_t met[HOPS_MET] = {0};

	for (uint32_t i = 0; i < segment->message_count; i++) {
		const struct message *message = segment_message(segment, i);

		for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
			const struct recipient *recipient = segment_recipient(segment, r);
			struct room room;

			if (recipient->hop == 0 || met[recipient->hop % HOPS_MET] == recipient->hop)
				continue;
			met[recipient->hop % HOPS_MET] = recipient->hop;
			room_empty(&room);
			struct route route = segment_route(segment, recipient, &room);
			blocks_add_remote(made, hash_nocase(segment->key, route.host));
			blocks_add_remote(made, hash_nocase(segment->key, route.ip));
		}
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
	note_remotes(maker->made, segment);
	index_blocks_keep(maker->index, segment->number, maker->made);
	maker->made = NULL;
}
