/* Nearest: the known name that a mistyped one was probably meant to be. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_NEAREST_H
#define SERVER_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *typed;
	const char *best; /* NULL: nothing comes close */
	size_t distance;
};

/* typed must outlive *nearest. */
void nearest_init(struct nearest *nearest, const char *typed);
/* Offers a known name, which must outlive *nearest. */
void nearest_offer(struct nearest *nearest, const char *known);

/* A name that a stranger typed, for a message: cut to fit, control bytes and bytes beyond ASCII as '?'. */
void nearest_show(const char *typed, char *buffer, size_t size);

#endif
