/* The table of ids: linear probing, deletion by shifting back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/id_table.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

/* Half of the keyed hash, never 0, so that no slot in use looks free. */
static uint32_t
half_hash(const struct id_table *table, struct message_id id)
{
	return (uint32_t)hash_pair(table->key, id.high, id.low) | 0x80000000;
}

static uint32_t
slot_hash(uint64_t slot)
{
	return (uint32_t)(slot >> 32);
}

static uint64_t
make_slot(uint32_t hash, handle to)
{
	return (uint64_t)hash << 32 | to;
}

void
id_table_clear(struct id_table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->mask = table->count = 0;
}

size_t
id_table_bytes(const struct id_table *table)
{
	return table->slots != NULL ? (table->mask + 1) * sizeof(*table->slots) : 0;
}

static bool
grow(struct id_table *table)
{
	size_t old_size = table->slots != NULL ? table->mask + 1 : 0;
	size_t size = old_size != 0 ? old_size * 2 : FIRST_SLOTS;
	uint64_t *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < old_size; i++) {
		if (table->slots[i] == 0)
			continue;
		size_t at = slot_hash(table->slots[i]) & (size - 1);
		while (slots[at] != 0)
			at = (at + 1) & (size - 1);
		slots[at] = table->slots[i];
	}
	free(table->slots);
	table->slots = slots;
	table->mask = size - 1;
	return true;
}

/* The slot of the id, or the gap where it would go. The table has slots, and a gap. */
static size_t
find_slot(const struct id_table *table, struct message_id id, uint32_t hash)
{
	size_t at = hash & table->mask;

	while (table->slots[at] != 0 &&
	    (slot_hash(table->slots[at]) != hash ||
		!message_id_equal(table->id_of(table->context, (handle)table->slots[at]), id)))
		at = (at + 1) & table->mask;
	return at;
}

handle
id_table_find(const struct id_table *table, struct message_id id)
{
	uint64_t slot =
	    table->slots != NULL ? table->slots[find_slot(table, id, half_hash(table, id))] : 0;

	return slot != 0 ? (handle)slot : HANDLE_NONE;
}

bool
id_table_add(struct id_table *table, struct message_id id, handle to)
{
	uint32_t hash = half_hash(table, id);

	/* Seven eighths full at most; a table that cannot grow may fill up, but never quite. */
	if ((table->slots == NULL || table->count >= table->mask - table->mask / 8) &&
	    !grow(table) && (table->slots == NULL || table->count == table->mask))
		return false;
	table->slots[find_slot(table, id, hash)] = make_slot(hash, to);
	table->count++;
	return true;
}

void
id_table_move(struct id_table *table, struct message_id id, handle to)
{
	uint32_t hash = half_hash(table, id);

	table->slots[find_slot(table, id, hash)] = make_slot(hash, to);
}

void
id_table_remove(struct id_table *table, struct message_id id)
{
	if (table->slots == NULL)
		return;
	size_t gap = find_slot(table, id, half_hash(table, id));
	if (table->slots[gap] == 0)
		return;
	table->slots[gap] = 0;
	table->count--;
	for (size_t at = (gap + 1) & table->mask; table->slots[at] != 0; at = (at + 1) & table->mask) {
		size_t wanted = slot_hash(table->slots[at]) & table->mask;

		/* What may not stand between its home and the gap stays. */
		if (((at - wanted) & table->mask) < ((at - gap) & table->mask))
			continue;
		table->slots[gap] = table->slots[at];
		table->slots[at] = 0;
		gap = at;
	}
}
