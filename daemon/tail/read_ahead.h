/* Read ahead: the next block of a file is read aside while the lines of the last one are taken. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_READ_AHEAD_H
#define TAIL_READ_AHEAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/tail/block.h"
#include "daemon/tail/tail.h"

/* Of one source. All zero at the start. */
struct read_ahead {
	const struct tail_receiver *receiver; /* who reads it; NULL: nobody does */
	struct block *block;                  /* kept for the next time */
	struct block *behind; /* the source's last one: the receiver may have kept lines of it */
	int fd;
	uint64_t offset;
	char last[LAST_BYTES]; /* the bytes before offset, that must still be there */
	size_t last_len;
	ssize_t got;
};

/* Has the block at offset read aside, where the receiver has somebody for it. The file stays open until read_ahead_end. */
void read_ahead_begin(struct read_ahead *ahead, const struct tail_receiver *receiver, int fd,
    uint64_t offset, const char *last, size_t last_len, size_t room);
/*
 * Waits for it. The block, with what block_read said of it in *got, is the caller's for *block, which stays as it is until the next time;
 * false where none was read, or another one.
 */
bool read_ahead_take(struct read_ahead *ahead, uint64_t offset, struct block **block, ssize_t *got);
/* Waits for it and forgets it. */
void read_ahead_end(struct read_ahead *ahead);

#endif
