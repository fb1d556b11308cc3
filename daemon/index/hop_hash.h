/* The hash of a remote end: what it is remembered by. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_HOP_HASH_H
#define INDEX_HOP_HASH_H

#include "daemon/index/strings.h"

/* Of name and address; in one go where they stand in the line as "HOST [IP]", as nearly all do. */
static inline uint64_t
hop_hash(const struct hash_key *key, struct slice host, struct slice ip)
{
	if ((uintptr_t)ip.at != (uintptr_t)host.at + host.len + 2)
		return hash_more(key, hash_more(key, key->b, host), ip);
	return hash_more(key, hash_mix(key->a ^ host.len, key->b | 1),
	    slice_of(host.at, host.len + 2 + ip.len));
}

#endif
