/* The words of a reply, fit to be shown: without codes, control characters and broken UTF-8. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/reply_codes.h"
#include "daemon/text/utf8.h"

bool
reply_take_octal(struct slice *text, char *byte)
{
	if (text->len < 4 || text->at[0] != '\\' || text->at[1] < '2' || text->at[1] > '3' ||
	    text->at[2] < '0' || text->at[2] > '7' || text->at[3] < '0' || text->at[3] > '7')
		return false;
	*byte = (char)((text->at[1] - '0') << 6 | (text->at[2] - '0') << 3 | (text->at[3] - '0'));
	*text = slice_skip(*text, 4);
	return true;
}

/* The next line of a reply of several: lines are joined by a literal backslash-n; tabs before their words are literal as well. */
static struct slice
take_line(struct slice *rest)
{
	ptrdiff_t at = slice_find(*rest, SLICE("\\n"));
	struct slice line = slice_first(*rest, at < 0 ? rest->len : (size_t)at);

	*rest = at < 0 ? slice_skip(*rest, rest->len) : slice_skip(*rest, (size_t)at + 2);
	while (slice_take_prefix(&line, SLICE("\\t")))
		;
	return line;
}

/* A line without its "550-5.7.1 ". */
static struct slice
without_codes(struct slice line)
{
	struct enhanced_code enhanced;
	struct slice rest = line;
	int code;

	if (!reply_take_code(&rest, true, &code)) {
		rest = line;
		return reply_take_enhanced(&rest, &enhanced) ? slice_trim(rest) : line;
	}
	if (rest.len != 0 && (rest.at[0] == ' ' || rest.at[0] == '-' || rest.at[0] == ':'))
		rest = slice_skip(rest, 1);
	rest = slice_trim(rest);
	reply_take_enhanced(&rest, &enhanced);
	rest = slice_trim(rest);
	slice_take_prefix(&rest, SLICE(":"));
	return slice_trim(rest);
}

/* Takes one character, at most four bytes, raw or in Exim's octal escapes; false when the bytes are no character. */
static bool
take_character(struct slice *text, char bytes[4], size_t *len)
{
	struct slice rest = *text;
	uint32_t code_point;
	size_t escaped = 0;

	while (escaped < 4 && reply_take_octal(&rest, &bytes[escaped]))
		escaped++;
	bool is_escaped = escaped != 0;
	struct slice raw = is_escaped ? slice_of(bytes, escaped) : *text;
	*len = utf8_take(raw, &code_point);
	*text = slice_skip(*text, (is_escaped ? 4 : 1) * (*len != 0 ? *len : 1));
	if (*len == 0)
		return false;
	if (utf8_is_control(code_point)) {
		bytes[0] = ' ';
		*len = 1;
	} else if (!is_escaped) {
		memcpy(bytes, raw.at, *len);
	}
	return true;
}

/* Copies with bytes that are no UTF-8 as U+FFFD and control characters as blanks. */
static size_t
put_clean(struct slice text, char *buffer, size_t size)
{
	size_t len = 0;

	while (text.len != 0 && len + 5 < size) {
		char bytes[4];
		size_t taken = utf8_plain(slice_first(text, size - len - 5));
		const char *escape = taken != 0 ? memchr(text.at, '\\', taken) : NULL;

		if (escape != NULL)
			taken = (size_t)(escape - text.at);
		if (taken != 0) {
			memcpy(buffer + len, text.at, taken);
			len += taken;
			text = slice_skip(text, taken);
			continue;
		}
		if (take_character(&text, bytes, &taken)) {
			memcpy(buffer + len, bytes, taken);
			len += taken;
		} else {
			memcpy(buffer + len, "\xef\xbf\xbd", 3);
			len += 3;
		}
	}
	return len;
}

size_t
reply_text(const struct reply *reply, char *buffer, size_t size)
{
	struct slice rest = slice_trim(reply->raw);
	size_t len = 0;

	if (rest.len != 0 && rest.at[0] == '"') {
		rest = slice_skip(rest, 1);
		if (slice_has_suffix(rest, SLICE("\"")))
			rest.len--;
	}
	while (!slice_is_empty(rest) && len + 8 < size) {
		struct slice line = without_codes(slice_trim(take_line(&rest)));

		if (len != 0)
			buffer[len++] = '\n';
		len += put_clean(line, buffer + len, size - len);
	}
	buffer[len] = '\0';
	return len;
}
