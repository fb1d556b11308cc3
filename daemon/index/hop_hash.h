/* The hash of a remote end: what it is remembered by. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_HOP_HASH_H
#define INDEX_HOP_HASH_H

#include "daemon/index/strings.h"

/* Of name and address; in one go, by sixteen bytes, where they stand in the line as "HOST [IP]", as nearly all do. */
static inline uint64_t
hop_hash(const struct hash_key *key, struct slice host, struct slice ip)
{
	size_t len = host.len + 2 + ip.len;
	uint64_t hash = key->a, words[2];

	if ((uintptr_t)ip.at != (uintptr_t)host.at + host.len + 2 || len < sizeof(words))
		return hash_more(key, hash_more(key, key->b, host), ip);
	for (size_t at = 0; at + sizeof(words) < len; at += sizeof(words)) {
		memcpy(words, host.at + at, sizeof(words));
		hash = hash_mix(words[0] ^ key->b, words[1] ^ hash);
	}
	memcpy(words, host.at + len - sizeof(words), sizeof(words));
	/* With the lengths as in hash_bytes. */
	return hash_mix(hash_mix(words[0] ^ key->b, words[1] ^ hash) ^ key->a,
	    (key->b | 1) + 2 * len + ((uint64_t)host.len << 32));
}

#endif
