/* MX servers: whether the names in a domain's MX records are such that mail can be delivered to them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_MX_SERVERS_H
#define CLIENT_CHECKS_MX_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

struct checks;
struct draft;
struct ip;
struct lookup;

/* Tells what is wrong with each of the domain's mail servers, and whether one is left that mail can be delivered to. */
void mx_servers_look_at(struct checks *checks, struct draft *draft, const char *domain,
    const struct lookup *mx);
/* The same of a domain without MX records, which is its own mail server. */
void mx_servers_look_at_name(struct checks *checks, struct draft *draft, const char *domain);

/* Whether an address of the name is one of these. */
bool mx_servers_is_among(struct checks *checks, const char *name, const struct ip *ips,
    size_t count);

#endif
