/* What stats counts before it is asked. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STATS_AHEAD_H
#define ANSWER_STATS_AHEAD_H

#include <stdbool.h>

struct answer_sources;

/* Counts the finished messages of a few segments, for a millisecond or two, where memory is not scarce. False when there were none to count. */
bool stats_count_ahead(const struct answer_sources *sources);

#endif
