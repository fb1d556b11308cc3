/* Paths: the pairs of router and transport that a server's configuration has, numbered as they turn up. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_PATHS_H
#define INDEX_PATHS_H

#include <stdint.h>

#include "daemon/text/slice.h"

enum { PATHS_RECENT = 32 };

struct paths {
	struct path {
		struct slice router, transport; /* own copies */
	} * list;                               /* [number - 1] */
	uint16_t count, size;
	uint16_t
	    recent[PATHS_RECENT]; /* numbers of those asked for last, by their lengths; 0: free */
};

void paths_clear(struct paths *paths);
/* The number of the pair; 0 for neither, and when the table is full. */
uint16_t paths_number(struct paths *paths, struct slice router, struct slice transport);

#endif
