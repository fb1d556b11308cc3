/* Conditions: what rules say of codes and numbers, "55x", "x.7.1", "110", read once and asked often. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_CONDITION_H
#define CLASSIFY_CONDITION_H

#include "daemon/classify/reply.h"

struct number_range {
	int first, last;
};

enum { ENHANCED_ANY = -1 };

/* ENHANCED_ANY: every number will do. */
struct enhanced_pattern {
	int class, subject, detail;
};

/* "421", "55x", "4xx". */
bool take_code_range(struct slice text, struct number_range *out);
/* "110", "-44". */
bool take_number_range(struct slice text, struct number_range *out);
/* "5.7.1", "x.7.1", "5.7.x", "x.7.x". */
bool take_enhanced_pattern(struct slice text, struct enhanced_pattern *out);

bool number_range_holds(const struct number_range *range, int number);
bool enhanced_pattern_holds(const struct enhanced_pattern *pattern,
    const struct enhanced_code *code);

typedef bool name_fits_fn(struct slice name, struct slice pattern);

/* The name ends in suffix, or is all that follows its leading dot; no case. */
bool host_has_suffix(struct slice name, struct slice suffix);
/* The same domain, or, where the pattern begins with a dot, one below it; no case. */
bool domain_fits(struct slice domain, struct slice pattern);
/* The same name, or with a * at either end of the pattern a part of it. "**bypassed**" is a transport's name. */
bool name_fits(struct slice name, struct slice pattern);

#endif
