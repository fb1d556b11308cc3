/* JSON out: writes JSON text piece by piece into a growing buffer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "protocol/json_out.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

/* What a byte of a string is to the writer. */
enum byte_kind {
	PLAIN,   /* copied */
	ESCAPED, /* a control byte, a quote, a backslash */
	HIGH,    /* part of a UTF-8 sequence, or of none */
};

static const unsigned char byte_kinds[256] = {
    [0 ... 0x1f] = ESCAPED,
    ['"'] = ESCAPED,
    ['\\'] = ESCAPED,
    [0x7f] = ESCAPED,
    [0x80 ... 0xff] = HIGH,
};

void
json_out_init(struct json_out *out)
{
	*out = (struct json_out){0};
}

void
json_out_clear(struct json_out *out)
{
	free(out->text);
	*out = (struct json_out){0};
}

void
json_out_rewind(struct json_out *out)
{
	out->len = 0;
}

static char *
grow(struct json_out *out, size_t more)
{
	if (out->failed)
		return NULL;
	size_t size = out->size != 0 ? out->size : FIRST_SIZE;
	while (size - out->len < more) {
		if (size > SIZE_MAX / 2) {
			out->failed = true;
			return NULL;
		}
		size *= 2;
	}
	char *text = realloc(out->text, size);
	if (text == NULL) {
		out->failed = true;
		return NULL;
	}
	out->text = text;
	out->size = size;
	return out->text + out->len;
}

/* Room for more bytes, to be written at the place returned; NULL when memory is out. */
static inline char *
make_room(struct json_out *out, size_t more)
{
	return more <= out->size - out->len && !out->failed ? out->text + out->len :
							      grow(out, more);
}

static void
append(struct json_out *out, const char *at, size_t len)
{
	char *to = make_room(out, len);

	if (to == NULL)
		return;
	memcpy(to, at, len);
	out->len += len;
}

static void
append_byte(struct json_out *out, char byte)
{
	char *to = make_room(out, 1);

	if (to == NULL)
		return;
	*to = byte;
	out->len++;
}

/* Before every value and key. */
static void
separate(struct json_out *out)
{
	if (out->needs_comma)
		append_byte(out, ',');
	out->needs_comma = true;
}

void
json_out_object_begin(struct json_out *out)
{
	separate(out);
	append_byte(out, '{');
	out->needs_comma = false;
}

void
json_out_object_end(struct json_out *out)
{
	append_byte(out, '}');
	out->needs_comma = true;
}

void
json_out_array_begin(struct json_out *out)
{
	separate(out);
	append_byte(out, '[');
	out->needs_comma = false;
}

void
json_out_array_end(struct json_out *out)
{
	append_byte(out, ']');
	out->needs_comma = true;
}

char *
json_out_grow(struct json_out *out, size_t more)
{
	return make_room(out, more);
}

/* Many bytes at once: the compiler makes of these what the machine has. */
typedef int8_t bytes __attribute__((vector_size(16)));

/* Whether all of them are plain. As signed bytes those that are no ASCII are below the blank, too. */
static inline bool
are_plain(const unsigned char *at)
{
	uint64_t odd[2];
	bytes some;

	memcpy(&some, at, sizeof(some));
	some = (some < ' ') | (some == '"') | (some == '\\') | (some == 0x7f);
	memcpy(odd, &some, sizeof(odd));
	return (odd[0] | odd[1]) == 0;
}

/* Length of the run of plain bytes at the front: many at a time, since nearly all text is one. */
static size_t
plain_run(const unsigned char *at, size_t len)
{
	size_t i = 0;

	while (i + sizeof(bytes) <= len && are_plain(at + i))
		i += sizeof(bytes);
	/* The rest of a longer text together with bytes before it. */
	if (i != 0 && i + sizeof(bytes) > len && are_plain(at + len - sizeof(bytes)))
		return len;
	while (i < len && byte_kinds[at[i]] == PLAIN)
		i++;
	return i;
}

