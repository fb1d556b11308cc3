/* Lines: what a finding quotes of a file. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_LINES_H
#define CLIENT_CHECKS_LINES_H

#include <stddef.h>

struct box_file;
struct draft;
struct json_object;

/* Evidence "FILE:LINE: TEXT" of the line of that number, from 1; nothing when it is 0. */
void lines_evidence(struct json_object *item, const struct box_file *file, size_t line);
/* The same in a draft. */
void lines_draft_evidence(struct draft *draft, const struct box_file *file, size_t line);

/* The number, from 1, of the first line behind `after` whose first word, up to a blank or colon, is the word; 0: none is. */
size_t lines_find_word(const struct box_file *file, const char *word, size_t after);

#endif
