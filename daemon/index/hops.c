/* Hops: the remote ends that recipients were handed to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <endian.h>

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

enum { IPV4_MAX = sizeof("255.255.255.255") - 1 };

/* Where a number ends, and what it amounts to. Bits from the thirty-second up in is_other: it is not written as numbers to 255 are. */
struct octet {
	unsigned length;
	uint64_t value, is_other;
};

/* Four bytes, of which the first few are digits, and a dot stands behind these. */
static inline struct octet
read_octet(const char *at)
{
	static const uint8_t least[] = {1, 0, 10, 100};
	const uint32_t each = 0x01010101;
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	word = le32toh(word);
	uint32_t zeros = word ^ '.' * each;
	/* The lowest byte that is a dot has its upper bit set; none else below it. */
	uint32_t dots = (zeros - each) & ~zeros & 0x80 * each;
	struct octet octet = {.length = (unsigned)__builtin_ctz(dots | 1u << 31) / 8};
	/* The last digit on top, and nothing below the first. */
	uint32_t digits = (uint32_t)((uint64_t)(word ^ '0' * each) << (32 - 8 * octet.length));
	octet.value = (digits >> 24) + (digits >> 16 & 0xff) * 10 + (digits >> 8 & 0xff) * 100;
	/* No dot, more than nine, more than 255, or a zero in front. */
	octet.is_other = ((uint64_t)dots - 1) |
	    (uint64_t)((digits | (digits + (0x80 - 10) * each)) & 0x80 * each) << 32 |
	    (UINT8_MAX - octet.value) | (octet.value - least[octet.length]);
	return octet;
}

/* Nothing in it branches on how many digits there are, which cannot be foreseen. */
static bool
take_ipv4(struct slice text, uint8_t bytes[4])
{
	/* Dots behind it: the last number ends in one as well, and four bytes can be looked at from wherever a number begins. */
	char dotted[IPV4_MAX + 1 + sizeof(uint32_t)];
	uint64_t is_other = 0;
	size_t at = 0;

	if (text.len > IPV4_MAX)
		return false;
	memset(dotted, '.', sizeof(dotted));
	strings_copy(dotted, text.at, text.len);
	for (int part = 0; part < 4; part++) {
		struct octet octet = read_octet(dotted + at);

		bytes[part] = (uint8_t)octet.value;
		is_other |= octet.is_other;
		at += octet.length + 1;
	}
	return is_other >> 32 == 0 && at == text.len + 1;
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
	struct name name;
	struct hop hop;
	bool is_new;

	name_of(segment->key, host, NAME_HOST, &name);
	names_expect(&segment->names, &name, 1);
	bool has_text = !take_ipv4(ip, hop.ipv4);
	hop.host = names_intern(&segment->names, &name, &is_new);
	if (has_text) {
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
