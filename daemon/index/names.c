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

/* What is kept of a name that is split, before the bytes of its first part. */
static inline uint8_t
first_byte(const struct name *name)
{
	return (uint8_t)(name->first_len | (name->is_host ? HOST_BIT : 0));
}

/* What may be told by its length of a name that is split: see struct name. */
static inline bool
is_usual(struct slice text, size_t first_len)
{
	return text.len >= NAME_USUAL_MIN && first_len <= NAME_FIRST_USUAL &&
	    text.len - first_len - 1 <= NAME_DOMAIN_USUAL;
}

/* Whether so many bytes before two ends are the same: in a usual name and in the arena those before them, up to sixteen, may be looked at as well. */
static inline bool
is_usual_end(const char *a_end, const char *b_end, size_t len)
{
#if defined(__SSE2__)
	return lanes_are_none(lanes_differ_before(a_end, b_end, len));
#else
	return strings_equal(a_end - len, b_end - len, len);
#endif
}

static __attribute__((noinline)) bool
is_pair(struct slice text, struct slice first, struct slice domain)
{
	return strings_equal(text.at, first.at, first.len) &&
	    strings_equal(text.at + first.len + 1, domain.at, domain.len);
}

/* The same of a usual name, which has parts of these lengths: nothing branches on how long they are. */
static inline bool
is_usual_pair(struct slice text, struct slice first, struct slice domain)
{
#if defined(__SSE2__)
	__m128i differ = _mm_and_si128(lanes_differ(text.at, first.at), lanes_first(first.len));

	return lanes_are_none(_mm_or_si128(differ,
	    lanes_differ_before(text.at + text.len, domain.at + domain.len, domain.len)));
#else
	return is_pair(text, first, domain);
#endif
}

/* Of any name. */
static __attribute__((noinline)) bool
is_same_slowly(const struct arena *arena, uint32_t reference, const struct name *name)
{
	struct slice first, domain;
	char separator;

	if (!parts_of(arena, reference, &first, &separator, &domain))
		return slice_equal(first, name->text);
	return name->text.len == first.len + 1 + domain.len && name->first_len == first.len &&
	    name->text.at[first.len] == separator && is_pair(name->text, first, domain);
}

static inline bool
is_same(const struct arena *arena, uint32_t reference, const void *what)
{
	const struct name *name = what;
	const struct kept_name *kept = arena_at(arena, reference);
	size_t len = name->first_len;

	if (!name->is_usual || kept->domain == 0)
		return is_same_slowly(arena, reference, name);
	struct slice domain = strings_at(arena, kept->domain);
	return kept->first_len == first_byte(name) && domain.len == name->text.len - len - 1 &&
	    is_usual_pair(name->text, slice_of(kept->first, len), domain);
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
	return (is_usual(text, first.len) ? is_usual_pair(text, first, domain) :
					    is_pair(text, first, domain)) ||
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
	out->is_usual = false;
	if (separator < 0) {
		out->first_len = 0;
		out->domain_hash = 0;
		out->hash = hash_nocase(key, text);
		return;
	}
	out->first_len = (uint16_t)separator;
	out->domain_hash = hash_nocase(key, slice_skip(text, (size_t)separator + 1));
	out->hash = hash_first(key, out->domain_hash, text, (size_t)separator);
	out->is_usual = is_usual(text, (size_t)separator);
}

static bool
has_sets(const struct names *names)
{
	return names->set != NULL && names->set->groups != NULL && names->strings->groups != NULL;
}

/* Not in the header: a compiler that sees a function do nothing but fetch ahead leaves out its calls. */
void
names_expect(const struct names *names, const struct name *list, unsigned count)
{
	if (!has_sets(names))
		return;
	for (unsigned i = 0; i < count; i++) {
		__builtin_prefetch(strings_group(names->set, list[i].hash));
		__builtin_prefetch(strings_group(names->strings, list[i].domain_hash));
	}
}

void
names_expect_kept(const struct names *names, const struct name *list, unsigned count)
{
	if (!has_sets(names) || names->arena->chunk_count == 0)
		return;
	for (unsigned i = 0; i < count; i++) {
		uint32_t name = strings_guess(names->set, list[i].hash);
		uint32_t domain = strings_guess(names->strings, list[i].domain_hash);

		__builtin_prefetch(arena_at(names->arena, name));
		__builtin_prefetch(arena_at(names->arena, domain));
	}
}

static __attribute__((noinline)) uint32_t
keep_whole(const struct names *names, const struct name *name)
{
	uint32_t string = names->strings != NULL ? strings_intern(names->strings, name->text) :
						   strings_add(names->arena, name->text);
	uint32_t reference = string != 0 ? arena_take(names->arena, sizeof(struct kept_whole)) : 0;

	if (reference != 0)
		((struct kept_whole *)arena_at(names->arena, reference))->string = string;
	return reference;
}

static inline bool
is_usual_domain(const struct arena *arena, uint32_t reference, const void *what)
{
	struct slice kept = strings_at(arena, reference);
	const struct slice *domain = what;

	return kept.len == domain->len &&
	    is_usual_end(kept.at + kept.len, domain->at + domain->len, domain->len);
}

static __attribute__((noinline)) uint32_t
keep_string(struct strings *strings, struct slice text, uint64_t hash)
{
	return strings_intern_hashed(strings, text, hash);
}

static inline uint32_t
keep_domain(struct strings *strings, const struct name *name, struct slice domain)
{
	uint32_t *place;

	if (!name->is_usual)
		return keep_string(strings, domain, name->domain_hash);
	if (!strings_reserve(strings))
		return 0;
	return strings_search(strings, name->domain_hash, is_usual_domain, &domain, &place) ?
	    *place :
	    strings_put(strings, place, domain, name->domain_hash);
}

/* Behind a piece of the arena there is room. */
static inline void
copy_first(char *to, const struct name *name)
{
#if defined(__SSE2__)
	if (name->is_usual) {
		_mm_storeu_si128((__m128i *)(void *)to, lanes_at(name->text.at));
		return;
	}
#endif
	strings_copy(to, name->text.at, name->first_len);
}

static inline uint32_t
keep(const struct names *names, const struct name *name)
{
	size_t len = name->first_len;
	struct slice domain = slice_skip(name->text, len + 1);

	if (!name->is_split || len > FIRST_MAX || slice_is_empty(domain))
		return keep_whole(names, name);
	uint32_t string = names->strings != NULL ? keep_domain(names->strings, name, domain) :
						   strings_add(names->arena, domain);
	uint32_t reference = string != 0 ?
	    arena_take_unset(names->arena, offsetof(struct kept_name, first) + len) :
	    0;
	if (reference == 0)
		return 0;
	struct kept_name *kept = arena_at(names->arena, reference);
	kept->domain = string;
	kept->first_len = first_byte(name);
	copy_first(kept->first, name);
	return reference;
}

uint32_t
names_intern(const struct names *names, const struct name *name, bool *is_new)
{
	uint32_t *place = NULL;

	*is_new = false;
	if (name->text.len == 0)
		return 0;
	if (names->set != NULL) {
		if (!strings_reserve(names->set))
			return 0;
		if (strings_search(names->set, name->hash, is_same, name, &place))
			return *place;
	}
	uint32_t reference = keep(names, name);
	if (reference == 0)
		return 0;
	*is_new = true;
	if (place != NULL)
		strings_fill(names->set, place, name->hash, reference);
	return reference;
}
