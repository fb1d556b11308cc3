/* UTF-8: where a sequence is well formed (RFC 3629), and where it is not. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

/* Length of the well-formed sequence at the front of text, 1 to 4 bytes, and its code point; 0 when there is none. */
size_t utf8_take(struct slice text, uint32_t *code_point);

/* Length of the run of printable ASCII at the front. */
size_t utf8_plain(struct slice text);

/* A character that moves the cursor, starts an escape or turns the writing round: control characters, bidi overrides, line separators. */
bool utf8_is_control(uint32_t code_point);

/*
 * Prepares text for matching: lower case, Latin letters without their accents, typographic quotes plain, runs of blanks and
 * control bytes one blank, underscores between letters too, Latin-1 bytes that are no UTF-8 as the letters they are, "isn't" as
 * "is not". Writes at most size - 1 bytes and a NUL; returns the length.
 */
size_t text_fold(struct slice text, char *buffer, size_t size);

#endif
