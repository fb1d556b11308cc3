/* Arrivals: SENDER and the fields in Exim's order (receive.c, the "<=" line). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/arrival.h"

#include "daemon/exim/field.h"

/* A line of nothing but ` for ` must not cost more than its length. */
enum { CANDIDATES_MAX = 32 };

/* Position of the last occurrence, or -1. */
static inline ptrdiff_t
find_last(struct slice text, struct slice what)
{
	for (ptrdiff_t end; (end = slice_find_last_byte(text, what.at[what.len - 1])) >= 0;) {
		text.len = (size_t)end + 1;
		if (slice_has_suffix(text, what))
			return (ptrdiff_t)(text.len - what.len);
		text.len--;
	}
	return -1;
}

/* Whether these are addresses: quotes are closed, and what looks like a field has an at sign. */
static bool
is_address_list(struct slice list)
{
	struct slice address;

	if (slice_find_either(list, '"', '=') < 0)
		return true;
	while (arrival_take_recipient(&list, &address)) {
		bool is_quoted = address.at[0] == '"' && address.len > 1;
		bool has_quote = slice_find_byte(address, '"') >= 0;

		if ((has_quote &&
			!(is_quoted && slice_find_byte(slice_skip(address, 1), '"') >= 0)) ||
		    (slice_find_byte(address, '=') >= 0 && slice_find_byte(address, '@') < 0))
			return false;
	}
	return true;
}

/* Takes "from <...>" and "for ADDRESSES", which are all that may follow a subject. */
static bool
take_envelope(struct slice tail, struct arrival *out)
{
	struct slice ahead = tail, from = {tail.at, 0};

	if (slice_take_prefix(&ahead, SLICE(" from ")) && field_take_angle(&ahead, &from))
		tail = ahead;
	if (slice_take_prefix(&tail, SLICE(" for "))) {
		if (!is_address_list(tail))
			return false;
		out->recipients = tail;
	} else if (!slice_is_empty(slice_trim(tail)) && !slice_equal(tail, SLICE(" for"))) {
		return false;
	}
	out->from = from;
	return true;
}

/* Position of the last ` T="`, or -1. */
static ptrdiff_t
find_subject(struct slice text)
{
	const size_t name = 3;

	for (ptrdiff_t quote; (quote = slice_find_last_byte(text, '"')) >= 0;
	     text.len = (size_t)quote)
		if ((size_t)quote >= name && memcmp(text.at + quote - name, " T=", name) == 0)
			return quote - (ptrdiff_t)name;
	return -1;
}

static void
take_subject_at(struct slice *text, size_t at, struct slice subject, struct arrival *out)
{
	out->subject = subject;
	out->has_subject = true;
	text->len = at;
}

/*
 * Cuts T="..." and what follows it off *text. Quotes inside the subject have a backslash before them, so the last bare ` T="` begins
 * the real subject, whatever a Message-ID before it pretends, unless it stands in a quoted local part behind the subject.
 */
static bool
take_subject(struct slice *text, struct arrival *out)
{
	ptrdiff_t last = find_subject(*text), at = last;

	for (int i = 0; at >= 0 && i < CANDIDATES_MAX; i++) {
		struct slice tail = slice_skip(*text, (size_t)at + 3), subject;

		if (field_take_quoted(&tail, &subject) && take_envelope(tail, out)) {
			take_subject_at(text, (size_t)at, subject, out);
			return true;
		}
		at = find_subject(slice_first(*text, (size_t)at));
	}
	if (last < 0)
		return false;
	/* A line that was cut short in its subject: S= stands before it, and behind it nothing that would follow a helo. */
	struct slice front = slice_first(*text, (size_t)last),
		     left = slice_skip(*text, (size_t)last + 4);
	if (slice_find_byte(left, '"') >= 0 || slice_find(left, SLICE(" S=")) >= 0 ||
	    slice_find(front, SLICE(" S=")) < 0)
		return false;
	take_subject_at(text, (size_t)last, left, out);
	return true;
}

/* Cuts the tail off *text: T="...", from <...>, for ADDRESSES. */
static void
take_tail(struct slice *text, struct arrival *out)
{
	if (take_subject(text, out))
		return;
	/* Bare addresses hold no blanks: the last " for " that is followed by nothing else begins them. */
	ptrdiff_t at = find_last(*text, SLICE(" for "));
	for (int i = 0; at >= 0 && i < CANDIDATES_MAX; i++) {
		struct slice list = slice_skip(*text, (size_t)at + 5);

		if (is_address_list(list)) {
			out->recipients = list;
			text->len = (size_t)at;
			break;
		}
		at = find_last(slice_first(*text, (size_t)at), SLICE(" for "));
	}
	ptrdiff_t from = find_last(*text, SLICE(" from <"));
	if (from >= 0) {
		struct slice angle = slice_skip(*text, (size_t)from + 6), sender;

		if (field_take_angle(&angle, &sender) && slice_is_empty(angle)) {
			out->from = sender;
			text->len = (size_t)from;
		}
	}
}

/*
 * Cuts id=ADDRESS or id*=ADDRESS off *text. It is what Exim takes for an address (parse_extract_address), so it holds blanks within
 * a quoted local part only; a helo that pretends to be one has other fields behind it.
 */
