/* Hosts: name (helo) [ip]:port (Exim spec, "Logging the sending host"; host.c, host_and_ident). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/host.h"

#include "daemon/exim/field.h"
#include "daemon/text/lanes.h"

/* Bytes of an address, of the name of a local socket, or of what somebody made of an address before a log was shown around: "xx.xxx.x". */
static const bool is_address_byte[256] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
    ['.'] = true,
    [':'] = true,
    ['%'] = true,
    ['/'] = true,
    ['_'] = true,
    ['-'] = true,
};

/* ":PORT", ":PORT_D": what stands for a port in logs that were made anonymous. */
static void
skip_hidden_port(struct slice *rest)
{
	size_t len = 1;

	while (len < rest->len && len < 12 &&
	    ((rest->at[len] >= 'A' && rest->at[len] <= 'Z') || rest->at[len] == '_' ||
		rest->at[len] == 'x'))
		len++;
	if (len > 1 && (len == rest->len || rest->at[len] == ' ' || rest->at[len] == ':'))
		*rest = slice_skip(*rest, len);
}

/* How many bytes at the front may be those of an address. */
static inline size_t
address_length(struct slice text)
{
	size_t len = 0;

#if defined(__SSE2__)
	/* Mostly digits and dots; what lies between these, slash and colon, is in the table as well. */
	if (text.len >= 16)
		len = lanes_dotted_length(text.at);
#endif
	while (len < text.len && is_address_byte[(uint8_t)text.at[len]])
		len++;
	return len;
}

size_t
host_address_length(struct slice text)
{
	return address_length(text);
}

/* Takes "[address]" with its port. */
static bool
take_address(struct slice *rest, struct host *out)
{
	unsigned number = 0;
	size_t digits = 0;

	if (rest->len == 0 || rest->at[0] != '[')
		return false;
	size_t end = 1 + address_length(slice_skip(*rest, 1));
	if (end == 1 || end == rest->len || rest->at[end] != ']')
		return false;
	out->ip = slice_of(rest->at + 1, end - 1);
	out->port = 0;
	*rest = slice_skip(*rest, end + 1);
	struct slice port = *rest;
	if (!slice_take_prefix(&port, SLICE(":")))
		return true;
	while (digits < port.len && digits < 6 && port.at[digits] >= '0' && port.at[digits] <= '9')
		number = number * 10 + (unsigned)(port.at[digits++] - '0');
	if (digits == 0) {
		skip_hidden_port(rest);
		return true;
	}
	if (number <= UINT16_MAX)
		out->port = (uint16_t)number;
	*rest = slice_skip(port, digits);
	return true;
}

/* Finds the next ") [address]" whose parenthesis stands at *from or behind it; that is where *from points then. */
static bool
find_candidate(struct slice text, size_t *from, struct slice *after)
{
	size_t at = *from + 1;

	for (;;) {
		ptrdiff_t bracket = slice_find_byte(slice_skip(text, at), '[');
		struct host host;

		if (bracket < 0)
			return false;
		at += (size_t)bracket + 1;
		if (at < *from + 3 || text.at[at - 2] != ' ' || text.at[at - 3] != ')')
			continue;
		*after = slice_skip(text, at - 1);
		if (take_address(after, &host)) {
			*from = at - 3;
			return true;
		}
	}
}

/* Takes "(helo) [address]" where the parenthesis that ends the helo stands at close. */
static void
take_helo(struct slice *rest, size_t close, struct host *out)
{
	out->helo = slice_of(rest->at + 1, close - 1);
	*rest = slice_skip(*rest, close + 2);
	take_address(rest, out);
}

/* Whether Exim goes on like this after a host: with a field, or with what it did to that client. */
static bool
is_after_host(struct slice rest)
{
	static const char *const words[] = {"rejected ", "temporarily rejected ",
	    "Warning: ", "sender verify ", "RCPT <", "incomplete transaction", "dropped"};

	if (!slice_take_prefix(&rest, SLICE(" ")))
		return false;
	if (slice_find_byte(slice_first(rest, 5), '=') > 0)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_has_prefix(rest, slice_str(words[i])))
			return true;
	return false;
}

