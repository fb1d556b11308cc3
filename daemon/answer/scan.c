/* Scan: which lines of a segment's messages hold a text, found by reading the log from end to end as grep would. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/scan.h"

#include <stdlib.h>

#include "daemon/answer/walk.h"

enum {
	BUFFER_BYTES = 4 *
	    BLOCK_BYTES,   /* a line that does not fit is looked at as far as it does */
	FILE_SHIFT = 48,   /* a position in one number */
	EVIDENCE_MAX = 64, /* lines of a message among which one is looked for */
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
scan_init(struct scan *scan, struct index *index, struct tail *tail, struct slice text,
    bool is_host)
{
	*scan = (struct scan){.index = index, .tail = tail, .is_host = is_host};
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
	block_maker_stop(&scan->maker);
	free(scan->blocks);
	free(scan->buffer);
	free(scan->hits);
	free(scan->found);
	*scan = (struct scan){0};
}

static bool
append_block(struct scan *scan, uint32_t file, uint32_t number)
{
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

static bool
add_block(struct scan *scan, uint32_t file, uint32_t number)
{
	/* Lines come in the order of the file, nearly: most stand in one of the blocks added last. */
	for (size_t i = scan->block_count, k = 0; i-- > 0 && k < 4; k++)
		if (scan->blocks[i].number == number && scan->blocks[i].file == file)
			return true;
	return append_block(scan, file, number);
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
			if (!add_block(scan, position.file,
				(uint32_t)(position.offset / BLOCK_BYTES)))
				return false;
	}
	if (scan->block_count != 0)
		qsort(scan->blocks, scan->block_count, sizeof(*scan->blocks), by_place);
	for (size_t i = 0; i < scan->block_count; i++)
		if (kept == 0 || by_place(&scan->blocks[kept - 1], &scan->blocks[i]) != 0)
			scan->blocks[kept++] = scan->blocks[i];
	scan->block_count = kept;
	return true;
}

