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
#include "daemon/text/lanes.h"

struct block *
block_new(size_t room)
{
	struct block *block = malloc(sizeof(*block) + room + READ_BYTES);

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

#if defined(__SSE2__)
/* Sixteen bytes: a bit for each newline. */
static inline uint64_t
newlines_of_lanes(const char *at)
{
	__m128i lanes = lanes_at(at);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(lanes, _mm_set1_epi8('\n')));
}

/*
 * Notes the place of the first of these newlines, if there is one. Whether there is cannot be foreseen, and so nothing branches on it: what
 * was noted for nothing is written over.
 */
static inline size_t
note_first(struct block *block, size_t count, size_t place, uint64_t *newlines)
{
	uint64_t found = *newlines;

	block->newlines[count] = (uint32_t)place +
	    (uint32_t)__builtin_ctzll(found | (uint64_t)1 << 63);
	*newlines = found & (found - 1);
	return count + (found != 0);
}
#endif

/* Marks sixty-four bytes at a time, where the processor has sixteen of them at once, and counts what it notes. Returns how many bytes these are. */
static size_t
mark_words(struct block *block, size_t len, size_t *noted)
{
	enum { WORD_BYTES = 64 };
	size_t place = 0, count = 0;

#if defined(__SSE2__)
	const char *at = block->bytes + block->room;
	const size_t end = len - len % WORD_BYTES;

	for (; place < end; place += WORD_BYTES) {
		uint64_t newlines = newlines_of_lanes(at + place) |
		    newlines_of_lanes(at + place + 16) << 16 |
		    newlines_of_lanes(at + place + 32) << 32 |
		    newlines_of_lanes(at + place + 48) << 48;

		count = note_first(block, count, place, &newlines);
		/* Few lines are so short that two of them end here. */
		while (newlines != 0)
			count = note_first(block, count, place, &newlines);
	}
#else
	(void)block;
	(void)len;
#endif
	*noted = count;
	return place;
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
	const char *at = block->bytes + block->room, *newline;
	size_t count, place = mark_words(block, len, &count);

	for (; (newline = memchr(at + place, '\n', len - place)) != NULL;
	     place = (size_t)(newline + 1 - at))
		block->newlines[count++] = (uint32_t)(newline - at);
	block->newlines[count] = (uint32_t)len;
	block->has_returns = has_returns(block, count);
}
