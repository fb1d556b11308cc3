/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/routing.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/name.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/lead.h"

enum {
	OWN_MAX = 256,
	EXCHANGERS_MAX = 20,
};

struct route {
	struct checks *checks;
	const char *domain;
	const struct account *account;
	char *host; /* this server's name, or NULL */
	struct ip own[OWN_MAX];
	size_t own_count;
	const struct box_file *local, *remote, *secondary;
	size_t local_line, remote_line, secondary_line;
	enum lead exchangers; /* where DNS sends mail for the domain */
};

/* Where the domain's mail servers are; without MX records, the domain itself is one (RFC 5321 5.1). */
static enum lead
find_exchangers(const struct route *route)
{
	struct resolver *resolver = route->checks->resolver;
	const struct lookup *mx = resolver_ask(resolver, route->domain, RECORD_MX);
	struct lead_count count = {.has_failed = mx->status == LOOKUP_FAILED};

	if (route->own_count == 0)
		return LEADS_NOBODY_KNOWS;
	if (mx->status == LOOKUP_NO_DATA)
		lead_count_name(&count, resolver, route->domain, route->own, route->own_count);
	for (size_t i = 0; i < mx->count && i < EXCHANGERS_MAX; i++)
		lead_count_name(&count, resolver, mx->records[i].text, route->own,
		    route->own_count);
	return lead_of(&count);
}

static void
show_records(struct json_object *item, const struct route *route, enum record_type type)
{
	const struct lookup *lookup = resolver_ask(route->checks->resolver, route->domain, type);

	for (size_t i = 0; i < lookup->count && i < EXCHANGERS_MAX; i++) {
		char *text = evidence_text(route->domain, type, &lookup->records[i]);

		if (text != NULL)
			check_evidence(item, "%s", text);
		free(text);
	}
}

static void
show_exchangers(struct json_object *item, const struct route *route)
{
	show_records(item, route, RECORD_MX);
	/* Without one, the domain's own addresses are where mail goes (RFC 5321 5.1). */
	if (resolver_ask(route->checks->resolver, route->domain, RECORD_MX)->count == 0) {
		show_records(item, route, RECORD_A);
		show_records(item, route, RECORD_AAAA);
	}
}

static bool
is_host_name(const struct route *route)
{
	return route->host != NULL && strcasecmp(route->host, route->domain) == 0;
}

static void
show_host_name(const struct route *route)
{
	struct json_object *item;

	if (route->account->user != NULL && strcmp(route->account->user, "nobody") != 0) {
		item = checks_add(route->checks, "routing", CHECK_FAIL,
		    "%s is the name of this server and a domain of the account %s as well: mail to it, and bounces, go astray.",
		    route->domain, route->account->user);
		lines_evidence(item, route->account->domains, route->account->line);
		check_advise(item,
		    "root gives the server a name of its own, such as server.%s, in WHM under Change Hostname, or removes the domain from the account.",
		    route->domain);
	} else if (route->local_line == 0) {
		item = checks_add(route->checks, "routing", CHECK_FAIL,
		    "%s is the name of this server, but Exim does not deliver mail to it here: %s does not name it.",
		    route->domain, route->local->path);
		check_advise(item, "root adds the line %s to %s.", route->domain,
		    route->local->path);
	} else {
		item = checks_add(route->checks, "routing", CHECK_OK,
		    "%s is the name of this server, and mail to it is delivered here.",
		    route->domain);
		lines_evidence(item, route->local, route->local_line);
	}
}

static void
show_both(const struct route *route)
{
	struct json_object *item = checks_add(route->checks, "routing", CHECK_FAIL,
	    "%s is both a local and a remote domain, so that mail to it may be delivered here or sent away.",
	    route->domain);

	lines_evidence(item, route->local, route->local_line);
	lines_evidence(item, route->remote, route->remote_line);
	check_advise(item,
	    "root removes line %zu of %s if the mailboxes are on this server, else line %zu of %s; WHM does it under Edit MX Entry, Email Routing.",
	    route->remote_line, route->remote->path, route->local_line, route->local->path);
}

static void
show_neither(const struct route *route)
{
	struct json_object *item = checks_add(route->checks, "routing", CHECK_FAIL,
	    "%s is hosted here, but neither %s nor %s names it: Exim looks its mail servers up, and does not deliver here.",
	    route->domain, route->local->path, route->remote->path);

	lines_evidence(item, route->account->domains, route->account->line);
	show_exchangers(item, route);
	check_advise(item,
	    "root adds the line %s to %s if the mailboxes are on this server, else to %s.",
	    route->domain, route->local->path, route->remote->path);
}

