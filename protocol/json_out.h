/* JSON out: writes JSON text piece by piece into a growing buffer, so that a large answer never stands in memory as a tree. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTOCOL_JSON_OUT_H
#define PROTOCOL_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes commas and colons itself; the caller keeps objects, arrays and keys in order. After a failed allocation it writes nothing more and failed is true. */
struct json_out {
	char *text;
	size_t len, size;
	bool needs_comma;
	bool failed;
};

void json_out_init(struct json_out *out);
void json_out_clear(struct json_out *out);  /* frees */
void json_out_rewind(struct json_out *out); /* forgets the text, keeps the memory and needs_comma */

/* What follows is written so often that calls would cost as much. Room for so many more bytes behind the text, to be filled at that place; NULL when memory is out. */
char *json_out_grow(struct json_out *out, size_t more);

static inline char *
json_out_room(struct json_out *out, size_t more)
{
	return more <= out->size - out->len && !out->failed ? out->text + out->len :
							      json_out_grow(out, more);
}

/* Puts the comma that a value or a key needs before it, and returns the place for that. */
static inline char *
json_out_put_comma(const struct json_out *out, char *to)
{
	*to = ',';
	return to + out->needs_comma;
}

/* A value ends before that place. */
static inline void
json_out_end_value(struct json_out *out, const char *end)
{
	out->len = (size_t)(end - out->text);
	out->needs_comma = true;
}

static inline void
json_out_begin(struct json_out *out, char bracket)
{
	char *to = json_out_room(out, 2);

	if (to == NULL)
		return;
	to = json_out_put_comma(out, to);
	*to = bracket;
	json_out_end_value(out, to + 1);
	out->needs_comma = false;
}

static inline void
json_out_end(struct json_out *out, char bracket)
{
	char *to = json_out_room(out, 1);

	if (to == NULL)
		return;
	*to = bracket;
	json_out_end_value(out, to + 1);
}

static inline void
json_out_object_begin(struct json_out *out)
{
	json_out_begin(out, '{');
}

static inline void
json_out_object_end(struct json_out *out)
{
	json_out_end(out, '}');
}

static inline void
json_out_array_begin(struct json_out *out)
{
	json_out_begin(out, '[');
}

static inline void
json_out_array_end(struct json_out *out)
{
	json_out_end(out, ']');
}

/* A plain ASCII key. Nearly all stand in the code, where their lengths are known. */
static inline void
json_out_key(struct json_out *out, const char *key)
{
	size_t len = strlen(key);
	char *to = json_out_room(out, len + 4); /* a comma, two quotes, a colon */

	if (to == NULL)
		return;
	to = json_out_put_comma(out, to);
	*to++ = '"';
	memcpy(to, key, len);
	memcpy(to + len, "\":", 2);
	json_out_end_value(out, to + len + 2);
	out->needs_comma = false;
}

static inline void
json_out_null(struct json_out *out)
{
	char *to = json_out_room(out, 5);

	if (to == NULL)
		return;
	to = json_out_put_comma(out, to);
	memcpy(to, "null", 4);
	json_out_end_value(out, to + 4);
}

static inline void
json_out_bool(struct json_out *out, bool value)
{
	char *to = json_out_room(out, 6);

	if (to == NULL)
		return;
	to = json_out_put_comma(out, to);
	memcpy(to, value ? "true" : "false", 5);
	json_out_end_value(out, to + (value ? 4 : 5));
}

/* Bytes to a JSON string: invalid UTF-8 becomes U+FFFD, control characters are escaped (RFC 8259 section 7). at NULL: null. */
void json_out_string(struct json_out *out, const char *at, size_t len);
/* NUL-terminated; NULL: null. Most stand in the code, as keys do. */
static inline void
json_out_text(struct json_out *out, const char *text)
{
	json_out_string(out, text, text != NULL ? strlen(text) : 0);
}

/* For evidence: every byte that is not UTF-8, and every control byte, becomes the four characters \xHH. */
void json_out_log_line(struct json_out *out, const char *at, size_t len);
void json_out_int(struct json_out *out, int64_t value);
void json_out_uint(struct json_out *out, uint64_t value);
void json_out_double(struct json_out *out, double value);
/* JSON text written elsewhere, as one value. */
void json_out_raw(struct json_out *out, const char *json, size_t len);

/* A whole line {"jsonrpc":"2.0","method":METHOD,"params":...}\n around one value. */
void json_out_notification_begin(struct json_out *out, const char *method);
void json_out_notification_end(struct json_out *out);

/* The newline after a whole line of JSON; what comes next begins anew, without a comma. */
void json_out_line_end(struct json_out *out);

#endif
