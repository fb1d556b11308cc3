/* SPF outcome: what SPF says of several addresses, told once where it is the same. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_OUTCOME_H
#define CLIENT_CHECKS_SPF_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/checks.h"
#include "client/checks/dns/ip.h"
#include "client/checks/policy/spf.h"

struct draft;

enum { SPF_OUTCOMES_MAX = 16 };

/* Addresses with the same answer. */
struct spf_outcome {
	struct spf_answer answer;
	bool is_own; /* the addresses are this server's */
	struct ip ips[SPF_OUTCOMES_MAX];
	size_t count;
};

/* Begins as {0}. */
struct spf_outcomes {
	struct spf_outcome list[SPF_OUTCOMES_MAX];
	size_t count;
};

/* Adds the answer for an address, of at most SPF_OUTCOMES_MAX, and takes it. */
void spf_outcomes_add(struct spf_outcomes *outcomes, const struct ip *ip, bool is_own,
    struct spf_answer *answer);
void spf_outcomes_clear(struct spf_outcomes *outcomes);

/* Says what becomes of the domain's mail from the addresses, and which term of which record decided. */
void spf_outcome_say(struct draft *draft, const struct spf_outcome *outcome, const char *domain,
    enum check_status status);
/* Shows the records that were read, each once, but for the first, which is the domain's own; and what exp= explains. */
void spf_outcomes_show(struct draft *draft, const struct spf_outcomes *outcomes);

#endif
