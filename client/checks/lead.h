/* Lead: whether names of DNS lead to this server. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_LEAD_H
#define CLIENT_CHECKS_LEAD_H

#include <stdbool.h>
#include <stddef.h>

struct draft;
struct ip;
struct resolver;

enum lead {
	LEADS_HERE,
	LEADS_PARTLY_HERE,
	LEADS_ELSEWHERE,
	LEADS_NOWHERE,      /* there is no address */
	LEADS_NOBODY_KNOWS, /* DNS failed */
};

/* Addresses of names, counted. Begins as {0}. */
struct lead_count {
	size_t here, elsewhere;
	bool has_failed; /* DNS, for one of them */
};

/* Adds the addresses of the name, those among ips and those that are not. */
void lead_count_name(struct lead_count *count, struct resolver *resolver, const char *name,
    const struct ip *ips, size_t ip_count);
enum lead lead_of(const struct lead_count *count);
/* Both in one. */
enum lead lead_of_name(struct resolver *resolver, const char *name, const struct ip *ips,
    size_t ip_count);

/* Whether the address is one of the name's. */
bool lead_has(struct resolver *resolver, const char *name, const struct ip *ip);

/* The name's addresses, or how DNS failed, as evidence. */
void lead_evidence(struct draft *draft, struct resolver *resolver, const char *name);

#endif
