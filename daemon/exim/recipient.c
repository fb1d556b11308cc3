/* Recipients of deliveries: the final address, which may look like all that stands around it, and where it comes from (deliver.c, string_log_address). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/recipient.h"

#include "daemon/exim/field.h"

/* Whether a part of the line other than the final address begins here. */
static bool
is_next_part(struct slice rest)
{
	if (rest.len < 2 || rest.at[0] == ':')
		return rest.len == 0 || rest.at[0] == ':';
	if (rest.at[0] == ' ' && (rest.at[1] == '<' || rest.at[1] == '(' || rest.at[1] == ':'))
		return true;
	/* R=, T=, ... of up to four letters */
	if (rest.at[1] >= 'A' && rest.at[1] <= 'Z')
		for (size_t i = 2; i < rest.len && i < 6; i++)
			if (rest.at[i] == '=')
				return rest.at[0] != '=';
	return slice_has_prefix(rest, SLICE(" defer (")) ||
	    slice_has_prefix(rest, SLICE(" routing "));
}

/* What stands before "(a@x) (b@y)", the parents at the end of a text that may hold parentheses itself. */
static struct slice
without_parents(struct slice text)
{
	while (text.len != 0 && text.at[text.len - 1] == ')') {
		const char *open = memrchr(text.at, '(', text.len);

		if (open == NULL || open - text.at < 2 || open[-1] != ' ' ||
		    memchr(open, '@', (size_t)(text.at + text.len - open)) == NULL)
			break;
		text.len = (size_t)(open - text.at) - 1;
	}
	return text;
}

/*
 * Commands, paths and autoreplies may hold blanks, brackets and anything else. Exim always logs their original address, and
 * maybe a parent in parentheses: what stands before these, where a further part of the line follows them, is the final one.
 */
static struct slice
take_command(struct slice *rest)
{
	struct slice taken = *rest;

	for (size_t from = 1;;) {
		ptrdiff_t at = slice_find(slice_skip(*rest, from), SLICE(" <"));
		struct slice angle, ahead;

		if (at < 0)
			break;
		from += (size_t)at + 1;
		ahead = slice_skip(*rest, from);
		if (!field_take_angle(&ahead, &angle) || !is_next_part(ahead) ||
		    slice_has_prefix(ahead, SLICE(" <")) || slice_has_prefix(ahead, SLICE(" (")))
			continue;
		taken.len = from - 1;
		break;
	}
	taken = without_parents(taken);
	if (taken.len == rest->len)
		return field_take_word(rest);
	*rest = slice_skip(*rest, taken.len);
	return taken;
}

/* Whether unquoted is what Exim makes of a quoted local part and its domain, or of the local part alone (local deliveries). */
static bool
is_unquoted(struct slice unquoted, struct slice quoted)
{
	size_t i = 0, from = 1;

	for (; from < quoted.len && quoted.at[from] != '"'; from++, i++) {
		if (quoted.at[from] == '\\')
			from++;
		if (i == unquoted.len || from == quoted.len ||
		    strncasecmp(unquoted.at + i, quoted.at + from, 1) != 0)
			return false;
	}
	struct slice left = slice_skip(unquoted, i);
	return slice_is_empty(left) || slice_equal_nocase(left, slice_skip(quoted, from + 1));
}

/*
 * "a b@x.example <"a b"@x.example>": Exim logs a quoted local part without its quotes, blanks and all, and the address as it came
 * behind it. Whatever the local part imitates, the two are the same; the address as it came is the one that is kept.
 */
static bool
take_unquoted(struct slice *rest, struct delivery *out)
{
	for (size_t from = 1;;) {
		ptrdiff_t at = slice_find_byte(slice_skip(*rest, from), '<');
		struct slice angle, ahead;

		if (at < 0)
			return false;
		from += (size_t)at + 1;
		if (rest->at[from - 2] != ' ' || from == rest->len || rest->at[from] != '"')
			continue;
		from--;
		ahead = slice_skip(*rest, from++);
		if (!field_take_angle(&ahead, &angle))
			return false;
		if (!is_unquoted(slice_first(*rest, from - 2), angle))
			continue;
		out->final = angle;
		*rest = ahead;
		return true;
	}
}

