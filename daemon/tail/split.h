/* Splitting: what of a source's block are lines. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_SPLIT_H
#define TAIL_SPLIT_H

#include "daemon/tail/source.h"

/* Hands over these lines, of the source's block; none of the one before it is kept any longer. */
void source_hand(struct source *source, const struct tail_receiver *receiver,
    const struct tail_line *lines, size_t count);
/* Hands over the whole lines in the buffer, up to one that is to wait. */
void source_split(struct source *source, const struct tail_receiver *receiver, size_t line_max,
    struct tail_counts *counts);

#endif
