/* MX agreement: whether this server's resolver has the MX records that the domain's own nameservers give out. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_MX_AGREEMENT_H
#define CLIENT_CHECKS_MX_AGREEMENT_H

struct checks;

/* "mx-agreement": asks each nameserver of the domain's zone. */
void mx_agreement_check(struct checks *checks, const char *domain);

#endif
