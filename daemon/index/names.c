/* Names: the first part in a record, the domain among the strings. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/names.h"

#include <string.h>

enum {
	FIRST_MAX = 127,
	HOST_BIT = 0x80, /* of the length: a dot separates the two, not an at sign */
};

/* In the arena a name is its domain (a string), and the length and the bytes of what stands before; or 0 and a string of all of it. */
struct kept_name {
	uint32_t domain;
	uint8_t first_len;
	char first[];
};

struct kept_whole {
	uint32_t domain; /* 0 */
	uint32_t string;
};

struct slice
room_add(struct room *room, struct slice text)
{
	char *to = room->bytes + room->used;
	size_t left = sizeof(room->bytes) - room->used;

	text = slice_first(text, left);
	if (text.len != 0)
		memcpy(to, text.at, text.len);
	room->used += text.len;
	return slice_of(to, text.len);
}

/* The two parts of a kept name; false where it is kept as a whole, which is then *first. */
static inline bool
parts_of(const struct arena *arena, uint32_t reference, struct slice *first, char *separator,
    struct slice *domain)
{
	const struct kept_name *name = arena_at(arena, reference);

	if (name->domain == 0) {
		*first = strings_at(arena, ((const struct kept_whole *)(const void *)name)->string);
		return false;
	}
	*first = slice_of(name->first, name->first_len & ~(unsigned)HOST_BIT);
	*separator = name->first_len & HOST_BIT ? '.' : '@';
	*domain = strings_at(arena, name->domain);
	return true;
}

struct slice
names_at(const struct arena *arena, uint32_t reference, struct room *room)
{
	struct slice first, domain;
	char separator;

	if (reference == 0)
		return slice_of("", 0);
	if (!parts_of(arena, reference, &first, &separator, &domain))
		return first;
	struct slice name = room_add(room, first);
	name.len += room_add(room, slice_of(&separator, 1)).len;
	name.len += room_add(room, domain).len;
	return name;
}

/* Whether a text is that of a first part and a domain, with a byte between them. */
static bool
is_pair_nocase(struct slice text, struct slice first, struct slice domain)
{
	return slice_equal_nocase(first, slice_first(text, first.len)) &&
	    slice_equal_nocase(domain, slice_skip(text, first.len + 1));
}

bool
names_equal_nocase(const struct arena *arena, uint32_t reference, struct slice text)
{
	struct slice first, domain;
	char separator;

	if (reference == 0)
		return text.len == 0;
	if (!parts_of(arena, reference, &first, &separator, &domain))
		return slice_equal_nocase(first, text);
	if (text.len != first.len + 1 + domain.len || text.at[first.len] != separator)
		return false;
	/* Most are the same, case and all. */
	return (strings_equal(domain.at, text.at + first.len + 1, domain.len) &&
		   strings_equal(first.at, text.at, first.len)) ||
	    is_pair_nocase(text, first, domain);
}

bool
names_begin_nocase(const struct arena *arena, uint32_t reference, struct slice text)
{
	struct slice first, domain;
	char separator;

	if (reference == 0)
		return false;
	bool is_split = parts_of(arena, reference, &first, &separator, &domain);
	if (text.len <= first.len || !is_split)
		return text.len <= first.len &&
		    slice_equal_nocase(slice_first(first, text.len), text);
	return text.len <= first.len + 1 + domain.len && text.at[first.len] == separator &&
	    slice_equal_nocase(first, slice_first(text, first.len)) &&
	    slice_equal_nocase(slice_first(domain, text.len - first.len - 1),
		slice_skip(text, first.len + 1));
}

/* What stands after and before the at sign of an address; false where it is none. */
static bool
address_parts(const struct arena *arena, uint32_t reference, struct slice *user,
    struct slice *domain)
{
	char separator;

	if (reference == 0)
		return false;
	if (parts_of(arena, reference, user, &separator, domain))
		return separator == '@';
	const char *at = user->len != 0 ? memrchr(user->at, '@', user->len) : NULL;
	if (at == NULL)
		return false;
	*domain = slice_skip(*user, (size_t)(at - user->at) + 1);
	*user = slice_first(*user, (size_t)(at - user->at));
	return true;
}

bool
names_at_domain_nocase(const struct arena *arena, uint32_t reference, struct slice domain)
{
	struct slice user, other;

	return address_parts(arena, reference, &user, &other) && slice_equal_nocase(other, domain);
}

bool
names_of_user_nocase(const struct arena *arena, uint32_t reference, struct slice user)
{
	struct slice other, domain;

	return address_parts(arena, reference, &other, &domain) && slice_equal_nocase(other, user);
}

size_t
names_beginning(const struct arena *arena, uint32_t reference, char *first, size_t len)
{
	struct slice user, rest = {"", 0};
	char separator;
	bool is_split = parts_of(arena, reference, &user, &separator, &rest);
	size_t have = user.len < len ? user.len : len;

	for (size_t i = 0; i < have; i++)
		first[i] = user.at[i];
	if (is_split && have < len)
		first[have++] = separator;
	for (size_t i = 0; have < len && i < rest.len; i++)
		first[have++] = rest.at[i];
	return have;
}

uint32_t
names_domain(const struct arena *arena, uint32_t reference)
{
	const struct kept_name *name = reference != 0 ? arena_at(arena, reference) : NULL;

	return name != NULL && !(name->domain != 0 && name->first_len & HOST_BIT) ? name->domain :
										    0;
}

