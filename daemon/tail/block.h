/* Blocks: what is read of a file at once, and where its lines end. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_BLOCK_H
#define TAIL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/tail/tail.h"

enum {
	READ_BYTES = 256 * 1024,
	LAST_BYTES = 64,    /* kept of what was read last, to know the place again */
	BLOCK_LINES = 4096, /* handed over at once: more than a block of a usual log holds */
	/*
	 * That of pages. Where bytes go to a place in a page that is 1 to 31 bytes behind theirs, the system copies them four times as
	 * slowly on processors of the kind of AMD's third Zen.
	 */
	BLOCK_ALIGNMENT = 4096,
};

struct block {
	size_t room; /* before the bytes that were read: for what was left of the block before */
	bool has_returns; /* behind the room a carriage return stands before a newline */
	struct tail_line lines[BLOCK_LINES]; /* that were handed over last */
	/* Where newlines stand behind the room, then where what was marked ends. Of a usual log the front of this and of lines is all that is touched. */
	uint32_t newlines[READ_BYTES + 1];
	_Alignas(BLOCK_ALIGNMENT) char bytes[];
};

/* One in which nothing has been read yet; NULL when memory is out. To be freed with free. */
struct block *block_new(size_t room);

/*
 * Reads the next bytes of a plain file, READ_BYTES at most, together with the last ones before them, in one system call: where these have changed the
 * file was truncated and written anew, however large it is by now. Returns how many bytes stand behind the room, 0 at the end, or
 * -errno; -ESTALE when the bytes before are no longer what they were, or are gone.
 */
ssize_t block_read(struct block *block, size_t most, int fd, uint64_t offset, const char *last,
    size_t last_len);

/* Finds the newlines, and carriage returns before them, among the first so many bytes behind the room: to be called whenever other bytes stand there. */
void block_mark(struct block *block, size_t len);

/* Where in the bytes the newline of that number stands; the end of what was marked where there are no more. Before the room's end there is none. */
static inline size_t
block_newline(const struct block *block, uint32_t number)
{
	return block->room + block->newlines[number];
}

#endif