/* Length of the well-formed UTF-8 sequence at the front (RFC 3629 section 4), 0 when there is none. C1 controls are none of ours: see escape. */
static size_t
sequence_length(const unsigned char *at, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t want;

	if (at[0] >= 0xc2 && at[0] <= 0xdf)
		want = 2;
	else if (at[0] >= 0xe0 && at[0] <= 0xef)
		want = 3;
	else if (at[0] >= 0xf0 && at[0] <= 0xf4)
		want = 4;
	else
		return 0;
	if (at[0] == 0xe0)
		low = 0xa0;
	else if (at[0] == 0xed)
		high = 0x9f;
	else if (at[0] == 0xf0)
		low = 0x90;
	else if (at[0] == 0xf4)
		high = 0x8f;
	if (want > len || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < want; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

static void
append_escaped(struct json_out *out, unsigned code)
{
	static const char letters[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
	const char *known = code != 0 && code < 0x80 ? strchr(letters, (int)code) : NULL;
	char text[8];

	if (known != NULL) {
		text[0] = '\\';
		text[1] = names[known - letters];
		append(out, text, 2);
	} else {
		append(out, text, (size_t)snprintf(text, sizeof(text), "\\u%04x", code));
	}
}

static void
append_log_byte(struct json_out *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	/* The four characters \xHH, whose backslash JSON wants doubled. */
	const char text[] = {'\\', '\\', 'x', digits[byte >> 4], digits[byte & 15]};

	append(out, text, sizeof(text));
}

/* Copies the run of plain bytes at the front, and returns its length; behind it the room for all of the text holds anything. */
static size_t
copy_plain(char *to, const unsigned char *at, size_t len)
{
	size_t i = 0;

	while (i + sizeof(bytes) <= len) {
		memcpy(to + i, at + i, sizeof(bytes));
		if (!are_plain(at + i))
			break;
		i += sizeof(bytes);
	}
	/* The rest of a longer text together with bytes before it. */
	if (i != 0 && i + sizeof(bytes) > len && are_plain(at + len - sizeof(bytes))) {
		memcpy(to + len - sizeof(bytes), at + len - sizeof(bytes), sizeof(bytes));
		return len;
	}
	for (; i < len && byte_kinds[at[i]] == PLAIN; i++)
		to[i] = (char)at[i];
	return i;
}

static void
append_string(struct json_out *out, const char *text, size_t len, bool is_log_line)
{
	const unsigned char *at = (const unsigned char *)text;
	char *to = make_room(out, len + 3), *start = to;

	if (to == NULL)
		return;
	if (out->needs_comma)
		*to++ = ',';
	*to++ = '"';
	size_t run = copy_plain(to, at, len);
	out->len += (size_t)(to - start) + run;
	out->needs_comma = true;
	for (at += run, len -= run; len != 0; at += run, len -= run) {
		size_t taken = 1;
		if (byte_kinds[*at] == ESCAPED) {
			if (is_log_line && *at != '"' && *at != '\\')
				append_log_byte(out, *at);
			else
				append_escaped(out, *at);
		} else if ((taken = sequence_length(at, len)) == 0) {
			taken = 1;
			if (is_log_line)
				append_log_byte(out, *at);
			else
				append(out, "\xef\xbf\xbd", 3);
		} else if (at[0] == 0xc2 && at[1] < 0xa0) {
			/* C1 controls: a terminal may obey them. */
			if (is_log_line) {
				append_log_byte(out, at[0]);
				append_log_byte(out, at[1]);
			} else {
				append_escaped(out, at[1]);
			}
		} else {
			append(out, (const char *)at, taken);
		}
		at += taken;
		len -= taken;
		run = plain_run(at, len);
		append(out, (const char *)at, run);
	}
	append_byte(out, '"');
}

void
json_out_string(struct json_out *out, const char *at, size_t len)
{
	if (at == NULL)
		json_out_null(out);
	else
		append_string(out, at, len, false);
}

void
json_out_log_line(struct json_out *out, const char *at, size_t len)
{
	if (at == NULL)
		json_out_null(out);
	else
		append_string(out, at, len, true);
}

void
json_out_text(struct json_out *out, const char *text)
{
	json_out_string(out, text, text != NULL ? strlen(text) : 0);
}

void
json_out_uint(struct json_out *out, uint64_t value)
{
	char text[24], *at = text + sizeof(text);

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	separate(out);
	append(out, at, (size_t)(text + sizeof(text) - at));
}

void
json_out_int(struct json_out *out, int64_t value)
{
	if (value < 0) {
		separate(out);
		append_byte(out, '-');
		out->needs_comma = false;
		json_out_uint(out, -(uint64_t)value);
	} else {
		json_out_uint(out, (uint64_t)value);
	}
}

void
json_out_double(struct json_out *out, double value)
{
	char text[40];

	/* JSON has no word for them (RFC 8259 section 6). */
	if (!isfinite(value)) {
		json_out_null(out);
		return;
	}
	separate(out);
	append(out, text, (size_t)snprintf(text, sizeof(text), "%.*g", DBL_DIG, value));
}

void
json_out_bool(struct json_out *out, bool value)
{
	separate(out);
	append(out, value ? "true" : "false", value ? 4 : 5);
}

void
json_out_null(struct json_out *out)
{
	char *to = make_room(out, 5);

	if (to == NULL)
		return;
	/* One copy of a fixed length, whatever stands before. */
	memcpy(to, out->needs_comma ? ",null" : "null", 5);
	out->len += 4 + out->needs_comma;
	out->needs_comma = true;
}

void
json_out_raw(struct json_out *out, const char *json, size_t len)
{
	separate(out);
	append(out, json, len);
}

void
json_out_notification_begin(struct json_out *out, const char *method)
{
	out->needs_comma = false;
	json_out_object_begin(out);
	json_out_key(out, "jsonrpc");
	json_out_text(out, "2.0");
	json_out_key(out, "method");
	json_out_text(out, method);
	json_out_key(out, "params");
}

void
json_out_notification_end(struct json_out *out)
{
	json_out_object_end(out);
	json_out_line_end(out);
}

void
json_out_line_end(struct json_out *out)
{
	append_byte(out, '\n');
	out->needs_comma = false;
}
