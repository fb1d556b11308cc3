/* What stats counts by: keys that are compared within a segment, and the names that they stand for. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STATS_KEYS_H
#define ANSWER_STATS_KEYS_H

#include "daemon/answer/answer.h"
#include "daemon/index/index.h"

enum stats_by {
	BY_CLASS,
	BY_DOMAIN,
	BY_SENDER,
	BY_LOGIN,
	BY_ACCOUNT,
	BY_SCRIPT,
	BY_HOST,
	BY_HOUR,
	BY_VERDICT,
	BY_COUNT,
};

const char *stats_by_name(enum stats_by by);

/* True for what tells who handed a message over. */
bool stats_names_client(enum stats_by by);

/* What a recipient counts under, in its segment; false: it does not count. */
bool stats_find_key(enum stats_by by, struct message_view view, const struct recipient *recipient,
    uint32_t *key);

/* The name of a key. Slices may lie in the room; empty when the segment has left the window meanwhile. */
struct slice stats_name(const struct answer_sources *sources, enum stats_by by,
    const struct segment *segment, uint32_t key, struct room *room);

#endif
