/* Stories: all that is known of one message, as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STORY_H
#define ANSWER_STORY_H

#include "daemon/answer/answer.h"
#include "daemon/answer/elsewhere.h"
#include "daemon/answer/lines.h"
#include "daemon/exim/arrival.h"
#include "daemon/index/index.h"

enum {
	STORY_EVIDENCE_MAX = 2000,    /* lines in one story */
	STORY_CONFIRMATIONS_MAX = 64, /* recipients whose remote's last words are looked for */
};

/* What is learnt from the lines that were read back; slices of these. */
struct story_reading {
	struct arrival arrival;
	bool has_arrival;
	struct {
		struct slice address, confirmation;
	} confirmed[STORY_CONFIRMATIONS_MAX];
	size_t confirmed_count;
};

/* Writes one story after the other; buffers are used again. */
struct story_writer {
	const struct answer_sources *sources;
	const struct asker *asker;
	struct read_lines lines;
	struct story_reading reading;
	struct elsewhere elsewhere;
	bool
	    has_context; /* say which evidence in the window decided; costs a look around for each failed recipient, and is for who sees all */
	/* The story that has been begun: numbers, for what they name may go between two slices. */
	bool is_open;
	uint64_t segment;
	uint32_t message;
	uint32_t recipient; /* reference of the last one written; 0: none yet */
};

/* asker is borrowed: what he may not see of a message that he may see is left out. */
void story_writer_init(struct story_writer *writer, const struct answer_sources *sources,
    const struct asker *asker);
void story_writer_clear(struct story_writer *writer);

/*
 * Writes the story as one JSON object: begins it, and goes on with it until the slice that began at start_ms is over; a message may have
 * a million recipients. story_go_on is true when the story is written.
 */
void story_begin(struct story_writer *writer, struct message_view view, struct json_out *out);
bool story_go_on(struct story_writer *writer, struct json_out *out, int64_t start_ms);

/* A time of a message's story as RFC 3339 with the offset in force then; second 0: null. */
void story_write_time(struct json_out *out, const struct answer_sources *sources,
    const struct message *message, int64_t second);

/* The id as JSON: null for what never had one. */
void story_write_id(struct json_out *out, struct message_id id);

/* The subject without the log's escapes, cut at SUBJECT_MAX bytes (Exim writes 100 characters at most). Returns its length. */
enum { SUBJECT_MAX = 1024 };
size_t story_subject(const struct arrival *arrival, char text[SUBJECT_MAX]);
/* The member "subject"; null where it was not logged. */
void story_write_subject(struct json_out *out, const struct arrival *arrival);

/* A name as JSON, and a slice; null when empty. */
void story_write_name(struct json_out *out, const struct segment *segment, uint32_t name);
static inline void
story_write_slice(struct json_out *out, struct slice text)
{
	json_out_string(out, text.len != 0 ? text.at : NULL, text.len);
}

/* All that the texts about a recipient's failure may name to the asker (NULL: the administrator); failure is filled too. Slices lie in the segment or the room. */
void story_facts(const struct asker *asker, struct message_view view,
    const struct recipient *recipient, struct room *room, struct failure *failure,
    struct facts *facts);

/* The classification that the index keeps of a recipient. */
struct classification story_classification(const struct segment *segment,
    const struct recipient *recipient);

#endif
