/* Ids at a glance: all digits of the usual ones at once. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_ID_GLANCE_H
#define EXIM_ID_GLANCE_H

#include "daemon/exim/message_id.h"

enum {
	ID_BASE = 62,
	ID_PAIR = ID_BASE * ID_BASE,
	ID_FORM_OLD = 1, /* in the lowest two bits; 0 is kept for no id */
	ID_FORM_NEW = 2,
};

#if defined(__SSE2__)
static inline __m128i
id_glance_load(const char *at)
{
	return _mm_loadl_epi64((const __m128i *)(const void *)at);
}

/* The values of sixteen digits; *found has a bit for each byte that is one. */
static inline __m128i
id_glance_values(__m128i text, unsigned *found)
{
	__m128i number = _mm_sub_epi8(text, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(text, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
	__m128i is_number = _mm_cmpeq_epi8(number, _mm_min_epu8(number, _mm_set1_epi8(9)));
	__m128i is_letter = _mm_cmpeq_epi8(letter, _mm_min_epu8(letter, _mm_set1_epi8(25)));
	__m128i is_small = _mm_cmpgt_epi8(text, _mm_set1_epi8('Z'));

	*found = (unsigned)_mm_movemask_epi8(_mm_or_si128(is_number, is_letter));
	/* Seven bytes stand in ASCII between the numbers and the capitals, six between these and the small letters. */
	return _mm_sub_epi8(_mm_sub_epi8(number, _mm_and_si128(is_letter, _mm_set1_epi8(7))),
	    _mm_and_si128(is_small, _mm_set1_epi8(6)));
}

/* An id of six, six and four digits, all in a row. */
static inline bool
id_glance_row(__m128i row, unsigned form, struct message_id *out)
{
	unsigned found;
	__m128i values = id_glance_values(row, &found);
	__m128i highs = _mm_and_si128(values, _mm_set1_epi16(0xff));
	__m128i pairs = _mm_add_epi16(_mm_mullo_epi16(highs, _mm_set1_epi16(ID_BASE)),
	    _mm_srli_epi16(values, 8));
	/* Of the third and the fourth pair, which belong to two groups, the third alone. */
	__m128i fours = _mm_madd_epi16(pairs,
	    _mm_set_epi16(1, ID_PAIR, 1, ID_PAIR, 0, 1, 1, ID_PAIR));
	uint64_t front = (uint64_t)_mm_cvtsi128_si64(fours);
	uint64_t back = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(fours, fours));
	uint64_t first = (uint64_t)(uint32_t)front * ID_PAIR + (front >> 32);
	uint64_t second = (uint64_t)_mm_extract_epi16(pairs, 3) * ID_PAIR * ID_PAIR +
	    (uint32_t)back;

	out->high = first << 28;
	out->low = second << 26 | back >> 32 << 2 | form;
	return found == 0xffff;
}

/*
 * Whether an id stands there in so many bytes, which are as many as one of the two forms has, and *out, which is anything where none does. False
 * where that cannot be told so. Nothing branches on whether it is an id: that cannot be foreseen.
 */
static inline bool
id_glance(const char *at, size_t length, bool *is_id, struct message_id *out)
{
	const __m128i six = _mm_set_epi32(0, 0, 0xffff, -1);
	__m128i first = _mm_and_si128(id_glance_load(at), six), second, third, back;

	if (length == MESSAGE_ID_OLD_LENGTH) {
		uint16_t last;

		memcpy(&last, at + 14, sizeof(last));
		second = id_glance_load(at + 7);
		third = _mm_cvtsi32_si128((int)((uint32_t)last << 16 | '0' << 8 | '0'));
		*is_id = (at[6] == '-') & (at[13] == '-');
	} else {
		uint64_t between;
		uint32_t last;

		/* The hyphen and five zeros, which are the front of what is Exim's process id, or nearly so; the hyphen counts most. */
		memcpy(&between, at + 6, sizeof(between));
		between = __builtin_bswap64(between ^ 0x30303030302d) >> 16;
		if (between - 1 < ((uint64_t)1 << 40) - 1)
			return false;
		*is_id = (between == 0) & (at[18] == '-');
		second = id_glance_load(at + 12);
		memcpy(&last, at + 19, sizeof(last));
		third = _mm_cvtsi32_si128((int)last);
	}
	back = _mm_unpacklo_epi32(_mm_srli_epi64(second, 16), third);
	*is_id &= id_glance_row(
	    _mm_unpacklo_epi64(_mm_or_si128(first, _mm_slli_epi64(second, 48)), back),
	    length == MESSAGE_ID_OLD_LENGTH ? ID_FORM_OLD : ID_FORM_NEW, out);
	return true;
}
#else
static inline bool
id_glance(const char *at, size_t length, bool *is_id, struct message_id *out)
{
	*is_id = message_id_read(at, length, out);
	return true;
}
#endif

#endif
