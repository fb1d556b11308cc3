/* Whether each nameserver that this server asks answers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "client/checks/box/box.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolv_conf.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/names/mx_agreement.h"
#include "client/checks/patience.h"

enum { SLOW_MS = 1000 };

static const char path[] = "/etc/resolv.conf";

/* One nameserver, asked by itself. */
struct asked {
	struct checks *checks;
	const struct nameserver *server;
	const char *domain; /* NULL: only the root is asked for */
	char address[IP_TEXT_SIZE];
	bool is_first_of_several;
	struct draft draft;
};

static void
show_line(struct asked *asked)
{
	lines_draft_evidence(&asked->draft, box_read(asked->checks->box, path),
	    asked->server->line);
}

static void
advise_replacing(struct asked *asked)
{
	if (asked->server->line != 0)
		draft_advise(&asked->draft,
		    "Or root replaces line %zu of %s by a nameserver that answers.",
		    asked->server->line, path);
}

static void
advise_reaching(struct asked *asked)
{
	if (ip_is_loopback(&asked->server->ip))
		draft_advise(&asked->draft,
		    "root starts the resolver that should run on this server (named, unbound, dnsmasq, systemd-resolved).");
	else
		draft_advise(&asked->draft,
		    "root sees to it that this server's firewall and the network let port 53, UDP and TCP, out to %s and its answers in.",
		    asked->address);
	advise_replacing(asked);
}

static void
tell_silence(struct asked *asked, long ms)
{
	/* It may answer its own network only: what is not this server cannot tell. */
	if (!box_is_here(asked->checks->box)) {
		draft_say(&asked->draft, CHECK_UNKNOWN,
		    "The nameserver %s did not answer this machine; whether it answers the server itself must be tried there.",
		    asked->address);
		return;
	}
	if (ms < SLOW_MS)
		draft_say(&asked->draft, CHECK_FAIL,
		    "The nameserver %s cannot be reached: nothing listens on its port 53, or there is no way to it.",
		    asked->address);
	else
		draft_say(&asked->draft, CHECK_FAIL,
		    "The nameserver %s did not answer within %ld seconds.", asked->address,
		    (ms + 500) / 1000);
	if (ms >= SLOW_MS && asked->is_first_of_several)
		draft_say(&asked->draft, CHECK_FAIL,
		    "It is the first one, so that every lookup of every program waits for it before the next is asked.");
	advise_reaching(asked);
}

/* It answers, but nothing can be looked up with it: refuses, fails, or only knows its own zones. */
static void
tell_useless(struct asked *asked, const struct lookup *root)
{
	const char *why = root->status == LOOKUP_FAILED ? root->error :
							  "it only knows zones of its own";

	evidence_of_lookup(&asked->draft, "", RECORD_NS, root);
	draft_say(&asked->draft, CHECK_FAIL,
	    "The nameserver %s answers, but looks nothing up for this server: %s.", asked->address,
	    why);
	draft_advise(&asked->draft,
	    "Whoever runs %s allows recursive questions from this server (allow-recursion in BIND, access-control in unbound).",
	    asked->address);
	advise_replacing(asked);
}

static void
tell_failure(struct asked *asked, const struct lookup *lookup)
{
	evidence_of_lookup(&asked->draft, asked->domain, RECORD_MX, lookup);
	draft_say(&asked->draft, CHECK_WARN, "The nameserver %s answers, but not about %s: %s.",
	    asked->address, asked->domain, lookup->error);
	draft_advise(&asked->draft,
	    "If all nameservers say so, whoever manages the DNS of %s looks at the domain's own nameservers and at DNSSEC; if one only, root restarts it or empties its cache.",
	    asked->domain);
}

static void
tell_answer(struct asked *asked, long ms)
{
	if (ms >= SLOW_MS) {
		draft_say(&asked->draft, CHECK_WARN,
		    "The nameserver %s answers, but took %ld.%ld seconds.", asked->address,
		    ms / 1000, ms % 1000 / 100);
		return;
	}
	draft_say(&asked->draft, CHECK_OK, "The nameserver %s answers.", asked->address);
}

static void
ask(struct asked *asked, struct resolver *resolver)
{
	const struct lookup *lookup, *root;
	int64_t began = patience_now_ms();
	long ms;

	/* The root is what every resolver knows, and no other server. */
	if (asked->domain != NULL)
		lookup = resolver_ask(resolver, asked->domain, RECORD_MX);
	else
		lookup = resolver_ask(resolver, ".", RECORD_NS);
	ms = (long)(patience_now_ms() - began);
	show_line(asked);
	if (lookup->status == LOOKUP_FAILED && lookup->is_silence) {
		tell_silence(asked, ms);
		return;
	}
	if (asked->domain != NULL && lookup->status == LOOKUP_FOUND) {
		tell_answer(asked, ms);
		return;
	}
	root = resolver_ask(resolver, ".", RECORD_NS);
	if (root->status != LOOKUP_FOUND)
		tell_useless(asked, root);
	else if (lookup->status == LOOKUP_FAILED)
		tell_failure(asked, lookup);
	else
		tell_answer(asked, ms);
}

static void
ask_alone(struct asked *asked)
{
	const char *error = NULL;
	struct resolver *resolver;

	ip_text(&asked->server->ip, asked->address);
	if (!box_is_here(asked->checks->box) && ip_is_loopback(&asked->server->ip)) {
		show_line(asked);
		draft_say(&asked->draft, CHECK_UNKNOWN,
		    "The nameserver %s is the server itself, and can only be asked there.",
		    asked->address);
	} else if ((resolver = resolver_new(asked->address, &error)) == NULL) {
		draft_say(&asked->draft, CHECK_UNKNOWN, "The nameserver %s could not be asked: %s.",
		    asked->address, error);
	} else {
		ask(asked, resolver);
		resolver_free(resolver);
	}
	draft_add(&asked->draft, asked->checks, "nameserver");
}

static void
check_resolv_conf(struct checks *checks, const char *domain)
{
	static const struct nameserver itself = {
	    .ip = {.family = AF_INET, .bytes = {127, 0, 0, 1}},
	};
	struct nameserver servers[NAMESERVERS_MAX];
	const struct box_file *file = box_read(checks->box, path);
	size_t count = resolv_conf_read(checks->box, servers);

	if (file->error != NULL && !file->is_absent) {
		checks_add(checks, "nameserver", CHECK_UNKNOWN,
		    "%s, which names the nameservers, %s.", path, file->error);
		return;
	}
	if (count == 0) {
		struct json_object *item = checks_add(checks, "nameserver", CHECK_WARN,
		    "%s %s: then the server asks itself.", path,
		    file->is_absent ? "does not exist" : "names no nameserver");
		check_advise(item,
		    "root writes a line \"nameserver ADDRESS\" into %s for each nameserver of the provider, or 127.0.0.1 for one on this server.",
		    path);
		servers[count++] = itself;
	}
	for (size_t i = 0; i < count; i++) {
		struct asked asked = {
		    .checks = checks,
		    .server = &servers[i],
		    .domain = domain,
		    .is_first_of_several = i == 0 && count > 1,
		};
		ask_alone(&asked);
	}
}

void
check_nameservers(struct checks *checks, const char *domain)
{
	check_resolv_conf(checks, domain);
	if (domain != NULL)
		mx_agreement_check(checks, domain);
}
