/* Reading back: lines by position, from the files through a few blocks that were read last. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/readback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/tail/read_at.h"

void
readback_clear(struct readback *readback)
{
	for (size_t i = 0; i < READBACK_BLOCKS; i++)
		free(readback->blocks[i].bytes);
	*readback = (struct readback){0};
}

static struct readback_block *
block_for(struct readback *readback, const struct source *source, uint64_t at)
{
	return &readback->blocks[(at / READBACK_BLOCK_BYTES + source->number) % READBACK_BLOCKS];
}

static int
fill(struct readback_block *block, const struct source *source, uint64_t at)
{
	if (block->bytes == NULL && (block->bytes = malloc(READBACK_BLOCK_BYTES)) == NULL)
		return -ENOMEM;
	block->source = 0;
	ssize_t got = read_at(source->fd, block->bytes, READBACK_BLOCK_BYTES, at);
	if (got < 0)
		return (int)got;
	block->source = source->number;
	block->at = at;
	block->len = (uint32_t)got;
	return 0;
}

/* What follows that place in its block, and how many bytes that is. */
static ssize_t
find_block(struct readback *readback, const struct source *source, uint64_t offset, size_t want,
    const char **at)
{
	uint64_t begin = offset - offset % READBACK_BLOCK_BYTES;
	size_t skip = (size_t)(offset - begin);
	struct readback_block *block = block_for(readback, source, begin);

	/* A block that was not full when it was read may have grown. */
	if (block->source != source->number || block->at != begin ||
	    (block->len <= skip + want && block->len < READBACK_BLOCK_BYTES)) {
		int error = fill(block, source, begin);

		if (error != 0)
			return error;
	}
	*at = block->bytes + skip;
	return block->len <= skip ? 0 : (ssize_t)(block->len - skip);
}

/* Bytes of a plain file at offset, as far as one block reaches, and no further than the end of the line. */
static ssize_t
read_plain_at(struct readback *readback, const struct source *source, uint64_t offset, char *buffer,
    size_t size)
{
	const char *at = NULL;
	ssize_t left = find_block(readback, source, offset, size, &at);

	if (left <= 0)
		return left;
	size_t len = (size_t)left < size ? (size_t)left : size;
	const char *newline = memchr(at, '\n', len);
	if (newline != NULL)
		len = (size_t)(newline + 1 - at);
	memcpy(buffer, at, len);
	return (ssize_t)len;
}

ptrdiff_t
readback_line(struct readback *readback, struct source *source, uint64_t offset, char *buffer,
    size_t size)
{
	enum { FIRST_TRY = 512 };
	size_t have = 0, want = size - 1 < FIRST_TRY ? size - 1 : FIRST_TRY;

	/* Most lines are short: a small piece first. */
	while (have < want) {
		ssize_t got = source->gzip != NULL ?
		    gzip_read_at(source->gzip, offset + have, buffer + have, want - have) :
		    read_plain_at(readback, source, offset + have, buffer + have, want - have);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		const char *newline = memchr(buffer + have, '\n', (size_t)got);
		if (newline != NULL) {
			have = (size_t)(newline - buffer);
			if (have != 0 && buffer[have - 1] == '\r')
				have--;
			buffer[have] = '\0';
			return (ptrdiff_t)have;
		}
		have += (size_t)got;
		if (have == want)
			want = size - 1;
	}
	if (have == 0)
		return -ESTALE;
	buffer[have] = '\0';
	return (ptrdiff_t)have;
}
