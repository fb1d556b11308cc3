/* SPF remarks: what is to be said of an SPF record whoever sends. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_REMARKS_H
#define CLIENT_CHECKS_SPF_REMARKS_H

#include "client/checks/checks.h"

struct draft;
struct spf_costs;

/*
 * Says that the record of the domain lets everybody send, uses ptr, is long, takes too many lookups and for what, or is wrong
 * somewhere, which has that status.
 */
void spf_remark(struct draft *draft, const char *domain, const char *text,
    const struct spf_costs *costs, enum check_status wrong);

#endif
