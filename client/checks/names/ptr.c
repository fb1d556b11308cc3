/* Whether an address has a name, and the name the address (RFC 1912 2.1). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/checks/box/host.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/names/generic_name.h"

enum {
	OWN_MAX = 16,
	NAMES_MAX = 10, /* are looked up: who has more has no use for them */
};

/* What is known of the address while it is looked at. */
struct ptr {
	struct checks *checks;
	const struct ip *ip;
	char address[IP_TEXT_SIZE], name[IP_NAME_SIZE];
	enum record_type type; /* of the records that lead back */
	char *helo; /* what the server with this address says in HELO; NULL: it is not known */
	struct draft draft;
};

/*
 * The name in HELO if the address may be one of this server's: if not, it is another server's business. None that is no
 * fully qualified one, which no record can hold.
 */
static char *
find_helo(struct checks *checks, const struct ip *ip)
{
	struct ip ips[OWN_MAX];
	size_t count = host_addresses(checks->box, ips, OWN_MAX);

	if (!host_is_among(ip, ips, count)) {
		count = sending_ips(checks, NULL, ips, OWN_MAX);
		if (!host_is_among(ip, ips, count))
			return NULL;
	}
	char *name = sending_helo(checks, NULL);
	if (name != NULL && host_name_is_qualified(name))
		return name;
	free(name);
	return NULL;
}

static bool
leads_to(const struct lookup *lookup, const struct ip *ip)
{
	for (size_t i = 0; i < lookup->count; i++)
		if (ip_equal(&lookup->records[i].ip, ip))
			return true;
	return false;
}

/* Which record is to be set, and that only the block's owner can. */
static void
advise_record(struct ptr *ptr)
{
	const char *type = record_type_name(ptr->type);

	if (ptr->helo == NULL) {
		draft_advise(&ptr->draft,
		    "Have the owner of the address block, which is the hosting provider as a rule, set the PTR record "
		    "of %s to the name that the server with this address says in HELO, since no zone of the "
		    "server's own domains can hold it: %s PTR NAME",
		    ptr->address, ptr->name);
		return;
	}
	draft_advise(&ptr->draft,
	    "Have the owner of the address block, which is the hosting provider as a rule, set the PTR record of %s to "
	    "the name that this server says in HELO, since no zone of the server's own domains can hold it: %s PTR %s",
	    ptr->address, ptr->name, ptr->helo);
	const struct lookup *back = resolver_ask(ptr->checks->resolver, ptr->helo, ptr->type);
	if (back->status != LOOKUP_FAILED && !leads_to(back, ptr->ip))
		draft_advise(&ptr->draft,
		    "Whoever manages the DNS of %s adds the way back first: %s %s %s", ptr->helo,
		    ptr->helo, type, ptr->address);
}

static void
tell_missing(struct ptr *ptr)
{
	draft_say(&ptr->draft, CHECK_FAIL,
	    "%s has no PTR record: many servers take no mail from an address without a name.",
	    ptr->address);
	advise_record(ptr);
}

/* What one name of the address comes to. True: it leads back. */
static bool
look_at_name(struct ptr *ptr, const char *name)
{
	const struct lookup *back = resolver_ask(ptr->checks->resolver, name, ptr->type);
	const char *type = record_type_name(ptr->type);

	evidence_of_lookup(&ptr->draft, name, ptr->type, back);
	if (leads_to(back, ptr->ip)) {
		draft_say(&ptr->draft, CHECK_OK, "%s has the name %s, which leads back to it.",
		    ptr->address, name);
		return true;
	}
	if (back->status == LOOKUP_FAILED)
		draft_say(&ptr->draft, CHECK_UNKNOWN,
		    "Whether %s leads back to %s could not be found out: %s.", name, ptr->address,
		    back->error);
	else if (back->status == LOOKUP_FOUND)
		draft_say(&ptr->draft, CHECK_WARN,
		    "%s has the name %s, whose %s records lead elsewhere.", ptr->address, name,
		    type);
	else
		draft_say(&ptr->draft, CHECK_WARN, "%s has the name %s, which has no %s record.",
		    ptr->address, name, type);
	return false;
}

