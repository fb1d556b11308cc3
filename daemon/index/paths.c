/* Paths: a short list, looked through from the one that came last. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/paths.h"

#include <stdlib.h>

enum { PATHS_MAX = 4000 }; /* a configuration has dozens; more would be forged */

void
paths_clear(struct paths *paths)
{
	for (uint16_t i = 0; i < paths->count; i++) {
		free((char *)paths->list[i].router.at);
		free((char *)paths->list[i].transport.at);
	}
	free(paths->list);
	*paths = (struct paths){0};
}

static struct slice
copy(struct slice text)
{
	char *at = malloc(text.len + 1);

	if (at == NULL)
		return slice_of(NULL, 0);
	memcpy(at, text.at, text.len);
	return slice_of(at, text.len);
}

static uint16_t
add(struct paths *paths, struct slice router, struct slice transport)
{
	if (paths->count == PATHS_MAX)
		return 0;
	if (paths->count == paths->size) {
		uint16_t size = (uint16_t)(paths->size * 2 + 16);
		struct path *list = reallocarray(paths->list, size, sizeof(*list));

		if (list == NULL)
			return 0;
		paths->list = list;
		paths->size = size;
	}
	paths->list[paths->count] = (struct path){copy(router), copy(transport)};
	return ++paths->count;
}

uint16_t
paths_number(struct paths *paths, struct slice router, struct slice transport)
{
	if (router.len == 0 && transport.len == 0)
		return 0;
	for (uint16_t i = 0; i < paths->count; i++) {
		uint16_t at = (uint16_t)(paths->last + i);

		if (at >= paths->count)
			at = (uint16_t)(at - paths->count);

		if (slice_equal(paths->list[at].router, router) &&
		    slice_equal(paths->list[at].transport, transport)) {
			paths->last = at;
			return (uint16_t)(at + 1);
		}
	}
	return add(paths, router.len != 0 ? router : SLICE(""),
	    transport.len != 0 ? transport : SLICE(""));
}
