/* Sending hosts: beside the messages of each block. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/sending_hosts.h"

#include "daemon/index/segment.h"

enum { BLOCKS_AHEAD = 32 }; /* fetched before they are looked at */

static struct sending_host *
host_of(const struct segment *segment, uint32_t message)
{
	return &segment->blocks[message / SEGMENT_BLOCK_MESSAGES]
		    ->hosts[message % SEGMENT_BLOCK_MESSAGES];
}

static uint16_t
join(uint16_t hash, uint16_t other)
{
	return hash == SENDING_HOST_NONE || hash == other ? other : SENDING_HOST_SEVERAL;
}

void
sending_hosts_note(struct segment *segment, uint32_t message, struct sending_host host)
{
	struct sending_host *known = host_of(segment, message);

	/* Nearly all messages have one arrival. */
	if (known->name == SENDING_HOST_NONE && known->ip == SENDING_HOST_NONE) {
		*known = host;
		return;
	}
	known->name = join(known->name, host.name);
	known->ip = join(known->ip, host.ip);
}

struct sending_host
sending_hosts_at(const struct segment *segment, uint32_t message)
{
	return *host_of(segment, message);
}

static inline bool
may_be(struct sending_host host, uint16_t hash)
{
	return host.name == hash || host.ip == hash || host.name == SENDING_HOST_SEVERAL ||
	    host.ip == SENDING_HOST_SEVERAL;
}

bool
sending_hosts_may_have(const struct segment *segment, uint32_t message, uint16_t hash)
{
	return may_be(*host_of(segment, message), hash);
}

/* Whether one of a block may be one; the compiler looks at all of them at once. */
static bool
block_may_have(const struct message_block *block, uint16_t hash)
{
	bool has = false;

	for (int i = 0; i < SEGMENT_BLOCK_MESSAGES; i++)
		has |= may_be(block->hosts[i], hash);
	return has;
}

uint32_t
sending_hosts_next(const struct segment *segment, uint32_t left, uint16_t hash)
{
	while (left != 0) {
		uint32_t block = (left - 1) / SEGMENT_BLOCK_MESSAGES;

		if (block >= BLOCKS_AHEAD)
			__builtin_prefetch(segment->blocks[block - BLOCKS_AHEAD]->hosts);
		if (left % SEGMENT_BLOCK_MESSAGES == 0 &&
		    !block_may_have(segment->blocks[block], hash)) {
			left -= SEGMENT_BLOCK_MESSAGES;
			continue;
		}
		if (sending_hosts_may_have(segment, left - 1, hash))
			return left;
		left--;
	}
	return 0;
}
