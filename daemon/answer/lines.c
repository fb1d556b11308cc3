/* Lines: the evidence of one message, read back from the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/lines.h"

#include <stdlib.h>

enum { LINE_ROOM = 64 * 1024 };

void
read_lines_clear(struct read_lines *lines)
{
	free(lines->text);
	free(lines->lines);
	*lines = (struct read_lines){0};
}

static bool
make_room(struct read_lines *lines)
{
	if (lines->text_size - lines->text_len < LINE_ROOM) {
		size_t size = lines->text_size * 2 + 2 * LINE_ROOM;
		char *text = realloc(lines->text, size);

		if (text == NULL)
			return false;
		lines->text = text;
		lines->text_size = size;
	}
	if (lines->count == lines->size) {
		size_t size = lines->size * 2 + 16;
		struct read_line *list = reallocarray(lines->lines, size, sizeof(*list));

		if (list == NULL)
			return false;
		lines->lines = list;
		lines->size = size;
	}
	return true;
}

void
read_lines_of(struct read_lines *lines, struct tail *tail, struct message_view view, size_t max)
{
	struct evidence_reader reader;
	struct position position;

	lines->count = lines->total = lines->text_len = 0;
	lines->is_complete = true;
	index_evidence(view, &reader);
	while (evidence_next(&reader, &position)) {
		lines->total++;
		if (lines->count == max || !make_room(lines))
			continue;
		struct read_line *line = &lines->lines[lines->count++];
		ptrdiff_t len = tail != NULL ?
		    tail_read_line(tail, position, lines->text + lines->text_len, LINE_ROOM) :
		    -1;
		*line = (struct read_line){
		    .position = position,
		    .at = lines->text_len,
		    .len = len > 0 ? (size_t)len : 0,
		    .is_gone = len < 0,
		};
		if (line->is_gone)
			lines->is_complete = false;
		lines->text_len += line->len;
	}
}
