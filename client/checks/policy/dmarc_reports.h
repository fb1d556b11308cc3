/* DMARC reports: whether those that a policy asks for are sent (RFC 7489 6.2 and 7.1). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_DMARC_REPORTS_H
#define CLIENT_CHECKS_DMARC_REPORTS_H

struct checks;
struct dmarc_record;
struct draft;

/* domain: whose record it is */
void dmarc_judge_reports(struct draft *draft, struct checks *checks, const char *domain,
    const struct dmarc_record *record);

#endif
