/* Stories: all that is known of one message, as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STORY_H
#define ANSWER_STORY_H

#include "daemon/answer/answer.h"
#include "daemon/answer/lines.h"
#include "daemon/index/index.h"

enum { STORY_EVIDENCE_MAX = 2000 }; /* lines in one story */

/* Writes one story after the other; buffers are used again. */
struct story_writer {
	const struct answer_sources *sources;
	struct read_lines lines;
	bool has_context; /* say which evidence in the window decided; costs a look around for each failed recipient */
};

void story_writer_init(struct story_writer *writer, const struct answer_sources *sources);
void story_writer_clear(struct story_writer *writer);

/* Writes the story as one JSON object. */
void story_write(struct story_writer *writer, struct message_view view, struct json_out *out);

/* A time of a message's story as RFC 3339 with the offset in force then; second 0: null. */
void story_write_time(struct json_out *out, const struct answer_sources *sources,
    const struct message *message, int64_t second);

/* The id as JSON: null for what never had one. */
void story_write_id(struct json_out *out, struct message_id id);

/* The subject without the log's escapes, cut at SUBJECT_MAX bytes (Exim writes 100 characters at most). Returns its length. */
struct arrival;
enum { SUBJECT_MAX = 1024 };
size_t story_subject(const struct arrival *arrival, char text[SUBJECT_MAX]);
/* The member "subject"; null where it was not logged. */
void story_write_subject(struct json_out *out, const struct arrival *arrival);

/* A slice as JSON: null when empty. */
void story_write_name(struct json_out *out, const struct segment *segment, uint32_t name);
void story_write_slice(struct json_out *out, struct slice text);

/* All that the texts about a recipient's failure may name; failure is filled too. Slices lie in the segment or the room. */
void story_facts(struct message_view view, const struct recipient *recipient, struct room *room,
    struct failure *failure, struct facts *facts);

/* The classification that the index keeps of a recipient. */
struct classification story_classification(const struct recipient *recipient);

#endif
