/* Hops: the remote ends that recipients were handed to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/hop_hash.h"
#include "daemon/index/segment.h"

/* A remote end: the name of its host, and its address, of four bytes where it is one of IPv4 as it is always written. */
struct hop {
	uint32_t host; /* name; and HAS_TEXT: the address is a string */
	union {
		uint8_t ipv4[4];
		uint32_t text; /* 0: not known */
	};
};

#define HAS_TEXT (1u << 31) /* no reference is so large */

enum { HOP_TEXT_MAX = 64 };

/* A decimal number as it is always written, to 255. */
static inline bool
take_octet(const char **at, const char *end, uint8_t *octet)
{
	unsigned value, digit;

	if (*at == end || (value = (unsigned)(uint8_t) * *at - '0') > 9)
		return false;
	++*at;
	while (value != 0 && *at != end && (digit = (unsigned)(uint8_t) * *at - '0') <= 9) {
		value = value * 10 + digit;
		if (value > UINT8_MAX)
			return false;
		++*at;
	}
	*octet = (uint8_t)value;
	return true;
}

static bool
take_ipv4(struct slice text, uint8_t bytes[4])
{
	const char *at = text.at, *end = text.at + text.len;

	for (int part = 0; part < 4; part++)
		if ((part != 0 && (at == end || *at++ != '.')) ||
		    !take_octet(&at, end, &bytes[part]))
			return false;
	return at == end;
}

static size_t
put_ipv4(const uint8_t bytes[4], char *to)
{
	char *at = to;

	for (int i = 0; i < 4; i++) {
		if (i != 0)
			*at++ = '.';
		if (bytes[i] >= 100)
			*at++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*at++ = (char)('0' + bytes[i] / 10 % 10);
		*at++ = (char)('0' + bytes[i] % 10);
	}
	return (size_t)(at - to);
}

static uint32_t
keep_hop(struct segment *segment, struct slice host, struct slice ip)
{
	struct name name = name_of(segment->key, host, NAME_HOST);
	struct hop hop;
	bool is_new;

	hop.host = names_intern(&segment->names, &name, &is_new);
	if (!take_ipv4(ip, hop.ipv4)) {
		hop.host |= HAS_TEXT;
		hop.text = segment_keep(segment, slice_first(ip, HOP_TEXT_MAX));
	}
	uint32_t reference = arena_take_unset(&segment->arena, sizeof(hop));
	if (reference != 0)
		memcpy(arena_at(&segment->arena, reference), &hop, sizeof(hop));
	return reference;
}

/* One that others have pushed out of the memo is kept once more. */
uint32_t
segment_keep_hop_anew(struct segment *segment, uint64_t hash, struct slice host, struct slice ip)
{
	if (host.len + ip.len == 0)
		return 0;
	uint32_t reference = keep_hop(segment, host, ip);
	if (segment->hops != NULL)
		*memo_place(segment->hops, hash) = (struct kept){hash, reference};
	return reference;
}

uint32_t
segment_keep_hop(struct segment *segment, struct slice host, struct slice ip)
{
	return segment_keep_hop_hashed(segment, hop_hash(segment->key, host, ip), host, ip);
}

/* NULL: not known. */
static const struct hop *
hop_of(const struct segment *segment, const struct recipient *recipient)
{
	return recipient->hop != 0 ? arena_at(&segment->arena, recipient->hop) : NULL;
}

uint32_t
segment_host(const struct segment *segment, const struct recipient *recipient)
{
	const struct hop *hop = hop_of(segment, recipient);

	return hop != NULL ? hop->host & ~HAS_TEXT : 0;
}

bool
segment_has_ip(const struct segment *segment, const struct recipient *recipient)
{
	const struct hop *hop = hop_of(segment, recipient);

	return hop != NULL && !((hop->host & HAS_TEXT) && hop->text == 0);
}

bool
segment_is_remote(const struct segment *segment, const struct recipient *recipient)
{
	static const uint8_t here[] = {127, 0, 0, 1};
	const struct hop *hop = hop_of(segment, recipient);

	if (hop == NULL)
		return false;
	if (hop->host & HAS_TEXT)
		return hop->text != 0 &&
		    !slice_equal(segment_string(segment, hop->text), SLICE("::1"));
	return memcmp(hop->ipv4, here, sizeof(here)) != 0;
}

static struct slice
ip_of(const struct segment *segment, const struct hop *hop, struct room *room)
{
	char text[sizeof("255.255.255.255")];

	return hop->host & HAS_TEXT ? segment_string(segment, hop->text) :
				      room_add(room, slice_of(text, put_ipv4(hop->ipv4, text)));
}

struct route
segment_route(const struct segment *segment, const struct recipient *recipient, struct room *room)
{
	const struct hop *hop = hop_of(segment, recipient);
	struct route route = {.router = {"", 0},
	    .transport = {"", 0},
	    .host = {"", 0},
	    .ip = {"", 0}};

	if (recipient->path != 0) {
		route.router = segment->paths->list[recipient->path - 1].router;
		route.transport = segment->paths->list[recipient->path - 1].transport;
	}
	if (hop != NULL) {
		route.host = segment_name(segment, segment_host(segment, recipient), room);
		route.ip = ip_of(segment, hop, room);
	}
	return route;
}

bool
segment_has_transport(const struct segment *segment, const struct recipient *recipient)
{
	return recipient->path != 0 && segment->paths->list[recipient->path - 1].transport.len != 0;
}
