/* Keys of rules: reads one "key = value" of a rule. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_KEYS_H
#define CLASSIFY_KEYS_H

#include "daemon/classify/rules.h"

struct rule_reading {
	struct rule *rule;    /* the section being read */
	struct rule_set *set; /* which has its words */
	const struct classifier *classifier;
};

/* Adds what the entry says to the rule, or complains. False: the rule has more than a rule may hold; read no more of it. */
bool rule_read_value(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors);

#endif
