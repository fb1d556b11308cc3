/* A slice: a view of bytes that somebody else owns, passed by value. Parsers advance it and copy nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_SLICE_H
#define TEXT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct slice {
	const char *at;
	size_t len;
};

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

/* The same in a table. */
#define SLICE_INIT(literal)                    \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

static inline struct slice
slice_of(const char *at, size_t len)
{
	return (struct slice){at, len};
}

/* A slice of a NUL-terminated string; NULL gives the empty slice. */
static inline struct slice
slice_str(const char *string)
{
	return (struct slice){string, string != NULL ? strlen(string) : 0};
}

static inline bool
slice_is_empty(struct slice s)
{
	return s.len == 0;
}

static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Equality without regard to ASCII case. */
static inline bool
slice_equal_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

static inline bool
slice_has_prefix(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && memcmp(s.at, prefix.at, prefix.len) == 0;
}

static inline bool
slice_has_suffix(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len && memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0;
}

/* What is left after the first n bytes; n beyond the end gives the empty slice. */
static inline struct slice
slice_skip(struct slice s, size_t n)
{
	if (n > s.len)
		n = s.len;
	/* The empty slice may point nowhere, and to that no pointer may be added. */
	return (struct slice){(const char *)((uintptr_t)s.at + n), s.len - n};
}

/* The first n bytes, or all of them. */
static inline struct slice
slice_first(struct slice s, size_t n)
{
	return (struct slice){s.at, n < s.len ? n : s.len};
}

#if defined(__SSE2__)
/* One bit for each of sixteen bytes that is c. */
static inline unsigned
slice_lanes(const char *at, char c)
{
	__m128i lanes = _mm_loadu_si128((const __m128i *)(const void *)at);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(lanes, _mm_set1_epi8(c)));
}

/* The same of thirty-two: one step to the end of most words, so that nothing branches on how long they are. */
static inline unsigned
slice_wide_lanes(const char *at, char c)
{
	return slice_lanes(at, c) | slice_lanes(at + 16, c) << 16;
}
#endif

/* All bytes of a text that is shorter than eight: pieces that overlap. */
static inline uint64_t
slice_short_word(const char *at, size_t len)
{
	if (len >= 4) {
		uint32_t low, high;

		memcpy(&low, at, 4);
		memcpy(&high, at + len - 4, 4);
		return (uint64_t)high << 32 | low;
	}
	return len == 0 ? 0 :
			  (uint64_t)(uint8_t)at[0] << 16 | (uint64_t)(uint8_t)at[len / 2] << 8 |
		(uint8_t)at[len - 1];
}

/* Position of the first byte c, or -1. Most are near: there the call of a function would take longer than the search. */
static inline ptrdiff_t
slice_find_byte(struct slice s, char c)
{
	size_t from = 0;

#if defined(__SSE2__)
	if (s.len >= 32) {
		unsigned fits = slice_wide_lanes(s.at, c);

		if (fits != 0)
			return __builtin_ctz(fits);
		from = 32;
	} else if (s.len >= 16) {
		unsigned fits = slice_lanes(s.at, c);

		if (fits != 0)
			return __builtin_ctz(fits);
		/* The last ones together with some before them, which are not c. */
		fits = slice_lanes(s.at + s.len - 16, c);
		return fits != 0 ? (ptrdiff_t)s.len - 16 + __builtin_ctz(fits) : -1;
	}
#endif
	const char *found = from < s.len ? memchr(s.at + from, c, s.len - from) : NULL;

	return found != NULL ? found - s.at : -1;
}

/* Position of the first byte that is a or b, or -1. */
static inline ptrdiff_t
slice_find_either(struct slice s, char a, char b)
{
	size_t from = 0;

#if defined(__SSE2__)
	for (; from + 32 <= s.len; from += 32) {
		unsigned fits = slice_wide_lanes(s.at + from, a) | slice_wide_lanes(s.at + from, b);

		if (fits != 0)
			return (ptrdiff_t)from + __builtin_ctz(fits);
	}
	for (; from + 16 <= s.len; from += 16) {
		unsigned fits = slice_lanes(s.at + from, a) | slice_lanes(s.at + from, b);

		if (fits != 0)
			return (ptrdiff_t)from + __builtin_ctz(fits);
	}
	/* The last ones together with some before them, which are neither. */
	if (from != 0 && from < s.len) {
		unsigned fits = slice_lanes(s.at + s.len - 16, a) |
		    slice_lanes(s.at + s.len - 16, b);

		return fits != 0 ? (ptrdiff_t)s.len - 16 + __builtin_ctz(fits) : -1;
	}
#endif
	for (; from < s.len; from++)
		if (s.at[from] == a || s.at[from] == b)
			return (ptrdiff_t)from;
	return -1;
}

