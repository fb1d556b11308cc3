/* JSON text: what was typed or piped in, as a string that a request may carry. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_JSON_TEXT_H
#define CLIENT_JSON_TEXT_H

#include <stddef.h>

struct json_object;

/* Bytes of one text: with its escapes it fits into a request of 64 KiB (INTERFACE, limits). */
enum { JSON_TEXT_MAX = 48 * 1024 };

/*
 * Bytes as a JSON string, which the caller puts; NULL when memory is out. What is not UTF-8 becomes U+FFFD, the end is cut
 * where the text is too long.
 */
struct json_object *json_text(const char *at, size_t len);

#endif
