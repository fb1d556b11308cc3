/* Deliveries: the fields behind the recipient, and for failures the message (deliver.c, delivery_log, log_deferred). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/delivery.h"

#include <stdlib.h>

#include "daemon/exim/field.h"
#include "daemon/exim/recipient.h"

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
	/* Logs that were made anonymous have "dd" or "EEE" for a number of the system's. */
	out->is_system_error = out->error_number > 0 || (number[0] >= 'A' && number[0] <= 'z');
	*rest = slice_skip(ahead, (size_t)end + 1);
	return true;
}

/* F=<...> and P=<...>: false where the word is something else. */
static bool
take_envelope(struct slice *rest, struct delivery *out)
{
	struct slice value = slice_skip(*rest, 2);

	if (!field_take_angle(&value, rest->at[0] == 'F' ? &out->sender : &out->return_path))
		return false;
	*rest = value;
	return true;
}

/* H=host, with the asterisk of a further message on the same connection. */
static void
take_host_field(struct slice *rest, struct delivery *out)
{
	struct host host;

	*rest = slice_skip(*rest, 2);
	if (!host_take(rest, &host)) {
		field_take_word(rest);
		return;
	}
	slice_take_prefix(rest, SLICE("*"));
	if (out->host.name.at == NULL)
		out->host = host;
}

/* C="...", cut at 1024 bytes; quotes within it have a backslash before them, so the last C= is the real one. */
static bool
take_confirmation(struct slice *rest, struct delivery *out)
{
	struct slice value = slice_skip(*rest, 2);

	if (slice_is_empty(value) || value.at[0] != '"')
		return false;
	if (!field_take_quoted(&value, &out->confirmation)) {
		out->confirmation = slice_skip(value, 1);
		value = slice_skip(value, value.len);
	}
	*rest = value;
	return true;
}

/* Takes a word; in failures one that ends in a colon is the last, and what follows is the message. */
static struct slice
take_field_word(struct slice *rest, bool is_failure)
{
	struct slice word = field_take_word(rest);

	if (is_failure && word.len > 1 && word.at[word.len - 1] == ':') {
		word.len--;
		*rest = slice_of(rest->at - 1, rest->len + 1);
	}
	return word;
}

static void
keep_first(struct slice *field, struct slice value)
{
	if (field->at == NULL)
		*field = value;
}

/*
 * Takes one field. The certificate of the remote (DN="...") may imitate others: of those that stand before it (all but C=) the first
 * counts.
 */
static void
take_field(struct slice *rest, bool is_failure, struct delivery *out)
{
	if (is_failure && take_defer(rest, out))
		return;
	if (rest->len < 2 || rest->at[1] != '=') {
		if (field_take_quoted_field(rest))
			return;
		struct slice word = take_field_word(rest, is_failure);
		if (slice_take_prefix(&word, SLICE("ST=")))
			keep_first(&out->shadow, word);
		return;
	}
	char name = rest->at[0];
	if (name == 'H') {
		take_host_field(rest, out);
		return;
	}
	if ((name == 'C' && take_confirmation(rest, out)) ||
	    ((name == 'F' || name == 'P') && take_envelope(rest, out)))
		return;
	struct slice value = slice_skip(take_field_word(rest, is_failure), 2);
	if (name == 'R')
		keep_first(&out->router, value);
	else if (name == 'T')
		keep_first(&out->transport, value);
	else if (name == 'X')
		keep_first(&out->tls, value);
	else if (name == 'S' && out->size < 0)
		out->size = field_number(value);
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
		if (!slice_has_prefix(last, SLICE("DT=")) &&
		    !slice_has_prefix(last, SLICE("QT=")) && !slice_has_prefix(last, SLICE("RT=")))
			return message;
		message.len = (size_t)(blank - message.at);
	}
}

/*
 * "defer (110): Connection timed out H=h [ip] DT=1s: MESSAGE": where further fields follow the system's words, these are the message
 * only if there is no other.
 */
static bool
take_system_words(struct slice *rest, struct delivery *out)
{
	if (!out->is_system_error || out->message.at != NULL)
		return false;
	ptrdiff_t colon = slice_find(*rest, SLICE(": "));
	struct slice words = slice_first(*rest, colon < 0 ? rest->len : (size_t)colon);
	ptrdiff_t field = slice_find(words, SLICE(" H="));
	if (field < 0)
		field = slice_find(words, SLICE(" DT="));
	if (field < 0)
		return false;
	out->message = slice_first(words, (size_t)field);
	*rest = slice_skip(*rest, (size_t)field);
	return true;
}

