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
/* Adds an id that is not there. hash_of: the hash of the id at a place, for when the table grows. False when memory is out. */
bool id_table_add(struct id_table *table, uint64_t hash, uint32_t place,
    uint64_t (*hash_of)(const void *context, uint32_t place));
size_t id_table_bytes(const struct id_table *table);

#endif