/*
 * "blackhole (DATA ACL discarded recipients): WORDS", "blackhole" with the words of local_scan(), "discarded (system filter)": Exim
 * names no address. A local user of that name would be followed by the address in angle brackets and by a router.
 */
static bool
is_blackhole(struct slice text)
{
	struct slice angle;

	if (slice_take_prefix(&text, SLICE("discarded (")))
		return true;
	if (!slice_take_prefix(&text, SLICE("blackhole")) || (text.len != 0 && text.at[0] != ' '))
		return false;
	text = slice_trim(text);
	return !field_take_angle(&text, &angle) || slice_find_byte(angle, '@') < 0;
}

static void
take_final(struct slice *rest, bool is_failure, struct delivery *out)
{
	if (slice_is_empty(*rest))
		return;
	if (!slice_has_prefix(*rest, SLICE(":blackhole: ")) && take_unquoted(rest, out))
		return;
	/* What was rewritten from a quoted local part may begin with a blank. */
	if (rest->at[0] == ' ') {
		if (is_next_part(*rest) || slice_is_empty(slice_trim(*rest)))
			return;
		*rest = slice_trim(*rest);
	}
	struct slice ahead = *rest;
	if (!is_failure && is_blackhole(*rest)) {
		out->is_discarded = true;
		*rest = slice_skip(*rest, rest->len);
		return;
	}
	if (is_failure && slice_take_prefix(&ahead, SLICE("mua_wrapper is set but "))) {
		out->is_for_all = true;
		out->message = *rest;
		*rest = slice_skip(*rest, rest->len);
		return;
	}
	if (rest->at[0] == '|' || rest->at[0] == '/' || rest->at[0] == '>' ||
	    slice_has_prefix(*rest, SLICE("save "))) {
		out->final = take_command(rest);
	} else {
		out->final = field_take_address(rest);
		size_t len = out->final.len;
		if (is_failure && len > 1 && out->final.at[len - 1] == ':') {
			/* "** a@b.example: Unrouteable address": the colon ends the address, and the rest shows it again. */
			out->final.len--;
			*rest = slice_of(rest->at - 1, rest->len + 1);
		}
		/* An unquoted local part that an alias led to: the alias ends it, or the parents before it. */
		ptrdiff_t angle = is_next_part(*rest) ? -1 : slice_find(*rest, SLICE(" <"));
		if (angle > 0) {
			const char *end = rest->at + rest->len;

			out->final = without_parents(
			    slice_of(out->final.at, out->final.len + (size_t)angle));
			*rest = slice_of(out->final.at + out->final.len,
			    (size_t)(end - out->final.at) - out->final.len);
		}
	}
}

/* Finds the end of "(a@x, b@y)", past the quoted local parts that may stand in it. */
static bool
take_parent(struct slice *rest)
{
	struct slice ahead = slice_skip(*rest, 1), local_part;
	bool is_closed = true;

	while (ahead.len != 0 && ahead.at[0] != ')') {
		if (ahead.at[0] == '"' && is_closed &&
		    (is_closed = field_take_quoted(&ahead, &local_part)))
			continue;
		ahead = slice_skip(ahead, 1);
	}
	if (slice_is_empty(ahead))
		return false;
	*rest = slice_skip(ahead, 1);
	return true;
}

/* "(a@x) (b@y)" or "(a@x, b@y)" of +all_parents, "(ultimately generated from a@x)" of old failures. */
static void
take_parents(struct slice *rest, struct delivery *out)
{
	struct slice ahead = slice_trim(*rest);

	out->parents = slice_first(ahead, 0);
	while (ahead.len != 0 && ahead.at[0] == '(' && take_parent(&ahead)) {
		out->parents.len = (size_t)(ahead.at - out->parents.at);
		*rest = ahead;
		ahead = slice_trim(ahead);
	}
}

bool
delivery_take_recipient(struct slice *text, bool is_failure, struct delivery *out)
{
	*out = (struct delivery){.size = -1};
	take_final(text, is_failure, out);
	if (slice_is_empty(out->final))
		return false;
	take_parents(text, out);
	*text = slice_trim(*text);
	field_take_angle(text, &out->original);
	return true;
}