static void
take_header_id(struct slice *text, struct arrival *out)
{
	ptrdiff_t at = find_last(*text, SLICE("="));

	for (; at > 0; at = find_last(slice_first(*text, (size_t)at), SLICE("="))) {
		struct slice front = slice_first(*text, (size_t)at),
			     value = slice_skip(*text, (size_t)at + 1);

		if (front.at[front.len - 1] == '*')
			front.len--;
		if (!slice_has_suffix(front, SLICE(" id")))
			continue;
		struct slice rest = value;
		field_take_address(&rest);
		if (!slice_is_empty(rest) || !is_address_list(value))
			continue;
		out->header_id = value;
		text->len = front.len - 3;
		return;
	}
}

/* A=driver:"identity with blanks", which counts where no other quote could be that of a client's text. False where it does not stand. */
static bool
take_quoted_auth(struct slice *rest, struct arrival *out)
{
	struct slice ahead = *rest, identity;
	const char *sender_end = out->sender.at + out->sender.len;

	if (!slice_has_prefix(ahead, SLICE("A=")))
		return false;
	ptrdiff_t quote = slice_find(field_take_word(&ahead), SLICE(":\""));
	if (quote < 0)
		return false;
	ahead = slice_skip(*rest, (size_t)quote + 1);
	if (!field_take_quoted(&ahead, &identity) || slice_find_byte(ahead, '"') >= 0 ||
	    memchr(sender_end, '"', (size_t)(rest->at - sender_end)) != NULL)
		return false;
	out->auth = slice_of(rest->at + 2, (size_t)(ahead.at - rest->at) - 2);
	*rest = ahead;
	return true;
}

/*
 * Takes one field. The client's certificate and server name (DN="...", SNI=) may imitate others: of those that stand before them
 * the first counts, of those behind them the last, and A= only where no quote follows that could belong to such a text.
 */
static void
take_field(struct slice *rest, struct arrival *out)
{
	if (out->host.ip.len == 0 && out->host.name.len == 0 &&
	    slice_take_prefix(rest, SLICE("H="))) {
		host_take_sender(rest, &out->host);
		/* A blank ends it: what touches it is no field. */
		field_take_word(rest);
		return;
	}
	if (rest->len < 2 || rest->at[1] != '=') {
		if (slice_take_prefix(rest, SLICE("id=")) ||
		    slice_take_prefix(rest, SLICE("id*="))) {
			out->header_id = *rest;
			*rest = slice_skip(*rest, rest->len);
		} else if (!field_take_quoted_field(rest)) {
			field_take_word(rest);
		}
		return;
	}
	if (take_quoted_auth(rest, out))
		return;
	struct slice word = field_take_word(rest), value = slice_skip(word, 2);
	switch (word.at[0]) {
	case 'U':
		if (out->user.at == NULL && out->protocol.at == NULL)
			out->user = value;
		break;
	case 'P':
		if (out->protocol.at == NULL)
			out->protocol = value;
		break;
	case 'X':
		if (out->tls.at == NULL)
			out->tls = value;
		break;
	case 'A':
		if (slice_find_byte(*rest, '"') < 0)
			out->auth = value;
		break;
	case 'S':
		out->size = field_number(value);
		break;
	}
}

/* Takes the sender, the tail and R=ID; what is left in *text are the fields between. */
static bool
take_ends(struct slice *text, struct arrival *out)
{
	*out = (struct arrival){.size = -1};
	out->sender = field_take_address(text);
	if (slice_is_empty(out->sender))
		return false;
	take_tail(text, out);
	if (slice_equal(out->sender, SLICE("<>"))) {
		out->is_bounce = true;
		out->sender.len = 0;
	}
	struct slice ahead = slice_trim(*text);
	if (slice_take_prefix(&ahead, SLICE("R=")) && message_id_take(&ahead, &out->bounce_of))
		*text = ahead;
	return true;
}

static void
take_fields(struct slice text, struct arrival *out)
{
	take_header_id(&text, out);
	text = slice_trim(text);
	while (!slice_is_empty(text)) {
		take_field(&text, out);
		text = slice_trim_front(text);
	}
}

bool
arrival_parse(struct slice text, struct arrival *out)
{
	if (!take_ends(&text, out))
		return false;
	take_fields(text, out);
	return true;
}

bool
arrival_parse_carefully(struct slice text, struct arrival *out)
{
	if (!take_ends(&text, out))
		return false;
	/* A local message has its user right behind the sender. Behind a host it would be what a client's ident server said. */
	struct slice fields = slice_trim(text);
	if (slice_has_prefix(fields, SLICE("U="))) {
		out->user = slice_skip(field_take_word(&fields), 2);
		return true;
	}
	take_fields(text, out);
	if (out->host.name.len != 0 || out->host.ip.len != 0)
		out->user = slice_of(NULL, 0);
	return true;
}

bool
arrival_take_recipient(struct slice *recipients, struct slice *address)
{
	*recipients = slice_trim(*recipients);
	*address = field_take_address(recipients);
	return !slice_is_empty(*address);
}
