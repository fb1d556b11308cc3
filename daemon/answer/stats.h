/* Stats: what is counted before anybody asks for it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STATS_H
#define ANSWER_STATS_H

#include <stdbool.h>

struct answer_sources;

/* Counts the finished messages of a few segments, for a millisecond or two, where memory is not scarce. False when there were none to count. */
bool stats_count_ahead(const struct answer_sources *sources);

#endif
