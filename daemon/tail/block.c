/* Blocks: read by one call of the system, and their newlines found by sixty-four bytes at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/block.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "daemon/tail/read_at.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct block *
block_new(size_t room)
{
	struct block *block = malloc(sizeof(*block) + room + READ_BYTES);

	if (block != NULL)
		block->room = room;
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

/* One bit for each of the first bytes, WORD_BYTES at most, that is a newline. */
static uint64_t
newlines_among(const char *at, size_t len)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < len; i++) {
		const char *newline = memchr(at + i, '\n', len - i);

		if (newline == NULL)
			break;
		i = (size_t)(newline - at);
		bits |= (uint64_t)1 << i;
	}
	return bits;
}

#if defined(__SSE2__)
static inline uint64_t
newlines_of_lanes(const char *at)
{
	__m128i lanes = _mm_loadu_si128((const __m128i *)(const void *)at);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(lanes, _mm_set1_epi8('\n')));
}

static inline uint64_t
newlines_of_word(const char *at)
{
	return newlines_of_lanes(at) | newlines_of_lanes(at + 16) << 16 |
	    newlines_of_lanes(at + 32) << 32 | newlines_of_lanes(at + 48) << 48;
}
#else
static inline uint64_t
newlines_of_word(const char *at)
{
	return newlines_among(at, WORD_BYTES);
}
#endif

void
block_mark(struct block *block, size_t len)
{
	const char *at = block->bytes + block->room;
	size_t word = 0;

	for (; (word + 1) * WORD_BYTES <= len; word++)
		block->newlines[word] = newlines_of_word(at + word * WORD_BYTES);
	block->newlines[word] = newlines_among(at + word * WORD_BYTES, len - word * WORD_BYTES) |
	    (uint64_t)1 << (len - word * WORD_BYTES);
	block->has_returns = memchr(at, '\r', len) != NULL;
}
