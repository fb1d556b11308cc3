/* Failure: cause, who must act, what to do and the reply, as recipients, refusals and explain have them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_FAILURE_H
#define CLIENT_RENDER_FAILURE_H

#include <stdbool.h>

#include "client/render/screen.h"

struct json_object;

/* Columns from a paragraph's indent to its text. */
enum { LABEL_WIDTH = 15 };

/* "hard: user-unknown"; "" where there is no class. The caller frees it. */
char *failure_label(struct json_object *failure);
enum tone failure_tone(struct json_object *failure);

/* Who must act, in words; "" for nobody, the word itself where it is a new one. */
const char *failure_who(const char *who);

/* What to do, step by step. */
void failure_show_steps(struct screen *screen, int indent, struct json_object *failure);

/*
 * Everything below the line that names the class. same_as: the address whose steps are the same and were shown already, or
 * NULL.
 */
void failure_show(struct screen *screen, int indent, struct json_object *failure,
    const char *same_as);

#endif
