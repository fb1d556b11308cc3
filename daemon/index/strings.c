/* Strings: an open-addressing set of references into the segment's arena, three quarters full at most. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/strings.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

void
strings_init(struct strings *strings, struct arena *arena, const struct hash_key *key)
{
	*strings = (struct strings){.arena = arena, .key = key};
}

void
strings_clear(struct strings *strings)
{
	free(strings->slots);
	strings_init(strings, strings->arena, strings->key);
}

size_t
strings_bytes(const struct strings *strings)
{
	return strings->slots != NULL ? ((size_t)strings->mask + 1) * sizeof(*strings->slots) : 0;
}

bool
strings_grow(struct strings *strings)
{
	uint32_t size = strings->slots != NULL ? (strings->mask + 1) * 2 : FIRST_SLOTS;
	uint64_t *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	strings->left = size / 4 * 3;
	for (uint32_t i = 0; strings->slots != NULL && i <= strings->mask; i++) {
		uint64_t slot = strings->slots[i];

		if (slot == 0)
			continue;
		uint32_t at = (uint32_t)(slot >> 32);
		while (slots[at & (size - 1)] != 0)
			at++;
		slots[at & (size - 1)] = slot;
		strings->left--;
	}
	free(strings->slots);
	strings->slots = slots;
	strings->mask = size - 1;
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
	if (strings->slots == NULL)
		return;
	strings->left = strings->mask / 4 * 3;
	memset(strings->slots, 0, ((size_t)strings->mask + 1) * sizeof(*strings->slots));
}

uint32_t
strings_put(struct strings *strings, uint64_t *slot, struct slice text, uint64_t hash)
{
	uint32_t reference = strings_add(strings->arena, text);

	if (reference != 0)
		strings_fill(strings, slot, hash, reference);
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
