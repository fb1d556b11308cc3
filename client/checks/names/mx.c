/* Where mail for a domain goes, and whether it can. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/names/mx_servers.h"

enum {
	OWN_MAX = 256,
	NAMED_MAX = 6, /* in a sentence */
};

struct mx {
	struct checks *checks;
	const char *domain;
	const struct lookup *lookup;
	const struct box_file *local; /* /etc/localdomains */
	size_t local_line;            /* of the domain; 0: it is not there */
	struct draft draft;
};

static bool
is_null(const struct record *record)
{
	return record->text[0] == '\0';
}

/* "a.example.com (10), b.example.com (20)". The caller frees it. */
static char *
list_servers(const struct lookup *lookup)
{
	char *text = NULL;
	size_t len, named = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < lookup->count; i++) {
		if (is_null(&lookup->records[i]))
			continue;
		if (named++ < NAMED_MAX)
			fprintf(out, "%s%s (%u)", named != 1 ? ", " : "", lookup->records[i].text,
			    lookup->records[i].preference);
	}
	if (named > NAMED_MAX)
		fprintf(out, " and %zu more", named - NAMED_MAX);
	fclose(out);
	return text;
}

/* The record that a domain needs: known only if its mail belongs here. */
static void
advise_record(struct mx *mx)
{
	char *host = mx->local_line != 0 ? host_name(mx->checks->box) : NULL;

	if (host != NULL)
		draft_advise(&mx->draft,
		    "If mail for %s is to come to this server, whoever manages its DNS publishes: %s MX 0 %s",
		    mx->domain, mx->domain, host);
	else
		draft_advise(&mx->draft,
		    "If the domain is to get mail, whoever manages its DNS publishes: %s MX 10 NAME, with the name of its mail server, which has an A record.",
		    mx->domain);
	free(host);
}

static void
tell_failure(struct mx *mx, enum record_type type, const struct lookup *lookup)
{
	draft_say(&mx->draft, CHECK_UNKNOWN, "The %s records of %s could not be looked up: %s.",
	    record_type_name(type), mx->domain, lookup->error);
	draft_advise(&mx->draft,
	    "While that is so, mail to %s waits in the queue. If other domains fail too, look at this server's nameservers: bouncectl check; if not, the nameservers of %s are at fault, and whoever runs them mends that.",
	    mx->domain, mx->domain);
}

static void
tell_no_name(struct mx *mx)
{
	if (checks_dns_knows_nothing(mx->checks)) { /* "nameserver" tells */
		draft_say(&mx->draft, CHECK_UNKNOWN,
		    "Where mail for %s goes cannot be told: the nameserver says that neither this name nor the root of DNS exists, so it looks nothing up.",
		    mx->domain);
		return;
	}
	draft_say(&mx->draft, CHECK_FAIL,
	    "%s does not exist in DNS: mail to it cannot be delivered, and many servers take no mail from it.",
	    mx->domain);
	draft_advise(&mx->draft, "Look whether %s is spelt right.", mx->domain);
	draft_advise(&mx->draft,
	    "If it is, the owner of the domain asks the registrar whether it has expired or has no nameservers.");
}

/* Without MX records the domain itself is where its mail goes (RFC 5321 5.1). */
static void
tell_no_mx(struct mx *mx)
{
	struct resolver *resolver = mx->checks->resolver;
	const struct lookup *v4, *v6;

	resolver_expect(resolver, mx->domain, RECORD_A);
	v6 = resolver_ask(resolver, mx->domain, RECORD_AAAA);
	v4 = resolver_ask(resolver, mx->domain, RECORD_A);
	if (v4->count != 0 || v6->count != 0) {
		draft_say(&mx->draft, CHECK_WARN,
		    "%s has no MX record: servers deliver to the addresses of the name itself instead, and some do not.",
		    mx->domain);
		mx_servers_look_at_name(mx->checks, &mx->draft, mx->domain);
	} else if (v4->status == LOOKUP_FAILED || v6->status == LOOKUP_FAILED) {
		bool is_v4 = v4->status == LOOKUP_FAILED;

		evidence_of_lookup(&mx->draft, mx->domain, RECORD_A, v4);
		evidence_of_lookup(&mx->draft, mx->domain, RECORD_AAAA, v6);
		tell_failure(mx, is_v4 ? RECORD_A : RECORD_AAAA, is_v4 ? v4 : v6);
		return;
	} else {
		evidence_of_lookup(&mx->draft, mx->domain, RECORD_A, v4);
		evidence_of_lookup(&mx->draft, mx->domain, RECORD_AAAA, v6);
		draft_say(&mx->draft, CHECK_FAIL,
		    "%s has neither an MX record nor an address: mail to it cannot be delivered, and many servers take no mail from it.",
		    mx->domain);
	}
	advise_record(mx);
}

