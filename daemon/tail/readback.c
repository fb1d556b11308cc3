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

/* What follows that place in its block, at most so many bytes, and how many these are. */
static ssize_t
find_in_block(struct readback *readback, const struct source *source, uint64_t offset, size_t want,
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
	if (block->len <= skip)
		return 0;
	*at = block->bytes + skip;
	return (ssize_t)(block->len - skip < want ? block->len - skip : want);
}

ptrdiff_t
readback_line(struct readback *readback, struct source *source, uint64_t offset, char *buffer,
    size_t size)
{
	enum { FIRST_TRY = 512 };
	size_t have = 0, want = size - 1 < FIRST_TRY ? size - 1 : FIRST_TRY;
	const char *newline = NULL;
	bool is_read = false;

	/* Most lines are short: a small piece first. */
	while (have < want && newline == NULL) {
		const char *at = buffer + have;
		ssize_t got = source->gzip != NULL ?
		    gzip_read_at(source->gzip, offset + have, buffer + have, want - have) :
		    find_in_block(readback, source, offset + have, want - have, &at);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		is_read = true;
		newline = memchr(at, '\n', (size_t)got);
		size_t len = newline != NULL ? (size_t)(newline - at) : (size_t)got;
		if (at != buffer + have)
			memcpy(buffer + have, at, len);
		have += len;
		if (have == want)
			want = size - 1;
	}
	if (!is_read)
		return -ESTALE;
	if (newline != NULL && have != 0 && buffer[have - 1] == '\r')
		have--;
	buffer[have] = '\0';
	return (ptrdiff_t)have;
}
