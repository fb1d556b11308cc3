/* Items: asks a method page by page for as many items as are wanted, and hands each on. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_ITEMS_H
#define CLIENT_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/session.h"

struct item_sink {
	/* Each item in turn. With -o json they are printed instead. */
	void (*show)(struct item_sink *sink, struct session *session, struct json_object *item);
	int64_t count; /* items so far */
	bool has_more; /* than were wanted */
};

/*
 * The items of method with the command's options as parameters, newest first as it gives them, `limit` of them at most.
 * Returns the exit status; nothing found is EXIT_NOTHING, and said on standard error.
 */
int items_list(struct session *session, const char *method, int64_t limit, struct item_sink *sink);

#endif
