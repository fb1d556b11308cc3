/* Names in a text: links, addresses and hosts, whose words say nothing of the failure. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_NAMES_H
#define CLASSIFY_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

enum { NAMES_MAX = 32 }; /* what stands behind so many is read as words */

/* Where each begins and ends, in the order of the text. */
struct names {
	struct {
		uint16_t from, to;
	} list[NAMES_MAX];
	unsigned count;
};

/* Finds them in a folded text of fewer than 65,536 bytes. */
void names_find(struct slice text, struct names *out);

/* Whether a rule wrote that down as a part of a name, ".spamhaus.org" or "?p=blocked", and not as a word. */
bool names_is_part(struct slice literal);

#endif
