/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/names/mx_agreement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/box.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"

enum { SERVERS_MAX = 8 };

/* A nameserver of the zone, at the first of its addresses that is asked. */
struct own_server {
	const char *name;
	char address[IP_TEXT_SIZE];
};

struct agreement {
	struct checks *checks;
	const char *domain, *zone;
	const struct lookup *ours;
	struct own_server servers[SERVERS_MAX];
	struct resolver *resolvers[SERVERS_MAX]; /* one for each server; NULL: it cannot be asked */
	size_t count, agreeing, differing;
	struct draft draft;
};

/* The zone that the domain is in: the nearest name, upwards, that has nameservers. NULL: there is none below a top-level one. */
static const char *
find_zone(struct checks *checks, const char *domain, const struct lookup **servers)
{
	for (const char *name = domain, *dot; (dot = strchr(name, '.')) != NULL; name = dot + 1) {
		*servers = resolver_ask(checks->resolver, name, RECORD_NS);
		if ((*servers)->status == LOOKUP_FOUND || (*servers)->status == LOOKUP_FAILED)
			return name;
	}
	return NULL;
}

/* An address that can be asked from here: IPv4 first, since more can. */
static bool
find_address(struct agreement *agreement, struct own_server *server)
{
	static const enum record_type types[] = {RECORD_A, RECORD_AAAA};
	struct resolver *resolver = agreement->checks->resolver;

	for (size_t t = 0; t < 2; t++) {
		const struct lookup *lookup = resolver_ask(resolver, server->name, types[t]);

		if (lookup->status == LOOKUP_FAILED) {
			draft_say(&agreement->draft, CHECK_UNKNOWN,
			    "The address of its nameserver %s could not be looked up: %s.",
			    server->name, lookup->error);
			return false;
		}
		if (lookup->count != 0) {
			ip_text(&lookup->records[0].ip, server->address);
			return true;
		}
	}
	draft_say(&agreement->draft, CHECK_WARN, "Its nameserver %s has no address.", server->name);
	draft_advise(&agreement->draft,
	    "Whoever manages %s takes the nameserver %s out of its delegation and its zone, or gives it an A record.",
	    agreement->zone, server->name);
	return false;
}

/* All are asked at the same time. */
static void
ask_servers(struct agreement *agreement, const struct lookup *names)
{
	for (size_t i = 0; i < names->count && i < SERVERS_MAX; i++)
		for (enum record_type type = RECORD_A; type <= RECORD_AAAA; type++)
			resolver_expect(agreement->checks->resolver, names->records[i].text, type);
	for (size_t i = 0; i < names->count && i < SERVERS_MAX; i++) {
		struct own_server *server = &agreement->servers[i];
		const char *error = NULL;

		agreement->count = i + 1;
		server->name = names->records[i].text;
		if (!find_address(agreement, server))
			continue;
		agreement->resolvers[i] = resolver_new(server->address, &error);
		if (agreement->resolvers[i] != NULL)
			resolver_expect(agreement->resolvers[i], agreement->domain, RECORD_MX);
	}
	resolver_finish_all(agreement->resolvers, agreement->count);
}

static bool
says_the_same(const struct lookup *a, const struct lookup *b)
{
	if (a->status != b->status || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->records[i].preference != b->records[i].preference ||
		    strcmp(a->records[i].text, b->records[i].text) != 0)
			return false;
	return true;
}

/* What was said, and by whom, in one line. */
static void
show(struct agreement *agreement, const char *who, const struct lookup *lookup)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return;
	for (size_t i = 0; i < lookup->count; i++) {
		char *record = evidence_text(agreement->domain, RECORD_MX, &lookup->records[i]);

		fprintf(out, "%s%s", i != 0 ? ", " : "", record != NULL ? record : "");
		free(record);
	}
	if (lookup->status == LOOKUP_NO_DATA)
		fprintf(out, "%s has no MX record", agreement->domain);
	else if (lookup->status == LOOKUP_NO_NAME)
		fprintf(out, "%s does not exist (NXDOMAIN)", agreement->domain);
	else if (lookup->status == LOOKUP_FAILED)
		fputs(lookup->is_silence ? "no answer" : lookup->error, out);
	fclose(out);
	draft_evidence(&agreement->draft, "%s: %s", who, text);
	free(text);
}

