/* Scan: which lines of a segment's messages hold a text, found by reading the log from end to end as grep would. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_SCAN_H
#define ANSWER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/answer/block_maker.h"
#include "daemon/exim/line.h"
#include "daemon/index/index.h"
#include "daemon/text/find_nocase.h"

enum { SCAN_LINES = 8 }; /* of each message, the first ones are looked at: the <= is among them */

struct scan {
	struct index *index;
	struct tail *tail; /* NULL: there is nothing to read */
	struct needle needle;
	bool is_host;
	bool has_begun;
	uint64_t segment; /* number of the one whose lines are in hits, or are being looked for */
	struct block_maker maker; /* of that segment's blocks, for those who ask later */
	struct scan_block *blocks;
	size_t block_count, block_size, block_next;
	char *buffer; /* whole lines, and the beginning of one */
	size_t len;
	uint32_t file;  /* of the buffer; 0: the next block begins a new stretch */
	uint64_t at;    /* offset of the buffer */
	uint64_t *hits; /* positions of the lines that hold the text, ascending */
	size_t hit_count, hit_size;
	uint32_t *found; /* indexes of the messages that these lines are of */
	size_t found_count, found_size;
	bool is_unsure; /* of some line it cannot be told so simply */
	struct line_memo memo;
	bool failed; /* memory is out: every message may be one */
};

/* Of a subject, or of a host, which may stand in any block. text is borrowed. One of which the log may write every byte otherwise finds every line. */
void scan_init(struct scan *scan, struct index *index, struct tail *tail, struct slice text,
    bool is_host);
void scan_clear(struct scan *scan);

/* Looks through the lines of the segment until start_ms is a slice ago. True when that is done. */
bool scan_segment(struct scan *scan, const struct segment *segment, int64_t start_ms);

/*
 * Learns for later scans what stands in the segment's blocks, and looks for nothing, until start_ms is a slice ago. True when that is done, or
 * cannot be: text that is compressed is left to those who ask.
 */
bool scan_learn(struct scan *scan, const struct segment *segment, int64_t start_ms);

/*
 * The next message below left that may have such a line among its first ones; returns one more than its index, 0 for none. left itself
 * where that is not known.
 */
uint32_t scan_next(const struct scan *scan, uint32_t left);

/* Whether one of the message's first lines holds the text; the segment has been scanned. */
bool scan_has(const struct scan *scan, struct message_view view);

/* False when no line of the segment that was scanned holds the text. */
static inline bool
scan_has_any(const struct scan *scan)
{
	return scan->hit_count != 0 || scan->failed || scan->needle.len == 0;
}

#endif
