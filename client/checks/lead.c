/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/lead.h"

#include "client/checks/box/host.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"

enum { ADDRESSES_SHOWN = 8 };

static const enum record_type types[] = {RECORD_A, RECORD_AAAA};

enum { TYPES = sizeof(types) / sizeof(*types) };

void
lead_count_name(struct lead_count *count, struct resolver *resolver, const char *name,
    const struct ip *ips, size_t ip_count)
{
	resolver_expect(resolver, name, RECORD_AAAA);
	for (size_t t = 0; t < TYPES; t++) {
		const struct lookup *lookup = resolver_ask(resolver, name, types[t]);

		count->has_failed |= lookup->status == LOOKUP_FAILED;
		for (size_t i = 0; i < lookup->count; i++)
			if (host_is_among(&lookup->records[i].ip, ips, ip_count))
				count->here++;
			else
				count->elsewhere++;
	}
}

enum lead
lead_of(const struct lead_count *count)
{
	if (count->here != 0)
		return count->elsewhere != 0 ? LEADS_PARTLY_HERE : LEADS_HERE;
	if (count->has_failed)
		return LEADS_NOBODY_KNOWS;
	return count->elsewhere != 0 ? LEADS_ELSEWHERE : LEADS_NOWHERE;
}

enum lead
lead_of_name(struct resolver *resolver, const char *name, const struct ip *ips, size_t ip_count)
{
	struct lead_count count = {0};

	lead_count_name(&count, resolver, name, ips, ip_count);
	return lead_of(&count);
}

bool
lead_has(struct resolver *resolver, const char *name, const struct ip *ip)
{
	const struct lookup *lookup = resolver_ask(resolver, name,
	    ip->family == AF_INET ? RECORD_A : RECORD_AAAA);

	for (size_t i = 0; i < lookup->count; i++)
		if (ip_equal(&lookup->records[i].ip, ip))
			return true;
	return false;
}

void
lead_evidence(struct draft *draft, struct resolver *resolver, const char *name)
{
	for (size_t t = 0; t < TYPES; t++) {
		const struct lookup *lookup = resolver_ask(resolver, name, types[t]);

		for (size_t i = 0; i < lookup->count && i < ADDRESSES_SHOWN; i++)
			draft_evidence(draft, "%s %s %s", name, record_type_name(types[t]),
			    lookup->records[i].text);
		if (lookup->status == LOOKUP_FAILED)
			draft_evidence(draft, "%s %s: %s", name, record_type_name(types[t]),
			    lookup->error);
	}
}
