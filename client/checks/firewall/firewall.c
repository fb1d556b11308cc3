/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/firewall.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/checks/box/box.h"
#include "client/checks/checks.h"
#include "client/checks/firewall/firewall_sources.h"

static const int ports[] = {25, 465, 587};
enum { PORTS = sizeof(ports) / sizeof(ports[0]) };

/* What a source says of all ports in one direction. */
struct outcomes {
	const struct firewall_source *source;
	enum direction direction;
	struct packet_outcome list[PORTS][PACKET_FAMILIES];
	bool is_said[PORTS][PACKET_FAMILIES];
};

static bool
holds_up(const struct packet_outcome *outcome)
{
	return outcome->verdict != VERDICT_ACCEPT;
}

/* The rule, or the policy, where it stands. */
static char *
rule_text(const struct firewall_source *source, const struct packet_chain *chain,
    const struct packet_rule *rule)
{
	char *text = NULL;
	int len;

	if (rule == NULL)
		len = asprintf(&text, "%s: table %s, chain %s: policy drop", source->name,
		    chain->table, chain->name);
	else if (source->is_live)
		len = asprintf(&text, "%s: table %s, chain %s: %s", source->name, chain->table,
		    chain->name, rule->text);
	else
		len = asprintf(&text, "%s:%zu: %s", source->name, rule->line, rule->text);
	return len < 0 ? NULL : text;
}

static void
show_rule(struct json_object *item, const struct firewall_source *source,
    const struct packet_chain *chain, const struct packet_rule *rule)
{
	char *text = rule_text(source, chain, rule);

	if (text != NULL)
		check_evidence(item, "%s", text);
	free(text);
}

/* Which ports and families have the same outcome, in words, for a sentence. */
struct scope {
	bool has_port[PORTS], has_family[PACKET_FAMILIES];
	char ports[32], families[16];
};

static void
name_scope(struct scope *scope)
{
	size_t left = 0, len = 0;

	for (size_t i = 0; i < PORTS; i++)
		left += scope->has_port[i];
	const char *between = left == 1 ? "port " : "ports ";

	for (size_t i = 0; i < PORTS; i++) {
		if (!scope->has_port[i])
			continue;
		len += (size_t)snprintf(scope->ports + len, sizeof(scope->ports) - len, "%s%d",
		    between, ports[i]);
		between = --left == 1 ? " and " : ", ";
	}
	snprintf(scope->families, sizeof(scope->families), "%s%s%s",
	    scope->has_family[PACKET_IPV4] ? "IPv4" : "",
	    scope->has_family[PACKET_IPV4] && scope->has_family[PACKET_IPV6] ? " and " : "",
	    scope->has_family[PACKET_IPV6] ? "IPv6" : "");
}

/* Mail leaves by port 25; that the others are closed to what leaves is for a finding only where a rule says so of them. */
static bool
is_of_interest(const struct outcomes *outcomes, size_t port, const struct packet_outcome *outcome)
{
	return outcomes->direction == DIRECTION_IN || ports[port] == 25 || outcome->names_port;
}

/* All that the same rule decides. */
static struct scope
take_scope(struct outcomes *outcomes, const struct packet_outcome *like)
{
	struct scope scope = {0};

	for (size_t i = 0; i < PORTS; i++)
		for (size_t j = 0; j < PACKET_FAMILIES; j++) {
			const struct packet_outcome *outcome = &outcomes->list[i][j];

			if (outcomes->is_said[i][j] || !holds_up(outcome) ||
			    outcome->chain != like->chain || outcome->rule != like->rule)
				continue;
			outcomes->is_said[i][j] = true;
			if (is_of_interest(outcomes, i, outcome))
				scope.has_port[i] = scope.has_family[j] = true;
		}
	name_scope(&scope);
	return scope;
}

