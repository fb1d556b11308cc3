/* MIME: content transfer encodings and HTML. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/mime.h"

#include <stdbool.h>
#include <stdint.h>

enum encoding {
	ENCODING_NONE,
	ENCODING_BASE64,
	ENCODING_QUOTED,
};

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bits of base64 that are not yet a byte go on from line to line. */
struct base64 {
	unsigned bits, count;
};

static size_t
decode_base64(struct base64 *state, struct slice line, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < line.len; i++) {
		int value = base64_value(line.at[i]);

		if (value < 0)
			continue;
		state->bits = state->bits << 6 | (unsigned)value;
		state->count += 6;
		if (state->count >= 8) {
			state->count -= 8;
			out[len++] = (char)(state->bits >> state->count);
		}
	}
	return len;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t
decode_quoted(struct slice line, char *out)
{
	bool is_soft_break = line.len != 0 && line.at[line.len - 1] == '=';
	size_t len = 0;

	if (is_soft_break)
		line.len--;
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == '=' && i + 2 < line.len && hex_value(line.at[i + 1]) >= 0 &&
		    hex_value(line.at[i + 2]) >= 0) {
			out[len++] = (char)(hex_value(line.at[i + 1]) << 4 |
			    hex_value(line.at[i + 2]));
			i += 2;
		} else {
			out[len++] = line.at[i];
		}
	}
	if (!is_soft_break)
		out[len++] = '\n';
	return len;
}

static enum encoding
encoding_of(struct slice line, enum encoding before)
{
	static const struct slice name = {"Content-Transfer-Encoding:", 26};

	if (line.len <= name.len || !slice_equal_nocase(slice_first(line, name.len), name))
		return before;
	struct slice value = slice_trim(slice_skip(line, name.len));
	return slice_equal_nocase(value, SLICE("base64"))        ? ENCODING_BASE64 :
	    slice_equal_nocase(value, SLICE("quoted-printable")) ? ENCODING_QUOTED :
								   ENCODING_NONE;
}

static size_t
decode_parts(struct slice text, char *out)
{
	enum encoding announced = ENCODING_NONE, encoding = ENCODING_NONE;
	struct base64 base64 = {0, 0};
	size_t len = 0;

	while (!slice_is_empty(text)) {
		bool has_newline = slice_find_byte(text, '\n') >= 0;
		struct slice line = slice_take_until(&text, '\n');

		if (line.len != 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (slice_has_prefix(line, SLICE("--"))) {
			encoding = announced = ENCODING_NONE;
			base64 = (struct base64){0, 0};
		} else if (encoding == ENCODING_BASE64) {
			len += decode_base64(&base64, line, out + len);
			continue;
		} else if (encoding == ENCODING_QUOTED) {
			len += decode_quoted(line, out + len);
			continue;
		} else if (slice_is_empty(line)) {
			encoding = announced;
		} else {
			announced = encoding_of(line, announced);
		}
		/* Without allowance for overlap: out is never ahead of what was taken. */
		memcpy(out + len, line.at, line.len);
		len += line.len;
		if (has_newline)
			out[len++] = '\n';
	}
	return len;
}

/* "<br>", "</p>", "<a href=...>": the bytes of an HTML tag, 0 where there is none; an address in angle brackets is none. */
static size_t
tag_length(struct slice text, bool *is_break)
{
	static const struct {
		const char *name;
		bool is_break;
	} tags[] = {{"a", false}, {"b", false}, {"blockquote", true}, {"body", true}, {"br", true},
	    {"center", true}, {"code", false}, {"div", true}, {"em", false}, {"font", false},
	    {"h1", true}, {"h2", true}, {"h3", true}, {"head", true}, {"hr", true}, {"html", true},
	    {"i", false}, {"img", false}, {"li", true}, {"meta", false}, {"o:p", false},
	    {"p", true}, {"pre", true}, {"span", false}, {"strong", false}, {"table", true},
	    {"tbody", true}, {"td", true}, {"th", true}, {"title", true}, {"tr", true},
	    {"tt", false}, {"u", false}, {"ul", true}, {"!doctype", false}};
	struct slice name = slice_skip(text, 1);

	slice_take_prefix(&name, SLICE("/"));
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct slice tag = slice_str(tags[i].name);

		if (name.len <= tag.len || !slice_equal_nocase(slice_first(name, tag.len), tag) ||
		    strchr(" >/\n", name.at[tag.len]) == NULL)
			continue;
		ptrdiff_t close = slice_find_byte(slice_first(text, 2048), '>');
		*is_break = tags[i].is_break;
		return close > 0 ? (size_t)close + 1 : 0;
	}
	return 0;
}

