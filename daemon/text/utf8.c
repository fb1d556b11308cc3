/* UTF-8: well-formed sequences (RFC 3629 section 4), and text folded to plain lower-case letters. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/text/utf8.h"

#include "daemon/text/lanes.h"

size_t
utf8_take(struct slice text, uint32_t *code_point)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)text.at;
	size_t len;

	if (text.len == 0)
		return 0;
	if (at[0] < 0x80) {
		*code_point = at[0];
		return 1;
	}
	len = at[0] >= 0xf0 && at[0] < 0xf5 ? 4 :
	    at[0] >= 0xe0 && at[0] < 0xf0   ? 3 :
	    at[0] >= 0xc2 && at[0] < 0xe0   ? 2 :
					      0;
	if (len == 0 || len > text.len)
		return 0;
	uint32_t value = at[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < smallest[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*code_point = value;
	return len;
}

size_t
utf8_plain(struct slice text)
{
	/* As signed bytes those that are no ASCII are below the blank, too. */
	typedef int8_t bytes __attribute__((vector_size(16)));
	size_t len = 0;

	for (; text.len - len >= sizeof(bytes); len += sizeof(bytes)) {
		uint64_t odd[2];
		bytes some;

		memcpy(&some, text.at + len, sizeof(some));
		some = (some < ' ') | (some == 0x7f);
		memcpy(odd, &some, sizeof(odd));
		if ((odd[0] | odd[1]) != 0)
			break;
	}
	while (len < text.len && text.at[len] >= ' ' && text.at[len] < 0x7f)
		len++;
	return len;
}

bool
utf8_is_control(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) ||
	    (code_point >= 0x200e && code_point <= 0x200f) ||
	    (code_point >= 0x2028 && code_point <= 0x202e) ||
	    (code_point >= 0x2066 && code_point <= 0x2069);
}

/* U+00C0 to U+017F without accents, from the Unicode decompositions; two letters where one will not do. */
static const char *const latin[0x180 - 0xc0] = {"a", "a", "a", "a", "a", "a", "ae", "c", "e", "e",
    "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o", "o", "x", "o", "u", "u", "u", "u",
    "y", "th", "ss", "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",
    "i", "d", "n", "o", "o", "o", "o", "o", "/", "o", "u", "u", "u", "u", "y", "th", "y", "a", "a",
    "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d", "d", "d", "e", "e", "e",
    "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g", "g", "g", "g", "g", "h", "h", "h", "h",
    "i", "i", "i", "i", "i", "i", "i", "i", "i", "i", "ij", "ij", "j", "j", "k", "k", "k", "l", "l",
    "l", "l", "l", "l", "l", "l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "n", "n", "o", "o",
    "o", "o", "o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s", "s",
    "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u",
    "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s"};

/* What a code point is written as; NULL: as it stands. */
static const char *
plain(uint32_t code_point)
{
	if (code_point >= 0xc0 && code_point < 0x180)
		return latin[code_point - 0xc0];
	switch (code_point) {
	case 0xa0:
	case 0x2028:
	case 0x2029:
	case 0x202f:
	case 0x3000:
	case 0x200b:
	case 0xfffd:
		return " ";
	case 0xab:
	case 0xbb:
	case 0x201c:
	case 0x201d:
	case 0x201e:
		return "\"";
	case 0xb4:
	case 0x2018:
	case 0x2019:
	case 0x201a:
		return "'";
	case 0x2013:
	case 0x2014:
		return "-";
	}
	return NULL;
}

/* Cyrillic capitals have their small letters 32 or 80 further on; few write the dots of U+0451. */
static uint32_t
lower_cyrillic(uint32_t code_point)
{
	if (code_point >= 0x410 && code_point < 0x430)
		code_point += 0x20;
	else if (code_point >= 0x400 && code_point < 0x410)
		code_point += 0x50;
	return code_point == 0x451 ? 0x435 : code_point;
}

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The underscore of "522_mailbox_full" or "USER_UNKNOWN": between letters it stands for a blank. */
static bool
joins_words(struct slice text, const char *buffer, size_t len)
{
	return text.at[0] == '_' && text.len > 1 && is_letter(text.at[1]) && len != 0 &&
	    is_letter(buffer[len - 1]);
}

/* What becomes of the bytes that make up nearly all texts, wherever they stand: capitals are made small. 0: it takes more. */
static char
fold_byte(unsigned char c)
{
	static const uint8_t capital[256] = {['A' ... 'Z'] = 0x20};
	static const bool is_plain[256] = {[' ' + 1 ... '_' - 1] = true, ['_' + 1 ... 0x7e] = true};

	return (char)(is_plain[c] ? c | capital[c] : 0);
}

