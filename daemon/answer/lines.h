/* Lines: the evidence of one message, read back from the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_LINES_H
#define ANSWER_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/exim/line.h"
#include "daemon/index/index.h"

struct read_line {
	struct position position;
	size_t at, len; /* in text; len 0 and is_gone when it could not be read back */
	bool is_gone;
};

/* Buffers that are used again from message to message. */
struct read_lines {
	char *text;
	size_t text_len, text_size;
	struct read_line *lines;
	size_t count, size;
	size_t total;          /* lines the message has; more than count when the list was cut */
	bool is_complete;      /* every line of the list was read */
	struct line_memo memo; /* for reading them */
};

void read_lines_clear(struct read_lines *lines);

/* Reads at most max lines of a message, the first ones. tail may be NULL: then none can be read. */
void read_lines_of(struct read_lines *lines, struct tail *tail, struct message_view view,
    size_t max);

static inline struct slice
read_line_text(const struct read_lines *lines, size_t i)
{
	return slice_of(lines->text + lines->lines[i].at, lines->lines[i].len);
}

#endif
