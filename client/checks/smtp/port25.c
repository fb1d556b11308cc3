/* Whether the mail servers of a domain can be connected to, over IPv4 and IPv6. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/checks.h"
#include "client/checks/smtp/mail_servers.h"
#include "client/checks/smtp/port25_verdict.h"

enum { SENDING_MAX = 16 };

/* What a host's addresses of one family did. */
struct outcome {
	size_t count, accepted;
	bool has_starttls, has_answered_ehlo; /* all that accepted */
	const struct smtp_probe *worst;       /* the first that did not accept; NULL: all did */
};

static bool
has_accepted(const struct smtp_probe *probe)
{
	return probe->result == PROBE_GREETED && probe->code / 100 == 2;
}

static bool
is_of(const struct smtp_probe *probe, const struct smtp_probe *first)
{
	return probe->ip.family == first->ip.family && strcmp(probe->name, first->name) == 0;
}

static struct outcome
outcome_of(const struct mail_servers *servers, const struct smtp_probe *first)
{
	struct outcome outcome = {.has_starttls = true, .has_answered_ehlo = true};

	for (size_t i = 0; i < servers->count; i++) {
		const struct smtp_probe *probe = &servers->probes[i];

		if (!is_of(probe, first))
			continue;
		outcome.count++;
		if (has_accepted(probe)) {
			outcome.accepted++;
			outcome.has_starttls = outcome.has_starttls && probe->has_starttls;
			outcome.has_answered_ehlo = outcome.has_answered_ehlo &&
			    probe->has_answered_ehlo;
		} else if (outcome.worst == NULL) {
			outcome.worst = probe;
		}
	}
	return outcome;
}

/* What the probe met, to follow the server's name. */
static const char *
meaning(const struct smtp_probe *probe)
{
	switch (probe->result) {
	case PROBE_GREETED:
		return probe->code / 100 == 4 ?
		    "puts the connection off before any command: it is busy, counts too many connections, or distrusts the address that they come from" :
		    "refuses the address that the connection comes from, before any command";
	case PROBE_NOT_SMTP:
		return "answers, but does not speak SMTP";
	case PROBE_SILENT:
		return "takes the connection, and then gives no greeting";
	case PROBE_CLOSED:
		return "takes the connection, and closes it without a word, as servers do to addresses that they block";
	case PROBE_RESET:
		return "takes the connection, and resets it, as servers do to addresses that they block, and firewalls between";
	case PROBE_REFUSED:
		return "refuses the connection: no mail server listens there";
	case PROBE_TIMED_OUT:
		return "does not answer: it is down, or a firewall drops what is sent to it";
	case PROBE_UNREACHABLE:
		return "cannot be reached: there is no route to it, or a firewall says so";
	case PROBE_PROHIBITED:
		return "may not be connected to: a firewall rule, a route or a security module on this side forbids it";
	case PROBE_FAILED:
		break;
	}
	return "could not be tried";
}

/* The address that the server saw: this side of the connection or, behind NAT, what mail is sent from. "IP": neither is known. */
static const char *
seen_address(struct checks *checks, const struct smtp_probe *probe, char out[IP_TEXT_SIZE])
{
	struct ip sending[SENDING_MAX];

	if (probe->has_local && !ip_is_private(&probe->local))
		return ip_text(&probe->local, out);
	size_t count = sending_ips(checks, NULL, sending, SENDING_MAX);
	for (size_t i = 0; i < count; i++)
		if (sending[i].family == probe->ip.family)
			return ip_text(&sending[i], out);
	return "IP";
}

static void
advise_on_greeting(struct json_object *item, struct checks *checks, const struct smtp_probe *probe)
{
	char ip[IP_TEXT_SIZE];
	const char *seen = seen_address(checks, probe, ip);

	if (probe->code / 100 == 4)
		check_advise(item,
		    "Wait: Exim tries again by itself. If it goes on for hours, look at the blocklists and the PTR record of the address: bouncectl check %s",
		    seen);
	else
		check_advise(item,
		    "This server's administrator: look at the blocklists and the PTR record of the address: bouncectl check %s; then ask the postmaster of %s, quoting these words.",
		    seen, probe->name);
}

static void
advise(struct json_object *item, struct checks *checks, const struct mail_servers *servers,
    const struct smtp_probe *probe)
{
	char ip[IP_TEXT_SIZE];

	switch (probe->result) {
	case PROBE_GREETED:
		advise_on_greeting(item, checks, probe);
		break;
	case PROBE_SILENT:
		check_advise(item,
		    "Look by hand whether a greeting comes later, as some servers make unknown ones wait, and Exim waits for 5 minutes: telnet %s %d. If none comes, a firewall or proxy between holds it back, or that server is overloaded.",
		    probe->name, probe->port);
		break;
	case PROBE_NOT_SMTP:
		check_advise(item,
		    "The postmaster of %s: see what listens at port %d there. If it is not theirs, a proxy or a firewall between answers in its place: ask the hosting provider.",
		    probe->name, probe->port);
		break;
	case PROBE_CLOSED:
	case PROBE_RESET:
		check_advise(item,
		    "This server's administrator: look at the blocklists and the PTR record of the address: bouncectl check %s; where they are well, ask the postmaster of %s whether that server blocks it.",
		    seen_address(checks, probe, ip), probe->name);
		break;
	case PROBE_UNREACHABLE:
		check_advise(item,
		    "This server's administrator: see whether this server knows a way: ip route get %s. If it does, the network on the way or that server's own firewall says that there is none: ask the postmaster of %s.",
		    ip_text(&probe->ip, ip), probe->name);
		break;
	case PROBE_PROHIBITED:
		check_advise(item,
		    "This server's administrator: see what forbids it: bouncectl check; ip route get %s; the logs of SELinux or AppArmor.",
		    ip_text(&probe->ip, ip));
		break;
	case PROBE_FAILED:
		break;
	default:
		check_advise(item,
		    "The postmaster of %s: see whether it runs, and whether its firewall or a blocklist of its own has this address. Mail for it waits in Exim's queue meanwhile.",
		    probe->name);
		if (servers->count == servers->providers_at)
			check_advise(item,
			    "To see whether outbound port %d is open at all: bouncectl check --port25",
			    probe->port);
	}
}