/*
 * The helo is the client's word, ") [192.0.2.1]" included: Exim's address is the last one after which the line goes on as Exim's
 * lines do, since the reason for a refusal may name a host as well; or else the first.
 */
static bool
take_any_helo(struct slice *rest, struct host *out)
{
	struct slice after;
	size_t from = 1, close = 0;

	while (find_candidate(*rest, &from, &after)) {
		if (close == 0 || is_after_host(after))
			close = from;
		from++;
	}
	if (close == 0)
		return false;
	take_helo(rest, close, out);
	return true;
}

/* Whether as many quotes follow as close a text that began before. */
static bool
is_within_quotes(struct slice after)
{
	bool is_within = false;

	for (ptrdiff_t quote; (quote = slice_find_byte(after, '"')) >= 0;
	     after = slice_skip(after, (size_t)quote + 1))
		is_within = !is_within;
	return is_within;
}

/* Of all candidates the last, unless it stands within the quotes of DN="...". */
static bool
take_last_helo(struct slice *rest, struct host *out)
{
	struct slice after;
	size_t from = 1, close = 0;

	while (find_candidate(*rest, &from, &after)) {
		if (close == 0 || !is_within_quotes(after))
			close = from;
		from++;
	}
	if (close == 0)
		return false;
	take_helo(rest, close, out);
	return true;
}

/* A name ends at a blank, or where its helo or address begins. */
static size_t
name_length(struct slice text)
{
	ptrdiff_t blank = slice_find_byte(text, ' ');
	struct slice word = slice_first(text, blank >= 0 ? (size_t)blank : text.len);
	ptrdiff_t open = slice_find_either(word, '(', '[');

	return open >= 0 ? (size_t)open : word.len;
}

static bool
take_host(struct slice *rest, bool (*take_parenthesis)(struct slice *, struct host *),
    struct host *out)
{
	struct slice ahead = *rest;
	size_t name = name_length(ahead);

	*out = (struct host){0};
	out->name = slice_first(ahead, name);
	ahead = slice_skip(ahead, name);
	if (name != 0 && ahead.len != 0 && ahead.at[0] == ' ')
		ahead = slice_skip(ahead, 1);
	/* +dnssec: the name was looked up securely. */
	slice_take_prefix(&ahead, SLICE("DS "));
	if ((ahead.len != 0 && ahead.at[0] == '(' && take_parenthesis(&ahead, out)) ||
	    take_address(&ahead, out)) {
		*rest = ahead;
		return true;
	}
	/* A local socket or a host that was never asked for its address. */
	if (name == 0)
		return false;
	if (out->name.at[name - 1] == ':')
		out->name.len = --name;
	*rest = slice_skip(*rest, name);
	return true;
}

bool
host_take(struct slice *rest, struct host *out)
{
	return take_host(rest, take_any_helo, out);
}

bool
host_take_sender(struct slice *rest, struct host *out)
{
	return take_host(rest, take_last_helo, out);
}

/* "after RCPT TO:<ADDRESS>: host h [ip]: 550 ...": the address may hold anything. */
static struct slice
skip_phase(struct slice message)
{
	struct slice rest = message, address;

	for (;;) {
		slice_take_until(&rest, ':');
		if (slice_is_empty(rest) || slice_take_prefix(&rest, SLICE(" host ")))
			return rest;
		if (rest.at[0] == '<')
			field_take_angle(&rest, &address);
	}
}

bool
host_find_in_message(struct slice message, struct host *out)
{
	static const struct slice fronts[] = {{"host ", 5}, {"Remote host ", 12},
	    {"SMTP timeout while connected to ", 32}, {"LMTP timeout while connected to ", 32},
	    {"Malformed SMTP reply from ", 26}, {"Malformed LMTP reply from ", 26},
	    {"TLS error on connection to ", 27}};

	if (slice_has_prefix(message, SLICE("SMTP error from remote mail")) ||
	    slice_has_prefix(message, SLICE("LMTP error from remote mail"))) {
		message = skip_phase(message);
	} else {
		size_t i = 0;

		while (i < sizeof(fronts) / sizeof(fronts[0]) &&
		    !slice_take_prefix(&message, fronts[i]))
			i++;
		if (i == sizeof(fronts) / sizeof(fronts[0]))
			return false;
	}
	return host_take(&message, out) && out->ip.len != 0;
}
