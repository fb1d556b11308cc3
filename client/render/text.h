/* Text: makes what strangers wrote safe for a terminal, measures it, and breaks it into lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_TEXT_H
#define CLIENT_RENDER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A copy of one line's text, fit for a terminal, that the caller frees; NULL when memory is out. Control characters, escapes,
 * characters that turn the direction of writing or cannot be seen become visible (\x1b, \u202e), tabs and line ends become
 * blanks, bytes that are not UTF-8 become U+FFFD. Without UTF-8, whatever is not ASCII becomes a question mark.
 */
char *text_clean(const char *at, size_t len, bool is_utf8);

/* Columns that clean text takes on a terminal: wide characters two, combining ones none. */
size_t text_width(const char *text);
/* The bytes at the beginning of clean text that fit into so many columns. */
size_t text_fit(const char *text, size_t columns);

/*
 * The bytes of the next line of clean text in so many columns, broken at a blank; *next is where the line after it begins.
 * A word that is longer than a line is broken, a link is not.
 */
size_t text_break(const char *text, size_t columns, const char **next);

/*
 * Writes JSON text for a terminal: what text_clean would make visible is written as \uXXXX, which is the same JSON.
 */
void text_write_json(FILE *out, const char *json, size_t len);

#endif
