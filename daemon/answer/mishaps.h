/* Mishaps: the failures of the window, sorted into what they have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_MISHAPS_H
#define ANSWER_MISHAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/answer/tally.h"
#include "daemon/index/index.h"

enum scope_kind {
	SCOPE_DOMAIN, /* the recipients' */
	SCOPE_HOST,   /* the remote one */
	SCOPE_IP,     /* the client's that was refused */
	SCOPE_SENDER,
	SCOPE_ACCOUNT,
	SCOPE_COUNT, /* all of the class */
};

enum { MISHAPS_MAX = 20000 }; /* the newest ones; what came before them is not looked at */

/* One failure of one recipient. */
struct mishap {
	struct tally_row *parts[SCOPE_COUNT]; /* NULL: it has none of that kind */
	uint64_t segment;
	uint32_t message, recipient;
	uint32_t at;
	uint8_t class_index;
	bool is_current; /* nothing has come about the recipient since */
	bool is_waiting; /* the recipient is still to be served */
	bool is_taken;   /* by an incident found before */
};

struct mishaps {
	struct tally parts[SCOPE_COUNT];
	struct mishap *list; /* newest first */
	size_t count, size;
};

void mishaps_clear(struct mishaps *mishaps);
/* False when memory is out or there are enough. */
bool mishaps_add(struct mishaps *mishaps, struct message_view view, uint32_t recipient,
    int64_t second, bool is_current);

/* Puts those of one class together, each class newest first; starts[c] to starts[c + 1] are those of class c. False when memory is out. */
bool mishaps_sort(struct mishaps *mishaps, size_t starts[static UINT8_MAX + 2]);

/* A run of mishaps; with only_waiting, those of them whose recipients wait. */
struct mishap_run {
	struct mishap *list;
	size_t count;
	bool only_waiting;
};

/* True for those that no incident has taken. */
static inline bool
mishap_is_free(const struct mishap *mishap, const struct mishap_run *run)
{
	return !mishap->is_taken && (!run->only_waiting || mishap->is_waiting);
}

/* How the current ones that are free are shared out. */
struct mishap_shares {
	uint32_t total, domains;
	struct {
		struct tally_row *part; /* the one with the most; NULL: none */
		uint32_t count;
	} largest[SCOPE_COUNT];
};
void mishaps_share(const struct mishap_run *run, struct mishap_shares *shares);

/*
 * Finds the burst that is going on, or was the last one: the moment that parts the times, newest first, best into two rates of a Poisson
 * process, where the later rate is much the higher. The first *length times belong to it. False when there is one rate only; then all do.
 */
bool burst_find(const uint32_t *times, size_t count, int64_t window_from, size_t *length);

#endif
