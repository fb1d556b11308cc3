/* Ids at a glance: all digits of the usual ones at once. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_ID_GLANCE_H
#define EXIM_ID_GLANCE_H

#include "daemon/exim/message_id.h"
#include "daemon/text/lanes.h"

enum {
	ID_BASE = 62,
	ID_PAIR = ID_BASE * ID_BASE,
	ID_FORM_OLD = 1, /* in the lowest two bits; 0 is kept for no id */
	ID_FORM_NEW = 2,
};

#if defined(__SSE2__)
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

/* A byte of all bits in each of these lanes. */
static inline __m128i
id_glance_lanes(unsigned first, unsigned last)
{
	uint64_t words[2] = {0, 0};

	for (unsigned lane = first; lane <= last; lane++)
		words[lane / 8] |= (uint64_t)0xff << lane % 8 * 8;
	return _mm_set_epi64x((int64_t)words[1], (int64_t)words[0]);
}

/*
 * Whether an id stands there in so many bytes, which are as many as one of the two forms has, and *out, which is anything where none does. False
 * where that cannot be told so. Nothing branches on whether it is an id: that cannot be foreseen.
 */
static inline bool
id_glance(const char *at, size_t length, bool *is_id, struct message_id *out)
{
	__m128i first, second, third;

	if (length == MESSAGE_ID_OLD_LENGTH) {
		first = lanes_at(at);
		second = _mm_srli_si128(first, 1);
		/* With zeros before its two digits. */
		third = _mm_or_si128(_mm_and_si128(first, id_glance_lanes(14, 15)),
		    _mm_and_si128(_mm_set1_epi8('0'), id_glance_lanes(12, 13)));
		*is_id = (at[6] == '-') & (at[13] == '-');
	} else {
		enum { ALL = 0x81f, HYPHEN = 0x800 };
		__m128i behind = lanes_at(at + 7);
		/* The second group is Exim's process id, or nearly so: its front is zeros. Without these it is looked at more closely. */
		__m128i expected = _mm_setr_epi8('0', '0', '0', '0', '0', 0, 0, 0, 0, 0, 0, '-', 0,
		    0, 0, 0);
		unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(behind, expected)) &
		    ALL;
		if (found - HYPHEN < ALL - HYPHEN)
			return false;
		*is_id = (at[6] == '-') & (found == ALL);
		first = _mm_loadl_epi64((const __m128i *)(const void *)at);
		second = _mm_slli_si128(behind, 1);
		third = _mm_and_si128(behind, id_glance_lanes(12, 15));
	}
	__m128i row = _mm_or_si128(_mm_or_si128(_mm_and_si128(first, id_glance_lanes(0, 5)), third),
	    _mm_and_si128(second, id_glance_lanes(6, 11)));
	*is_id &= id_glance_row(row, length == MESSAGE_ID_OLD_LENGTH ? ID_FORM_OLD : ID_FORM_NEW,
	    out);
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
