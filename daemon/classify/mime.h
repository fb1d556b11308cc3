/* MIME: takes the encodings of mail off a pasted text, so that its words can be read. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_MIME_H
#define CLASSIFY_MIME_H

#include "daemon/text/slice.h"

/*
 * Writes text into out, which has room for text.len bytes: parts in base64 and quoted-printable (RFC 2045 section 6) decoded, HTML as
 * the lines that a reader sees. What has none of this stays as it is. Returns how many bytes there are; never more than text.len.
 */
size_t mime_decode(struct slice text, char *out);

#endif
