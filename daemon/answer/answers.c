/* The list of methods, and the answer that is made in one go. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>

#include "daemon/answer/answer.h"
#include "daemon/answer/methods.h"

const struct answer_method *const answer_methods[] = {
    &answer_why,
    &answer_recent,
    &answer_find,
    &answer_queue,
    &answer_watch,
    &answer_stats,
    &answer_explain,
    &answer_incidents,
    &answer_dump,
    &answer_classes,
    &answer_status,
    NULL,
};

struct text_answer {
	struct answer answer;
	struct json_out text;
};

static enum answer_state
produce_text(struct answer *answer, struct json_out *out)
{
	const struct text_answer *made = (const struct text_answer *)answer;

	json_out_raw(out, made->text.text, made->text.len);
	return ANSWER_DONE;
}

static void
free_text(struct answer *answer)
{
	struct text_answer *made = (struct text_answer *)answer;

	json_out_clear(&made->text);
	free(made);
}

struct answer *
answer_of_text(struct json_out *text)
{
	struct text_answer *made = text->failed ? NULL : calloc(1, sizeof(*made));

	if (made == NULL) {
		json_out_clear(text);
		return NULL;
	}
	*made = (struct text_answer){
	    .answer = {.produce = produce_text, .free = free_text},
	    .text = *text,
	};
	json_out_init(text);
	return &made->answer;
}
