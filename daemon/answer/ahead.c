/* Ahead: marks for find and why, counts for stats. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/answer.h"
#include "daemon/answer/stats.h"
#include "daemon/index/index.h"

enum { MARKED_AHEAD = 8192 }; /* messages: a millisecond */

bool
answer_ahead(const struct answer_sources *sources)
{
	return index_mark_ahead(sources->index, MARKED_AHEAD) || stats_count_ahead(sources);
}
