/* SPF proposal: the record that a domain should publish, made of what it publishes now. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_PROPOSAL_H
#define CLIENT_CHECKS_SPF_PROPOSAL_H

#include <stddef.h>

#include "client/checks/dns/ip.h"

/*
 * One record that says what the records say, and lets the addresses send: as cPanel writes them, +ip4:ADDRESS, in front of the
 * term "before" of it (NULL: of none), and of all and redirect=. Terms that stand there twice are taken once; where records
 * are joined, a redirect= is included, and the first all counts. The caller frees it; NULL when memory is out, or when there
 * are more terms than anybody would write.
 */
char *spf_propose(const char *const *records, size_t record_count, const char *before,
    const struct ip *ips, size_t ip_count);

#endif