static inline bool
is_same(const struct arena *arena, uint32_t reference, struct slice text)
{
	struct slice first, domain;
	char separator;

	if (!parts_of(arena, reference, &first, &separator, &domain))
		return slice_equal(first, text);
	return text.len == first.len + 1 + domain.len && text.at[first.len] == separator &&
	    strings_equal(text.at, first.at, first.len) &&
	    strings_equal(text.at + first.len + 1, domain.at, domain.len);
}

/* The hash of the first so many bytes of a text, beside that of its domain. */
static uint64_t
hash_first(const struct hash_key *key, uint64_t domain_hash, struct slice text, size_t len)
{
	char padded[NAME_FIRST_USUAL];

	if (len > NAME_FIRST_USUAL)
		return hash_more_nocase(key, domain_hash, slice_first(text, len));
	if (text.len >= NAME_FIRST_USUAL)
		return name_first_hash(key, domain_hash, text.at, len);
	memcpy(padded, text.at, text.len);
	memset(padded + text.len, 0, sizeof(padded) - text.len);
	return name_first_hash(key, domain_hash, padded, len);
}

void
name_of(const struct hash_key *key, struct slice text, enum name_kind kind, struct name *out)
{
	text = slice_first(text, STRING_MAX);
	ptrdiff_t separator = kind == NAME_ADDRESS ? slice_find_last_byte(text, '@') :
						     slice_find_byte(text, '.');

	out->text = text;
	out->is_host = kind == NAME_HOST;
	out->is_split = separator >= 0;
	if (separator < 0) {
		out->first_len = 0;
		out->domain_hash = 0;
		out->hash = hash_nocase(key, text);
		return;
	}
	out->first_len = (uint16_t)separator;
	out->domain_hash = hash_nocase(key, slice_skip(text, (size_t)separator + 1));
	out->hash = hash_first(key, out->domain_hash, text, (size_t)separator);
}

static inline const uint64_t *
slot_of(const struct strings *set, uint64_t hash)
{
	return &set->slots[(uint32_t)hash & set->mask];
}

static bool
has_slots(const struct names *names)
{
	return names->set != NULL && names->set->slots != NULL && names->strings->slots != NULL;
}

/* Not in the header: a compiler that sees a function do nothing but fetch ahead leaves out its calls. */
void
names_expect(const struct names *names, const struct name *list, unsigned count)
{
	if (!has_slots(names))
		return;
	for (unsigned i = 0; i < count; i++) {
		__builtin_prefetch(slot_of(names->set, list[i].hash));
		__builtin_prefetch(slot_of(names->strings, list[i].domain_hash));
	}
}

void
names_expect_kept(const struct names *names, const struct name *list, unsigned count)
{
	if (!has_slots(names) || names->arena->chunk_count == 0)
		return;
	for (unsigned i = 0; i < count; i++) {
		uint64_t slot = *slot_of(names->set, list[i].hash);
		uint64_t domain_slot = *slot_of(names->strings, list[i].domain_hash);

		__builtin_prefetch(arena_at(names->arena, (uint32_t)slot));
		__builtin_prefetch(arena_at(names->arena, (uint32_t)domain_slot));
	}
}

static uint32_t
keep_whole(const struct names *names, const struct name *name)
{
	uint32_t string = names->strings != NULL ? strings_intern(names->strings, name->text) :
						   strings_add(names->arena, name->text);
	uint32_t reference = string != 0 ? arena_take(names->arena, sizeof(struct kept_whole)) : 0;

	if (reference != 0)
		((struct kept_whole *)arena_at(names->arena, reference))->string = string;
	return reference;
}

static inline uint32_t
keep(const struct names *names, const struct name *name)
{
	size_t len = name->first_len;
	struct slice domain = slice_skip(name->text, len + 1);

	if (!name->is_split || len > FIRST_MAX || slice_is_empty(domain))
		return keep_whole(names, name);
	uint32_t string = names->strings != NULL ?
	    strings_intern_hashed(names->strings, domain, name->domain_hash) :
	    strings_add(names->arena, domain);
	uint32_t reference = string != 0 ?
	    arena_take_unset(names->arena, offsetof(struct kept_name, first) + len) :
	    0;
	if (reference == 0)
		return 0;
	struct kept_name *kept = arena_at(names->arena, reference);
	kept->domain = string;
	kept->first_len = (uint8_t)(len | (name->is_host ? HOST_BIT : 0));
	strings_copy(kept->first, name->text.at, len);
	return reference;
}

/* The slot of the name; a free one where it is not kept. */
static inline uint64_t *
find(const struct names *names, const struct name *name)
{
	uint32_t at = (uint32_t)name->hash, mask = names->set->mask;
	uint64_t *slots = names->set->slots;

	for (uint64_t slot; (slot = slots[at & mask]) != 0; at++)
		if (slot >> 32 == (uint32_t)name->hash &&
		    is_same(names->arena, (uint32_t)slot, name->text))
			break;
	return &slots[at & mask];
}

uint32_t
names_intern(const struct names *names, const struct name *name, bool *is_new)
{
	uint64_t *slot = NULL;

	*is_new = false;
	if (name->text.len == 0)
		return 0;
	if (names->set != NULL) {
		if (!strings_reserve(names->set))
			return 0;
		slot = find(names, name);
		if (*slot != 0)
			return (uint32_t)*slot;
	}
	uint32_t reference = keep(names, name);
	if (reference == 0)
		return 0;
	*is_new = true;
	if (slot != NULL)
		strings_fill(names->set, slot, name->hash, reference);
	return reference;
}
