/* Fields: the NAME=value tokens that arrivals and deliveries are made of. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_FIELD_H
#define EXIM_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

/* Takes an address up to the next blank; a quoted local part may hold blanks. */
static inline struct slice
field_take_address(struct slice *rest)
{
	size_t len = 0;

	if (rest->len != 0 && rest->at[0] == '"') {
		for (len = 1; len < rest->len && rest->at[len] != '"'; len++)
			if (rest->at[len] == '\\')
				len++;
		/* A quote that is never closed is just a character. */
		if (len >= rest->len)
			len = 0;
	}
	ptrdiff_t blank = slice_find_byte(slice_skip(*rest, len), ' ');
	len = blank >= 0 ? len + (size_t)blank : rest->len;
	struct slice address = slice_first(*rest, len);
	*rest = slice_skip(*rest, len);
	return address;
}

/* Takes "..." and gives its inside, up to the first quote that no backslash stands before. False where it is never closed. */
static inline bool
field_take_quoted(struct slice *rest, struct slice *inside)
{
	if (rest->len == 0 || rest->at[0] != '"')
		return false;
	size_t len = 1;
	for (ptrdiff_t at;; len += (size_t)at + 2) {
		at = slice_find_either(slice_skip(*rest, len), '"', '\\');
		if (at < 0)
			return false;
		if (rest->at[len + (size_t)at] == '"') {
			len += (size_t)at;
			break;
		}
	}
	*inside = slice_of(rest->at + 1, len - 1);
	*rest = slice_skip(*rest, len + 1);
	return true;
}

/* Takes "<...>" and gives its inside; an address may hold '>' in a quoted local part only. False where none stands. */
static inline bool
field_take_angle(struct slice *rest, struct slice *inside)
{
	struct slice ahead = *rest, local_part;

	if (!slice_take_prefix(&ahead, SLICE("<")))
		return false;
	field_take_quoted(&ahead, &local_part);
	ptrdiff_t end = slice_find_byte(ahead, '>');
	if (end < 0)
		return false;
	*inside = slice_of(rest->at + 1, (size_t)(ahead.at - rest->at) + (size_t)end - 1);
	*rest = slice_skip(ahead, (size_t)end + 1);
	return true;
}

/* Takes the word up to the next blank. */
static inline struct slice
field_take_word(struct slice *rest)
{
	ptrdiff_t end = slice_find_byte(*rest, ' ');
	size_t len = end < 0 ? rest->len : (size_t)end;
	struct slice word = {rest->at, len};

	*rest = slice_skip(*rest, len);
	return word;
}

/* Takes NAME="...": false where another word stands. */
static inline bool
field_take_quoted_field(struct slice *rest)
{
	size_t name = 0;

	while (name < rest->len && name < 8 && rest->at[name] != ' ' && rest->at[name] != '=')
		name++;
	if (name >= rest->len || rest->at[name] != '=')
		return false;
	struct slice value = slice_skip(*rest, name + 1), ignored;
	if (!field_take_quoted(&value, &ignored))
		return false;
	*rest = value;
	return true;
}

static inline int64_t
field_number(struct slice text)
{
	int64_t value = 0;
	size_t i = 0;

	while (i < text.len && i < 18 && text.at[i] >= '0' && text.at[i] <= '9')
		value = value * 10 + (text.at[i++] - '0');
	return i != 0 ? value : -1;
}

#endif
