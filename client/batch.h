/* Batch: explains one text a line of standard input, in order, many requests being under way at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_BATCH_H
#define CLIENT_BATCH_H

#include <stddef.h>

#include "client/session.h"

/* Of one text: what may stand in a request of 64 KiB (INTERFACE, limits). */
enum { EXPLAIN_BYTES_MAX = 48 * 1024 };

/* Returns the exit status. */
int batch_explain(struct session *session);

/* Bytes as a JSON string that fits into a request: what is not UTF-8 becomes U+FFFD, the end is cut where escapes make it long. */
struct json_object *batch_text(const char *at, size_t len);

#endif
