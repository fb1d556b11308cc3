/* Base64: the text of keys (RFC 4648 4), with white space anywhere, as RFC 6376 2.10 and PEM have it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_BASE64_H
#define CLIENT_CHECKS_BASE64_H

#include <stddef.h>

/* The bytes, which the caller frees, and their number. NULL: it is no base64, or memory is out. */
unsigned char *base64_decode(const char *text, size_t text_len, size_t *len);
/* The text in one line, which the caller frees; NULL when memory is out. */
char *base64_encode(const unsigned char *bytes, size_t len);

#endif
