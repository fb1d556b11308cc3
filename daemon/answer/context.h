/* Context: what the rest of the window says about a failure, and which evidence decided between causes that share a text. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_CONTEXT_H
#define ANSWER_CONTEXT_H

#include "daemon/answer/answer.h"
#include "daemon/index/index.h"

enum { CONTEXT_SENTENCES = 8, CONTEXT_SENTENCE_SIZE = 400 };

struct context {
	size_t count;
	char sentences[CONTEXT_SENTENCES][CONTEXT_SENTENCE_SIZE];
};

/*
 * Looks at the other messages to the same domain, the newest first, a bounded number of them. Appends sentences to *context, and
 * changes *found where the evidence makes the failure another class. failure and facts are story_facts'.
 */
void context_find(struct context *context, const struct answer_sources *sources,
    struct message_view view, const struct recipient *recipient, const struct failure *failure,
    const struct facts *facts, struct classification *found);

#endif
