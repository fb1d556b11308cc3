/* Hosts: name (helo) [ip]:port (Exim spec, "Logging the sending host"; host.c, host_and_ident). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/host.h"

/* Takes "[address]" with its port. Addresses are IPv4, IPv6, or the path of a local socket. */
static bool
take_address(struct slice *rest, struct host *out)
{
	ptrdiff_t end = rest->len != 0 && rest->at[0] == '[' ? slice_find_byte(*rest, ']') : -1;
	struct slice port;
	unsigned number = 0;

	if (end < 2)
		return false;
	for (ptrdiff_t i = 1; i < end; i++) {
		char c = rest->at[i];

		if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			strchr(".:%/_-", c) != NULL) || c == '\0')
			return false;
	}
	out->ip = slice_of(rest->at + 1, (size_t)end - 1);
	*rest = slice_skip(*rest, (size_t)end + 1);
	out->port = 0;
	port = *rest;
	if (slice_take_prefix(&port, SLICE(":"))) {
		size_t digits = 0;

		while (digits < port.len && port.at[digits] >= '0' && port.at[digits] <= '9' && digits < 6)
			number = number * 10 + (unsigned)(port.at[digits++] - '0');
		if (digits != 0 && number <= UINT16_MAX) {
			out->port = (uint16_t)number;
			*rest = slice_skip(port, digits);
		}
	}
	return true;
}

/* Whether Exim goes on like this after a host: with a field, or with what it did to that client. */
static bool
is_after_host(struct slice rest)
{
	static const char *const words[] = {"rejected ", "temporarily rejected ", "Warning: ",
	    "sender verify ", "RCPT <", "incomplete transaction", "dropped"};
	ptrdiff_t equals = slice_find_byte(slice_first(rest, 6), '=');

	if (!slice_take_prefix(&rest, SLICE(" ")))
		return false;
	if (equals > 1)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_has_prefix(rest, slice_str(words[i])))
			return true;
	return false;
}

/*
 * The helo is the client's word and may hold anything, ") [192.0.2.1]" included. Exim's own address is the last one that
 * follows ") " before the fields that quote other people's words begin, and after which the line goes on as Exim's lines do:
 * the reason for a refusal may name a host as well.
 */
static bool
take_helo(struct slice *rest, struct host *out)
{
	struct slice region = *rest;
	ptrdiff_t subject = slice_find(region, SLICE(" T=\"")), id = slice_find(region, SLICE(" id="));
	ptrdiff_t message = slice_find(region, SLICE("]: "));
	bool is_found = false, is_certain = false;

	if (subject >= 0)
		region = slice_first(region, (size_t)subject);
	if (id >= 0)
		region = slice_first(region, (size_t)id);
	if (message >= 0)
		region = slice_first(region, (size_t)message + 1);
	for (size_t from = 1;;) {
		ptrdiff_t at = slice_find(slice_skip(region, from), SLICE(") ["));

		if (at < 0)
			break;
		size_t close = from + (size_t)at;
		struct slice after = slice_skip(*rest, close + 2);
		struct host host = *out;
		if (take_address(&after, &host) && (!is_certain || is_after_host(after))) {
			is_certain = is_after_host(after);
			host.helo = slice_of(rest->at + 1, close - 1);
			*out = host;
			is_found = true;
		}
		from = close + 1;
	}
	if (!is_found)
		return false;
	*rest = slice_skip(*rest, (size_t)(out->helo.at + out->helo.len - rest->at) + 2);
	return take_address(rest, out);
}

bool
host_take(struct slice *rest, struct host *out)
{
	struct slice ahead = *rest;
	size_t name = 0;

	*out = (struct host){0};
	while (name < ahead.len && ahead.at[name] != ' ' && ahead.at[name] != '(' && ahead.at[name] != '[')
		name++;
	out->name = slice_first(ahead, name);
	ahead = slice_skip(ahead, name);
	if (name != 0 && ahead.len != 0 && ahead.at[0] == ' ')
		ahead = slice_skip(ahead, 1);
	/* +dnssec: the name was looked up securely. */
	slice_take_prefix(&ahead, SLICE("DS "));
	if (ahead.len != 0 && ahead.at[0] == '(' && take_helo(&ahead, out)) {
		*rest = ahead;
		return true;
	}
	if (take_address(&ahead, out)) {
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