static void
tell_null_mx(struct mx *mx)
{
	draft_say(&mx->draft, CHECK_FAIL,
	    "%s accepts no mail: it says so with a null MX record (RFC 7505).", mx->domain);
	draft_advise(&mx->draft, "Send no mail there: servers refuse it at once, and rightly.");
	advise_record(mx);
}

/* Whether this server delivers the mail. Of what is hosted here, or is said to be, "routing" and "hosted" tell. */
static void
compare_with_files(struct mx *mx)
{
	const char *first = mx->lookup->records[0].text;
	struct ip own[OWN_MAX];
	size_t count = host_addresses(mx->checks->box, own, OWN_MAX);
	const struct box_file *secondary = box_read(mx->checks->box, "/etc/secondarymx");
	struct account account;

	if (!mx_servers_is_among(mx->checks, first, own, count))
		return;
	account_of(mx->checks->box, mx->domain, &account);
	if (mx->local_line == 0 && account.user == NULL &&
	    lines_find_word(secondary, mx->domain, 0) == 0) {
		draft_say(&mx->draft, CHECK_FAIL,
		    "%s, its first mail server, is this server, which does not deliver mail for %s: it is not in %s, and Exim says \"remote host address is the local host\" or \"lowest numbered MX record points to local host\".",
		    first, mx->domain, mx->local->path);
		draft_advise(&mx->draft,
		    "If the mailboxes are here, the account's owner sets Email Routing in cPanel to Local Mail Exchanger, which adds %s to %s; if not, whoever manages the DNS corrects the MX record.",
		    mx->domain, mx->local->path);
	} else {
		draft_say(&mx->draft, CHECK_OK, "%s is this server.", first);
	}
	account_clear(&account);
}

static void
tell_servers(struct mx *mx)
{
	char *text = list_servers(mx->lookup);

	draft_open(&mx->draft, "Mail for %s goes to %s.", mx->domain, text != NULL ? text : "");
	free(text);
	mx_servers_look_at(mx->checks, &mx->draft, mx->domain, mx->lookup);
	if (mx->local->error == NULL)
		compare_with_files(mx);
}

/* Whether one of several records is the null MX, which must stand alone (RFC 7505 3). */
static void
look_for_null(struct mx *mx)
{
	for (size_t i = 0; i < mx->lookup->count; i++)
		if (is_null(&mx->lookup->records[i])) {
			draft_say(&mx->draft, CHECK_WARN,
			    "One of the MX records says that %s accepts no mail (RFC 7505), while others name mail servers.",
			    mx->domain);
			draft_advise(&mx->draft, "Whoever manages the DNS removes: %s MX %u .",
			    mx->domain, mx->lookup->records[i].preference);
			return;
		}
}

void
check_mx(struct checks *checks, const char *domain)
{
	struct mx mx = {
	    .checks = checks,
	    .domain = domain,
	    .lookup = resolver_ask(checks->resolver, domain, RECORD_MX),
	    .local = box_read(checks->box, "/etc/localdomains"),
	};

	mx.local_line = lines_find_word(mx.local, domain, 0);
	evidence_of_lookup(&mx.draft, domain, RECORD_MX, mx.lookup);
	if (mx.lookup->status == LOOKUP_FAILED) {
		tell_failure(&mx, RECORD_MX, mx.lookup);
	} else if (mx.lookup->status == LOOKUP_NO_NAME) {
		tell_no_name(&mx);
	} else if (mx.lookup->status == LOOKUP_NO_DATA) {
		tell_no_mx(&mx);
	} else if (mx.lookup->count == 1 && is_null(&mx.lookup->records[0])) {
		tell_null_mx(&mx);
	} else {
		look_for_null(&mx);
		tell_servers(&mx);
	}
	draft_add(&mx.draft, checks, "mx");
}
