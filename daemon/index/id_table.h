/* The table of ids of one segment: from a message id to the place of its message there. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_ID_TABLE_H
#define INDEX_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/exim/message_id.h"

enum {
	ID_TABLE_MAX = (1 << 14) - 1, /* places that a slot can name */
};
#define ID_TABLE_NONE UINT32_MAX

/*
 * Open addressing. A slot is one more than the place, and two bits of the id's hash; the ids themselves stand in the messages and are
 * asked for only where these agree. It is freed with its segment: no id is ever removed.
 */
struct id_table {
	uint16_t *slots; /* 0: free */
	uint32_t mask, count;
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

enum { ID_TABLE_PLACE_BITS = 14 };

/* The two bits of the hash that stand in the slot: others than those that led to it. */
static inline unsigned
id_table_tag(uint64_t hash)
{
	return (unsigned)(hash >> 62) << ID_TABLE_PLACE_BITS;
}

static inline void
id_table_put(uint16_t *slots, uint32_t mask, uint64_t hash, uint32_t place)
{
	uint32_t at = (uint32_t)hash & mask;

	while (slots[at] != 0)
		at = (at + 1) & mask;
	slots[at] = (uint16_t)(id_table_tag(hash) | (place + 1));
}

/* Adds an id that is not there. False when memory is out, or the place too large. */
static inline bool
id_table_add(struct id_table *table, uint64_t hash, uint32_t place,
    uint64_t (*hash_of)(const void *context, uint32_t place))
{
	if (place >= ID_TABLE_MAX ||
	    (table->count == table->room && !id_table_make_room(table, hash_of)))
		return false;
	id_table_put(table->slots, table->mask, hash, place);
	table->count++;
	return true;
}

size_t id_table_bytes(const struct id_table *table);

#endif
