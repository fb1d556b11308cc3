/* Paths: a short list, and a memo by what is cheapest to ask of a pair. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/paths.h"

#include <stdlib.h>

#include "daemon/index/strings.h"

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
	if (text.len != 0)
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

static bool
is_pair(const struct paths *paths, uint16_t number, struct slice router, struct slice transport)
{
	const struct path *path = &paths->list[number - 1];

	return path->router.len == router.len && path->transport.len == transport.len &&
	    strings_equal(path->router.at, router.at, router.len) &&
	    strings_equal(path->transport.at, transport.at, transport.len);
}

uint16_t
paths_number(struct paths *paths, struct slice router, struct slice transport)
{
	uint16_t *recent = &paths->recent[(router.len * 5 + transport.len) % PATHS_RECENT];
	uint16_t number = 1;

	if (router.len == 0 && transport.len == 0)
		return 0;
	if (*recent != 0 && is_pair(paths, *recent, router, transport))
		return *recent;
	while (number <= paths->count && !is_pair(paths, number, router, transport))
		number++;
	if (number > paths->count)
		number = add(paths, router, transport);
	return *recent = number;
}
