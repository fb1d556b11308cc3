/* The classifier from within. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_CLASSIFIER_H
#define CLASSIFY_CLASSIFIER_H

#include "daemon/classify/match.h"

enum {
	CLASSES_MAX = 200, /* the index keeps a class in a byte */
	CACHE_ENTRIES = 8192,
};

struct cache_entry {
	uint64_t key; /* 0: free */
	struct classification found;
};

struct classifier {
	struct class classes[CLASSES_MAX];
	size_t class_count;
	struct rule_set rules;
	struct matcher matcher;
	uint64_t key;               /* of the cache, so that nobody can make texts that collide */
	string_list host_suffixes, domains;
	uint16_t unclassified;
	int64_t loaded;
	uint64_t classified, cache_hits;
	struct cache_entry cache[CACHE_ENTRIES];
};

#endif
