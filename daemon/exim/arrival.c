/* Arrivals: SENDER and the fields in Exim's order (receive.c, the "<=" line). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/arrival.h"

#include "daemon/exim/field.h"

/* Position of the last occurrence, or -1. */
static ptrdiff_t
find_last(struct slice text, struct slice what)
{
	for (size_t at = text.len; at >= what.len; at--) {
		const char *found = text.at + at - what.len;

		if (*found == what.at[0] && memcmp(found, what.at, what.len) == 0)
			return found - text.at;
	}
	return -1;
}

/* Takes "from <...>" and "for ADDRESSES", which are all that may follow a subject. */
static bool
take_envelope(struct slice tail, struct arrival *out)
{
	struct slice ahead = tail;

	if (slice_take_prefix(&ahead, SLICE(" from ")) && field_take_angle(&ahead, &out->from))
		tail = ahead;
	if (slice_take_prefix(&tail, SLICE(" for "))) {
		out->recipients = tail;
		return true;
	}
	return slice_is_empty(slice_trim(tail)) || slice_equal(tail, SLICE(" for"));
}

/*
 * Cuts T="..." and what follows it off *text. Quotes inside the subject have a backslash before them, so the last bare ` T="` begins
 * the real subject, whatever a Message-ID before it pretends, unless it stands in a quoted local part of the recipients.
 */
static bool
take_subject(struct slice *text, struct arrival *out)
{
	struct slice region = *text;

	for (;;) {
		ptrdiff_t subject = find_last(region, SLICE(" T=\""));

		if (subject < 0)
			return false;
		struct slice tail = slice_skip(*text, (size_t)subject + 3);
		struct slice quoted = field_take_quoted(&tail);
		if (take_envelope(tail, out)) {
			out->subject = quoted;
			out->has_subject = true;
			text->len = (size_t)subject;
			return true;
		}
		region.len = (size_t)subject;
	}
}

/* Whether these are addresses: quotes are closed, and what looks like a field has an at sign. */
static bool
is_address_list(struct slice list)
{
	struct slice address;

	while (arrival_take_recipient(&list, &address)) {
		bool has_quote = slice_find_byte(address, '"') >= 0;

		if ((has_quote && (address.at[0] != '"' || address.len < 2 ||
				      slice_find_byte(slice_skip(address, 1), '"') < 0)) ||
		    (slice_find_byte(address, '=') >= 0 && slice_find_byte(address, '@') < 0))
			return false;
	}
	return true;
}

/* Cuts the tail off *text: T="...", from <...>, for ADDRESSES. */
static void
take_tail(struct slice *text, struct arrival *out)
{
	struct slice region = *text;

	if (take_subject(text, out))
		return;
	/* Bare addresses hold no blanks: the last " for " that is followed by nothing else begins them. */
	for (;;) {
		ptrdiff_t recipients = find_last(region, SLICE(" for "));

		if (recipients < 0)
			break;
		struct slice list = slice_skip(*text, (size_t)recipients + 5);
		region.len = (size_t)recipients;
		if (is_address_list(list)) {
			out->recipients = list;
			*text = region;
			break;
		}
	}
	ptrdiff_t from = find_last(*text, SLICE(" from <"));
	if (from >= 0) {
		struct slice angle = slice_skip(*text, (size_t)from + 6);

		if (field_take_angle(&angle, &out->from) && slice_is_empty(angle))
			text->len = (size_t)from;
	}
}

static void
take_field(struct slice *rest, struct arrival *out)
{
	static const struct slice host = {"H=", 2}, id = {"id=", 3}, id_star = {"id*=", 4};

	if (slice_take_prefix(rest, host)) {
		if (!host_take(rest, &out->host))
			field_take_word(rest);
		return;
	}
	if (slice_take_prefix(rest, id) || slice_take_prefix(rest, id_star)) {
		/* May hold blanks; it is the last thing before the tail, which has been cut off. */
		out->header_id = *rest;
		*rest = slice_skip(*rest, rest->len);
		return;
	}
	ptrdiff_t equals = slice_find_byte(slice_first(*rest, 8), '=');
	if (equals > 0 && (size_t)equals + 1 < rest->len && rest->at[equals + 1] == '"') {
		*rest = slice_skip(*rest, (size_t)equals + 1);
		field_take_quoted(rest);
		return;
	}
	struct slice word = field_take_word(rest);
	if (equals != 1)
		return;
	struct slice value = slice_skip(word, 2);
	switch (word.at[0]) {
	case 'U':
		out->user = value;
		break;
	case 'P':
		out->protocol = value;
		break;
	case 'X':
		out->tls = value;
		break;
	case 'A':
		out->auth = value;
		break;
	case 'S':
		out->size = field_number(value);
		break;
	}
}

bool
arrival_parse(struct slice text, struct arrival *out)
{
	*out = (struct arrival){.size = -1};
	take_tail(&text, out);
	out->sender = field_take_address(&text);
	if (slice_is_empty(out->sender))
		return false;
	if (slice_equal(out->sender, SLICE("<>"))) {
		out->is_bounce = true;
		out->sender.len = 0;
	}
	text = slice_trim(text);
	struct slice ahead = text;
	if (slice_take_prefix(&ahead, SLICE("R=")) && message_id_take(&ahead, &out->bounce_of))
		text = slice_trim(ahead);
	while (!slice_is_empty(text)) {
		take_field(&text, out);
		text = slice_trim(text);
	}
	return true;
}

bool
arrival_take_recipient(struct slice *recipients, struct slice *address)
{
	*recipients = slice_trim(*recipients);
	*address = field_take_address(recipients);
	return !slice_is_empty(*address);
}
