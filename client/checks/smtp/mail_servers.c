/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/smtp/mail_servers.h"

#include <string.h>
#include <strings.h>

#include "client/checks/checks.h"
#include "client/checks/dns/resolver.h"

enum { HOSTS_MAX = 32 };

/* Of different owners and networks, so that what all of them do alike is done on this side. */
static const char *const providers[] = {"gmail.com", "yahoo.com", "outlook.com", "icloud.com"};
enum { PROVIDERS = sizeof(providers) / sizeof(providers[0]) };

static const enum record_type families[] = {RECORD_A, RECORD_AAAA};
enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

/* At most so many addresses of the host, until there are `end` in all. */
static void
add_host(struct mail_servers *servers, struct checks *checks, const char *host,
    enum record_type type, size_t most, size_t end)
{
	const struct lookup *lookup = resolver_ask(checks->resolver, host, type);

	for (size_t i = 0; i < lookup->count && i < most && servers->count < end; i++)
		servers->probes[servers->count++] = (struct smtp_probe){
		    .name = host,
		    .ip = lookup->records[i].ip,
		    .port = checks->port,
		};
}

/* Why the hosts have no addresses: the first question that DNS did not answer, if there is one. */
static void
say_no_addresses(struct checks *checks, const char *domain, const char *const *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < FAMILIES; j++) {
			const struct lookup *lookup = resolver_ask(checks->resolver, hosts[i],
			    families[j]);

			if (lookup->status != LOOKUP_FAILED)
				continue;
			checks_add(checks, "port25", CHECK_UNKNOWN,
			    "The addresses of %s, a mail server of %s, could not be looked up: %s.",
			    hosts[i], domain, lookup->error);
			return;
		}
	checks_add(checks, "port25", CHECK_UNKNOWN,
	    "No mail server of %s has an address, so there is nothing to connect to.", domain);
}

/* The names of the hosts that take mail for the domain, and how many; 0 after a finding says why there are none. */
static size_t
find_hosts(struct checks *checks, const char *domain, const char *hosts[HOSTS_MAX])
{
	const struct lookup *lookup = resolver_ask(checks->resolver, domain, RECORD_MX);
	size_t count = 0;

	switch (lookup->status) {
	case LOOKUP_FAILED:
		checks_add(checks, "port25", CHECK_UNKNOWN,
		    "The mail servers of %s could not be looked up: %s.", domain, lookup->error);
		return 0;
	case LOOKUP_NO_NAME:
		checks_add(checks, "port25", CHECK_UNKNOWN,
		    "DNS has no name %s, so there is no mail server to connect to.", domain);
		return 0;
	case LOOKUP_NO_DATA:
		hosts[0] = domain;
		return 1;
	case LOOKUP_FOUND:
		break;
	}
	for (size_t i = 0; i < lookup->count && count < HOSTS_MAX; i++)
		if (lookup->records[i].text[0] != '\0')
			hosts[count++] = lookup->records[i].text;
	if (count == 0) {
		struct json_object *item = checks_add(checks, "port25", CHECK_UNKNOWN,
		    "%s says that it takes no mail (a null MX, RFC 7505), so there is no mail server to connect to.",
		    domain);

		check_evidence(item, "%s MX %u .", domain, lookup->records[0].preference);
	}
	return count;
}

void
mail_servers_of(struct mail_servers *servers, struct checks *checks, const char *domain)
{
	const char *hosts[HOSTS_MAX];
	size_t count = find_hosts(checks, domain, hosts);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < FAMILIES; j++)
			resolver_expect(checks->resolver, hosts[i], families[j]);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < FAMILIES; j++)
			add_host(servers, checks, hosts[i], families[j], MAIL_SERVERS_MAX,
			    MAIL_SERVERS_MAX);
	servers->providers_at = servers->count;
	if (count != 0 && servers->count == 0)
		say_no_addresses(checks, domain, hosts, count);
}

void
mail_servers_of_providers(struct mail_servers *servers, struct checks *checks)
{
	size_t end = servers->count + PROVIDERS_MAX;

	for (size_t i = 0; i < PROVIDERS; i++)
		resolver_expect(checks->resolver, providers[i], RECORD_MX);
	for (size_t i = 0; i < PROVIDERS; i++) {
		const struct lookup *lookup = resolver_ask(checks->resolver, providers[i],
		    RECORD_MX);

		if (lookup->status == LOOKUP_FOUND && lookup->records[0].text[0] != '\0')
			for (size_t j = 0; j < FAMILIES; j++)
				add_host(servers, checks, lookup->records[0].text, families[j], 1,
				    end);
	}
}

void
mail_servers_clear(struct mail_servers *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		smtp_probe_clear(&servers->probes[i]);
}

/* Whether names are registered below it, as below co.uk and com.br. */
static bool
is_registry_label(const char *label, size_t len)
{
	static const char *const labels[] = {"ac", "co", "com", "edu", "gov", "ne", "net", "or",
	    "org"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strlen(labels[i]) == len && strncasecmp(labels[i], label, len) == 0)
			return true;
	return false;
}

const char *
mail_server_owner(const char *name)
{
	const char *dots[3] = {NULL}; /* the last three, from the end */
	size_t count = 0;

	for (size_t i = strlen(name); i-- != 0 && count < 3;)
		if (name[i] == '.')
			dots[count++] = name + i;
	if (count < 2)
		return name;
	if (strlen(dots[0]) != 3 ||
	    !is_registry_label(dots[1] + 1, (size_t)(dots[0] - dots[1] - 1)))
		return dots[1] + 1;
	return count == 3 ? dots[2] + 1 : name;
}