/* Position of the last byte c, or -1. */
static inline ptrdiff_t
slice_find_last_byte(struct slice s, char c)
{
	size_t end = s.len;

#if defined(__SSE2__)
	for (; end >= 32 && end + 64 > s.len; end -= 32) {
		unsigned fits = slice_wide_lanes(s.at + end - 32, c);

		if (fits != 0)
			return (ptrdiff_t)end - 32 + 31 - __builtin_clz(fits);
	}
	for (; end >= 16 && end + 48 > s.len; end -= 16) {
		unsigned fits = slice_lanes(s.at + end - 16, c);

		if (fits != 0)
			return (ptrdiff_t)end - 16 + 31 - __builtin_clz(fits);
	}
	/* The first ones of a text that has more. */
	if (end < 16 && s.len >= 16) {
		unsigned fits = slice_lanes(s.at, c) & ((1u << end) - 1);

		return fits != 0 ? 31 - __builtin_clz(fits) : -1;
	}
#endif
	const char *found = end != 0 ? memrchr(s.at, c, end) : NULL;

	return found != NULL ? found - s.at : -1;
}

/* What stands behind the last @ of an address; empty where there is none. */
static inline struct slice
slice_domain(struct slice address)
{
	const char *at = address.len != 0 ? memrchr(address.at, '@', address.len) : NULL;

	return at != NULL ? slice_skip(address, (size_t)(at - address.at) + 1) : slice_of("", 0);
}

/* Position of the first occurrence of what, or -1. For short texts that stand in the code: memmem takes long to begin. */
static inline ptrdiff_t
slice_find(struct slice s, struct slice what)
{
	size_t from = 0;

	if (what.len <= 1)
		return what.len == 0 ? 0 : slice_find_byte(s, what.at[0]);
#if defined(__SSE2__)
	/* By its first two bytes. */
	for (; from + 17 <= s.len; from += 16) {
		unsigned fits = slice_lanes(s.at + from, what.at[0]) &
		    slice_lanes(s.at + from + 1, what.at[1]);

		for (; fits != 0; fits &= fits - 1) {
			size_t at = from + (size_t)__builtin_ctz(fits);

			if (what.len <= s.len - at && memcmp(s.at + at, what.at, what.len) == 0)
				return (ptrdiff_t)at;
		}
	}
#endif
	for (; from + what.len <= s.len; from++) {
		const char *found = (const char *)memchr(s.at + from, what.at[0],
		    s.len - from - what.len + 1);

		if (found == NULL)
			return -1;
		if (memcmp(found, what.at, what.len) == 0)
			return found - s.at;
		from = (size_t)(found - s.at);
	}
	return -1;
}

/* Position of an address in a text, or -1: at signs are rare in texts, and most addresses have one. */
static inline ptrdiff_t
slice_find_address(struct slice text, struct slice address)
{
	ptrdiff_t before = slice_find_byte(address, '@'), from = 0, at;

	if (before < 0)
		return slice_find(text, address);
	while ((at = slice_find_byte(slice_skip(text, (size_t)from), '@')) >= 0) {
		ptrdiff_t begin = from + at - before;

		if (begin >= 0 && slice_has_prefix(slice_skip(text, (size_t)begin), address))
			return begin;
		from += at + 1;
	}
	return -1;
}

/* Takes prefix off the front of *s; false, and *s unchanged, where it is not there. */
static inline bool
slice_take_prefix(struct slice *s, struct slice prefix)
{
	if (!slice_has_prefix(*s, prefix))
		return false;
	*s = slice_skip(*s, prefix.len);
	return true;
}

/* Takes all bytes up to the first c, and c; the whole rest where there is no c. */
static inline struct slice
slice_take_until(struct slice *s, char c)
{
	ptrdiff_t end = slice_find_byte(*s, c);
	struct slice taken = slice_first(*s, end < 0 ? s->len : (size_t)end);

	*s = slice_skip(*s, taken.len + 1);
	return taken;
}

/* Without blanks and tabs at the front. */
static inline struct slice
slice_trim_front(struct slice s)
{
	for (; s.len != 0 && (s.at[0] == ' ' || s.at[0] == '\t'); s.len--)
		s.at++;
	return s;
}

/* Without blanks and tabs at either end. */
static inline struct slice
slice_trim(struct slice s)
{
	s = slice_trim_front(s);
	while (s.len != 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

#endif
