/* Batch: explains one text a line of standard input, in order, many requests being under way at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_BATCH_H
#define CLIENT_BATCH_H

#include "client/session.h"

/* Returns the exit status. */
int batch_explain(struct session *session);

#endif
