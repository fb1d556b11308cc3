/* The table of ids: linear probing, deletion by shifting back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/id_table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

static size_t
home(const struct id_table *table, struct message_id id)
{
	return hash_pair(table->key, id.high, id.low) & table->mask;
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
	uint32_t *old = table->slots;
	uint32_t *slots = malloc(size * sizeof(*slots));

	if (slots == NULL)
		return false;
	memset(slots, 0xff, size * sizeof(*slots));
	table->slots = slots;
	table->mask = size - 1;
	for (size_t i = 0; i < old_size; i++) {
		if (old[i] == HANDLE_NONE)
			continue;
		size_t at = home(table, table->id_of(table->context, old[i]));
		while (slots[at] != HANDLE_NONE)
			at = (at + 1) & table->mask;
		slots[at] = old[i];
	}
	free(old);
	return true;
}

/* The slot of the id, or that of the gap where it would go. The table has slots. */
static size_t
find_slot(const struct id_table *table, struct message_id id)
{
	size_t at = home(table, id);

	while (table->slots[at] != HANDLE_NONE &&
	    !message_id_equal(table->id_of(table->context, table->slots[at]), id))
		at = (at + 1) & table->mask;
	return at;
}

handle
id_table_find(const struct id_table *table, struct message_id id)
{
	return table->slots != NULL ? table->slots[find_slot(table, id)] : HANDLE_NONE;
}

bool
id_table_add(struct id_table *table, struct message_id id, handle to)
{
	/* Three quarters full at most; a table that cannot grow may fill up, but never quite. */
	if ((table->slots == NULL || table->count >= table->mask - table->mask / 4) &&
	    !grow(table) && (table->slots == NULL || table->count == table->mask))
		return false;
	table->slots[find_slot(table, id)] = to;
	table->count++;
	return true;
}

void
id_table_move(struct id_table *table, struct message_id id, handle to)
{
	table->slots[find_slot(table, id)] = to;
}

void
id_table_remove(struct id_table *table, struct message_id id)
{
	if (table->slots == NULL)
		return;
	size_t gap = find_slot(table, id);
	if (table->slots[gap] == HANDLE_NONE)
		return;
	table->slots[gap] = HANDLE_NONE;
	table->count--;
	for (size_t at = (gap + 1) & table->mask; table->slots[at] != HANDLE_NONE;
	    at = (at + 1) & table->mask) {
		size_t wanted = home(table, table->id_of(table->context, table->slots[at]));

		/* What may not stand between its home and the gap stays. */
		if (((at - wanted) & table->mask) < ((at - gap) & table->mask))
			continue;
		table->slots[gap] = table->slots[at];
		table->slots[at] = HANDLE_NONE;
		gap = at;
	}
}