static void
hear(struct agreement *agreement, size_t i)
{
	const struct own_server *server = &agreement->servers[i];
	const struct lookup *theirs = resolver_ask(agreement->resolvers[i], agreement->domain,
	    RECORD_MX);
	char who[512];

	snprintf(who, sizeof(who), "%s (%s)", server->name, server->address);
	show(agreement, who, theirs);
	if (theirs->status == LOOKUP_FAILED && theirs->is_silence) {
		/* It may be this side's: firewalls that let port 53 out to the resolver only are common. */
		draft_say(&agreement->draft, CHECK_UNKNOWN,
		    "Its nameserver %s did not answer from here.", server->name);
	} else if (theirs->status == LOOKUP_FAILED) {
		draft_say(&agreement->draft, CHECK_WARN,
		    "Its nameserver %s knows nothing of %s: %s.", server->name, agreement->domain,
		    theirs->error);
		draft_advise(&agreement->draft,
		    "Whoever manages %s has %s set up for the zone, or takes it out of the delegation: who happens to ask it gets nothing.",
		    agreement->zone, server->name);
	} else if (says_the_same(agreement->ours, theirs)) {
		agreement->agreeing++;
	} else {
		agreement->differing++;
	}
}

/* cPanel's nameserver answers for the zones that it has, whether or not the Internet asks it. */
static void
advise_on_difference(struct agreement *agreement)
{
	char zone_file[512];

	snprintf(zone_file, sizeof(zone_file), "/var/named/%s.db", agreement->zone);
	if (box_has(agreement->checks->box, zone_file)) {
		draft_evidence(&agreement->draft, "%s exists", zone_file);
		draft_advise(&agreement->draft,
		    "This server has a zone of its own for %s in %s, which the Internet does not ask: root corrects it or removes it (WHM, DNS Zone Manager).",
		    agreement->zone, zone_file);
	}
	draft_advise(&agreement->draft,
	    "If the records were changed lately, wait until the old ones have expired in the resolver (their TTL), or root empties its cache (rndc flush, unbound-control flush_zone %s, resolvectl flush-caches).",
	    agreement->zone);
	if (agreement->agreeing != 0)
		draft_advise(&agreement->draft,
		    "If its nameservers go on to say different things, whoever runs them looks at the zone transfer between them.");
}

static void
sum_up(struct agreement *agreement)
{
	const struct lookup *ours = agreement->ours;

	if (agreement->differing != 0 && ours->status == LOOKUP_FAILED) {
		draft_say(&agreement->draft, CHECK_FAIL,
		    "This server's resolver cannot look up where mail for %s goes (%s), while the domain's own nameservers tell it: the resolver is at fault.",
		    agreement->domain, ours->error);
		draft_advise(&agreement->draft,
		    "root restarts the resolver or empties its cache, and looks at its log; DNSSEC that does not validate looks like this too.");
	} else if (agreement->differing != 0) {
		draft_say(&agreement->draft, CHECK_WARN,
		    "%zu of the %zu nameservers of %s that answered give out other MX records of %s than this server's resolver has.",
		    agreement->differing, agreement->differing + agreement->agreeing,
		    agreement->zone, agreement->domain);
		advise_on_difference(agreement);
	} else if (agreement->agreeing != 0) {
		draft_say(&agreement->draft, CHECK_OK,
		    "This server's resolver has the MX records of %s that the domain's own nameservers give out.",
		    agreement->domain);
	} else {
		draft_say(&agreement->draft, CHECK_UNKNOWN,
		    "None of the nameservers of %s could be asked about %s from here.",
		    agreement->zone, agreement->domain);
	}
}

static void
compare(struct agreement *agreement, const struct lookup *names)
{
	evidence_of_records(&agreement->draft, agreement->zone, RECORD_NS, names);
	ask_servers(agreement, names);
	show(agreement, "this server's resolver", agreement->ours);
	for (size_t i = 0; i < agreement->count; i++)
		if (agreement->resolvers[i] != NULL)
			hear(agreement, i);
	sum_up(agreement);
	for (size_t i = 0; i < agreement->count; i++)
		resolver_free(agreement->resolvers[i]);
}

void
mx_agreement_check(struct checks *checks, const char *domain)
{
	const struct lookup *names = NULL;
	struct agreement agreement = {
	    .checks = checks,
	    .domain = domain,
	    .ours = resolver_ask(checks->resolver, domain, RECORD_MX),
	};

	agreement.zone = find_zone(checks, domain, &names);
	if (agreement.zone == NULL) {
		evidence_of_lookup(&agreement.draft, domain, RECORD_NS,
		    resolver_ask(checks->resolver, domain, RECORD_NS));
		draft_say(&agreement.draft, CHECK_UNKNOWN,
		    "%s has no nameservers that could be asked.", domain);
	} else if (names->status == LOOKUP_FAILED) {
		evidence_of_lookup(&agreement.draft, agreement.zone, RECORD_NS, names);
		draft_say(&agreement.draft, CHECK_UNKNOWN,
		    "The nameservers of %s could not be looked up: %s.", agreement.zone,
		    names->error);
	} else {
		compare(&agreement, names);
	}
	draft_add(&agreement.draft, checks, "mx-agreement");
}
