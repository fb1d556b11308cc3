/* Told names: what rules tell apart of hosts and domains. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_TOLD_NAMES_H
#define CLASSIFY_TOLD_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/classify/condition.h"
#include "daemon/classify/string_list.h"
#include "daemon/text/slice.h"

/* Conditions on names, each once. */
struct told_name {
	struct slice condition;
	uint32_t next; /* one more than the number of the next one that ends alike; 0: none */
};

enum {
	TOLD_TAILS = 128,
	TOLD_ENDS = 32,
};

/* Whatever fits a name ends alike: conditions are found by their tail, those that are too short to have one by their last byte. */
struct told_names {
	struct told_name *list;
	uint32_t count, size;
	uint32_t tails[TOLD_TAILS];
	uint32_t ends[TOLD_ENDS]; /* [0]: among others, those that end in nothing */
};

/* Adds those that are not there. False when memory is out. */
bool told_names_add(struct told_names *names, string_list conditions);
void told_names_clear(struct told_names *names);

typedef void told_name_fn(void *context, uint32_t number);

/* Calls met for each condition that the name fits, with its number, counted from 1; in the same order for names that fit the same. */
void told_names_meet(const struct told_names *names, struct slice name, name_fits_fn *fits,
    told_name_fn *met, void *context);

#endif
