/* Addressees: a failure's text names whom it is about. Of that name nothing counts but what rules know. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_ADDRESSEE_H
#define CLASSIFY_ADDRESSEE_H

#include "daemon/classify/cache.h"

enum {
	ADDRESSEE_MAX = 128
}; /* bytes of an address; no text is searched for a longer one, nor is one longer than TOLD_MAX */

/* What a failure's text says about its recipient. */
struct addressee {
	struct slice address; /* as it stands in the text; empty: it does not */
	size_t first;         /* where it stands first; SIZE_MAX: nowhere */
	size_t at_sign;       /* where its at sign stands in it */
	char known
	    [ADDRESSEE_MAX]; /* what stands for it: the address with an x for all that no rule knows */
	size_t known_len;
};

void addressee_find(const struct cache *cache, const struct failure *failure,
    struct addressee *out);

/* Where the address stands next in the text, from that place on; SIZE_MAX where it does not. */
size_t addressee_next(const struct addressee *addressee, struct slice text, size_t from);

/* The text with what stands for the address in its place; in the buffer of TOLD_MAX bytes where anything is replaced. */
struct slice addressee_replace(const struct addressee *addressee, struct slice text, char *buffer);

#endif