/* A name that receivers take for a customer's line, even if it leads back. */
static void
look_for_generic(struct ptr *ptr, const struct lookup *names)
{
	char text[64];

	for (size_t i = 0; i < names->count && i < NAMES_MAX; i++) {
		const char *name = names->records[i].text;
		const char *reason = generic_name_reason(name, ptr->ip, text, sizeof(text));

		if (reason == NULL)
			continue;
		draft_say(&ptr->draft, CHECK_WARN,
		    "The name %s looks generic, since it %s: some servers take no mail from such names.",
		    name, reason);
		if (ptr->helo == NULL || strcmp(ptr->helo, name) != 0)
			advise_record(ptr);
		return;
	}
}

static void
advise_way_back(struct ptr *ptr, const char *name)
{
	draft_advise(&ptr->draft,
	    "If the name is right, whoever manages the DNS of %s adds: %s %s %s", name, name,
	    record_type_name(ptr->type), ptr->address);
	advise_record(ptr);
}

static void
advise_asking_again(struct draft *draft)
{
	draft_advise(draft,
	    "Ask again in some minutes. If other questions fail too, look at this server's nameservers: bouncectl check.");
}

static void
look_at_names(struct ptr *ptr, const struct lookup *names)
{
	size_t leading_back = 0, looked_at = 0;
	bool is_known = true;

	for (size_t i = 0; i < names->count && i < NAMES_MAX; i++)
		resolver_expect(ptr->checks->resolver, names->records[i].text, ptr->type);
	for (; looked_at < names->count && looked_at < NAMES_MAX; looked_at++) {
		const char *name = names->records[looked_at].text;

		leading_back += look_at_name(ptr, name);
		is_known = is_known &&
		    resolver_ask(ptr->checks->resolver, name, ptr->type)->status != LOOKUP_FAILED;
	}
	if (looked_at < names->count)
		draft_say(&ptr->draft, CHECK_WARN,
		    "%s has %zu names, of which %d were looked at; one is enough.", ptr->address,
		    names->count, NAMES_MAX);
	if (leading_back == 0 && is_known)
		draft_say(&ptr->draft, CHECK_FAIL,
		    "No name of %s leads back to it, so that servers which want a forward-confirmed name refuse it.",
		    ptr->address);
	if (!is_known)
		advise_asking_again(&ptr->draft);
	else if (leading_back == 0)
		advise_way_back(ptr, names->records[0].text);
	else if (leading_back < looked_at)
		draft_advise(&ptr->draft,
		    "Have the owner of the address block remove the PTR records whose names do not lead back.");
	if (leading_back != 0)
		look_for_generic(ptr, names);
}

void
check_ptr(struct checks *checks, const struct ip *ip)
{
	struct ptr ptr = {
	    .checks = checks,
	    .ip = ip,
	    .type = ip->family == AF_INET ? RECORD_A : RECORD_AAAA,
	};

	ip_text(ip, ptr.address);
	ip_ptr_name(ip, ptr.name);
	if (ip_is_private(ip)) {
		draft_say(&ptr.draft, CHECK_UNKNOWN,
		    "%s is an address that only its own network knows: no other server sees it, and public DNS has no name for it.",
		    ptr.address);
		draft_advise(&ptr.draft,
		    "Check the public address that mail leaves from: the server's log on the other side shows it, and so does its refusal.");
		draft_add(&ptr.draft, checks, "ptr");
		return;
	}
	const struct lookup *names = resolver_ask(checks->resolver, ptr.name, RECORD_PTR);
	evidence_of_lookup(&ptr.draft, ptr.name, RECORD_PTR, names);
	ptr.helo = find_helo(checks, ip);
	if (names->status == LOOKUP_FAILED) {
		draft_say(&ptr.draft, CHECK_UNKNOWN,
		    "The PTR record of %s could not be looked up: %s.", ptr.address, names->error);
		advise_asking_again(&ptr.draft);
	} else if (names->status == LOOKUP_FOUND)
		look_at_names(&ptr, names);
	else
		tell_missing(&ptr);
	free(ptr.helo);
	draft_add(&ptr.draft, checks, "ptr");
}
