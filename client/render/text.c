/* Text: makes what strangers wrote safe for a terminal, measures it, and breaks it into lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
	NOT_UTF8 = 0xfffd,
	VISIBLE_MAX = sizeof("\\u{e007f}"), /* the longest form that one character grows to */
};

/* Unicode's general category Cf and its like: they move or hide what stands next to them. */
static const struct {
	uint32_t first, last;
} hidden[] = {
    {0x00ad, 0x00ad},
    {0x034f, 0x034f},
    {0x0600, 0x0605},
    {0x061c, 0x061c},
    {0x06dd, 0x06dd},
    {0x070f, 0x070f},
    {0x115f, 0x1160},
    {0x17b4, 0x17b5},
    {0x180b, 0x180f},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0x3164, 0x3164},
    {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
};

/* The character at the front (RFC 3629 section 3) and its length; NOT_UTF8 and 1 where there is none. */
static uint32_t
decode(const unsigned char *at, size_t len, size_t *used)
{
	size_t follow = at[0] < 0x80 ? 0 :
	    at[0] < 0xc2             ? 9 :
	    at[0] < 0xe0             ? 1 :
	    at[0] < 0xf0             ? 2 :
	    at[0] < 0xf5             ? 3 :
				       9;
	uint32_t c = follow == 0 ? at[0] : at[0] & (0x3fu >> follow);

	*used = 1;
	if (follow >= len)
		return follow == 0 ? c : NOT_UTF8;
	for (size_t i = 1; i <= follow; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return NOT_UTF8;
		c = c << 6 | (at[i] & 0x3f);
	}
	if ((follow == 2 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
	    (follow == 3 && (c < 0x10000 || c > 0x10ffff)))
		return NOT_UTF8;
	*used = 1 + follow;
	return c;
}

static bool
is_hidden(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

char *
text_clean(const char *at, size_t len, bool is_utf8)
{
	char *clean = malloc(len * VISIBLE_MAX + 1), *out = clean, *fitted;
	size_t used;

	if (clean == NULL)
		return NULL;
	for (size_t i = 0; i < len; i += used) {
		uint32_t c = decode((const unsigned char *)at + i, len - i, &used);

		if (c == '\t' || c == '\n' || c == '\r')
			*out++ = ' ';
		else if (is_hidden(c))
			out += sprintf(out,
			    c < 0x100       ? "\\x%02x" :
				c < 0x10000 ? "\\u%04x" :
					      "\\u{%x}",
			    c);
		else if (c >= 0x80 && !is_utf8)
			*out++ = '?';
		else if (c == NOT_UTF8)
			out = stpcpy(out, "\xef\xbf\xbd");
		else
			out = mempcpy(out, at + i, used);
	}
	*out++ = '\0';
	fitted = realloc(clean, (size_t)(out - clean));
	return fitted != NULL ? fitted : clean;
}

static size_t
character_width(uint32_t c)
{
	int width = c < 0x80 ? 1 : wcwidth((wchar_t)c);

	return width < 0 ? 1 : (size_t)width;
}

size_t
text_fit(const char *text, size_t columns)
{
	size_t len = strlen(text), at = 0, used;

	while (at < len) {
		size_t width = character_width(
		    decode((const unsigned char *)text + at, len - at, &used));

		if (width > columns)
			break;
		columns -= width;
		at += used;
	}
	return at;
}

size_t
text_width(const char *text)
{
	size_t len = strlen(text), width = 0, used;

	for (size_t at = 0; at < len; at += used)
		width += character_width(decode((const unsigned char *)text + at, len - at, &used));
	return width;
}

static size_t
word_end(const char *text, size_t at)
{
	return at + strcspn(text + at, " ");
}

size_t
text_break(const char *text, size_t columns, const char **next)
{
	size_t fit = text_fit(text, columns), end;

	if (text[fit] == '\0') {
		*next = text + fit;
		return fit;
	}
	for (end = fit; end > 0 && text[end] != ' '; end--)
		continue;
	while (end > 0 && text[end - 1] == ' ')
		end--;
	if (end == 0) {
		enum { PATH_MAX_SHOWN = 160 };
		size_t first_word = word_end(text, 0);
		bool is_whole = memmem(text, first_word, "://", 3) != NULL ||
		    (text[0] == '/' && first_word <= PATH_MAX_SHOWN);

		end = is_whole || fit == 0 ? first_word : fit;
	}
	*next = text + end + strspn(text + end, " ");
	return end;
}

static void
write_escaped(FILE *out, uint32_t c)
{
	if (c >= 0x10000)
		fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
		    (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
	else
		fprintf(out, "\\u%04x", (unsigned)c);
}

void
text_write_json(FILE *out, const char *json, size_t len)
{
	size_t from = 0, used;

	for (size_t i = 0; i < len; i += used) {
		unsigned char byte = (unsigned char)json[i];

		used = 1;
		if ((byte >= 0x20 && byte < 0x7f) || byte == '\n')
			continue;
		uint32_t c = decode((const unsigned char *)json + i, len - i, &used);
		if (!is_hidden(c) && (c != NOT_UTF8 || used == 3))
			continue;
		fwrite(json + from, 1, i - from, out);
		write_escaped(out, c);
		from = i + used;
	}
	fwrite(json + from, 1, len - from, out);
}
