/* Deliveries in two parts: the recipient, and the fields behind it. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_RECIPIENT_H
#define EXIM_RECIPIENT_H

#include <stdbool.h>

#include "daemon/exim/delivery.h"

/*
 * Takes "FINAL (PARENT) <ORIGINAL>" off the front of *text, into final, parents and original of out, whose other fields are empty then.
 * False where the line names no recipient, and has no fields: what it says of all is in is_discarded or is_for_all and message.
 */
bool delivery_take_recipient(struct slice *text, bool is_failure, struct delivery *out);

/* Takes the fields that follow; of what did not fail nothing behind the route is sure to be filled. */
void delivery_take_fields(struct slice text, bool is_failure, struct delivery *out);

#endif
