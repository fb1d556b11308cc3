/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/smtp/port25_verdict.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/box.h"
#include "client/checks/checks.h"
#include "client/checks/firewall/firewall.h"
#include "client/checks/smtp/mail_servers.h"

enum { GREETING_SHOWN = 300 };

/* What became of the connections of one family. */
struct tally {
	size_t count, connected, owners; /* owners: of those that did not take a connection */
	size_t results[PROBE_FAILED + 1];
};

/* Whether a server, or something in its place, took the connection. */
static bool
has_connected(const struct smtp_probe *probe)
{
	return probe->result <= PROBE_RESET;
}

const char *
probe_family(const struct smtp_probe *probe)
{
	return probe->ip.family == AF_INET ? "IPv4" : "IPv6";
}

const char *
port25_here(const struct checks *checks)
{
	return box_is_here(checks->box) ? "this server" : "this machine";
}

void
port25_show(struct json_object *item, const struct smtp_probe *probe)
{
	static const char *const words[] = {
	    [PROBE_SILENT] = "connected, and nothing whole was said in time",
	    [PROBE_CLOSED] = "connected, and closed before a greeting",
	    [PROBE_RESET] = "connected, and reset before a greeting",
	};
	char ip[IP_TEXT_SIZE], local[IP_TEXT_SIZE] = "?";
	const char *greeting = probe->greeting != NULL ? probe->greeting : "";

	ip_text(&probe->ip, ip);
	if (!has_connected(probe)) {
		check_evidence(item, "%s [%s]:%d: %s", probe->name, ip, probe->port,
		    strerror(probe->error));
		return;
	}
	if (probe->has_local)
		ip_text(&probe->local, local);
	if (probe->result == PROBE_GREETED)
		check_evidence(item, "%s [%s]:%d from %s: %d %.*s", probe->name, ip, probe->port,
		    local, probe->code, GREETING_SHOWN, greeting);
	else if (probe->result == PROBE_NOT_SMTP)
		check_evidence(item, "%s [%s]:%d from %s: %.*s", probe->name, ip, probe->port,
		    local, GREETING_SHOWN, greeting);
	else
		check_evidence(item, "%s [%s]:%d from %s: %s%s%.*s", probe->name, ip, probe->port,
		    local, words[probe->result], greeting[0] != '\0' ? ": " : "", GREETING_SHOWN,
		    greeting);
}

/* Whether an earlier probe of the family (0: any) that also did not connect, or did, is of the same owner. */
static bool
is_owner_seen(const struct mail_servers *servers, size_t at, int family)
{
	const struct smtp_probe *probe = &servers->probes[at];

	for (size_t i = 0; i < at; i++)
		if ((family == 0 || servers->probes[i].ip.family == family) &&
		    has_connected(&servers->probes[i]) == has_connected(probe) &&
		    strcasecmp(mail_server_owner(servers->probes[i].name),
			mail_server_owner(probe->name)) == 0)
			return true;
	return false;
}

static struct tally
count_family(const struct mail_servers *servers, int family)
{
	struct tally tally = {0};

	for (size_t i = 0; i < servers->count; i++) {
		const struct smtp_probe *probe = &servers->probes[i];

		if (probe->ip.family != family)
			continue;
		tally.count++;
		tally.results[probe->result]++;
		if (has_connected(probe))
			tally.connected++;
		else if (!is_owner_seen(servers, i, family))
			tally.owners++;
	}
	return tally;
}

static bool
is_all(const struct tally *tally, enum probe_result result)
{
	return tally->count != 0 && tally->results[result] == tally->count;
}

/*
 * Whether no connection of the family is possible at all. That one owner's servers do not answer says nothing about this side;
 * that there is no way to any, or that this machine forbids it, does.
 */
static bool
is_blocked(const struct tally *tally)
{
	return tally->count != 0 && tally->connected == 0 &&
	    (tally->owners > 1 || is_all(tally, PROBE_UNREACHABLE) ||
		is_all(tally, PROBE_PROHIBITED));
}

bool
port25_is_judged(const struct mail_servers *servers, const struct smtp_probe *probe)
{
	struct tally tally = count_family(servers, probe->ip.family);

	return is_blocked(&tally);
}

static void
show_family(struct json_object *item, const struct mail_servers *servers, int family)
{
	for (size_t i = 0; i < servers->count; i++)
		if (servers->probes[i].ip.family == family)
			port25_show(item, &servers->probes[i]);
}

/* What the way in which no connection came about means, to follow "No mail server can be connected to over IPv4 from here: ". */
static const char *
meaning(const struct tally *tally)
{
	if (is_all(tally, PROBE_TIMED_OUT))
		return "no server of several owners answers, so outbound connections to the port are dropped, by this server's firewall or by the provider's network";
	if (is_all(tally, PROBE_REFUSED))
		return "servers of several owners all refuse at once, so a firewall of this server or of the provider's network rejects outbound connections to the port";
	if (is_all(tally, PROBE_PROHIBITED))
		return "this server itself forbids it, by a firewall rule, a route or a security module";
	if (is_all(tally, PROBE_UNREACHABLE))
		return "there is no route to them, or a firewall says so";
	return "servers of several owners all fail, in different ways, so something on this side holds outbound connections up";
}

static void
advise_on_route(struct json_object *item, int family)
{
	check_advise(item,
	    "This server's administrator: see whether there is a default route, and an address to go with it: ip %s route; ip %s address. Where there are, the hosting provider's network is what says that there is no way.",
	    family == AF_INET ? "-4" : "-6", family == AF_INET ? "-4" : "-6");
}