/* The usual restriction: users may not speak SMTP to other servers, Exim may. */
static void
say_spares_users(struct checks *checks, const struct outcomes *outcomes,
    const struct packet_chain *chain, const struct packet_rule *rule, const struct scope *scope)
{
	struct json_object *item = checks_add(checks, "firewall", CHECK_OK,
	    "Connections out to %s over %s are not open to all users, as cPanel's SMTP Restrictions and csf's SMTP_BLOCK have it: mail that Exim sends is not held up; a script that speaks SMTP to another server itself cannot, and has to hand its mail to Exim.",
	    scope->ports, scope->families);

	show_rule(item, outcomes->source, chain, rule);
}

static const char *
verb_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_REJECT:
		return "rejects";
	case VERDICT_REDIRECT:
		return "sends to another place";
	default:
		return "drops";
	}
}

/* How bad it is: the rules of a file are loaded at the next start at the latest, or were replaced; and a rule may be meant. */
static enum check_status
status_of(const struct outcomes *outcomes, const struct packet_outcome *outcome,
    const struct scope *scope)
{
	return outcomes->source->is_live && outcome->names_port && scope->has_port[0] ? CHECK_FAIL :
											CHECK_WARN;
}

static void
say_outcome(struct checks *checks, const struct outcomes *outcomes,
    const struct packet_outcome *outcome, const struct scope *scope)
{
	bool is_in = outcomes->direction == DIRECTION_IN, is_live = outcomes->source->is_live;
	const char *where = is_in ? "in at" : "out to";
	struct json_object *item;

	if (outcome->names_port)
		item = checks_add(checks, "firewall", status_of(outcomes, outcome, scope),
		    "A rule of this server's firewall %s all connections %s %s over %s%s.",
		    verb_of(outcome->verdict), where, scope->ports, scope->families,
		    is_live ? "" : ", once the file is loaded");
	else
		item = checks_add(checks, "firewall", CHECK_WARN,
		    "This server's firewall %s what no rule accepts, and no rule accepts all connections %s %s over %s%s.",
		    verb_of(outcome->verdict), where, scope->ports, scope->families,
		    is_live ? "" : ", once the file is loaded");
	show_rule(item, outcomes->source, outcome->chain, outcome->rule);
	if (outcome->names_port)
		check_advise(item,
		    "This server's administrator: if mail is to go %s there, remove the rule where the firewall keeps it (csf, firewalld, nftables, iptables), and load the rules anew.",
		    is_in ? "in" : "out");
	else
		check_advise(item,
		    "This server's administrator: if mail is to go %s there, accept TCP %s %s in the firewall (csf: %s; firewalld: its zone), and load the rules anew.",
		    is_in ? "in" : "out", is_in ? "to" : "out to", scope->ports,
		    is_in ? "TCP_IN, TCP6_IN" : "TCP_OUT, TCP6_OUT");
}

/* A rule that holds up some of what leaves: of some users, or to some addresses. */
static void
say_partial(struct checks *checks, struct outcomes *outcomes, size_t port, size_t family)
{
	const struct packet_outcome *outcome = &outcomes->list[port][family];
	struct scope scope = {0};

	if (outcome->partial_rule == NULL || outcomes->direction == DIRECTION_IN)
		return;
	for (size_t i = 0; i < PORTS; i++)
		for (size_t j = 0; j < PACKET_FAMILIES; j++)
			if (!holds_up(&outcomes->list[i][j]) &&
			    outcomes->list[i][j].partial_rule == outcome->partial_rule) {
				outcomes->is_said[i][j] = true;
				scope.has_port[i] = scope.has_family[j] = true;
			}
	name_scope(&scope);
	if (outcome->partial_rule->has_owner) {
		say_spares_users(checks, outcomes, outcome->partial_chain, outcome->partial_rule,
		    &scope);
		return;
	}
	struct json_object *item = checks_add(checks, "firewall", CHECK_WARN,
	    "A rule of this server's firewall %s some connections out to %s over %s.",
	    verb_of(outcome->partial_rule->verdict), scope.ports, scope.families);

	show_rule(item, outcomes->source, outcome->partial_chain, outcome->partial_rule);
	check_advise(item,
	    "This server's administrator: see whether what the rule is for still is wanted, where mail to some servers does not leave.");
}

