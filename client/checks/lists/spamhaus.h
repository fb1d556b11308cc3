/* Spamhaus: what the codes of its blocklists mean, and what helps against each. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPAMHAUS_H
#define CLIENT_CHECKS_SPAMHAUS_H

#include <stdbool.h>

struct draft;
struct lookup;

bool spamhaus_is_zone(const char *zone);
/* Tells what each code of an answer means, and what is to be done about it. */
void spamhaus_explain(struct draft *draft, const struct lookup *lookup);
/* Whether a code says that something was sent that should not have been. */
bool spamhaus_blames(const struct lookup *lookup);

#endif
