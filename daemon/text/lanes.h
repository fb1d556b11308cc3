/* Lanes: bytes that are looked at sixteen at a time, where the processor can. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_LANES_H
#define TEXT_LANES_H

#if defined(__SSE2__)
#include <emmintrin.h>
#include <stdbool.h>
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

/* All bits of the first so many of sixteen bytes, or of the last so many. */
static const uint8_t lanes_ones[3 * 16] = {[16 ... 31] = 0xff};

static inline __m128i
lanes_first(size_t count)
{
	return lanes_at((const char *)lanes_ones + 32 - count);
}

static inline __m128i
lanes_last(size_t count)
{
	return lanes_at((const char *)lanes_ones + count);
}

/* What differs of sixteen bytes, where there is one bit or more. */
static inline __m128i
lanes_differ(const char *a, const char *b)
{
	return _mm_xor_si128(lanes_at(a), lanes_at(b));
}

/* Nothing does in the last so many bytes, thirty-two at most, before two ends: as many bytes are looked at, sixteen at least. */
static inline __m128i
lanes_differ_before(const char *a_end, const char *b_end, size_t count)
{
	size_t near = count < 16 ? count : 16, far = count < 16 ? 16 : count;

	return _mm_and_si128(_mm_or_si128(lanes_differ(a_end - 16, b_end - 16),
				 lanes_differ(a_end - far, b_end - far)),
	    lanes_last(near));
}

static inline bool
lanes_are_none(__m128i lanes)
{
	return _mm_movemask_epi8(_mm_cmpeq_epi8(lanes, _mm_setzero_si128())) == 0xffff;
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