/* "&lt;", "&#8217;": the bytes of an entity, 0 where there is none, and the character that it stands for. */
static size_t
entity_length(struct slice text, uint32_t *code_point)
{
	static const struct {
		const char *name;
		uint32_t code_point;
	} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'},
	    {"&nbsp;", ' '}, {"&apos;", '\''}, {"&lsquo;", '\''}, {"&rsquo;", '\''},
	    {"&ldquo;", '"'}, {"&rdquo;", '"'}};
	size_t len = 2;

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (slice_has_prefix(text, slice_str(entities[i].name))) {
			*code_point = entities[i].code_point;
			return strlen(entities[i].name);
		}
	if (!slice_has_prefix(text, SLICE("&#")))
		return 0;
	for (*code_point = 0;
	     len < text.len && len < 9 && text.at[len] >= '0' && text.at[len] <= '9'; len++)
		*code_point = *code_point * 10 + (uint32_t)(text.at[len] - '0');
	/* Two digits at least, so that what is written is no longer than what was read. */
	return len >= 4 && len < text.len && text.at[len] == ';' && *code_point >= ' ' ? len + 1 :
											 0;
}

/* UTF-8, but quotation marks as typewriters have them, because replies are quoted in these. */
static size_t
put_character(uint32_t code_point, char *out)
{
	if (code_point == 0x2018 || code_point == 0x2019)
		code_point = '\'';
	if (code_point == 0xa0)
		code_point = ' ';
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xc0 | code_point >> 6);
		out[1] = (char)(0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point >= 0x10000) {
		out[0] = '?';
		return 1;
	}
	out[0] = (char)(0xe0 | code_point >> 12);
	out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code_point & 0x3f));
	return 3;
}

/* "<style>...</style>" is for no reader. */
static size_t
style_length(struct slice text)
{
	static const struct slice open = {"<style", 6}, close = {"</style>", 8};

	if (text.len < open.len || !slice_equal_nocase(slice_first(text, open.len), open))
		return 0;
	for (size_t i = open.len; i + close.len <= text.len; i++)
		if (text.at[i] == '<' &&
		    slice_equal_nocase(slice_of(text.at + i, close.len), close))
			return i + close.len;
	return 0;
}

/* In place: what is written is never longer than what was read. */
static size_t
strip_html(char *bytes, size_t size)
{
	size_t len = 0;

	for (size_t at = 0; at < size;) {
		struct slice rest = slice_of(bytes + at, size - at);
		bool is_break = false;
		uint32_t code_point;
		size_t taken = bytes[at] == '<' ? style_length(rest) : 0;

		if (taken == 0 && bytes[at] == '<')
			taken = tag_length(rest, &is_break);

		if (taken != 0) {
			if (is_break && len != 0 && bytes[len - 1] != '\n')
				bytes[len++] = '\n';
			at += taken;
			continue;
		}
		taken = bytes[at] == '&' ? entity_length(rest, &code_point) : 0;
		if (taken != 0)
			len += put_character(code_point, bytes + len);
		else
			bytes[len++] = bytes[at];
		at += taken != 0 ? taken : 1;
	}
	return len;
}

static bool
has_nocase(struct slice text, struct slice what)
{
	for (size_t i = 0; i + what.len <= text.len; i++)
		if (text.at[i] == what.at[0] &&
		    slice_equal_nocase(slice_of(text.at + i, what.len), what))
			return true;
	return false;
}

size_t
mime_decode(struct slice text, char *out)
{
	size_t len = decode_parts(text, out);
	struct slice decoded = slice_of(out, len);

	return has_nocase(decoded, SLICE("<html")) || has_nocase(decoded, SLICE("<br>")) ||
		has_nocase(decoded, SLICE("</p>")) || slice_find(decoded, SLICE("&lt;")) >= 0 ?
	    strip_html(out, len) :
	    len;
}
