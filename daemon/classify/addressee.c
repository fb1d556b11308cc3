/* Addressees: found by their at sign, and replaced before anything else is looked for in the text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/addressee.h"

/* What addresses are made of as a rule: nothing that a frame, a code or the end of a word could be found in. */
static const bool is_address_byte[256] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
    ['@'] = true,
    ['.'] = true,
    ['-'] = true,
    ['_'] = true,
    ['+'] = true,
    ['='] = true,
};

/* Writes the address in small letters. False where it is none of the usual kind. */
static bool
put_small(struct slice address, char *to)
{
	unsigned at_signs = 0;

	for (size_t i = 0; i < address.len; i++) {
		char c = address.at[i];

		if (!is_address_byte[(uint8_t)c])
			return false;
		at_signs += c == '@';
		to[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return at_signs == 1;
}

#if defined(__SSE2__)
enum { PLAIN_MAX = 64 }; /* bytes: a bit each */

/* What the bytes of an address are. */
struct address_bits {
	uint64_t digits, tokens, dots, at_signs, usual;
};

/* A bit for each of sixteen bytes that is first, last or between them. */
static inline __m128i
lanes_between(__m128i lanes, char first, char last)
{
	__m128i above = _mm_sub_epi8(lanes, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(above, _mm_min_epu8(above, _mm_set1_epi8((char)(last - first))));
}

static inline uint64_t
bits_of(__m128i lanes)
{
	return (unsigned)_mm_movemask_epi8(lanes);
}

/* Makes the letters small, and tells what all bytes are; those behind the address are zeros. */
static struct address_bits
look_at(char *small, size_t len)
{
	struct address_bits bits = {0};

	for (size_t at = 0; at < len; at += 16) {
		__m128i *place = (__m128i *)(void *)(small + at);
		__m128i lanes = _mm_loadu_si128(place);
		__m128i capitals = lanes_between(lanes, 'A', 'Z');
		lanes = _mm_or_si128(lanes, _mm_and_si128(capitals, _mm_set1_epi8(0x20)));
		_mm_storeu_si128(place, lanes);
		__m128i digits = lanes_between(lanes, '0', '9');
		__m128i tokens = _mm_or_si128(digits, lanes_between(lanes, 'a', 'z'));
		__m128i at_signs = _mm_cmpeq_epi8(lanes, _mm_set1_epi8('@'));
		__m128i dots = _mm_cmpeq_epi8(lanes, _mm_set1_epi8('.'));
		__m128i others = _mm_or_si128(
		    _mm_or_si128(_mm_cmpeq_epi8(lanes, _mm_set1_epi8('-')),
			_mm_cmpeq_epi8(lanes, _mm_set1_epi8('_'))),
		    _mm_or_si128(_mm_cmpeq_epi8(lanes, _mm_set1_epi8('+')),
			_mm_cmpeq_epi8(lanes, _mm_set1_epi8('='))));
		__m128i usual = _mm_or_si128(_mm_or_si128(tokens, others),
		    _mm_or_si128(dots, at_signs));

		bits.digits |= bits_of(digits) << at;
		bits.tokens |= bits_of(tokens) << at;
		bits.dots |= bits_of(dots) << at;
		bits.at_signs |= bits_of(at_signs) << at;
		bits.usual |= bits_of(usual) << at;
	}
	return bits;
}

/* The first bytes of a token, with zeros behind them; eight of them can be read. */
static inline uint64_t
front_of(const char *at, size_t len)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return len < TOKEN_FRONT ? word & (((uint64_t)1 << 8 * len) - 1) : word;
}

/* All bits from that one on. */
static inline uint64_t
bits_from(size_t place)
{
	return place < PLAIN_MAX ? UINT64_MAX << place : 0;
}

/* Writes what is known of a token. False where that takes a closer look. */
static inline bool
put_token(const struct tokens *tokens, const char *at, size_t len, bool is_number,
    struct addressee *out)
{
	uint64_t front = front_of(at, len);
	char *to = out->known + out->known_len;

	if (len >= TOKEN_FRONT && tokens_may_begin(tokens, front))
		return false;
	if (len < TOKEN_FRONT && tokens_hold_word(tokens, front)) {
		memcpy(to, &front, sizeof(front));
		out->known_len += len;
	} else if (is_number && len >= 4) {
		memcpy(to, "0000", 4);
		out->known_len += 4;
	} else {
		*to = 'x';
		out->known_len++;
	}
	return true;
}

/*
 * What is known of a usual address, as cache_simplify_address has it. False where that is to be asked: of a longer one, one of whose owner
 * rules may know something, one with two dots in a row, or no usual one.
 */
static bool
find_plain(const struct tokens *tokens, struct slice address, struct addressee *out)
{
	char small[PLAIN_MAX + TOKEN_FRONT] = {0};
	size_t place = out->at_sign;

	if (address.len > PLAIN_MAX || place == 0)
		return false;
	memcpy(small, address.at, address.len);
	struct address_bits bits = look_at(small, address.len);
	uint64_t owner = front_of(small, place + 1);
	if (bits.usual != ~bits_from(address.len) || bits.at_signs != (uint64_t)1 << place ||
	    (bits.dots & bits.dots >> 1) != 0 ||
	    (place < TOKEN_FRONT ? tokens_hold_word(tokens, owner) :
				   tokens_may_begin(tokens, owner)))
		return false;
	out->known[0] = 'x';
	out->known_len = 1;
	for (uint64_t rest = bits.tokens & bits_from(place); rest != 0; rest &= bits_from(place)) {
		size_t from = (size_t)__builtin_ctzll(rest);
		uint64_t behind = ~bits.tokens & bits_from(from);
		size_t end = behind != 0 ? (size_t)__builtin_ctzll(behind) : PLAIN_MAX;
		uint64_t run = bits_from(from) & ~bits_from(end);

		while (place < from)
			out->known[out->known_len++] = small[place++];
		if (!put_token(tokens, small + from, end - from, (bits.digits & run) == run, out))
			return false;
		place = end;
	}
	while (place < address.len)
		out->known[out->known_len++] = small[place++];
	return true;
}
#endif

/* Where an at sign stands from there on; the end where none does. */
static size_t
next_at_sign(struct slice text, size_t from)
{
#if defined(__SSE2__)
	for (; from + 16 <= text.len; from += 16) {
		unsigned fits = slice_lanes(text.at + from, '@');

		if (fits != 0)
			return from + (size_t)__builtin_ctz(fits);
	}
#endif
	while (from < text.len && text.at[from] != '@')
		from++;
	return from;
}

size_t
addressee_next(const struct addressee *addressee, struct slice text, size_t from)
{
	struct slice address = addressee->address;

	for (size_t at = from + addressee->at_sign; (at = next_at_sign(text, at)) < text.len;
	     at++) {
		size_t begin = at - addressee->at_sign;

		if (address.len <= text.len - begin &&
		    memcmp(text.at + begin, address.at, address.len) == 0)
			return begin;
	}
	return SIZE_MAX;
}

/* What is known of any address. False where it is none of the usual kind. */
static bool
find_known(const struct cache *cache, struct slice address, struct addressee *out)
{
	char small[ADDRESSEE_MAX];

#if defined(__SSE2__)
	if (find_plain(&cache->tokens, address, out))
		return true;
#endif
	if (!put_small(address, small))
		return false;
	out->known_len = cache_simplify_address(cache, slice_of(small, address.len), out->known);
	return true;
}

void
addressee_find(const struct cache *cache, const struct failure *failure, struct addressee *out)
{
	struct slice address = failure->address, text = failure->message;
	ptrdiff_t at_sign = address.len <= ADDRESSEE_MAX ? slice_find_byte(address, '@') : -1;

	out->address = address;
	if (at_sign >= 0 && text.len <= TOLD_MAX) {
		out->at_sign = (size_t)at_sign;
		out->first = addressee_next(out, text, 0);
		if (out->first != SIZE_MAX && find_known(cache, address, out))
			return;
	}
	out->address = slice_of("", 0);
	out->first = SIZE_MAX;
}

struct slice
addressee_replace(const struct addressee *addressee, struct slice text, char *buffer)
{
	size_t len = 0, from = 0;

	if (addressee->address.len == 0)
		return text;
	for (size_t at; (at = addressee_next(addressee, text, from)) != SIZE_MAX;
	     from = at + addressee->address.len) {
		memcpy(buffer + len, text.at + from, at - from);
		len += at - from;
		memcpy(buffer + len, addressee->known, addressee->known_len);
		len += addressee->known_len;
	}
	memcpy(buffer + len, text.at + from, text.len - from);
	return slice_of(buffer, len + text.len - from);
}
