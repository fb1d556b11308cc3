/* Told names: most names meet no condition, which their last bytes say. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/told_names.h"

#include <stdlib.h>

enum { TAIL_BYTES = 6, HALF_BYTES = 4 };

/* By the last bytes of a name that has so many; the same for both cases of a letter. */
static inline unsigned
tail_of(struct slice name)
{
	const char *end = name.at + name.len;
	uint32_t first, last;

	memcpy(&first, end - TAIL_BYTES, sizeof(first));
	memcpy(&last, end - HALF_BYTES, sizeof(last));
	uint64_t tail = ((uint64_t)first << 32 | last) | 0x2020202020202020;
	return (unsigned)(tail * 0x9e3779b97f4a7c15 >> 32) % TOLD_TAILS;
}

/* The same for both cases of a letter. */
static inline unsigned
end_of(struct slice name)
{
	return name.len != 0 ? (uint8_t)name.at[name.len - 1] % TOLD_ENDS : 0;
}

static bool
add(struct told_names *names, struct slice condition)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (slice_equal(names->list[i].condition, condition))
			return true;
	if (names->count == names->size) {
		uint32_t size = names->size != 0 ? names->size * 2 : 16;
		struct told_name *list = reallocarray(names->list, size, sizeof(*list));

		if (list == NULL)
			return false;
		names->list = list;
		names->size = size;
	}
	/* What is below a domain, ".example.com", is met by the domain too. */
	bool is_below = condition.len != 0 && condition.at[0] == '.';
	uint32_t *first = condition.len - is_below >= TAIL_BYTES ?
	    &names->tails[tail_of(condition)] :
	    &names->ends[end_of(condition)];
	names->list[names->count++] = (struct told_name){condition, *first};
	*first = names->count;
	return true;
}

bool
told_names_add(struct told_names *names, string_list conditions)
{
	for (size_t i = 0; conditions != NULL && conditions[i] != NULL; i++)
		if (!add(names, slice_str(conditions[i])))
			return false;
	return true;
}

void
told_names_clear(struct told_names *names)
{
	free(names->list);
	*names = (struct told_names){0};
}

/* Looks at those from that one on. */
static inline void
meet(const struct told_names *names, uint32_t number, struct slice name, name_fits_fn *fits,
    told_name_fn *met, void *context)
{
	for (; number != 0; number = names->list[number - 1].next)
		if (fits(name, names->list[number - 1].condition))
			met(context, number);
}

void
told_names_meet(const struct told_names *names, struct slice name, name_fits_fn *fits,
    told_name_fn *met, void *context)
{
	unsigned end = end_of(name);

	if (name.len >= TAIL_BYTES)
		meet(names, names->tails[tail_of(name)], name, fits, met, context);
	/* Of what a name of no bytes may meet nothing is known. */
	for (unsigned other = slice_is_empty(name) ? TOLD_ENDS - 1 : 0; other != 0; other--)
		meet(names, names->ends[other], name, fits, met, context);
	if (end != 0)
		meet(names, names->ends[end], name, fits, met, context);
	meet(names, names->ends[0], name, fits, met, context);
}