static void
take_message(struct slice text, struct delivery *out)
{
	out->message = cut_times(text);
	struct host host;
	if (out->host.name.at == NULL && host_find_in_message(out->message, &host))
		out->host = host;
	/* "Connection timed out: SMTP timeout while connected to h [ip] after EHLO x": the system's words come first. */
	ptrdiff_t colon = out->is_system_error ? slice_find(out->message, SLICE(": ")) : -1;
	if (colon >= 0 && out->host.name.at == NULL &&
	    host_find_in_message(slice_skip(out->message, (size_t)colon + 2), &host))
		out->host = host;
	out->is_error_ignored = slice_has_suffix(out->message, SLICE(": error ignored"));
	out->is_retry_wait = slice_has_prefix(out->message, SLICE("retry time not reached")) ||
	    slice_has_prefix(out->message, SLICE("Retry time not yet reached"));
}

/* T=**bypassed** is a delivery to /dev/null; the others with a transport are somebody's name. */
static bool
is_thrown_away(const struct delivery *delivery)
{
	return slice_equal(delivery->final, SLICE("/dev/null")) ||
	    slice_equal(delivery->transport, SLICE("**bypassed**")) ||
	    (slice_is_empty(delivery->transport) &&
		(slice_equal(delivery->final, SLICE(":blackhole:")) ||
		    slice_equal(delivery->final, SLICE("discarded"))));
}

static void
take_failure(struct slice text, struct delivery *out)
{
	/* exim -ql, mua_wrapper: words without the colon (deliver.c). */
	if (slice_has_prefix(text, SLICE("routing yielded a ")) ||
	    slice_has_prefix(text, SLICE("mua_wrapper forced failure "))) {
		out->message = text;
		return;
	}
	text = slice_trim(text);
	while (!slice_is_empty(text = slice_trim_front(text))) {
		if (!slice_take_prefix(&text, SLICE(":"))) {
			take_field(&text, true, out);
			continue;
		}
		text = slice_trim(text);
		if (take_system_words(&text, out))
			continue;
		take_message(text, out);
		break;
	}
}

/* The route ends where what the remote says or proves begins: of that nothing is taken for a part of it. */
static void
take_route(struct slice *text, struct delivery *out)
{
	struct slice rest;

	while (!slice_is_empty(rest = slice_trim_front(*text))) {
		char name = rest.len > 1 && rest.at[1] == '=' ? rest.at[0] : '\0';

		*text = rest;
		if (name == 'X' || name == 'C')
			return;
		/* Router, transport and host, as every line has them. */
		if (name == 'R' || name == 'T') {
			struct slice word = field_take_word(&rest);

			keep_first(name == 'R' ? &out->router : &out->transport,
			    slice_skip(word, 2));
			*text = rest;
		} else if (name == 'H') {
			take_host_field(text, out);
		} else {
			take_field(text, false, out);
		}
	}
	*text = rest;
}

static void
take_proof(struct slice text, struct delivery *out)
{
	const struct delivery route = *out;

	while (!slice_is_empty(text = slice_trim_front(text)))
		take_field(&text, false, out);
	out->sender = route.sender;
	out->return_path = route.return_path;
	out->router = route.router;
	out->transport = route.transport;
	out->host = route.host;
}

void
delivery_take_fields(struct slice text, bool is_failure, struct delivery *out)
{
	if (is_failure)
		take_failure(text, out);
	else
		take_route(&text, out);
	out->is_discarded = is_thrown_away(out);
}

bool
delivery_parse(struct slice text, bool is_failure, struct delivery *out)
{
	if (!delivery_take_recipient(&text, is_failure, out))
		return out->is_discarded || out->is_for_all;
	if (is_failure) {
		take_failure(text, out);
	} else {
		take_route(&text, out);
		take_proof(text, out);
	}
	out->is_discarded = is_thrown_away(out);
	return true;
}

/* "save inbox", a path that the transport would have completed, and paths of logs that were made anonymous: "HOME/mail/inbox". */
static bool
is_file(struct slice final, struct slice original)
{
	return slice_has_prefix(final, SLICE("save ")) ||
	    (slice_find_byte(final, '/') >= 0 &&
		!slice_equal_nocase(final, slice_first(original, final.len)));
}

struct slice
delivery_final_address(const struct delivery *delivery, char *buffer, size_t size)
{
	struct slice final = delivery->final;
	const char *at = delivery->original.len != 0 ?
	    memrchr(delivery->original.at, '@', delivery->original.len) :
	    NULL;

	if (slice_is_empty(final) || at == NULL || strchr("/|:>", final.at[0]) != NULL ||
	    memrchr(final.at, '@', final.len) != NULL || is_file(final, delivery->original) ||
	    (delivery->is_discarded && slice_equal(final, SLICE("discarded"))))
		return final;
	struct slice domain = slice_skip(delivery->original, (size_t)(at - delivery->original.at));
	final = slice_first(final, size - 1);
	domain = slice_first(domain, size - 1 - final.len);
	memcpy(buffer, final.at, final.len);
	memcpy(buffer + final.len, domain.at, domain.len);
	return slice_of(buffer, final.len + domain.len);
}
