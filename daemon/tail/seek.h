/* Seek: finds the place in a log where a time begins. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_SEEK_H
#define TAIL_SEEK_H

#include "daemon/tail/source.h"

/* Enters a plain file near the first line that is not older than that second, never behind it, by halving; before anything has been read. */
void seek_enter(struct source *source, int64_t second, const struct tail_receiver *receiver);
/* The time of the first line that has one, within the first 64 KiB of text; false when there is none. */
bool seek_first_time(struct source *source, const struct tail_receiver *receiver, int64_t *second);
/* The time of the last line that has one, within the last 256 KiB of a plain file; false when there is none. */
bool seek_last_time(struct source *source, const struct tail_receiver *receiver, int64_t *second);

#endif
