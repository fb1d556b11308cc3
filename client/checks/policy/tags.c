/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/tags.h"

#include <string.h>
#include <strings.h>

/* White space that may be folded. DNS keeps no lines, so what a line end must look like is not looked at. */
static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_alpha(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_name_char(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') || c == '_';
}

static void
trim(const char **at, size_t *len)
{
	while (*len != 0 && is_space(**at)) {
		(*at)++;
		(*len)--;
	}
	while (*len != 0 && is_space((*at)[*len - 1]))
		(*len)--;
}

enum { PIECE_MAX = 60 }; /* enough to find it by */

static bool
complain(struct tags *tags, const char *error, const char *piece, size_t len)
{
	tags->error = error;
	tags->piece = piece;
	tags->piece_len = len < PIECE_MAX ? len : PIECE_MAX;
	return false;
}

/* tag-name = ALPHA *ALNUMPUNC */
static bool
is_name(const char *at, size_t len)
{
	if (len == 0 || !is_alpha(*at))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_name_char(at[i]))
			return false;
	return true;
}

/* tval = 1*VALCHAR, VALCHAR = %x21-3A / %x3C-7E, with white space between them. */
static bool
is_value(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((at[i] < 0x21 || at[i] > 0x7e) && !is_space(at[i]))
			return false;
	return true;
}

static const struct tag *
find(const struct tags *tags, const char *name, size_t len)
{
	for (size_t i = 0; i < tags->count; i++)
		if (tags->list[i].name_len == len && memcmp(tags->list[i].name, name, len) == 0)
			return &tags->list[i];
	return NULL;
}

/* tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS] */
static bool
take_tag(struct tags *tags, const char *at, size_t len)
{
	struct tag tag = {.name = at};
	const char *equals;

	trim(&at, &len);
	if (len == 0)
		return complain(tags, "there is nothing before a semicolon", at, 0);
	equals = memchr(at, '=', len);
	if (equals == NULL)
		return complain(tags, "there is a tag without an equals sign", at, len);
	tag.name = at;
	tag.name_len = (size_t)(equals - at);
	tag.value = equals + 1;
	tag.value_len = len - tag.name_len - 1;
	trim(&tag.name, &tag.name_len);
	trim(&tag.value, &tag.value_len);
	if (!is_name(tag.name, tag.name_len))
		return complain(tags, "there is a tag whose name is none", at, len);
	if (!is_value(tag.value, tag.value_len))
		return complain(tags, "there is a tag with a byte that no value may have", at, len);
	if (find(tags, tag.name, tag.name_len) != NULL)
		return complain(tags, "there is a tag twice", tag.name, tag.name_len);
	if (tags->count == TAGS_MAX)
		return complain(tags, "there are more than 32 tags", at, 0);
	tags->list[tags->count++] = tag;
	return true;
}

/* tag-list = tag-spec *( ";" tag-spec ) [ ";" ] */
bool
tags_read(const char *text, struct tags *tags)
{
	size_t left = strlen(text);

	tags->count = 0;
	tags->error = tags->piece = NULL;
	tags->piece_len = 0;
	trim(&text, &left);
	if (left == 0)
		return complain(tags, "it is empty", text, 0);
	do {
		const char *semicolon = memchr(text, ';', left);
		size_t len = semicolon != NULL ? (size_t)(semicolon - text) : left;
		size_t step = semicolon != NULL ? len + 1 : len;

		if (!take_tag(tags, text, len))
			return false;
		text += step;
		left -= step;
	} while (left != 0);
	return true;
}

const struct tag *
tags_find(const struct tags *tags, const char *name)
{
	return find(tags, name, strlen(name));
}

bool
tag_is(const struct tag *tag, const char *word)
{
	return tag->value_len == strlen(word) && strncasecmp(tag->value, word, tag->value_len) == 0;
}

bool
tag_next(const struct tag *tag, char separator, size_t *rest, const char **at, size_t *len)
{
	if (*rest > tag->value_len)
		return false;
	*at = tag->value + *rest;
	*len = tag->value_len - *rest;
	const char *end = memchr(*at, separator, *len);
	if (end != NULL)
		*len = (size_t)(end - *at);
	/* One beyond the end of the value says that its last part was taken. */
	*rest += *len + 1;
	trim(at, len);
	return true;
}

bool
tag_lists(const struct tag *tag, const char *word)
{
	size_t rest = 0, len;
	const char *at;

	while (tag_next(tag, ':', &rest, &at, &len))
		if (len == strlen(word) && strncasecmp(at, word, len) == 0)
			return true;
	return false;
}
