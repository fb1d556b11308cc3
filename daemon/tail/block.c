/* Blocks: read by one call of the system, to where the bytes of a page stand in a page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/block.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "daemon/tail/newlines.h"
#include "daemon/tail/read_at.h"

struct block *
block_new(size_t room)
{
	size_t size = sizeof(struct block) + room + READ_BYTES;
	struct block *block = aligned_alloc(BLOCK_ALIGNMENT,
	    (size + BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT);

	if (block == NULL)
		return NULL;
	block->room = room;
	block_mark(block, 0);
	return block;
}

ssize_t
block_read(struct block *block, size_t most, int fd, uint64_t offset, const char *last,
    size_t last_len)
{
	char before[LAST_BYTES], *to = block->bytes + block->room;
	struct iovec parts[] = {{before, last_len}, {to, most}};
	ssize_t got;

	do {
		got = preadv(fd, parts, 2, (off_t)(offset - last_len));
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	/* The end, as a rule; but fewer bytes than there are do not mean that the rest is gone. */
	bool is_short = (size_t)got <= last_len;
	if (is_short) {
		ssize_t rest = read_at(fd, before + got, last_len - (size_t)got,
		    offset - last_len + (uint64_t)got);

		if (rest < 0)
			return rest;
		got += rest;
	}
	if ((size_t)got < last_len || memcmp(before, last, last_len) != 0)
		return -ESTALE;
	got = is_short ? read_at(fd, to, most, offset) : got - (ssize_t)last_len;
	if (got > 0)
		block_mark(block, (size_t)got);
	return got;
}

/* Whether a carriage return stands before one of so many newlines; before the first byte nothing is known to stand. */
static bool
has_returns(const struct block *block, size_t count)
{
	const char *at = block->bytes + block->room;
	bool has = false;

	for (size_t i = block->newlines[0] == 0; i < count; i++)
		has |= at[block->newlines[i] - 1] == '\r';
	return has;
}

void
block_mark(struct block *block, size_t len)
{
	size_t count = newlines_find(block->bytes + block->room, len, block->newlines);

	block->newlines[count] = (uint32_t)len;
	block->has_returns = has_returns(block, count);
}
