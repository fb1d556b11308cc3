/* The table of ids: linear probing, sixteen slots at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/id_table.h"

#include <stdlib.h>

enum {
	FIRST_SIZE = 64,
	SIZE_STEP = 16, /* a size is a multiple of it */
};

void
id_table_clear(struct id_table *table)
{
	free(table->places);
	table->places = NULL;
	table->tags = NULL;
	table->size = table->count = table->room = 0;
}

/* Places, tags, and the first tags once more. */
static size_t
bytes_of(uint32_t size)
{
	return size * (sizeof(uint16_t) + sizeof(uint8_t)) + ID_TABLE_WINDOW;
}

size_t
id_table_bytes(const struct id_table *table)
{
	return table->places != NULL ? bytes_of(table->size) : 0;
}

/* Slots for so many ids. */
static uint32_t
size_for(uint32_t ids)
{
	return (ids + ids / 3 + SIZE_STEP) / SIZE_STEP * SIZE_STEP;
}

static bool
grow(struct id_table *table, uint64_t (*hash_of)(const void *context, uint32_t place))
{
	struct id_table new = *table;

	new.size = table->size != 0 ? table->size * 2 : FIRST_SIZE;
	if (new.size < size_for(table->expected))
		new.size = size_for(table->expected);
	new.count = 0;
	new.room = new.size / 4 * 3;
	new.places = calloc(1, bytes_of(new.size));
	if (new.places == NULL)
		return false;
	new.tags = (uint8_t *)(new.places + new.size);
	for (uint32_t i = 0; i < table->size; i++)
		if (table->tags[i] != 0)
			id_table_put(&new, hash_of(table->context, table->places[i]),
			    table->places[i]);
	free(table->places);
	*table = new;
	return true;
}

/* The slot of the id; ID_TABLE_NONE where it is not there. */
static inline uint32_t
find_slot(const struct id_table *table, struct message_id id, uint64_t hash)
{
	uint32_t slot = id_table_first(table, hash);

	if (table->places == NULL)
		return ID_TABLE_NONE;
	for (;; slot = id_table_behind(table, slot, ID_TABLE_WINDOW)) {
		unsigned are_free = id_table_look(table->tags + slot, 0);
		/* What stands behind a free one is of others. */
		unsigned same = id_table_look(table->tags + slot, id_table_tag(hash)) &
		    ((are_free & -are_free) - 1);

		for (; same != 0; same &= same - 1) {
			uint32_t at = id_table_behind(table, slot, (uint32_t)__builtin_ctz(same));

			if (message_id_equal(table->id_of(table->context, table->places[at]), id))
				return at;
		}
		if (are_free != 0)
			return ID_TABLE_NONE;
	}
}

uint32_t
id_table_find(const struct id_table *table, struct message_id id, uint64_t hash)
{
	uint32_t slot = find_slot(table, id, hash);

	return slot != ID_TABLE_NONE ? table->places[slot] : ID_TABLE_NONE;
}

bool
id_table_move(struct id_table *table, struct message_id id, uint64_t hash, uint32_t place)
{
	uint32_t slot = find_slot(table, id, hash);

	if (slot == ID_TABLE_NONE || place >= ID_TABLE_MAX)
		return false;
	table->places[slot] = (uint16_t)place;
	return true;
}

/* A table that cannot grow may fill up, but never quite. */
bool
id_table_make_room(struct id_table *table, uint64_t (*hash_of)(const void *context, uint32_t place))
{
	if (!grow(table, hash_of))
		table->room = table->size != 0 ? table->size - 1 : 0;
	return table->count < table->room;
}
