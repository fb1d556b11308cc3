/* The table of ids: from a message id to where its message lies, one for the whole index. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_ID_TABLE_H
#define INDEX_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/exim/message_id.h"
#include "daemon/index/strings.h"

/* Segment number (its low bits) and index of the message there, in one word. */
typedef uint32_t handle;

enum {
	HANDLE_INDEX_BITS = 14,
	HANDLE_SEGMENT_BITS = 18,
};
#define HANDLE_NONE UINT32_MAX

/*
 * Open addressing. A slot holds half of the id's hash and the handle; the ids themselves stand in the messages and are asked for only
 * where the hashes agree, because messages are cold memory.
 */
struct id_table {
	uint64_t *slots; /* hash << 32 | handle; 0: free */
	size_t mask, count;
	const struct hash_key *key;
	struct message_id (*id_of)(const void *context, handle at);
	const void *context;
};

void id_table_clear(struct id_table *table);
handle id_table_find(const struct id_table *table, struct message_id id);
/* Adds an id that is not there. False when memory is out. */
bool id_table_add(struct id_table *table, struct message_id id, handle at);
/* Makes the id lead elsewhere; it must be there. */
void id_table_move(struct id_table *table, struct message_id id, handle to);
void id_table_remove(struct id_table *table, struct message_id id);
size_t id_table_bytes(const struct id_table *table);

#endif
