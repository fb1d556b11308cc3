/* The classifier from within. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_CLASSIFIER_H
#define CLASSIFY_CLASSIFIER_H

#include "daemon/classify/cache.h"
#include "daemon/classify/classes.h"

struct classifier {
	struct class_set classes;
	struct rule_set rules;
	struct matcher matcher;
	struct cache cache;
	struct key_memo keys; /* of the thread that classifies */
	uint16_t unclassified;
	int64_t loaded;
	uint64_t classified, cache_hits;
};

/* Makes the failure ready for the rules of the classifier. */
void classifier_prepare(const struct classifier *classifier, const struct failure *failure,
    struct prepared *plain);

#endif
