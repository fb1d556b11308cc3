/* Routing: whether Exim delivers mail for a domain here or sends it away, and whether DNS agrees. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_ROUTING_H
#define CLIENT_CHECKS_ROUTING_H

struct account;
struct checks;

/* The findings "routing" and "resolves-here". The account is that of the domain, which may have none. */
void routing_check(struct checks *checks, const char *domain, const struct account *account);

#endif