/* Lists those of the blocks that may have what is looked for. */
static bool
choose_blocks(struct scan *scan, const struct blocks *known)
{
	struct slice text = slice_of(scan->needle.at, scan->needle.len);

	scan->block_count = scan->block_next = 0;
	for (uint32_t i = 0; i < known->count; i++) {
		const struct block *block = &known->list[i];

		if ((scan->is_host || block_may_have_text(block, text)) &&
		    !append_block(scan, block->file, block->number))
			return false;
	}
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

static bool
add_found(struct scan *scan, uint32_t message)
{
	if (scan->found_count != 0 && scan->found[scan->found_count - 1] == message)
		return true;
	if (scan->found_count == scan->found_size) {
		size_t size = scan->found_size * 2 + 64;
		uint32_t *found = reallocarray(scan->found, size, sizeof(*found));

		if (found == NULL)
			return false;
		scan->found = found;
		scan->found_size = size;
	}
	scan->found[scan->found_count++] = message;
	return true;
}

/* Finds the segment's message that a line is of by its id: of several with the same one the last, which need not be that line's. */
static bool
find_message_of(struct scan *scan, const struct segment *segment, struct slice line,
    struct position position)
{
	const struct hash_key *key = index_key(scan->index);
	struct evidence_reader reader;
	struct position other;
	struct line parsed;

	line_read(&scan->memo, line, &parsed);
	if (message_id_is_none(parsed.id))
		return true;
	uint32_t at = segment_find_id(segment, parsed.id, message_id_second(parsed.id),
	    hash_pair(key, parsed.id.high, parsed.id.low));
	if (at == ID_TABLE_NONE)
		return true;
	index_evidence((struct message_view){segment, segment_message(segment, at), at}, &reader);
	for (int n = 0; n < EVIDENCE_MAX && evidence_next(&reader, &other); n++)
		if (other.file == position.file && other.offset == position.offset)
			return n >= SCAN_LINES || add_found(scan, at);
	scan->is_unsure = true;
	return true;
}

/* Finds the lines that hold the text among the first len bytes of the buffer. */
static bool
look_through(struct scan *scan, const struct segment *segment, size_t len)
{
	struct slice rest = slice_of(scan->buffer, len);
	ptrdiff_t found;

	block_maker_note(&scan->maker, rest, (struct position){scan->file, scan->at});

	while (scan->needle.len != 0 && (found = find_nocase(rest, scan->needle)) >= 0) {
		const char *at = rest.at + found;
		const char *before = memrchr(scan->buffer, '\n', (size_t)(at - scan->buffer));
		const char *line = before != NULL ? before + 1 : scan->buffer;
		uint64_t offset = scan->at + (uint64_t)(line - scan->buffer);

		rest = slice_skip(rest, (size_t)found);
		slice_take_until(&rest, '\n');
		if (!add_hit(scan, key_of(scan->file, offset)) ||
		    !find_message_of(scan, segment, slice_of(line, (size_t)(rest.at - line)),
			(struct position){scan->file, offset}))
			return false;
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
look_through_lines(struct scan *scan, const struct segment *segment, bool is_end)
{
	const char *newline = scan->len != 0 ? memrchr(scan->buffer, '\n', scan->len) : NULL;
	size_t len = newline != NULL ? (size_t)(newline + 1 - scan->buffer) : 0;

	if (is_end || (len == 0 && scan->len == BUFFER_BYTES))
		len = scan->len;
	if (!look_through(scan, segment, len))
		return false;
	drop(scan, len);
	return true;
}

/* Reads the next block. A line that began before the stretch belongs to nobody here, and can only add a place that is nobody's. */
static bool
read_block(struct scan *scan, const struct segment *segment)
{
	const struct scan_block *block = &scan->blocks[scan->block_next];
	uint64_t at = (uint64_t)block->number * BLOCK_BYTES;

	if (scan->file != block->file || scan->at + scan->len != at) {
		scan->file = block->file;
		scan->at = at;
		scan->len = 0;
	}
	/* A line that is longer than the buffer can hold is over for us. */
	if (scan->len > BUFFER_BYTES - BLOCK_BYTES && !look_through_lines(scan, segment, true))
		return false;
	for (size_t want = BLOCK_BYTES; want != 0;) {
		ssize_t got = tail_read_text(scan->tail,
		    (struct position){scan->file, scan->at + scan->len}, scan->buffer + scan->len,
		    want);

		if (got <= 0) {
			/* What cannot be read now may be another time. */
			if (got < 0 || want == BLOCK_BYTES)
				block_maker_stop(&scan->maker);
			break;
		}
		scan->len += (size_t)got;
		want -= (size_t)got;
	}
	scan->block_next++;
	return true;
}

/* The last line of a stretch ends in a block that holds no other line's beginning. */
static bool
read_rest_of_line(struct scan *scan, const struct segment *segment)
{
	char piece[4096];
	ssize_t got;

	while (scan->len != 0 && scan->len <= BUFFER_BYTES - sizeof(piece) &&
	    (got = tail_read_text(scan->tail, (struct position){scan->file, scan->at + scan->len},
		 piece, sizeof(piece))) > 0) {
		const char *newline = memchr(piece, '\n', (size_t)got);
		size_t len = newline != NULL ? (size_t)(newline - piece) : (size_t)got;

		memcpy(scan->buffer + scan->len, piece, len);
		scan->len += len;
		if (newline != NULL)
			break;
	}
	return look_through_lines(scan, segment, true);
}

static bool
is_stretch_end(const struct scan *scan)
{
	return scan->block_next == scan->block_count ||
	    scan->blocks[scan->block_next].file != scan->file ||
	    scan->blocks[scan->block_next].number * BLOCK_BYTES != scan->at + scan->len;
}

static bool
begin(struct scan *scan, const struct segment *segment)
{
	const struct blocks *known = index_blocks(scan->index, segment->number);

	block_maker_stop(&scan->maker);
	scan->has_begun = true;
	scan->segment = segment->number;
	scan->hit_count = scan->found_count = 0;
	scan->is_unsure = false;
	scan->file = 0;
	scan->len = 0;
	if (scan->buffer == NULL)
		scan->buffer = malloc(BUFFER_BYTES);
	if (scan->buffer == NULL)
		return false;
	if (known != NULL)
		return choose_blocks(scan, known);
	if (!list_blocks(scan, segment))
		return false;
	block_maker_begin(&scan->maker, scan->index, segment, scan->blocks, scan->block_count);
	return true;
}

static int
by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* Whether the blocks of the segment are listed, or being read, for this scan. */
static bool
has_begun(const struct scan *scan, const struct segment *segment)
{
	return scan->has_begun && scan->segment == segment->number;
}

/* Reads the blocks that are left. False when the slice is over. */
static bool
read_blocks(struct scan *scan, const struct segment *segment, int64_t start_ms)
{
	while (!scan->failed && scan->block_next < scan->block_count) {
		if (clock_ms() - start_ms >= SLICE_MS)
			return false;
		scan->failed = !read_block(scan, segment) ||
		    !look_through_lines(scan, segment, false) ||
		    (is_stretch_end(scan) && !read_rest_of_line(scan, segment));
	}
	if (scan->failed)
		block_maker_stop(&scan->maker);
	else
		block_maker_end(&scan->maker, segment);
	return true;
}

bool
scan_segment(struct scan *scan, const struct segment *segment, int64_t start_ms)
{
	if (scan->needle.len == 0 || scan->tail == NULL || scan->failed)
		return true;
	if (!has_begun(scan, segment))
		scan->failed = !begin(scan, segment);
	else if (scan->block_next == scan->block_count)
		return true;
	if (!read_blocks(scan, segment, start_ms))
		return false;
	if (scan->found_count != 0)
		qsort(scan->found, scan->found_count, sizeof(*scan->found), by_number);
	return true;
}

static bool
is_compressed(const struct scan *scan)
{
	for (size_t i = 0; i < scan->block_count; i++)
		if (tail_file_is_compressed(scan->tail, scan->blocks[i].file))
			return true;
	return false;
}

bool
scan_learn(struct scan *scan, const struct segment *segment, int64_t start_ms)
{
	if (scan->tail == NULL || index_blocks(scan->index, segment->number) != NULL)
		return true;
	if (!has_begun(scan, segment)) {
		scan->failed = !begin(scan, segment);
		if (scan->failed || is_compressed(scan)) {
			block_maker_stop(&scan->maker);
			return true;
		}
	}
	return read_blocks(scan, segment, start_ms);
}

uint32_t
scan_next(const struct scan *scan, uint32_t left)
{
	size_t low = 0, high = scan->found_count;

	if (scan->needle.len == 0 || scan->tail == NULL || scan->failed || scan->is_unsure)
		return left;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (scan->found[middle] < left)
			low = middle + 1;
		else
			high = middle;
	}
	return low != 0 ? scan->found[low - 1] + 1 : 0;
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
