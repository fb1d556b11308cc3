/* Segments: messages in blocks, strings kept once, failures in the order of the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/segment.h"

#include <stdlib.h>
#include <string.h>

static struct message_id
id_at(const void *context, uint32_t index)
{
	const struct segment *segment = context;

	return segment_message_id(segment, segment_message(segment, index));
}

uint64_t
segment_id_hash(const void *context, uint32_t index)
{
	const struct segment *segment = context;
	struct message_id id = id_at(segment, index);

	return hash_pair(segment->key, id.high, id.low);
}

struct segment *
segment_new(uint64_t number, struct arena_pool *pool, const struct hash_key *key,
    const struct paths *paths)
{
	struct segment *segment = calloc(1, sizeof(*segment));

	if (segment == NULL)
		return NULL;
	segment->filter = calloc(FILTER_WORDS, sizeof(*segment->filter));
	if (segment->filter == NULL) {
		free(segment);
		return NULL;
	}
	segment->key = key;
	segment->paths = paths;
	segment->number = number;
	segment->ids = (struct id_table){.id_of = id_at, .context = segment};
	segment->id_first = INT64_MAX;
	segment->id_last = segment->id_reach = INT64_MIN;
	arena_init(&segment->arena, pool);
	segment->names = (struct names){.arena = &segment->arena};
	segment->evidence = (struct evidence_home){.arena = &segment->arena};
	return segment;
}

void
segment_free(struct segment *segment)
{
	if (segment == NULL)
		return;
	digest_drop(segment);
	marks_drop(segment);
	blocks_drop(segment);
	free(segment->filter);
	id_table_clear(&segment->ids);
	arena_clear(&segment->arena);
	free(segment->blocks);
	free(segment->failures);
	free(segment);
}

size_t
segment_table_bytes(const struct segment *segment)
{
	return sizeof(*segment) + digest_bytes(segment) + marks_bytes(segment) +
	    blocks_bytes(segment) + FILTER_WORDS * sizeof(*segment->filter) +
	    id_table_bytes(&segment->ids) + segment->block_size * sizeof(*segment->blocks) +
	    segment->failure_size * sizeof(*segment->failures) +
	    segment->arena.chunk_size * sizeof(*segment->arena.chunks);
}

bool
segment_add_block(struct segment *segment)
{
	uint32_t block = segment->message_count / SEGMENT_BLOCK_MESSAGES;

	if (block == segment->block_size) {
		uint32_t size = segment->block_size != 0 ? segment->block_size * 2 : 4;
		struct message_block **blocks = reallocarray(segment->blocks, size,
		    sizeof(struct message_block *));

		if (blocks == NULL)
			return false;
		segment->blocks = blocks;
		segment->block_size = size;
	}
	uint32_t reference = arena_take_unset(&segment->arena, sizeof(struct message_block));
	if (reference == 0)
		return false;
	segment->blocks[block] = arena_at(&segment->arena, reference);
	memset(segment->blocks[block]->hosts, 0, sizeof(segment->blocks[block]->hosts));
	return true;
}

bool
segment_add_failure(struct segment *segment, const struct failure_entry *failure)
{
	if (segment->failure_count == segment->failure_size) {
		uint32_t size = segment->failure_size != 0 ? segment->failure_size * 2 : 16;
		struct failure_entry *failures = reallocarray(segment->failures, size,
		    sizeof(*failures));

		if (failures == NULL)
			return false;
		segment->failures = failures;
		segment->failure_size = size;
	}
	segment->failures[segment->failure_count++] = *failure;
	return true;
}

uint32_t
segment_keep(struct segment *segment, struct slice text)
{
	text = slice_first(text, STRING_MAX);
	if (text.len == 0)
		return 0;
	if (segment->texts == NULL)
		return strings_add(&segment->arena, text);
	/* Their case counts, as that of domains does not: the two do not meet in the set. */
	struct kept *kept = memo_place(segment->texts,
	    hash_more(segment->key, segment->key->a, text));
	if (kept->reference == 0)
		kept->reference = strings_intern_hashed(segment->names.strings, text, kept->hash);
	return kept->reference;
}

/* Two bits for each text. */
static inline void
filter_add(struct segment *segment, uint64_t hash)
{
	const uint64_t bits = FILTER_WORDS * 64;
	uint64_t first = hash % bits, second = (hash >> 32) % bits;

	segment->filter[first / 64] |= (uint64_t)1 << first % 64;
	segment->filter[second / 64] |= (uint64_t)1 << second % 64;
}

bool
segment_may_have(const struct segment *segment, struct slice text)
{
	const uint64_t bits = FILTER_WORDS * 64;
	struct name name;

	name_of(segment->key, text, NAME_ADDRESS, &name);
	uint64_t first = name.hash % bits, second = (name.hash >> 32) % bits;

	return (segment->filter[first / 64] >> first % 64 & 1) != 0 &&
	    (segment->filter[second / 64] >> second % 64 & 1) != 0;
}

uint32_t
segment_keep_name(struct segment *segment, const struct name *address)
{
	bool is_new;
	uint32_t reference = names_intern(&segment->names, address, &is_new);

	if (!is_new)
		return reference;
	filter_add(segment, address->hash);
	if (address->is_split)
		filter_add(segment, address->domain_hash);
	return reference;
}

uint32_t
segment_keep_address(struct segment *segment, struct slice address)
{
	struct name name;

	name_of(segment->key, address, NAME_ADDRESS, &name);

	return segment_keep_name(segment, &name);
}

uint32_t
segment_recipient_count(const struct segment *segment, const struct message *message, uint32_t most)
{
	uint32_t count = 0;

	for (uint32_t r = 0;
	     count < most && (r = segment_next_recipient(segment, message, r)) != 0;)
		count++;
	return count;
}
