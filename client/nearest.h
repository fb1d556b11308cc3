/* Nearest: the known word that a mistyped one was probably meant to be. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_NEAREST_H
#define CLIENT_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *typed;
	const char *best; /* NULL: nothing offered was near */
	size_t distance;
};

struct nearest nearest_to(const char *typed);
/* word is kept while it is the best; two letters wrong are still near, one in words of up to three letters. */
void nearest_offer(struct nearest *nearest, const char *word);

#endif
