/* JSON out: writes JSON text piece by piece into a growing buffer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "protocol/json_out.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

char *
json_out_grow(struct json_out *out, size_t more)
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

/* JSON text as one value. */
static void
append_value(struct json_out *out, const char *at, size_t len)
{
	char *to = json_out_room(out, 1 + len);

	if (to == NULL)
		return;
	to = json_out_put_comma(out, to);
	memcpy(to, at, len);
	json_out_end_value(out, to + len);
}

/* Many bytes at once: the compiler makes of these what the machine has. */
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef int8_t signed_bytes __attribute__((vector_size(16)));

/*
 * How many of them are plain, up to the first that is not. As signed bytes those that are no ASCII are below the blank, and one more than DEL
 * is so, too.
 */
static inline size_t
plain_among(bytes some)
{
	signed_bytes odd = ((signed_bytes)(some + 1) < ' ' + 1) | (some == '"') | (some == '\\');

#if defined(__SSE2__)
	unsigned bits = (unsigned)_mm_movemask_epi8((__m128i)odd);

	return bits == 0 ? sizeof(some) : (size_t)__builtin_ctz(bits);
#else
	size_t count = 0;

	while (count < sizeof(some) && odd[count] == 0)
		count++;
	return count;
#endif
}

/* Copies a text of four to fifteen bytes by its two ends, which overlap. False where not all of it is plain. */
static inline bool
copy_short(char *to, const unsigned char *at, size_t len)
{
	uint64_t ends[2];
	uint32_t halves[2];
	bytes some;

	if (len >= 8) {
		memcpy(&ends[0], at, 8);
		memcpy(&ends[1], at + len - 8, 8);
		memcpy(to, &ends[0], 8);
		memcpy(to + len - 8, &ends[1], 8);
	} else {
		memcpy(&halves[0], at, 4);
		memcpy(&halves[1], at + len - 4, 4);
		memcpy(to, &halves[0], 4);
		memcpy(to + len - 4, &halves[1], 4);
		ends[0] = ends[1] = (uint64_t)halves[0] << 32 | halves[1];
	}
	memcpy(&some, ends, sizeof(some));
	return plain_among(some) == sizeof(some);
}

/* Copies the run of plain bytes at the front, and returns its length; behind it the room for all of the text holds anything. */
static size_t
copy_plain(char *to, const unsigned char *at, size_t len)
{
	size_t i = 0;
	bytes some;

	for (; i + sizeof(some) <= len; i += sizeof(some)) {
		memcpy(&some, at + i, sizeof(some));
		memcpy(to + i, &some, sizeof(some));
		size_t plain = plain_among(some);
		if (plain != sizeof(some))
			return i + plain;
	}
	/* The rest of a longer text together with bytes before it. */
	if (i != 0 && i != len) {
		memcpy(&some, at + len - sizeof(some), sizeof(some));
		memcpy(to + len - sizeof(some), &some, sizeof(some));
		return len - sizeof(some) + plain_among(some);
	}
	if (len - i >= 4 && copy_short(to, at, len))
		return len;
	for (; i < len && byte_kinds[at[i]] == PLAIN; i++)
		to[i] = (char)at[i];
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

/* What one odd byte, or a C1 control of two, becomes at most: "\\x9b" for each. */
enum { ODD_MAX = 10 };

static char *
put_escaped(char *to, unsigned code)
{
	static const char letters[] = "\b\t\n\f\r", names[] = "btnfr",
			  digits[] = "0123456789abcdef";
	const char *known = code != 0 && code < 0x80 ? strchr(letters, (int)code) : NULL;

	*to++ = '\\';
	if (code == '"' || code == '\\') {
		*to++ = (char)code;
	} else if (known != NULL) {
		*to++ = names[known - letters];
	} else {
		memcpy(to, "u00", 3);
		to[3] = digits[code >> 4];
		to[4] = digits[code & 15];
		to += 5;
	}
	return to;
}

/* The four characters \xHH, whose backslash JSON wants doubled. */
static char *
put_log_byte(char *to, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(to, "\\\\x", 3);
	to[3] = digits[byte >> 4];
	to[4] = digits[byte & 15];
	return to + 5;
}

/* Puts what *at, where no plain byte stands, is written as, and goes behind it. */
static char *
put_odd(char *to, const unsigned char **at, size_t len, bool is_log_line)
{
	const unsigned char *byte = *at;
	size_t taken = 1;

	if (byte_kinds[*byte] == ESCAPED) {
		to = is_log_line && *byte != '"' && *byte != '\\' ? put_log_byte(to, *byte) :
								    put_escaped(to, *byte);
	} else if ((taken = sequence_length(byte, len)) == 0) {
		taken = 1;
		if (is_log_line) {
			to = put_log_byte(to, *byte);
		} else {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
		}
	} else if (byte[0] == 0xc2 && byte[1] < 0xa0) {
		/* C1 controls: a terminal may obey them. */
		to = is_log_line ? put_log_byte(put_log_byte(to, byte[0]), byte[1]) :
				   put_escaped(to, byte[1]);
	} else {
		memcpy(to, byte, taken);
		to += taken;
	}
	*at += taken;
	return to;
}

/* Writes what is left of a string, from its first odd byte on; to is where that goes. */
static void __attribute__((noinline)) end_odd_string(struct json_out *out, char *to,
    const unsigned char *at, size_t len, bool is_log_line)
{
	const unsigned char *end = at + len;

	while (at != end) {
		json_out_end_value(out, to);
		to = json_out_room(out, ODD_MAX + (size_t)(end - at) + 1);
		if (to == NULL)
			return;
		to = put_odd(to, &at, (size_t)(end - at), is_log_line);
		size_t run = copy_plain(to, at, (size_t)(end - at));
		to += run;
		at += run;
	}
	*to++ = '"';
	json_out_end_value(out, to);
}

static inline void
append_string(struct json_out *out, const char *text, size_t len, bool is_log_line)
{
	const unsigned char *at = (const unsigned char *)text;
	char *to = json_out_room(out, len + 3);

	if (to == NULL)
		return;
	to = json_out_put_comma(out, to);
	*to++ = '"';
	size_t run = copy_plain(to, at, len);
	if (run != len) {
		end_odd_string(out, to + run, at + run, len - run, is_log_line);
		return;
	}
	to[len] = '"';
	json_out_end_value(out, to + len + 1);
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
json_out_uint(struct json_out *out, uint64_t value)
{
	enum { DIGITS_MAX = 20 };
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	/* As many bytes behind the digits, so that copying them takes a fixed number. */
	char text[2 * DIGITS_MAX] = "", *end = text + DIGITS_MAX, *at = end;
	char *to = json_out_room(out, 1 + DIGITS_MAX);

	if (to == NULL)
		return;
	for (; value >= 100; value /= 100)
		at = memcpy(at - 2, pairs + 2 * (value % 100), 2);
	at = memcpy(at - 2, pairs + 2 * value, 2);
	if (value < 10)
		at++;
	to = json_out_put_comma(out, to);
	memcpy(to, at, DIGITS_MAX);
	json_out_end_value(out, to + (end - at));
}

void
json_out_int(struct json_out *out, int64_t value)
{
	if (value < 0) {
		append_value(out, "-", 1);
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
	append_value(out, text, (size_t)snprintf(text, sizeof(text), "%.*g", DBL_DIG, value));
}

void
json_out_raw(struct json_out *out, const char *json, size_t len)
{
	append_value(out, json, len);
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
	char *to = json_out_room(out, 1);

	if (to == NULL)
		return;
	*to = '\n';
	out->len++;
	out->needs_comma = false;
}
