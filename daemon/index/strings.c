/* Strings: a set of references into the segment's arena, three quarters full at most. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/strings.h"

#include <stdlib.h>

enum { FIRST_GROUPS = 8 };

void
strings_init(struct strings *strings, struct arena *arena, const struct hash_key *key)
{
	*strings = (struct strings){.arena = arena, .key = key};
}

void
strings_clear(struct strings *strings)
{
	free(strings->groups);
	strings_init(strings, strings->arena, strings->key);
}

size_t
strings_bytes(const struct strings *strings)
{
	return strings->groups != NULL ? ((size_t)strings->mask + 1) * sizeof(*strings->groups) : 0;
}

/* All that are in a set differ. */
static bool
is_other(const struct arena *arena, uint32_t reference, const void *what)
{
	(void)arena;
	(void)reference;
	(void)what;
	return false;
}

bool
strings_grow(struct strings *strings)
{
	uint32_t old_count = strings->groups != NULL ? strings->mask + 1 : 0;
	uint32_t count = old_count != 0 ? old_count * 2 : FIRST_GROUPS;
	struct strings new = {.arena = strings->arena,
	    .key = strings->key,
	    .groups = aligned_alloc(sizeof(*new.groups), count * sizeof(*new.groups)),
	    .mask = count - 1};

	if (new.groups == NULL)
		return false;
	strings_restart(&new, strings->arena);
	for (uint32_t i = 0; i < old_count; i++) {
		const uint32_t *hash = strings->groups[i].words, *reference = hash + STRINGS_GROUP;

		for (int n = 0; n < STRINGS_GROUP && reference[n] != 0; n++) {
			uint32_t *place;

			strings_search(&new, hash[n], is_other, NULL, &place);
			strings_fill(&new, place, hash[n], reference[n]);
		}
	}
	free(strings->groups);
	*strings = new;
	return true;
}

uint32_t
strings_add(struct arena *arena, struct slice text)
{
	uint32_t reference;

	text = slice_first(text, STRING_MAX);
	if (text.len == 0 ||
	    (reference = arena_take_unset(arena, sizeof(struct kept_string) + text.len)) == 0)
		return 0;
	struct kept_string *kept = arena_at(arena, reference);
	kept->len = (uint16_t)text.len;
	memcpy(kept->bytes, text.at, text.len);
	return reference;
}

void
strings_restart(struct strings *strings, struct arena *arena)
{
	strings->arena = arena;
	if (strings->groups == NULL)
		return;
	strings->left = (strings->mask + 1) * STRINGS_GROUP / 4 * 3;
	memset(strings->groups, 0, strings_bytes(strings));
}

uint32_t
strings_put(struct strings *strings, uint32_t *place, struct slice text, uint64_t hash)
{
	uint32_t reference = strings_add(strings->arena, text);

	if (reference != 0)
		strings_fill(strings, place, hash, reference);
	return reference;
}

uint32_t
strings_intern(struct strings *strings, struct slice text)
{
	text = slice_first(text, STRING_MAX);
	return text.len == 0 ?
	    0 :
	    strings_intern_hashed(strings, text, hash_nocase(strings->key, text));
}
