/* Paths: the pairs of router and transport that a server's configuration has, numbered as they turn up. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_PATHS_H
#define INDEX_PATHS_H

#include <stdint.h>

#include "daemon/text/slice.h"

enum {
	PATHS_RECENT = 32,
	PATHS_KNOWN = 64,
};

struct paths {
	struct path {
		struct slice router, transport; /* own copies */
	} * list;                               /* [number - 1] */
	uint16_t count, size;
	uint16_t
	    recent[PATHS_RECENT]; /* numbers of those asked for last, by their lengths; 0: free */
	struct known_path {
		const void *route;
		uint16_t number;
	} known[PATHS_KNOWN]; /* those that the parser of the lines knows; NULL: free */
};

void paths_clear(struct paths *paths);
/* The number of the pair; 0 for neither, and when the table is full. */
uint16_t paths_number(struct paths *paths, struct slice router, struct slice transport);

/* The same of a pair that is told from all others by an address, which is never that of another pair; or by its text, where that is NULL. */
static inline uint16_t
paths_number_known(struct paths *paths, const void *route, struct slice router,
    struct slice transport)
{
	struct known_path *known = &paths->known[(uintptr_t)route / 16 % PATHS_KNOWN];

	if (route == NULL || known->route != route) {
		uint16_t number = paths_number(paths, router, transport);

		if (route == NULL || number == 0)
			return number;
		*known = (struct known_path){route, number};
	}
	return known->number;
}

#endif
