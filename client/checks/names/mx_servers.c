/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/names/mx_servers.h"

#include "client/checks/box/host.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"

enum { SERVERS_MAX = 15 }; /* are looked up */

static const enum record_type address_types[] = {RECORD_A, RECORD_AAAA};

enum { ADDRESS_TYPES = sizeof(address_types) / sizeof(address_types[0]) };

struct servers {
	struct checks *checks;
	struct draft *draft;
	const char *domain;
	size_t usable, unknown, with_ipv4;
};

/* What the addresses of one name come to. */
struct addresses {
	size_t reachable, private, ipv4;
	const char *error;               /* of DNS; NULL: all is known */
	char private_text[IP_TEXT_SIZE]; /* one of them */
};

static void
count_addresses(const struct lookup *lookup, struct addresses *found)
{
	if (lookup->status == LOOKUP_FAILED)
		found->error = lookup->error;
	for (size_t i = 0; i < lookup->count; i++) {
		const struct ip *ip = &lookup->records[i].ip;

		if (ip_is_private(ip)) {
			found->private ++;
			ip_text(ip, found->private_text);
		} else {
			found->reachable++;
			found->ipv4 += ip->family == AF_INET;
		}
	}
}

static struct addresses
find_addresses(struct servers *servers, const char *name)
{
	struct addresses found = {0};

	for (size_t t = 0; t < ADDRESS_TYPES; t++) {
		const struct lookup *lookup = resolver_ask(servers->checks->resolver, name,
		    address_types[t]);

		count_addresses(lookup, &found);
		/* Of a name without IPv6, or without anything, one line is enough. */
		if (t == 0 || lookup->status == LOOKUP_FOUND || lookup->status == LOOKUP_FAILED)
			evidence_of_lookup(servers->draft, name, address_types[t], lookup);
	}
	return found;
}

static void
tell_private(struct servers *servers, const char *name, const struct addresses *found)
{
	draft_say(servers->draft, CHECK_FAIL,
	    "%s has the address %s, which no other server can reach.", name, found->private_text);
	draft_advise(servers->draft,
	    "Whoever manages the DNS of %s publishes the server's public address in place of %s. If DNS says so only inside this network (split DNS), ask from outside: bouncectl check --nameserver IP %s",
	    name, found->private_text, servers->domain);
}

static void
tell_nothing_found(struct servers *servers, const char *name, const char *error)
{
	if (error != NULL) {
		servers->unknown++;
		draft_say(servers->draft, CHECK_UNKNOWN,
		    "The addresses of %s could not be looked up: %s.", name, error);
		return;
	}
	draft_say(servers->draft, CHECK_WARN, "%s has no address.", name);
	draft_advise(servers->draft,
	    "Whoever manages the DNS of %s adds the A record of %s, or corrects the MX record that names it.",
	    servers->domain, name);
}

static void
look_at_server(struct servers *servers, const char *name)
{
	struct addresses found = find_addresses(servers, name);

	if (found.private != 0)
		tell_private(servers, name, &found);
	if (found.reachable == 0 && found.private == 0)
		tell_nothing_found(servers, name, found.error);
	servers->usable += found.reachable != 0;
	servers->with_ipv4 += found.ipv4 != 0 || found.error != NULL;
}

/* An address where a name should be (RFC 5321 5.1), which Exim and others do not deliver to. */
static bool
is_address(struct servers *servers, const struct record *record)
{
	struct ip ip;

	if (!ip_parse(record->text, &ip))
		return false;
	draft_say(servers->draft, CHECK_WARN,
	    "An MX record names the address %s; it must name a host, and servers do not deliver to it as it is.",
	    record->text);
	draft_advise(servers->draft,
	    "Whoever manages the DNS of %s gives %s a name with an A record, and that name to the MX record.",
	    servers->domain, record->text);
	return true;
}

/* The name that a CNAME of this one leads to; NULL: there is none. */
static const char *
alias_of(struct servers *servers, const char *name)
{
	for (size_t t = 0; t < ADDRESS_TYPES; t++) {
		const struct lookup *lookup = resolver_ask(servers->checks->resolver, name,
		    address_types[t]);

		if (lookup->alias != NULL)
			return lookup->alias;
	}
	return NULL;
}

/* An alias is no name for an MX record (RFC 2181 10.3). */
static void
look_for_alias(struct servers *servers, const struct record *record)
{
	const char *name = alias_of(servers, record->text);

	if (name == NULL)
		return;
	draft_say(servers->draft, CHECK_WARN,
	    "%s is an alias (CNAME) of %s, which an MX record must not name: some servers do not deliver to it.",
	    record->text, name);
	draft_advise(servers->draft, "Whoever manages the DNS publishes instead: %s MX %u %s",
	    servers->domain, record->preference, name);
}

static void
sum_up(struct servers *servers)
{
	if (servers->usable == 0 && servers->unknown == 0)
		draft_say(servers->draft, CHECK_FAIL,
		    "Mail to %s cannot be delivered: no mail server of it has an address that others can reach.",
		    servers->domain);
	else if (servers->usable != 0 && servers->with_ipv4 == 0 && servers->unknown == 0)
		draft_say(servers->draft, CHECK_WARN,
		    "All mail servers of %s have IPv6 addresses only: who has no IPv6 cannot deliver to it.",
		    servers->domain);
}

void
mx_servers_look_at(struct checks *checks, struct draft *draft, const char *domain,
    const struct lookup *mx)
{
	struct servers servers = {.checks = checks, .draft = draft, .domain = domain};
	size_t count = mx->count < SERVERS_MAX ? mx->count : SERVERS_MAX;

	for (size_t i = 0; i < count; i++)
		for (size_t t = 0; t < ADDRESS_TYPES; t++)
			resolver_expect(checks->resolver, mx->records[i].text, address_types[t]);
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &mx->records[i];

		if (record->text[0] == '\0' || is_address(&servers, record))
			continue;
		look_at_server(&servers, record->text);
		look_for_alias(&servers, record);
	}
	sum_up(&servers);
}

void
mx_servers_look_at_name(struct checks *checks, struct draft *draft, const char *domain)
{
	struct servers servers = {.checks = checks, .draft = draft, .domain = domain};

	look_at_server(&servers, domain);
	sum_up(&servers);
}

bool
mx_servers_is_among(struct checks *checks, const char *name, const struct ip *ips, size_t count)
{
	for (size_t t = 0; t < ADDRESS_TYPES; t++) {
		const struct lookup *lookup = resolver_ask(checks->resolver, name,
		    address_types[t]);

		for (size_t i = 0; i < lookup->count; i++)
			if (host_is_among(&lookup->records[i].ip, ips, count))
				return true;
	}
	return false;
}
