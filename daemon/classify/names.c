/* Names in a text: "the mailbox spam@blocked.example.net is full, see https://example.org/policy" speaks of a full mailbox only. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/names.h"

#include <string.h>

enum { NAME_BYTE = 1, LINK_BYTE = 2, TELLING_BYTE = 4, PART_BYTE = 8 };

static const uint8_t byte_kinds[256] = {
    ['a' ... 'z'] = NAME_BYTE | LINK_BYTE,
    ['A' ... 'Z'] = NAME_BYTE | LINK_BYTE,
    ['0' ... '9'] = NAME_BYTE | LINK_BYTE | PART_BYTE,
    ['@'] = NAME_BYTE | LINK_BYTE | TELLING_BYTE | PART_BYTE,
    ['.'] = NAME_BYTE | LINK_BYTE | TELLING_BYTE | PART_BYTE,
    [':'] = LINK_BYTE | TELLING_BYTE | PART_BYTE,
    ['-'] = NAME_BYTE | LINK_BYTE,
    ['_'] = NAME_BYTE | LINK_BYTE | PART_BYTE,
    ['+'] = NAME_BYTE | LINK_BYTE,
    ['/'] = LINK_BYTE | PART_BYTE,
    ['?'] = LINK_BYTE | PART_BYTE,
    ['='] = LINK_BYTE | PART_BYTE,
    ['&'] = LINK_BYTE | PART_BYTE,
    ['#'] = LINK_BYTE | PART_BYTE,
    ['%'] = LINK_BYTE | PART_BYTE,
    ['~'] = LINK_BYTE,
    ['$'] = LINK_BYTE,
    ['!'] = LINK_BYTE,
};

static bool
is_kind(char c, uint8_t kind)
{
	return (byte_kinds[(uint8_t)c] & kind) != 0;
}

bool
names_is_part(struct slice literal)
{
	for (size_t i = 0; i < literal.len; i++)
		if (is_kind(literal.at[i], PART_BYTE))
			return true;
	return false;
}

/* The endings of hosts that are no words, so that "unknown.com" is a name where "unknown.please" is a sentence without its blank. */
static bool
is_top_level(struct slice label)
{
	static const struct slice names[] = {SLICE_INIT("com"), SLICE_INIT("net"),
	    SLICE_INIT("org"), SLICE_INIT("edu"), SLICE_INIT("gov"), SLICE_INIT("example"),
	    SLICE_INIT("invalid"), SLICE_INIT("test"), SLICE_INIT("local"),
	    SLICE_INIT("localdomain")};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal(label, names[i]))
			return true;
	return false;
}

/* An address, or two labels and more that end as hosts do. */
static bool
is_name(struct slice word)
{
	size_t dots = 0, label = 0;

	if (slice_find_byte(word, '@') >= 0)
		return word.len > 1;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] != '.')
			continue;
		if (i == label)
			return false;
		dots++;
		label = i + 1;
	}
	struct slice last = slice_skip(word, label);
	/* Of a country, or of nobody that rules know. */
	return last.len <= 2 ? dots > 1 && last.len != 0 : dots != 0 && is_top_level(last);
}

static void
add(struct names *out, size_t from, size_t to)
{
	out->list[out->count].from = (uint16_t)from;
	out->list[out->count].to = (uint16_t)to;
	out->count++;
}

/* The end of what may be one name: two dots are the end of a sentence. */
static size_t
end_of_word(struct slice text, size_t at)
{
	while (at < text.len && is_kind(text.at[at], NAME_BYTE) &&
	    !(text.at[at] == '.' && at + 1 < text.len && text.at[at + 1] == '.'))
		at++;
	return at;
}

/* Where a link ends: before the full stop of the sentence. */
static size_t
end_of_link(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_kind(text.at[end], LINK_BYTE))
		end++;
	while (end > at && (text.at[end - 1] == '.' || text.at[end - 1] == ':'))
		end--;
	return end;
}

/* The next byte that may be of a name. */
static size_t
find_telling(struct slice text, size_t from)
{
#if defined(__SSE2__)
	for (; from + 16 <= text.len; from += 16) {
		unsigned fits = slice_lanes(text.at + from, '@') |
		    slice_lanes(text.at + from, '.') | slice_lanes(text.at + from, ':');

		if (fits != 0)
			return from + (size_t)__builtin_ctz(fits);
	}
#endif
	while (from < text.len && !is_kind(text.at[from], TELLING_BYTE))
		from++;
	return from;
}

void
names_find(struct slice text, struct names *out)
{
	size_t done = 0; /* what stands before it is in a name, or in none */

	out->count = 0;
	for (size_t at; out->count < NAMES_MAX && (at = find_telling(text, done)) < text.len;) {
		size_t from = at, to;

		if (text.at[at] == ':') {
			done = at + 1;
			if (!slice_has_prefix(slice_skip(text, at), SLICE("://")))
				continue;
			to = end_of_link(text, at + 3);
			add(out, at, to);
			done = to;
			continue;
		}
		while (from > done && is_kind(text.at[from - 1], NAME_BYTE))
			from--;
		to = end_of_word(text, at);
		done = to > at ? to : at + 1;
		while (to > at && text.at[to - 1] == '.')
			to--;
		/* A folder of a path may be called by a domain. */
		if (to == at || (from > 0 && text.at[from - 1] == '/') ||
		    !is_name(slice_of(text.at + from, to - from)))
			continue;
		/* "www.example.org/blocked" is a link too. */
		if (to < text.len && text.at[to] == '/')
			to = end_of_link(text, to);
		add(out, from, to);
		done = to;
	}
}