#if defined(__SSE2__)
/* Folds sixteen bytes that fold_byte knows, or that are single blanks. False where there are others among them. */
static bool
fold_lanes(const char *at, bool is_behind_blank, char *to)
{
	__m128i lanes = lanes_at(at);
	/* Bytes from 0x80 on are less than all these. */
	__m128i others = _mm_or_si128(_mm_cmplt_epi8(lanes, _mm_set1_epi8(' ')),
	    _mm_or_si128(_mm_cmpeq_epi8(lanes, _mm_set1_epi8(0x7f)),
		_mm_cmpeq_epi8(lanes, _mm_set1_epi8('_'))));
	unsigned blanks = slice_lanes(at, ' ');

	if (_mm_movemask_epi8(others) != 0 || (blanks & (blanks << 1 | is_behind_blank)) != 0)
		return false;
	__m128i capitals = _mm_and_si128(_mm_cmpgt_epi8(lanes, _mm_set1_epi8('A' - 1)),
	    _mm_cmplt_epi8(lanes, _mm_set1_epi8('Z' + 1)));
	_mm_storeu_si128((__m128i *)(void *)to,
	    _mm_or_si128(lanes, _mm_and_si128(capitals, _mm_set1_epi8(0x20))));
	return true;
}
#endif

/* Folds what it can of the front by sixteen bytes at a time. Returns how much that is. */
static size_t
fold_front(struct slice text, char *buffer, size_t size)
{
	size_t len = 0;

#if defined(__SSE2__)
	while (text.len - len >= 16 && len + 20 < size &&
	    fold_lanes(text.at + len, len == 0 || buffer[len - 1] == ' ', buffer + len))
		len += 16;
#else
	(void)text;
	(void)buffer;
	(void)size;
#endif
	return len;
}

/* Short forms and what they stand for: the first that a text has before its apostrophe and with it counts. */
static const struct short_form {
	struct slice form, written;
	bool is_word; /* no letter stands before it */
} short_forms[] = {
    {{"can't", 5}, {"cannot", 6}, true},
    {{"won't", 5}, {"will not", 8}, true},
    {{"n't", 3}, {" not", 4}, false},
};

enum { SHORT_FORMS_MAX = 32 }; /* in a text: each moves what is behind it */

/* Whether the short form ends at end, behind its t. */
static bool
ends_in(const struct short_form *form, const char *buffer, size_t end)
{
	if (end < form->form.len ||
	    memcmp(buffer + end - form->form.len, form->form.at, form->form.len) != 0)
		return false;
	return !form->is_word || end == form->form.len ||
	    !is_letter(buffer[end - form->form.len - 1]);
}

/* Writes "isn't" as "is not", so that words are found in either form. Returns the new length. */
static size_t
spell_out(char *buffer, size_t len, size_t size)
{
	size_t from = 0;

	for (unsigned count = 0; count < SHORT_FORMS_MAX; count++) {
		const char *quote = memchr(buffer + from, '\'', len - from);
		size_t end = quote != NULL ? (size_t)(quote - buffer) + 2 : len + 1;

		if (end > len)
			break;
		from = end;
		if (end < len && is_letter(buffer[end]))
			continue;
		for (size_t i = 0; i < sizeof(short_forms) / sizeof(short_forms[0]); i++) {
			const struct short_form *form = &short_forms[i];

			if (!ends_in(form, buffer, end))
				continue;
			size_t more = form->written.len - form->form.len;
			if (len + more >= size)
				return len;
			memmove(buffer + end + more, buffer + end, len - end);
			memcpy(buffer + end - form->form.len, form->written.at, form->written.len);
			len += more;
			from += more;
			break;
		}
	}
	return len;
}

size_t
text_fold(struct slice text, char *buffer, size_t size)
{
	size_t len = fold_front(text, buffer, size);

	text = slice_skip(text, len);
	while (text.len != 0 && len + 4 < size) {
		unsigned char c = (unsigned char)text.at[0];
		const char *letters;
		uint32_t code_point;
		char folded = fold_byte(c);

		if (folded != 0 || (c == ' ' && len != 0 && buffer[len - 1] != ' ')) {
			buffer[len++] = folded != 0 ? folded : ' ';
			text = slice_of(text.at + 1, text.len - 1);
			continue;
		}
		if (c < 0x80) {
			if (c <= ' ' || c == 0x7f || joins_words(text, buffer, len)) {
				if (len != 0 && buffer[len - 1] != ' ')
					buffer[len++] = ' ';
			} else {
				buffer[len++] = (char)c;
			}
			text = slice_skip(text, 1);
			continue;
		}
		size_t taken = utf8_take(text, &code_point);
		if (taken == 0) {
			/*
			 * Not UTF-8: an old server that writes Latin-1, or Windows-1252's apostrophes. 0xff is the letter in no
			 * mail server's words, but the byte of broken ones.
			 */
			code_point = c == 0x91 || c == 0x92 ? 0x2019 : c == 0xff ? 0xfffd : c;
			taken = 1;
		}
		/* The accent of a letter before it. */
		bool is_accent = code_point >= 0x300 && code_point < 0x370;
		letters = is_accent ? "" : plain(code_point);
		if (letters != NULL) {
			if (!(letters[0] == ' ' && (len == 0 || buffer[len - 1] == ' ')))
				while (*letters != '\0')
					buffer[len++] = *letters++;
		} else if (taken == 2) {
			code_point = lower_cyrillic(code_point);
			buffer[len++] = (char)(0xc0 | code_point >> 6);
			buffer[len++] = (char)(0x80 | (code_point & 0x3f));
		} else if (taken > 1) {
			memcpy(buffer + len, text.at, taken);
			len += taken;
		}
		text = slice_skip(text, taken);
	}
	while (len != 0 && buffer[len - 1] == ' ')
		len--;
	len = spell_out(buffer, len, size);
	buffer[len] = '\0';
	return len;
}