static void
advise_on_block(struct json_object *item, struct checks *checks, int family)
{
	char *rule = box_is_here(checks->box) ?
	    firewall_rule_against(checks, family, checks->port) :
	    NULL;

	if (rule != NULL) {
		check_evidence(item, "%s", rule);
		check_advise(item,
		    "This server's administrator: remove that rule, where the firewall keeps it (csf, firewalld, nftables or iptables), and load the rules anew.");
	} else {
		check_advise(item,
		    "This server's administrator: look for a rule that drops or rejects outbound port %d, as root: bouncectl check; nft list ruleset; iptables-save; ip6tables-save",
		    checks->port);
	}
	check_advise(item,
	    "%she hosting provider: ask whether their network blocks outbound port %d (many do until asked), and have them lift it; until then mail can only leave through a relay of theirs, on port 587.",
	    rule != NULL ? "If mail still does not leave, t" : "T", checks->port);
	free(rule);
}

/* Without IPv6 Exim goes on with the IPv4 addresses. */
static void
judge_ipv6_route(struct checks *checks, const struct mail_servers *servers, bool works_otherwise)
{
	struct json_object *item = checks_add(checks, "port25", CHECK_WARN,
	    "There is no IPv6 route from %s to other mail servers, which is harmless %s: Exim goes on to the IPv4 addresses.",
	    port25_here(checks), works_otherwise ? "as IPv4 works" : "once IPv4 works");

	check_advise(item,
	    "This server's administrator: give the server an IPv6 address and a default route, or set disable_ipv6 = true in Exim's configuration, so that it does not try and log it.");
	show_family(item, servers, AF_INET6);
}

static void
judge_family(struct checks *checks, const struct mail_servers *servers, int family,
    const struct tally *tally, const struct tally *other)
{
	bool is_harmless = family == AF_INET6 && other->connected != 0;

	if (!is_blocked(tally))
		return;
	if (family == AF_INET6 && other->count != 0 && is_all(tally, PROBE_UNREACHABLE)) {
		judge_ipv6_route(checks, servers, other->connected != 0);
		return;
	}
	struct json_object *item = checks_add(checks, "port25",
	    is_harmless ? CHECK_WARN : CHECK_FAIL,
	    "No mail server can be connected to over %s from %s: %s.%s",
	    family == AF_INET ? "IPv4" : "IPv6", port25_here(checks), meaning(tally),
	    is_harmless ? " Mail still leaves over IPv4, later where Exim waits for IPv6 first." :
			  "");

	show_family(item, servers, family);
	if (is_all(tally, PROBE_UNREACHABLE))
		advise_on_route(item, family);
	else
		advise_on_block(item, checks, family);
	if (is_harmless)
		check_advise(item,
		    "Until that is mended, this server's administrator: set disable_ipv6 = true in Exim's configuration.");
}

/* The host that a greeting names (RFC 5321 4.2): its first word. */
static size_t
greeting_host(const struct smtp_probe *probe, const char **host)
{
	*host = probe->greeting != NULL ? probe->greeting : "";
	return strcspn(*host, " \t");
}

/*
 * Whether servers of several owners, a provider's among them, all name one host in the greeting. Two names of a domain's own
 * may well be one host, a provider's and another's cannot.
 */
static bool
is_one_host(const struct mail_servers *servers, const struct smtp_probe **first)
{
	size_t len = 0, providers = 0, owners = 0;
	const char *host, *name;

	*first = NULL;
	for (size_t i = 0; i < servers->count; i++) {
		const struct smtp_probe *probe = &servers->probes[i];

		if (probe->result != PROBE_GREETED)
			continue;
		providers += i >= servers->providers_at;
		owners += !is_owner_seen(servers, i, 0);
		if (*first == NULL) {
			*first = probe;
			len = greeting_host(probe, &name);
		} else if (greeting_host(probe, &host) != len ||
		    strncasecmp(host, name, len) != 0) {
			return false;
		}
	}
	return len != 0 && providers != 0 && owners > 1;
}

static bool
judge_greetings(struct checks *checks, const struct mail_servers *servers)
{
	const struct smtp_probe *first;
	const char *host;

	if (!is_one_host(servers, &first))
		return false;
	int len = (int)greeting_host(first, &host);
	char *own = sending_helo(checks, NULL);
	bool is_own = own != NULL && strlen(own) == (size_t)len &&
	    strncasecmp(own, host, (size_t)len) == 0;
	struct json_object *item = checks_add(checks, "port25", CHECK_FAIL,
	    is_own ?
		"Servers of different owners all greet %s as %.*s, which is this server: a rule redirects outbound connections to port %d to this server itself." :
		"Servers of different owners all greet %s as %.*s: something between, a proxy or a firewall, answers outbound connections to port %d in their place.",
	    port25_here(checks), len, host, checks->port);

	free(own);
	for (size_t i = 0; i < servers->count; i++)
		if (servers->probes[i].result == PROBE_GREETED)
			port25_show(item, &servers->probes[i]);
	if (is_own)
		check_advise(item,
		    "cPanel's SMTP Restrictions and csf's SMTP_REDIRECT do so for all users but root, Exim and Mailman: as root, run this again; if it says the same, remove the rule that bouncectl check shows.");
	else
		check_advise(item,
		    "The hosting provider: ask for connections to port %d without the proxy; and who runs %.*s, as what it refuses is not refused by the recipients' servers.",
		    checks->port, len, host);
	return true;
}

bool
port25_judge(struct checks *checks, const struct mail_servers *servers)
{
	struct tally ipv4 = count_family(servers, AF_INET), ipv6 = count_family(servers, AF_INET6);

	judge_family(checks, servers, AF_INET, &ipv4, &ipv6);
	judge_family(checks, servers, AF_INET6, &ipv6, &ipv4);
	return judge_greetings(checks, servers);
}
