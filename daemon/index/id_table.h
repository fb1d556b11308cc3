/* The table of ids of one segment: from a message id to the place of its message there. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_ID_TABLE_H
#define INDEX_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/exim/message_id.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
	ID_TABLE_MAX = UINT16_MAX, /* places that a slot can name */
	ID_TABLE_WINDOW = 16,      /* slots that are looked at together */
};
#define ID_TABLE_NONE UINT32_MAX

/*
 * Open addressing, three quarters full at most. Of each slot a byte of the id's hash tells whether the id may be there: where none is the same, the
 * messages, in which the ids themselves stand, need not be asked. It is freed with its segment: no id is ever removed.
 */
struct id_table {
	uint8_t *tags;    /* 0: free; the first ones once more behind the last ones */
	uint16_t *places; /* in the same piece of memory */
	uint32_t size, count;
	uint32_t room;     /* ids that it may hold before it grows */
	uint32_t expected; /* ids: there is room for so many from the first one on */
	struct message_id (*id_of)(const void *context, uint32_t place);
	const void *context;
};

void id_table_clear(struct id_table *table);
/* The place of the id, whose keyed hash is given; ID_TABLE_NONE when it is not there. */
uint32_t id_table_find(const struct id_table *table, struct message_id id, uint64_t hash);
/* Leads an id that is in the table to another place. False where it is not. */
bool id_table_move(struct id_table *table, struct message_id id, uint64_t hash, uint32_t place);
/* Makes room for one more where it is full. hash_of: the hash of the id at a place. False when memory is out. */
bool id_table_make_room(struct id_table *table,
    uint64_t (*hash_of)(const void *context, uint32_t place));

/* The slot at which ids of that hash are looked for first. */
static inline uint32_t
id_table_first(const struct id_table *table, uint64_t hash)
{
	return (uint32_t)((uint64_t)(uint32_t)hash * table->size >> 32);
}

/* From another part of the hash. */
static inline uint8_t
id_table_tag(uint64_t hash)
{
	return (uint8_t)(hash >> 56 | 1);
}

/* A bit for each slot from that one on whose tag is that. */
static inline unsigned
id_table_look(const uint8_t *tags, uint8_t tag)
{
#if defined(__SSE2__)
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
	    _mm_loadu_si128((const __m128i *)(const void *)tags), _mm_set1_epi8((char)tag)));
#else
	unsigned bits = 0;

	for (unsigned i = 0; i < ID_TABLE_WINDOW; i++)
		bits |= (unsigned)(tags[i] == tag) << i;
	return bits;
#endif
}

/* The slot so many behind the one that is given. */
static inline uint32_t
id_table_behind(const struct id_table *table, uint32_t slot, uint32_t count)
{
	slot += count;
	return slot < table->size ? slot : slot - table->size;
}

/* There is a free one. */
static inline void
id_table_put(struct id_table *table, uint64_t hash, uint32_t place)
{
	uint32_t slot = id_table_first(table, hash);
	unsigned are_free;

	while ((are_free = id_table_look(table->tags + slot, 0)) == 0)
		slot = id_table_behind(table, slot, ID_TABLE_WINDOW);
	slot = id_table_behind(table, slot, (uint32_t)__builtin_ctz(are_free));
	table->places[slot] = (uint16_t)place;
	table->tags[slot] = id_table_tag(hash);
	if (slot < ID_TABLE_WINDOW)
		table->tags[table->size + slot] = id_table_tag(hash);
	table->count++;
}

/* Adds an id that is not there. False when memory is out, or the place too large. */
static inline bool
id_table_add(struct id_table *table, uint64_t hash, uint32_t place,
    uint64_t (*hash_of)(const void *context, uint32_t place))
{
	if (place >= ID_TABLE_MAX ||
	    (table->count == table->room && !id_table_make_room(table, hash_of)))
		return false;
	id_table_put(table, hash, place);
	return true;
}

size_t id_table_bytes(const struct id_table *table);

#endif
