/* Sending hosts: a hash of the name and one of the address of the host that handed each message over, to pass over what came from others. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_SENDING_HOSTS_H
#define INDEX_SENDING_HOSTS_H

#include <stdint.h>

#include "daemon/index/strings.h"

struct segment;

/* In place of a hash: */
enum {
	SENDING_HOST_NONE = 0,
	SENDING_HOST_SEVERAL = 1, /* the message has several arrivals */
	SENDING_HOST_FIRST = 2,   /* the hashes begin here */
};

struct sending_host {
	uint16_t name, ip;
};

/*
 * The hash of a name or an address; NONE of the empty one. Case is no matter, nor what stands in the middle of a long name. It has no secret:
 * who has hosts whose hashes are the same has others look at the lines of these.
 */
static inline uint16_t
sending_host_hash(struct slice text)
{
	const uint64_t fold = 0x2020202020202020;
	uint64_t first, second = 0, last = 0;

	if (text.len == 0)
		return SENDING_HOST_NONE;
	if (text.len < 8) {
		first = slice_short_word(text.at, text.len);
	} else {
		memcpy(&first, text.at, 8);
		memcpy(&last, text.at + text.len - 8, 8);
		if (text.len > 16)
			memcpy(&second, text.at + 8, 8);
	}
	uint16_t hash = (uint16_t)(((first | fold) * 0x9e3779b97f4a7c15 +
				       (second | fold) * 0xc2b2ae3d27d4eb4f +
				       (last | fold) * 0x165667b19e3779f9) >>
	    48);
	return hash < SENDING_HOST_FIRST ? hash + SENDING_HOST_FIRST : hash;
}

/* Notes one for a message. */
void sending_hosts_note(struct segment *segment, uint32_t message, struct sending_host host);
struct sending_host sending_hosts_at(const struct segment *segment, uint32_t message);
/* Whether the message may have come from such a host. */
bool sending_hosts_may_have(const struct segment *segment, uint32_t message, uint16_t hash);
/* The next message below left that may have; returns one more than its index, 0 for none. */
uint32_t sending_hosts_next(const struct segment *segment, uint32_t left, uint16_t hash);

#endif
