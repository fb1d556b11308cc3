/* The table of ids: linear probing, half full at most. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/id_table.h"

#include <stdlib.h>

enum {
	FIRST_SLOTS = 64,
	PLACE_MASK = (1 << ID_TABLE_PLACE_BITS) - 1,
};

void
id_table_clear(struct id_table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->mask = table->count = table->room = 0;
}

size_t
id_table_bytes(const struct id_table *table)
{
	return table->slots != NULL ? ((size_t)table->mask + 1) * sizeof(*table->slots) : 0;
}

static bool
grow(struct id_table *table, uint64_t (*hash_of)(const void *context, uint32_t place))
{
	uint32_t old_size = table->slots != NULL ? table->mask + 1 : 0;
	uint32_t size = old_size != 0 ? old_size * 2 : FIRST_SLOTS;

	while (size / 2 < table->expected)
		size *= 2;
	uint16_t *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i < old_size; i++) {
		if (table->slots[i] == 0)
			continue;
		uint32_t place = (table->slots[i] & PLACE_MASK) - 1u;
		id_table_put(slots, size - 1, hash_of(table->context, place), place);
	}
	free(table->slots);
	table->slots = slots;
	table->mask = size - 1;
	table->room = size / 2;
	return true;
}

static uint16_t *
find_slot(const struct id_table *table, struct message_id id, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & table->mask;
	unsigned tag = id_table_tag(hash);

	if (table->slots == NULL)
		return NULL;
	for (unsigned slot; (slot = table->slots[at]) != 0; at = (at + 1) & table->mask) {
		uint32_t place = (slot & PLACE_MASK) - 1u;

		if ((slot & ~(unsigned)PLACE_MASK) == tag &&
		    message_id_equal(table->id_of(table->context, place), id))
			return &table->slots[at];
	}
	return NULL;
}

uint32_t
id_table_find(const struct id_table *table, struct message_id id, uint64_t hash)
{
	const uint16_t *slot = find_slot(table, id, hash);

	return slot != NULL ? (*slot & PLACE_MASK) - 1u : ID_TABLE_NONE;
}

bool
id_table_move(struct id_table *table, struct message_id id, uint64_t hash, uint32_t place)
{
	uint16_t *slot = find_slot(table, id, hash);

	if (slot == NULL || place >= ID_TABLE_MAX)
		return false;
	*slot = (uint16_t)(id_table_tag(hash) | (place + 1));
	return true;
}

/* A table that cannot grow may fill up, but never quite. */
bool
id_table_make_room(struct id_table *table, uint64_t (*hash_of)(const void *context, uint32_t place))
{
	if (!grow(table, hash_of))
		table->room = table->mask;
	return table->count < table->room;
}
