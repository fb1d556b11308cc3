/* Deliveries: the address, where it comes from, the fields, and for failures the message (deliver.c, delivery_log, log_deferred). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/delivery.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/exim/field.h"

/* Whether a part of the line other than the final address begins here. */
static bool
is_next_part(struct slice rest)
{
	static const char *const parts[] = {" <", " (", ":", " :", " defer (", " routing "};
	ptrdiff_t equals = slice_find_byte(slice_first(rest, 6), '=');

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (slice_has_prefix(rest, slice_str(parts[i])))
			return true;
	return slice_is_empty(rest) || (equals > 1 && rest.at[1] >= 'A' && rest.at[1] <= 'Z');
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
	while (taken.len != 0 && taken.at[taken.len - 1] == ')') {
		const char *open = memrchr(taken.at, '(', taken.len);

		if (open == NULL || open - taken.at < 2 || open[-1] != ' ' ||
		    memchr(open, '@', (size_t)(taken.at + taken.len - open)) == NULL)
			break;
		taken.len = (size_t)(open - taken.at) - 1;
	}
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
		ptrdiff_t at = slice_find(slice_skip(*rest, from), SLICE(" <\""));
		struct slice angle, ahead;

		if (at < 0)
			return false;
		from += (size_t)at + 1;
		ahead = slice_skip(*rest, from);
		if (!field_take_angle(&ahead, &angle))
			return false;
		if (!is_unquoted(slice_first(*rest, from - 1), angle))
			continue;
		out->final = angle;
		*rest = ahead;
		return true;
	}
}

static void
take_final(struct slice *rest, struct delivery *out)
{
	struct slice ahead = *rest;

	if (slice_is_empty(*rest))
		return;
	if (take_unquoted(rest, out))
		return;
	if (slice_take_prefix(&ahead, SLICE("blackhole (")) ||
	    slice_take_prefix(&ahead, SLICE("discarded ("))) {
		out->is_discarded = true;
		*rest = slice_skip(*rest, rest->len);
		return;
	}
	if (strchr("|/>", rest->at[0]) != NULL || slice_has_prefix(*rest, SLICE("save "))) {
		out->final = take_command(rest);
	} else {
		out->final = field_take_address(rest);
		/* An unquoted local part that an alias led to: the alias ends it. */
		ptrdiff_t angle = is_next_part(*rest) ? -1 : slice_find(*rest, SLICE(" <"));
		if (angle > 0) {
			out->final.len += (size_t)angle;
			*rest = slice_skip(*rest, (size_t)angle);
		}
		/* "** a@b.example: Unrouteable address": the colon ends the address, and the rest shows it again. */
		size_t len = out->final.len;
		if (len > 1 && out->final.at[len - 1] == ':' &&
		    !slice_equal(out->final, SLICE(":blackhole:"))) {
			out->final.len--;
			*rest = slice_of(rest->at - 1, rest->len + 1);
		}
	}
	out->is_discarded = slice_equal(out->final, SLICE("/dev/null")) ||
	    slice_equal(out->final, SLICE(":blackhole:"));
}

/* "(a@x) (b@y)" of +all_parents, "(ultimately generated from a@x)" of old failures. */
static void
take_parents(struct slice *rest, struct delivery *out)
{
	struct slice ahead = slice_trim(*rest);

	out->parents = slice_first(ahead, 0);
	while (ahead.len != 0 && ahead.at[0] == '(') {
		ptrdiff_t end = slice_find_byte(ahead, ')');

		if (end < 0)
			break;
		ahead = slice_skip(ahead, (size_t)end + 1);
		out->parents.len = (size_t)(ahead.at - out->parents.at);
		*rest = ahead;
		ahead = slice_trim(ahead);
	}
}

/* "defer (-44)": the number, and the text behind it. */
static bool
take_defer(struct slice *rest, struct delivery *out)
{
	struct slice ahead = *rest;
	char number[12];

	if (!slice_take_prefix(&ahead, SLICE("defer (")))
		return false;
	ptrdiff_t end = slice_find_byte(ahead, ')');
	if (end <= 0 || (size_t)end >= sizeof(number))
		return false;
	memcpy(number, ahead.at, (size_t)end);
	number[end] = '\0';
	out->has_error_number = true;
	out->error_number = atoi(number);
	*rest = slice_skip(ahead, (size_t)end + 1);
	return true;
}