static void
say_all(struct checks *checks, struct outcomes *outcomes)
{
	for (size_t i = 0; i < PORTS; i++)
		for (size_t j = 0; j < PACKET_FAMILIES; j++) {
			const struct packet_outcome *outcome = &outcomes->list[i][j];

			if (outcomes->is_said[i][j])
				continue;
			if (!holds_up(outcome)) {
				say_partial(checks, outcomes, i, j);
				continue;
			}
			struct scope scope = take_scope(outcomes, outcome);

			if (scope.ports[0] == '\0')
				continue;
			if (outcome->spares_users && outcomes->direction == DIRECTION_OUT)
				say_spares_users(checks, outcomes, outcome->chain, outcome->rule,
				    &scope);
			else
				say_outcome(checks, outcomes, outcome, &scope);
		}
}

static void
check_source(struct checks *checks, const struct firewall_source *source)
{
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		struct outcomes outcomes = {.source = source, .direction = direction};

		for (size_t i = 0; i < PORTS; i++)
			for (int family = 0; family < PACKET_FAMILIES; family++)
				outcomes.list[i][family] = packet_rules_judge(&source->rules,
				    direction, family, ports[i]);
		say_all(checks, &outcomes);
	}
}

/* What could not be read. Returns whether there was any. */
static bool
say_unread(struct checks *checks, const struct firewall_sources *sources)
{
	struct json_object *item = NULL;
	bool needs_root = false;

	for (size_t i = 0; i < sources->count; i++)
		needs_root |= sources->list[i].needs_root;
	for (size_t i = 0; i < sources->count; i++) {
		const struct firewall_source *source = &sources->list[i];

		if (source->error == NULL)
			continue;
		if (item == NULL)
			item = checks_add(checks, "firewall", CHECK_UNKNOWN,
			    "Not all rules of this server's firewall could be read%s.",
			    needs_root ? ", which takes root" : "");
		check_evidence(item, "%s %s", source->name, source->error);
	}
	return item != NULL;
}

/* That nothing was found, in what was read; or that there was nothing to read. */
static void
say_nothing_found(struct checks *checks, const struct firewall_sources *sources, size_t lists)
{
	struct json_object *item;

	if (sources->count == 0 && lists == 0) {
		checks_add(checks, "firewall", CHECK_UNKNOWN,
		    box_is_here(checks->box) ?
			"Neither nft nor iptables-save is installed, and no firewall's file was found: whether rules hold mail up is not known." :
			"No firewall's file was found; what rules are loaded is not known from files.");
		return;
	}
	item = checks_add(checks, "firewall", CHECK_OK,
	    "No rule that was read holds up connections to ports 25, 465 and 587, in or out.");
	for (size_t i = 0; i < sources->count; i++)
		check_evidence(item, "%s", sources->list[i].name);
}

void
check_firewall(struct checks *checks)
{
	struct firewall_sources sources;
	size_t before = json_object_array_length(checks->items);

	firewall_sources_read(&sources, checks);
	for (size_t i = 0; i < sources.count; i++)
		if (sources.list[i].error == NULL)
			check_source(checks, &sources.list[i]);
	size_t lists = firewall_check_lists(checks);

	if (!say_unread(checks, &sources) && json_object_array_length(checks->items) == before)
		say_nothing_found(checks, &sources, lists);
	firewall_sources_clear(&sources);
}

char *
firewall_rule_against(struct checks *checks, int family, int port)
{
	struct firewall_sources sources;
	char *text = NULL;

	firewall_sources_read(&sources, checks);
	for (size_t i = 0; i < sources.count && text == NULL; i++) {
		const struct firewall_source *source = &sources.list[i];
		struct packet_outcome outcome = packet_rules_judge(&source->rules, DIRECTION_OUT,
		    family == AF_INET ? PACKET_IPV4 : PACKET_IPV6, port);

		if (holds_up(&outcome))
			text = rule_text(source, outcome.chain, outcome.rule);
		else if (outcome.partial_rule != NULL)
			text = rule_text(source, outcome.partial_chain, outcome.partial_rule);
	}
	firewall_sources_clear(&sources);
	return text;
}
