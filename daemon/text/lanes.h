/* Lanes: bytes that are looked at sixteen at a time, where the processor can. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_LANES_H
#define TEXT_LANES_H

#if defined(__SSE2__)
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

/* Sixteen bytes, which need not be aligned. */
static inline __m128i
lanes_at(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* One bit for each of sixty-four bytes, from the results of four comparisons. */
static inline uint64_t
lanes_bits(__m128i a, __m128i b, __m128i c, __m128i d)
{
	uint32_t low = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
	uint32_t high = (uint32_t)_mm_movemask_epi8(c) | (uint32_t)_mm_movemask_epi8(d) << 16;

	return (uint64_t)high << 32 | low;
}

/* How many of sixteen bytes at the front lie between dot and colon in ASCII: digits, dots, colons and slashes. */
static inline size_t
lanes_dotted_length(const char *at)
{
	__m128i above = _mm_sub_epi8(lanes_at(at), _mm_set1_epi8('.'));
	__m128i fits = _mm_cmpeq_epi8(above, _mm_min_epu8(above, _mm_set1_epi8(':' - '.')));

	return (size_t)__builtin_ctz(~(unsigned)_mm_movemask_epi8(fits));
}
#endif

#endif
