/* Recipients of a story: what became of each, why, and what to do. For story.c only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STORY_RECIPIENT_H
#define ANSWER_STORY_RECIPIENT_H

#include "daemon/answer/story.h"

void story_write_recipient(struct story_writer *writer, struct json_out *out,
    struct message_view view, const struct recipient *recipient);
/*
 * The entry without an address says why a message as a whole, or a connection, was refused; or, of a message whose recipients are not
 * known, what trouble it has.
 */
void story_write_rejection(struct story_writer *writer, struct json_out *out,
    struct message_view view);

static inline void
story_write_member(struct json_out *out, const char *key, struct slice text)
{
	json_out_key(out, key);
	story_write_slice(out, text);
}

/* In story.c, for both. Minutes east of UTC in force then. */
int story_offset(const struct answer_sources *sources, const struct message *message,
    int64_t second);

#endif
