/* Digests: what the finished messages of a segment add up to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/digest.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/index/store.h"

enum {
	SMALL_SHARE = 16,         /* rows are few where there are so many times more messages */
	SEGMENTS_BYTES = 4 << 20, /* about two full segments */
};

void
digest_drop(struct segment *segment)
{
	if (segment->digest == NULL)
		return;
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		counts_clear(&segment->digest->small[kind]);
	free(segment->digest);
	segment->digest = NULL;
}

size_t
digest_bytes(const struct segment *segment)
{
	const struct digest *digest = segment->digest;
	size_t bytes = 0;

	if (digest == NULL)
		return 0;
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		bytes += counts_bytes(&digest->small[kind]);
	return bytes + sizeof(*digest) + digest->count;
}

void
digest_forget_whole(struct index *index)
{
	for (int kind = 0; kind < DIGEST_KINDS; kind++) {
		counts_clear(&index->whole[kind].counts);
		index->whole[kind].next = 0;
	}
}

void
digest_forget_classes(struct index *index)
{
	digest_forget_whole(index);
	for (uint64_t n = index->oldest; n < index->next; n++)
		digest_drop(index->segments[n - index->oldest]);
}

void
digest_forget(struct index *index)
{
	digest_forget_classes(index);
	index->has_marks = false;
	for (uint64_t n = index->oldest; n < index->next; n++) {
		marks_drop(index->segments[n - index->oldest]);
		blocks_drop(index->segments[n - index->oldest]);
	}
}

void
digest_touch(struct index *index, struct segment *segment, uint32_t message)
{
	const struct message *touched = segment_message(segment, message);

	marks_touch(segment->marks, message);
	/* Its arrival may be the next of its lines. */
	if (segment->log_blocks != NULL && !(touched->flags & MESSAGE_HAS_ARRIVAL))
		blocks_drop(segment);
	if (segment->digest == NULL || !message_is_finished(touched))
		return;
	digest_drop(segment);
	digest_forget_whole(index);
}

static void
note(struct digest *digest, const struct segment *segment, uint32_t i)
{
	const struct message *message = segment_message(segment, i);
	bool is_refusal = (message->flags & MESSAGE_IS_REFUSAL) != 0;

	if (message_is_void(message)) {
		digest->verdicts[i] = DIGEST_NOBODY;
		return;
	}
	if (!message_is_finished(message)) {
		digest->verdicts[i] = DIGEST_OPEN;
		digest->open_count++;
		return;
	}
	digest->verdicts[i] = (uint8_t)((unsigned)segment_verdict(segment, message) |
	    (is_refusal ? DIGEST_REFUSAL : 0));
	if (message->arrived < digest->from)
		digest->from = message->arrived;
	if (message->arrived > digest->to)
		digest->to = message->arrived;
}

bool
digest_has_room(const struct index *index, size_t bytes)
{
	return index->options.memory_max == 0 ||
	    store_bytes(index) + bytes <= index->options.memory_max;
}

bool
index_has_plenty(const struct index *index)
{
	return digest_has_room(index, index->options.memory_max / 8 + SEGMENTS_BYTES);
}

static struct digest *
make(struct index *index, struct segment *segment)
{
	size_t bytes = sizeof(struct digest) + segment->message_count;
	struct digest *digest = digest_has_room(index, bytes) ? malloc(bytes) : NULL;

	if (digest == NULL)
		return NULL;
	*digest = (struct digest){.count = segment->message_count, .from = UINT32_MAX};
	for (uint32_t i = 0; i < digest->count; i++)
		note(digest, segment, i);
	index->table_bytes += bytes;
	return digest;
}

const struct digest *
index_digest(struct index *index, uint64_t number)
{
	if (number < index->oldest || number + 1 >= index->next)
		return NULL;
	struct segment *segment = index->segments[number - index->oldest];
	if (segment->digest == NULL)
		segment->digest = make(index, segment);
	return segment->digest;
}

void
index_digest_keep(struct index *index, uint64_t number, int kind, struct counts *counts)
{
	const struct digest *digest = index_digest(index, number);
	size_t bytes = counts_bytes(counts);

	if (digest == NULL || counts->count > digest->count / SMALL_SHARE ||
	    !digest_has_room(index, bytes))
		return;
	struct digest *kept = index->segments[number - index->oldest]->digest;
	counts_clear(&kept->small[kind]);
	kept->small[kind] = *counts;
	kept->has_small[kind] = true;
	*counts = (struct counts){0};
	index->table_bytes += bytes;
}

struct digest_whole *
index_whole(struct index *index, int kind)
{
	struct digest_whole *whole = &index->whole[kind];

	/* Its table may be about to double. */
	if (!digest_has_room(index, counts_bytes(&whole->counts) * 2)) {
		digest_forget_whole(index);
		return NULL;
	}
	if (whole->next < index->oldest)
		whole->next = index->oldest;
	return whole;
}

uint32_t
digest_next(const struct digest *digest, uint32_t left, int verdict)
{
	if (verdict < 0) {
		const uint8_t *open = digest->open_count != 0 && left != 0 ?
		    memrchr(digest->verdicts, DIGEST_OPEN, left) :
		    NULL;

		return open != NULL ? (uint32_t)(open - digest->verdicts) + 1 : 0;
	}
	while (left != 0 && digest->verdicts[left - 1] != DIGEST_OPEN &&
	    digest->verdicts[left - 1] != verdict)
		left--;
	return left;
}
