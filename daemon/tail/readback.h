/* Reading back: lines by position, from the files through a few blocks that were read last. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_READBACK_H
#define TAIL_READBACK_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/tail/source.h"

enum {
	READBACK_BLOCK_BYTES = 16 * 1024,
	READBACK_BLOCKS = 16,
};

/*
 * The blocks of plain files that were read last. The lines of one message lie close together, and so do those of the next: one
 * system call serves many of them. What a block holds stays true, for a source is only ever added to.
 */
struct readback {
	struct readback_block {
		uint32_t source; /* number; 0: none */
		uint32_t len;
		uint64_t at;
		char *bytes; /* READBACK_BLOCK_BYTES; NULL until it is needed */
	} blocks[READBACK_BLOCKS];
};

void readback_clear(struct readback *readback);
/* Reads a line of an open source back; see tail_read_line. */
ptrdiff_t readback_line(struct readback *readback, struct source *source, uint64_t offset,
    char *buffer, size_t size);

#endif