static void
show_local_not_hosted(const struct route *route)
{
	struct json_object *item = checks_add(route->checks, "routing", CHECK_FAIL,
	    "This server believes that mail for %s belongs here, but no account has this domain: mail to it that should leave is refused with No Such User Here.",
	    route->domain);

	lines_evidence(item, route->local, route->local_line);
	if (route->exchangers == LEADS_ELSEWHERE)
		show_exchangers(item, route);
	check_advise(item, "root removes line %zu of %s.", route->local_line, route->local->path);
}

/* The zones of services that hold mailboxes: what they accept does not come back to a server like this one. */
static bool
is_mailbox_service(const char *name)
{
	static const char *const zones[] = {"google.com", "googlemail.com", "outlook.com",
	    "yahoodns.net", "icloud.com", "zoho.com", "zoho.eu", "messagingengine.com",
	    "protonmail.ch", "secureserver.net", "titan.email", "privateemail.com", "yandex.net",
	    "mail.ru", "gmx.net", "web.de"};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (name_is_within(name, zones[i]))
			return true;
	return false;
}

static void
show_local(const struct route *route)
{
	const struct lookup *mx = resolver_ask(route->checks->resolver, route->domain, RECORD_MX);
	bool is_elsewhere = route->exchangers == LEADS_ELSEWHERE;
	bool is_service = is_elsewhere && mx->count != 0 && is_mailbox_service(mx->records[0].text);
	struct json_object *item = is_service ?
	    checks_add(route->checks, "routing", CHECK_FAIL,
		"The mailboxes of %s are at %s by DNS, while this server takes the domain for its own: mail to it that is sent here stays here, or fails with \"No Such User Here\".",
		route->domain, mx->records[0].text) :
	    is_elsewhere ?
	    checks_add(route->checks, "routing", CHECK_WARN,
		"Mail to %s that is sent on this server stays on it, while DNS leads everybody else's to other servers.",
		route->domain) :
	    checks_add(route->checks, "routing", CHECK_OK,
		"Mail to %s is delivered on this server.", route->domain);

	lines_evidence(item, route->local, route->local_line);
	if (!is_elsewhere)
		return;
	show_exchangers(item, route);
	check_advise(item,
	    is_service ?
		"The account's owner sets Email Routing in cPanel to Remote Mail Exchanger, or root moves line %zu of %s to %s." :
		"If the mailboxes are elsewhere, the account's owner sets Email Routing in cPanel to Remote Mail Exchanger, or root moves line %zu of %s to %s.",
	    route->local_line, route->local->path, route->remote->path);
	if (is_service)
		return;
	check_advise(item,
	    "If they are on this server, whoever manages the DNS of %s points its MX record to this server; a filtering service in between is fine as it is.",
	    route->domain);
}

static void
show_sent_to_itself(const struct route *route)
{
	struct json_object *item = checks_add(route->checks, "routing", CHECK_FAIL,
	    "DNS sends mail for %s to this server, which does not deliver it: Exim says \"remote host address is the local host\".",
	    route->domain);

	show_exchangers(item, route);
	lines_evidence(item, route->remote, route->remote_line);
	check_advise(item,
	    "If the mailboxes are on this server, the account's owner sets Email Routing in cPanel to Local Mail Exchanger, or root adds the line %s to %s, and sees that %s has no such line.",
	    route->domain, route->local->path, route->remote->path);
	check_advise(item,
	    "If the mailboxes are elsewhere, whoever manages the DNS of %s points its MX record there.",
	    route->domain);
}

static void
show_remote(const struct route *route)
{
	struct json_object *item = checks_add(route->checks, "routing", CHECK_OK,
	    "Mail to %s leaves this server for the mail servers that DNS names, although an account has the domain.",
	    route->domain);

	lines_evidence(item, route->remote, route->remote_line);
}

static void
show_secondary(const struct route *route)
{
	struct json_object *item = checks_add(route->checks, "routing", CHECK_OK,
	    "This server is a backup for %s: it accepts mail to it, and sends it on to the domain's mail servers.",
	    route->domain);

	lines_evidence(item, route->secondary, route->secondary_line);
}

/* A file that would have decided and cannot be read; NULL: there is none. */
static const struct box_file *
unreadable(const struct route *route)
{
	if (route->local->error != NULL)
		return route->local;
	return route->remote->error != NULL && !route->remote->is_absent ? route->remote : NULL;
}

