/* Scan: which lines of a segment's messages hold a text, found by reading the log from end to end as grep would. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_SCAN_H
#define ANSWER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/index/index.h"
#include "daemon/text/find_nocase.h"

enum { SCAN_LINES = 8 }; /* of each message, the first ones are looked at: the <= is among them */

/* One stretch of a file that holds first lines of the segment's messages. */
struct scan_block {
	uint32_t file;
	uint64_t number; /* offset / SCAN_BLOCK_BYTES */
};

struct scan {
	struct needle needle;
	bool has_begun;
	uint64_t segment; /* number of the one whose lines are in hits, or are being looked for */
	struct scan_block *blocks;
	size_t block_count, block_size, block_next;
	char *buffer; /* whole lines, and the beginning of one */
	size_t len;
	uint32_t file;  /* of the buffer; 0: the next block begins a new stretch */
	uint64_t at;    /* offset of the buffer */
	uint64_t *hits; /* positions of the lines that hold the text, ascending */
	size_t hit_count, hit_size;
	bool failed; /* memory is out: every message may be one */
};

/* text is borrowed. A text of which the log may write every byte otherwise finds every line. */
void scan_init(struct scan *scan, struct slice text);
void scan_clear(struct scan *scan);

/* Looks through the lines of the segment until start_ms is a slice ago. True when that is done. */
bool scan_segment(struct scan *scan, struct tail *tail, const struct segment *segment,
    int64_t start_ms);

/* Whether one of the message's first lines holds the text; the segment has been scanned. */
bool scan_has(const struct scan *scan, struct message_view view);

/* False when no line of the segment that was scanned holds the text. */
static inline bool
scan_has_any(const struct scan *scan)
{
	return scan->hit_count != 0 || scan->failed || scan->needle.len == 0;
}

#endif