/* Some mail servers are slow to greet, and a 4yz reply (RFC 5321 4.2.1) is for now only. */
static enum check_status
status_of(const struct outcome *outcome)
{
	const struct smtp_probe *worst = outcome->worst;

	if (worst == NULL)
		return outcome->has_answered_ehlo ? CHECK_OK : CHECK_WARN;
	if (outcome->accepted != 0 || worst->result == PROBE_SILENT ||
	    (worst->result == PROBE_GREETED && worst->code / 100 == 4))
		return CHECK_WARN;
	return worst->result == PROBE_FAILED ? CHECK_UNKNOWN : CHECK_FAIL;
}

static const char *
capabilities(const struct outcome *outcome)
{
	if (!outcome->has_answered_ehlo)
		return "but gives no good answer to EHLO";
	return outcome->has_starttls ? "with STARTTLS" : "without STARTTLS";
}

/* The finding about all addresses of a host of one family, the first of which is given. */
static void
add_host(struct checks *checks, const struct mail_servers *servers, const struct smtp_probe *first)
{
	struct outcome outcome = outcome_of(servers, first);
	enum check_status status = status_of(&outcome);
	const char *family = probe_family(first), *here = port25_here(checks);
	struct json_object *item;

	if (outcome.worst == NULL)
		item = checks_add(checks, "port25", status, "%s answers %s over %s, %s.",
		    first->name, here, family, capabilities(&outcome));
	else if (outcome.accepted != 0)
		item = checks_add(checks, "port25", status,
		    "%s answers %s over %s at %zu of %zu addresses; another %s.", first->name, here,
		    family, outcome.accepted, outcome.count, meaning(outcome.worst));
	else
		item = checks_add(checks, "port25", status, "Over %s from %s, %s %s.", family, here,
		    first->name, meaning(outcome.worst));
	for (size_t i = 0; i < servers->count; i++)
		if (is_of(&servers->probes[i], first))
			port25_show(item, &servers->probes[i]);
	if (outcome.worst != NULL)
		advise(item, checks, servers, outcome.worst);
}

static bool
is_first_of_host(const struct mail_servers *servers, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_of(&servers->probes[i], &servers->probes[at]))
			return false;
	return true;
}

/* Whether the domain's servers leave it open on which side what they did is done, so that others must be asked. */
static bool
is_doubtful(const struct mail_servers *servers)
{
	size_t accepted = 0;

	for (size_t i = 0; i < servers->count; i++) {
		const struct smtp_probe *probe = &servers->probes[i];
		const char *owner = mail_server_owner(probe->name);

		accepted += has_accepted(probe) && strcasestr(probe->greeting, owner) != NULL;
	}
	return accepted == 0;
}

/* That others were connected to for comparison, and how that went, where it went well. */
static void
add_comparison(struct checks *checks, const struct mail_servers *servers)
{
	struct json_object *item = NULL;

	for (size_t i = servers->providers_at; i < servers->count; i++) {
		const struct smtp_probe *probe = &servers->probes[i];

		if (!has_accepted(probe))
			continue;
		if (item == NULL)
			item = checks_add(checks, "port25", CHECK_OK,
			    "Outbound port %d is open from %s: large providers, connected to for comparison, do answer.",
			    checks->port, port25_here(checks));
		port25_show(item, probe);
	}
}

static void
probe_all(struct checks *checks, struct mail_servers *servers, const char *domain)
{
	char *own = sending_helo(checks, NULL);
	const char *helo = own != NULL ? own : "localhost";

	if (domain != NULL)
		mail_servers_of(servers, checks, domain);
	smtp_probe_all(servers->probes, servers->count, helo);
	if (domain == NULL || (servers->count != 0 && is_doubtful(servers))) {
		mail_servers_of_providers(servers, checks);
		smtp_probe_all(&servers->probes[servers->providers_at],
		    servers->count - servers->providers_at, helo);
	}
	free(own);
}

void
check_port25(struct checks *checks, const char *domain)
{
	struct mail_servers *servers = calloc(1, sizeof(*servers));

	if (servers == NULL)
		return;
	probe_all(checks, servers, domain);
	if (domain == NULL && servers->count == 0)
		checks_add(checks, "port25", CHECK_UNKNOWN,
		    "Whether outbound port %d is open cannot be tried: DNS says of none of the large providers where its mail servers are.",
		    checks->port);
	bool is_proxied = port25_judge(checks, servers);
	size_t shown = domain == NULL ? servers->count : servers->providers_at;
	for (size_t i = 0; i < shown && !is_proxied; i++)
		if (is_first_of_host(servers, i) && !port25_is_judged(servers, &servers->probes[i]))
			add_host(checks, servers, &servers->probes[i]);
	if (domain != NULL && !is_proxied)
		add_comparison(checks, servers);
	mail_servers_clear(servers);
	free(servers);
}