static void
check_routing(const struct route *route)
{
	const struct box_file *file = unreadable(route);
	bool is_hosted = route->account->user != NULL;
	bool comes_here = route->exchangers == LEADS_HERE || route->exchangers == LEADS_PARTLY_HERE;

	if (file != NULL && is_hosted)
		checks_add(route->checks, "routing", CHECK_UNKNOWN,
		    "Whether mail to %s is delivered here cannot be told: %s %s.", route->domain,
		    file->path, file->error);
	if (file != NULL)
		return;
	if (is_host_name(route))
		show_host_name(route);
	else if (route->local_line != 0 && route->remote_line != 0)
		show_both(route);
	else if (route->local_line != 0 && !is_hosted && route->account->domains->error == NULL)
		show_local_not_hosted(route);
	else if (route->local_line != 0)
		show_local(route);
	else if (route->secondary_line != 0)
		show_secondary(route);
	else if (is_hosted && comes_here)
		show_sent_to_itself(route);
	else if (is_hosted && route->remote_line == 0)
		show_neither(route);
	else if (is_hosted)
		show_remote(route);
}

/* "/etc/manualmx" sends mail to one server, whatever DNS says. */
static void
check_manual(const struct route *route)
{
	const struct box_file *file = box_read(route->checks->box, "/etc/manualmx");
	size_t line = 0;
	char *server = box_value(file, route->domain, ':', &line);

	if (server != NULL && server[0] != '\0') {
		struct json_object *item = checks_add(route->checks, "routing", CHECK_WARN,
		    "Mail to %s is sent to %s, whatever DNS says: that is written down on this server.",
		    route->domain, server);
		lines_evidence(item, file, line);
		check_advise(item, "root removes line %zu of %s if that is no longer wanted.", line,
		    file->path);
	}
	free(server);
}

/* What follows the domain's name in the finding. */
static const struct {
	enum check_status status;
	const char *text;
} resolutions[] = {
    [LEADS_HERE] = {CHECK_OK, "resolves to this server"},
    [LEADS_PARTLY_HERE] = {CHECK_WARN, "resolves to this server and to another one"},
    [LEADS_ELSEWHERE] = {CHECK_WARN, "is hosted here and resolves to another server"},
    [LEADS_NOWHERE] = {CHECK_WARN, "does not resolve: DNS has no address for it"},
    [LEADS_NOBODY_KNOWS] = {CHECK_UNKNOWN,
	"may resolve to this server or not: DNS does not answer"},
};

static void
check_resolves_here(const struct route *route)
{
	if (route->own_count == 0) {
		checks_add(route->checks, "resolves-here", CHECK_UNKNOWN,
		    "Whether %s resolves to this server cannot be told: its addresses are in none of /var/cpanel/mainip, /etc/ips and /etc/mailips.",
		    route->domain);
		return;
	}
	struct resolver *resolver = route->checks->resolver;
	enum lead lead = lead_of_name(resolver, route->domain, route->own, route->own_count);
	struct draft draft = {.status = resolutions[lead].status};
	draft_open(&draft, "%s %s.", route->domain, resolutions[lead].text);
	lead_evidence(&draft, resolver, route->domain);
	if (resolutions[lead].status == CHECK_WARN) {
		char own[IP_TEXT_SIZE];

		draft_advise(&draft,
		    "If its site is on this server, whoever manages the DNS of %s publishes: %s. IN %s %s",
		    route->domain, route->domain, route->own[0].family == AF_INET ? "A" : "AAAA",
		    ip_text(&route->own[0], own));
		if (lead != LEADS_NOWHERE)
			draft_advise(&draft,
			    "If the site is elsewhere, or behind a proxy, this is as it should be: mail goes by the MX records.");
	}
	draft_add(&draft, route->checks, "resolves-here");
}

void
routing_check(struct checks *checks, const char *domain, const struct account *account)
{
	struct box *box = checks->box;
	struct route *route = calloc(1, sizeof(*route));

	if (route == NULL)
		return;
	*route = (struct route){
	    .checks = checks,
	    .domain = domain,
	    .account = account,
	    .host = host_name(box),
	    .local = box_read(box, "/etc/localdomains"),
	    .remote = box_read(box, "/etc/remotedomains"),
	    .secondary = box_read(box, "/etc/secondarymx"),
	};
	resolver_expect(checks->resolver, domain, RECORD_MX);
	resolver_expect(checks->resolver, domain, RECORD_A);
	resolver_expect(checks->resolver, domain, RECORD_AAAA);
	route->local_line = lines_find_word(route->local, domain, 0);
	route->remote_line = lines_find_word(route->remote, domain, 0);
	route->secondary_line = lines_find_word(route->secondary, domain, 0);
	route->own_count = host_own_addresses(checks, domain, route->own, OWN_MAX);
	route->exchangers = find_exchangers(route);
	check_routing(route);
	check_manual(route);
	if (account->user != NULL && !is_host_name(route))
		check_resolves_here(route);
	free(route->host);
	free(route);
}
