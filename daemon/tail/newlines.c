/* Newlines: found by sixty-four bytes at a time, in two steps where the processor at hand can, or in four. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/newlines.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/text/lanes.h"

#if defined(__x86_64__) && defined(__SSE2__)
#include <immintrin.h>
#endif

/* Those from that place on, behind so many that were noted. */
static size_t
find_one_by_one(const char *at, size_t len, size_t place, uint32_t *places, size_t count)
{
	const char *newline;

	for (; (newline = memchr(at + place, '\n', len - place)) != NULL;
	     place = (size_t)(newline + 1 - at))
		places[count++] = (uint32_t)(newline - at);
	return count;
}

#if defined(__SSE2__)
enum { WORD_BYTES = 64 };

/* A bit for each newline of a word's bytes. */
typedef uint64_t newlines_fn(const char *word);

static inline uint64_t
newlines_by_sixteen(const char *word)
{
	__m128i newline = _mm_set1_epi8('\n');

	return lanes_bits(_mm_cmpeq_epi8(lanes_at(word), newline),
	    _mm_cmpeq_epi8(lanes_at(word + 16), newline),
	    _mm_cmpeq_epi8(lanes_at(word + 32), newline),
	    _mm_cmpeq_epi8(lanes_at(word + 48), newline));
}

/*
 * Notes the place of the first of these newlines, if there is one. Whether there is cannot be foreseen, and so nothing branches on it: what
 * was noted for nothing is written over.
 */
static inline size_t
note_first(uint32_t *places, size_t count, size_t place, uint64_t *newlines)
{
	uint64_t found = *newlines;

	places[count] = (uint32_t)place + (uint32_t)__builtin_ctzll(found | (uint64_t)1 << 63);
	*newlines = found & (found - 1);
	return count + (found != 0);
}

static inline __attribute__((always_inline)) size_t
find_by_words(newlines_fn *newlines_of, const char *at, size_t len, uint32_t *places)
{
	const size_t end = len - len % WORD_BYTES;
	size_t count = 0;

	for (size_t place = 0; place < end; place += WORD_BYTES) {
		uint64_t newlines = newlines_of(at + place);

		count = note_first(places, count, place, &newlines);
		/* Few lines are so short that two of them end here. */
		while (newlines != 0)
			count = note_first(places, count, place, &newlines);
	}
	return find_one_by_one(at, len, end, places, count);
}

size_t
newlines_find_narrow(const char *at, size_t len, uint32_t *places)
{
	return find_by_words(newlines_by_sixteen, at, len, places);
}
#else
size_t
newlines_find_narrow(const char *at, size_t len, uint32_t *places)
{
	return find_one_by_one(at, len, 0, places, 0);
}
#endif

#if defined(__x86_64__) && defined(__SSE2__)
static inline __attribute__((target("avx2"))) uint64_t
newlines_by_thirty_two(const char *word)
{
	__m256i newline = _mm256_set1_epi8('\n');
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)word);
	__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(word + 32));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, newline)) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, newline)) << 32;
}

static __attribute__((target("avx2"))) size_t
find_wide(const char *at, size_t len, uint32_t *places)
{
	return find_by_words(newlines_by_thirty_two, at, len, places);
}

size_t
newlines_find(const char *at, size_t len, uint32_t *places)
{
	return __builtin_cpu_supports("avx2") ? find_wide(at, len, places) :
						newlines_find_narrow(at, len, places);
}
#else
size_t
newlines_find(const char *at, size_t len, uint32_t *places)
{
	return newlines_find_narrow(at, len, places);
}
#endif
