/* Origins: the folder of the script that handed a message over, from the command lines that Exim logs before it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_ORIGINS_H
#define INDEX_ORIGINS_H

#include <stdint.h>

#include "daemon/exim/refusal.h"
#include "daemon/text/slice.h"

enum {
	ORIGINS_WAITING = 8,      /* command lines whose message has not arrived yet */
	ORIGINS_FOLDER_MAX = 240, /* bytes of a folder's name; longer ones are passed over */
};

/* Starts all zero. */
struct origins {
	struct {
		int64_t second; /* 0: free */
		uint16_t len;
		char folder[ORIGINS_FOLDER_MAX];
	} waiting[ORIGINS_WAITING];
	unsigned next;
};

/* Notes a command line that may hand a message over. */
void origins_note(struct origins *origins, const struct command *command, int64_t second);

/*
 * The folder that a message of this local user, arrived now, came from, taken out: the newest that lies in that user's home, else the
 * only one that waits. Empty where the log does not say. Valid until the next call of either.
 */
struct slice origins_take(struct origins *origins, struct slice user, int64_t second);

#endif