/* Takes one field. In failures a word that ends in a colon is the last one; what follows is the message. */
static void
take_field(struct slice *rest, bool is_failure, struct delivery *out)
{
	if (is_failure && take_defer(rest, out))
		return;
	if (rest->len > 2 && rest->at[1] == '=') {
		struct slice value = slice_skip(*rest, 2);

		switch (rest->at[0]) {
		case 'H':
			*rest = value;
			if (!host_take(rest, &out->host))
				field_take_word(rest);
			else if (rest->len != 0 && rest->at[0] == '*')
				*rest = slice_skip(*rest, 1);
			return;
		case 'F':
			if (field_take_angle(&value, &out->sender)) {
				*rest = value;
				return;
			}
			break;
		case 'P':
			if (field_take_angle(&value, &out->return_path)) {
				*rest = value;
				return;
			}
			break;
		case 'C':
			if (value.at[0] == '"') {
				*rest = value;
				out->confirmation = field_take_quoted(rest);
				return;
			}
			break;
		}
	}
	ptrdiff_t equals = slice_find_byte(slice_first(*rest, 8), '=');
	if (equals > 0 && (size_t)equals + 1 < rest->len && rest->at[equals + 1] == '"') {
		*rest = slice_skip(*rest, (size_t)equals + 1);
		field_take_quoted(rest);
		return;
	}
	struct slice word = field_take_word(rest);
	if (is_failure && word.len != 0 && word.at[word.len - 1] == ':') {
		word.len--;
		*rest = slice_of(rest->at - 1, rest->len + 1);
	}
	if (equals != 1) {
		if (slice_take_prefix(&word, SLICE("ST=")))
			out->shadow = word;
		return;
	}
	struct slice value = slice_skip(word, 2);
	switch (word.at[0]) {
	case 'R':
		out->router = value;
		break;
	case 'T':
		out->transport = value;
		break;
	case 'X':
		out->tls = value;
		break;
	case 'S':
		out->size = field_number(value);
		break;
	}
}

/* " DT=0.1s" and " QT=1m3s" stand behind the message, as they stand behind everything. */
static struct slice
cut_times(struct slice message)
{
	for (;;) {
		const char *blank = message.len != 0 ? memrchr(message.at, ' ', message.len) : NULL;

		if (blank == NULL)
			return message;
		struct slice last = slice_skip(message, (size_t)(blank - message.at) + 1);
		if (!slice_has_prefix(last, SLICE("DT=")) && !slice_has_prefix(last, SLICE("QT=")) &&
		    !slice_has_prefix(last, SLICE("RT=")))
			return message;
		message.len = (size_t)(blank - message.at);
	}
}

/* Before 4.83 or so the host stood inside the message: "...: host h [ip]: 550 ...". */
static void
find_host_in_message(struct delivery *out)
{
	static const char *const others[] = {
	    "Remote host ", "SMTP timeout while connected to ", "Malformed SMTP reply from "};
	struct slice message = out->message;

	/* "defer (110): Connection timed out H=h [ip]: ...": the system's words stand before the host. */
	if (out->has_error_number && out->error_number > 0) {
		ptrdiff_t field = slice_find(message, SLICE(" H=")), colon = slice_find(message, SLICE(": "));

		if (field >= 0 && (colon < 0 || field < colon)) {
			message = slice_skip(message, (size_t)field + 3);
			host_take(&message, &out->host);
			return;
		}
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_take_prefix(&message, slice_str(others[i])) && host_take(&message, &out->host) &&
		    out->host.ip.len != 0)
			return;
	out->host = (struct host){0};
	message = out->message;
	if (!slice_take_prefix(&message, SLICE("host "))) {
		if (!slice_has_prefix(message, SLICE("SMTP error from remote mail")) &&
		    !slice_has_prefix(message, SLICE("LMTP error from remote mail")))
			return;
		ptrdiff_t at = slice_find(message, SLICE(": host "));
		if (at < 0)
			return;
		message = slice_skip(message, (size_t)at + 7);
	}
	struct slice rest = message;
	struct host host;
	if (host_take(&rest, &host) && host.ip.len != 0)
		out->host = host;
}

static void
take_message(struct slice text, struct delivery *out)
{
	text = slice_trim(text);
	out->message = cut_times(text);
	if (out->host.ip.len == 0)
		find_host_in_message(out);
	out->is_error_ignored = slice_has_suffix(out->message, SLICE(": error ignored"));
	/* Exim's errno for "not time yet": routing, local delivery, any host (macros.h, ERRNO_RRETRY ...). */
	out->is_retry_wait = slice_has_prefix(out->message, SLICE("retry time not reached")) ||
	    (out->error_number <= -52 && out->error_number >= -54);
}

bool
delivery_parse(struct slice text, bool is_failure, struct delivery *out)
{
	*out = (struct delivery){.size = -1};
	take_final(&text, out);
	if (slice_is_empty(out->final))
		return out->is_discarded;
	take_parents(&text, out);
	struct slice ahead = slice_trim(text);
	if (field_take_angle(&ahead, &out->original))
		text = ahead;
	while (!slice_is_empty(text)) {
		ahead = slice_trim(text);
		if (is_failure && slice_take_prefix(&ahead, SLICE(":"))) {
			take_message(ahead, out);
			return true;
		}
		if (slice_is_empty(ahead))
			break;
		take_field(&ahead, is_failure, out);
		text = ahead;
	}
	/* How Exim names a transport that it need not call: nothing is written to /dev/null. */
	out->is_discarded = out->is_discarded || slice_equal(out->transport, SLICE("**bypassed**"));
	return true;
}

struct slice
delivery_final_address(const struct delivery *delivery, char *buffer, size_t size)
{
	struct slice final = delivery->final;
	const char *at = delivery->original.len != 0 ?
	    memrchr(delivery->original.at, '@', delivery->original.len) :
	    NULL;

	if (slice_is_empty(final) || at == NULL || strchr("/|:>", final.at[0]) != NULL ||
	    memrchr(final.at, '@', final.len) != NULL)
		return final;
	struct slice domain = slice_skip(delivery->original, (size_t)(at - delivery->original.at));
	int len = snprintf(buffer, size, "%.*s%.*s", (int)final.len, final.at, (int)domain.len, domain.at);
	return slice_of(buffer, len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1);
}
