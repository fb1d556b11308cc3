/* Index: what became of every message of the window, folded from the lines of the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/exim/line.h"
#include "daemon/index/evidence.h"
#include "daemon/index/message.h"
#include "daemon/index/segment.h"
#include "daemon/tail/tail.h"

struct classifier;
struct index;
struct zone;

struct index_options {
	uint64_t memory_max; /* bytes that the index may hold; 0: no cap */
	struct classifier *classifier;
	const struct zone *zone; /* NULL: the system's local time */
};

/* NULL when memory is out. The options' pointers are borrowed for as long as the index lives. */
struct index *index_new(const struct index_options *options);
void index_free(struct index *index);

/*
 * Folds lines into the index: the next ones of their files. Never fails: what finds no memory is dropped with the oldest. Where they are many
 * the last of them are folded by the next call, or by index_settle, and stay valid until then; nothing else is asked of the index before.
 */
void index_lines(struct index *index, const struct tail_line *lines, size_t count);
void index_settle(struct index *index);

/* The thread that takes lines apart does other work as well, as struct tail_receiver has it. */
bool index_begin_aside(struct index *index, void (*work)(void *), void *argument);
bool index_end_aside(struct index *index);

/* The time a line was written, as tail asks for it. */
bool index_line_time(struct index *index, struct slice raw, int64_t *second);

/* Forgets what the window no longer covers: segments whose last line is older than that second. Unfinished messages live on. */
void index_expire(struct index *index, int64_t before);

/* Takes another classifier and judges every kept failure anew by it. */
void index_set_classifier(struct index *index, struct classifier *classifier);

/* A message and the segment that holds it. Valid until the next line is folded. */
struct message_view {
	const struct segment *segment;
	const struct message *message;
	uint32_t index; /* of the message in the segment */
};

/* False when the id is not in the window. */
bool index_find(const struct index *index, struct message_id id, struct message_view *out);

/*
 * Segments by number, oldest to newest; a number stays valid (or turns to NULL when the segment has gone) while lines are
 * folded, so an answer that is made in slices remembers numbers, never pointers.
 */
uint64_t index_oldest(const struct index *index);
uint64_t index_end(const struct index *index); /* one more than the newest */
const struct segment *index_segment(const struct index *index, uint64_t number);

/* Walks all evidence of a message. */
static inline void
index_evidence(struct message_view view, struct evidence_reader *reader)
{
	evidence_reader_init(reader, &view.segment->evidence, &view.message->evidence);
}

/* What the recipient's last failure is, in the shape that classification and its texts take. Slices lie in the segment or the room. */
void index_failure(const struct segment *segment, const struct recipient *recipient,
    struct room *room, struct failure *out);

/* Failures, counted from the first one this process saw: entries [first, next) are still there. */
struct failure_range {
	uint64_t first, next;
};
struct failure_range index_failures(const struct index *index);
/*
 * The failure of that ordinal, where it is still what it was: false when a later line about the recipient exists, or it is gone,
 * and then view->segment is NULL.
 */
bool index_failure_at(const struct index *index, uint64_t ordinal, struct message_view *view,
    uint32_t *recipient);
/*
 * The failure of that ordinal, whatever became of the recipient since; *is_current is what index_failure_at says of it. False when it is
 * gone, or was of the message itself.
 */
bool index_failure_past(const struct index *index, uint64_t ordinal, struct message_view *view,
    uint32_t *recipient, int64_t *second, bool *is_current);
/* Has the processor fetch what these will look at. */
void index_failure_expect(const struct index *index, uint64_t ordinal);
/* The second of the failure of that ordinal, current or not; 0 when it is gone. Seconds never decrease with the ordinal. */
int64_t index_failure_second(const struct index *index, uint64_t ordinal);

/* To be told of each new failure (watch, journal). The listener is the caller's, and stays where it is until it is removed. */
struct index_listener {
	void (*failed)(void *context, uint64_t ordinal);
	void *context;
	struct index_listener *next;
};
void index_listen(struct index *index, struct index_listener *listener);
void index_unlisten(struct index *index, struct index_listener *listener);

/* The account. */
struct index_counts {
	struct {
		uint64_t read, with_id, without_id, continuation, unparsed, overlong;
		uint64_t by_kind[LINE_KINDS];
	} lines;
	uint64_t messages;                  /* in the window now */
	uint64_t by_verdict[VERDICT_COUNT]; /* their sum is messages */
	uint64_t rejections;                /* refused before there was an id */
	uint64_t hard, soft, unclassified;  /* recipients whose last line is a failure */
	uint64_t index_bytes, max_bytes;
	uint64_t evicted_messages;   /* finished ones that left for the cap or the window */
	uint64_t dropped_unfinished; /* unfinished ones that left for the cap */
	int64_t first, last; /* seconds of the oldest and newest line of the window; 0: none */
};
void index_count(struct index *index, struct index_counts *out);

#endif
