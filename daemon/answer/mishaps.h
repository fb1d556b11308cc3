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

/* A run of mishaps, newest first. */
struct mishap_run {
	struct mishap **list;
	size_t count;
};

/*
 * Lists them with those of one class together: starts[c] to starts[c + 1] are those of class c. The list is the caller's; NULL when memory is
 * out.
 */
struct mishap **mishaps_by_class(const struct mishaps *mishaps,
    size_t starts[static UINT8_MAX + 2]);
/* Lists those whose recipients wait, likewise. */
struct mishap_run mishaps_waiting(const struct mishaps *mishaps);

/* How the current ones that no incident has taken are shared out. */
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
