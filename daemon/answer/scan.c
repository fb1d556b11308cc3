/* Scan: which lines of a segment's messages hold a text, found by reading the log from end to end as grep would. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/scan.h"

#include <stdlib.h>

#include "daemon/answer/walk.h"

enum {
	SCAN_BLOCK_BYTES = 64 * 1024,
	BUFFER_BYTES = 4 *
	    SCAN_BLOCK_BYTES, /* a line that does not fit is looked at as far as it does */
	FILE_SHIFT = 48,      /* a position in one number */
};

static uint64_t
key_of(uint32_t file, uint64_t offset)
{
	return (uint64_t)file << FILE_SHIFT | offset;
}

/* Exim writes these bytes as they are, wherever they come from; quotes, backslashes and what is not ASCII it may escape. */
static bool
is_written_plainly(char byte)
{
	return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

void
scan_init(struct scan *scan, struct slice text)
{
	*scan = (struct scan){0};
	for (size_t i = 0; i < text.len;) {
		size_t len = 0;

		while (i + len < text.len && is_written_plainly(text.at[i + len]))
			len++;
		if (len > scan->needle.len)
			scan->needle = (struct needle){text.at + i, len};
		i += len + 1;
	}
}

void
scan_clear(struct scan *scan)
{
	free(scan->blocks);
	free(scan->buffer);
	free(scan->hits);
	*scan = (struct scan){0};
}

static bool
add_block(struct scan *scan, uint32_t file, uint64_t number)
{
	/* Lines come in the order of the file, nearly: most stand in one of the blocks added last. */
	for (size_t i = scan->block_count, k = 0; i-- > 0 && k < 4; k++)
		if (scan->blocks[i].number == number && scan->blocks[i].file == file)
			return true;
	if (scan->block_count == scan->block_size) {
		size_t size = scan->block_size * 2 + 64;
		struct scan_block *blocks = reallocarray(scan->blocks, size, sizeof(*blocks));

		if (blocks == NULL)
			return false;
		scan->blocks = blocks;
		scan->block_size = size;
	}
	scan->blocks[scan->block_count++] = (struct scan_block){file, number};
	return true;
}

static int
by_place(const void *left, const void *right)
{
	const struct scan_block *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* Lists the blocks in which the messages' first lines begin. */
static bool
list_blocks(struct scan *scan, const struct segment *segment)
{
	size_t kept = 0;

	scan->block_count = scan->block_next = 0;
	for (uint32_t i = 0; i < segment->message_count; i++) {
		const struct message *message = segment_message(segment, i);
		struct evidence_reader reader;
		struct position position;

		index_evidence((struct message_view){segment, message, i}, &reader);
		for (int n = 0; n < SCAN_LINES && evidence_next(&reader, &position); n++)
			if (!add_block(scan, position.file, position.offset / SCAN_BLOCK_BYTES))
				return false;
	}
	qsort(scan->blocks, scan->block_count, sizeof(*scan->blocks), by_place);
	for (size_t i = 0; i < scan->block_count; i++)
		if (kept == 0 || by_place(&scan->blocks[kept - 1], &scan->blocks[i]) != 0)
			scan->blocks[kept++] = scan->blocks[i];
	scan->block_count = kept;
	return true;
}

static bool
add_hit(struct scan *scan, uint64_t key)
{
	if (scan->hit_count == scan->hit_size) {
		size_t size = scan->hit_size * 2 + 64;
		uint64_t *hits = reallocarray(scan->hits, size, sizeof(*hits));

		if (hits == NULL)
			return false;
		scan->hits = hits;
		scan->hit_size = size;
	}
	scan->hits[scan->hit_count++] = key;
	return true;
}

/* Finds the lines that hold the text among the first len bytes of the buffer. */
static bool
look_through(struct scan *scan, size_t len)
{
	struct slice rest = slice_of(scan->buffer, len);
	ptrdiff_t found;

	while ((found = find_nocase(rest, scan->needle)) >= 0) {
		const char *at = rest.at + found;
		const char *before = memrchr(scan->buffer, '\n', (size_t)(at - scan->buffer));
		const char *line = before != NULL ? before + 1 : scan->buffer;

		if (!add_hit(scan, key_of(scan->file, scan->at + (uint64_t)(line - scan->buffer))))
			return false;
		rest = slice_skip(rest, (size_t)found);
		slice_take_until(&rest, '\n');
	}
	return true;
}

/* Drops the first len bytes of the buffer. */
static void
drop(struct scan *scan, size_t len)
{
	memmove(scan->buffer, scan->buffer + len, scan->len - len);
	scan->len -= len;
	scan->at += len;
}

/* Looks through the whole lines of the buffer; is_end: what follows the last newline is one too. */
static bool
look_through_lines(struct scan *scan, bool is_end)
{
	const char *newline = scan->len != 0 ? memrchr(scan->buffer, '\n', scan->len) : NULL;
	size_t len = newline != NULL ? (size_t)(newline + 1 - scan->buffer) : 0;

	if (is_end || (len == 0 && scan->len == BUFFER_BYTES))
		len = scan->len;
	if (!look_through(scan, len))
		return false;
	drop(scan, len);
	return true;
}

/* Reads the next block. A line that began before the stretch belongs to nobody here, and can only add a place that is nobody's. */
static bool
read_block(struct scan *scan, struct tail *tail)
{
	const struct scan_block *block = &scan->blocks[scan->block_next];
	uint64_t at = block->number * SCAN_BLOCK_BYTES;

	if (scan->file != block->file || scan->at + scan->len != at) {
		scan->file = block->file;
		scan->at = at;
		scan->len = 0;
	}
	/* A line that is longer than the buffer can hold is over for us. */
	if (scan->len > BUFFER_BYTES - SCAN_BLOCK_BYTES && !look_through_lines(scan, true))
		return false;
	for (size_t want = SCAN_BLOCK_BYTES; want != 0;) {
		ssize_t got = tail_read_text(tail,
		    (struct position){scan->file, scan->at + scan->len}, scan->buffer + scan->len,
		    want);

		if (got <= 0)
			break;
		scan->len += (size_t)got;
		want -= (size_t)got;
	}
	scan->block_next++;
	return true;
}

/* The last line of a stretch ends in a block that holds no other line's beginning. */
static bool
read_rest_of_line(struct scan *scan, struct tail *tail)
{
	char piece[4096];
	ssize_t got;

	while (scan->len != 0 && scan->len <= BUFFER_BYTES - sizeof(piece) &&
	    (got = tail_read_text(tail, (struct position){scan->file, scan->at + scan->len}, piece,
		 sizeof(piece))) > 0) {
		const char *newline = memchr(piece, '\n', (size_t)got);
		size_t len = newline != NULL ? (size_t)(newline - piece) : (size_t)got;

		memcpy(scan->buffer + scan->len, piece, len);
		scan->len += len;
		if (newline != NULL)
			break;
	}
	return look_through_lines(scan, true);
}

static bool
is_stretch_end(const struct scan *scan)
{
	return scan->block_next == scan->block_count ||
	    scan->blocks[scan->block_next].file != scan->file ||
	    scan->blocks[scan->block_next].number * SCAN_BLOCK_BYTES != scan->at + scan->len;
}

static bool
begin(struct scan *scan, const struct segment *segment)
{
	scan->has_begun = true;
	scan->segment = segment->number;
	scan->hit_count = 0;
	scan->file = 0;
	scan->len = 0;
	if (scan->buffer == NULL)
		scan->buffer = malloc(BUFFER_BYTES);
	return scan->buffer != NULL && list_blocks(scan, segment);
}

bool
scan_segment(struct scan *scan, struct tail *tail, const struct segment *segment, int64_t start_ms)
{
	if (scan->needle.len == 0 || tail == NULL || scan->failed)
		return true;
	if (!scan->has_begun || scan->segment != segment->number)
		scan->failed = !begin(scan, segment);
	while (!scan->failed && scan->block_next < scan->block_count) {
		if (clock_ms() - start_ms >= SLICE_MS)
			return false;
		scan->failed = !read_block(scan, tail) || !look_through_lines(scan, false) ||
		    (is_stretch_end(scan) && !read_rest_of_line(scan, tail));
	}
	return true;
}

static int
by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

bool
scan_has(const struct scan *scan, struct message_view view)
{
	struct evidence_reader reader;
	struct position position;

	if (scan->needle.len == 0 || scan->failed)
		return true;
	if (scan->hit_count == 0)
		return false;
	index_evidence(view, &reader);
	for (int n = 0; n < SCAN_LINES && evidence_next(&reader, &position); n++) {
		uint64_t key = key_of(position.file, position.offset);

		if (bsearch(&key, scan->hits, scan->hit_count, sizeof(key), by_value) != NULL)
			return true;
	}
	return false;
}
