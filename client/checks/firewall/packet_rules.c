/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/packet_rules.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHAINS_MAX = 4096,
	DEPTH_MAX = 16, /* of jumps; the kernel has the same limit */
	STEPS_MAX =
	    200000, /* rules looked at for one question: chains can be jumped to again and again */
};

struct packet_chain *
packet_rules_chain(struct packet_rules *rules, const char *table, const char *name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(rules->chains[i].table, table) == 0 &&
		    strcmp(rules->chains[i].name, name) == 0)
			return &rules->chains[i];
	struct packet_chain *chains = rules->count == CHAINS_MAX ?
	    NULL :
	    reallocarray(rules->chains, rules->count + 1, sizeof(*chains));

	if (chains == NULL)
		return NULL;
	rules->chains = chains;
	struct packet_chain chain = {
	    .table = strdup(table),
	    .name = strdup(name),
	    .policy = VERDICT_ACCEPT,
	};
	if (chain.table == NULL || chain.name == NULL) {
		free(chain.table);
		free(chain.name);
		return NULL;
	}
	chains[rules->count] = chain;
	return &chains[rules->count++];
}

bool
packet_chain_add(struct packet_chain *chain, struct packet_rule *rule)
{
	struct packet_rule *rules = chain->rules;
	struct packet_rule copy = *rule;

	rule->ports = NULL;
	/* Room for twice as many whenever there are as many as a power of two. */
	if ((chain->count & (chain->count - 1)) == 0)
		rules = reallocarray(rules, chain->count != 0 ? 2 * chain->count : 1,
		    sizeof(*rules));
	if (rules != NULL)
		chain->rules = rules;
	copy.text = strdup(rule->text != NULL ? rule->text : "");
	copy.target = rule->target != NULL ? strdup(rule->target) : NULL;
	if (rules == NULL || copy.text == NULL || (rule->target != NULL && copy.target == NULL)) {
		free(copy.text);
		free(copy.target);
		free(copy.ports);
		return false;
	}
	rules[chain->count++] = copy;
	return true;
}

void
packet_rules_clear(struct packet_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		struct packet_chain *chain = &rules->chains[i];

		for (size_t j = 0; j < chain->count; j++) {
			free(chain->rules[j].text);
			free(chain->rules[j].target);
			free(chain->rules[j].ports);
		}
		free(chain->rules);
		free(chain->table);
		free(chain->name);
	}
	free(rules->chains);
	*rules = (struct packet_rules){0};
}

struct packet_rule
packet_rule_any(void)
{
	struct packet_rule rule = {0};

	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int family = 0; family < PACKET_FAMILIES; family++)
			rule.truths[direction][family] = TRUTH_ALWAYS;
	return rule;
}

void
packet_rule_and(struct packet_rule *rule, enum direction direction, enum packet_family family,
    enum truth truth)
{
	if (truth < rule->truths[direction][family])
		rule->truths[direction][family] = truth;
}

void
packet_rule_and_direction(struct packet_rule *rule, enum direction direction, enum truth truth)
{
	for (int family = 0; family < PACKET_FAMILIES; family++) {
		packet_rule_and(rule, direction, family, truth);
		packet_rule_and(rule, 1 - direction, family,
		    truth == TRUTH_ALWAYS ? TRUTH_ALWAYS : TRUTH_PERHAPS);
	}
}

void
packet_rule_and_all(struct packet_rule *rule, enum truth truth)
{
	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int family = 0; family < PACKET_FAMILIES; family++)
			packet_rule_and(rule, direction, family, truth);
}

void
packet_rule_add_ports(struct packet_rule *rule, struct port_range range)
{
	struct port_range *ports = reallocarray(rule->ports, rule->port_count + 1, sizeof(*ports));

	if (ports == NULL)
		return;
	rule->ports = ports;
	rule->ports[rule->port_count++] = range;
}

struct walk {
	const struct packet_rules *rules;
	enum direction direction;
	enum packet_family family;
	int port;
	size_t steps;
	struct packet_outcome outcome;
};

/* What is known where a rule is looked at: whether all connections come there, and whether for the port's sake. */
struct way {
	bool is_certain, names_port;
	int depth;
};

static bool
has_port(const struct packet_rule *rule, int port)
{
	bool is_in = false;

	for (size_t i = 0; i < rule->port_count && !is_in; i++)
		is_in = rule->ports[i].first <= port && port <= rule->ports[i].last;
	return !rule->has_ports || is_in != rule->is_but_ports;
}

static void
note_partial(struct walk *walk, const struct packet_chain *chain, const struct packet_rule *rule)
{
	const struct packet_rule *known = walk->outcome.partial_rule;

	/* That users are kept from it is usual: another rule is more to be told. */
	if (known != NULL && (!known->has_owner || rule->has_owner))
		return;
	walk->outcome.partial_rule = rule;
	walk->outcome.partial_chain = chain;
}

static void
decide(struct walk *walk, enum verdict verdict, const struct packet_chain *chain,
    const struct packet_rule *rule, bool names_port)
{
	walk->outcome.verdict = verdict;
	walk->outcome.chain = chain;
	walk->outcome.rule = rule;
	walk->outcome.names_port = names_port;
}

static const struct packet_chain *
find_target(const struct walk *walk, const struct packet_chain *from, const char *name)
{
	for (size_t i = 0; i < walk->rules->count; i++) {
		const struct packet_chain *chain = &walk->rules->chains[i];

		if (strcmp(chain->name, name) == 0 && strcmp(chain->table, from->table) == 0)
			return chain;
	}
	return NULL;
}

/* Goes through the chain; true: what becomes of everyone's is decided. */
static bool
walk_chain(struct walk *walk, const struct packet_chain *chain, struct way way)
{
	for (size_t i = 0; i < chain->count && walk->steps < STEPS_MAX; i++) {
		const struct packet_rule *rule = &chain->rules[i];
		enum truth truth = rule->truths[walk->direction][walk->family];
		const struct packet_chain *target;
		struct way next = way;

		walk->steps++;
		if (truth == TRUTH_NEVER || !has_port(rule, walk->port))
			continue;
		next.is_certain = way.is_certain && truth == TRUTH_ALWAYS;
		next.names_port = way.names_port || (rule->has_ports && !rule->is_but_ports);
		next.depth++;
		switch (rule->verdict) {
		case VERDICT_GO_ON:
			break;
		case VERDICT_ACCEPT:
		case VERDICT_RETURN:
			if (!next.is_certain) {
				walk->outcome.spares_users |= rule->has_owner;
				break;
			}
			if (rule->verdict == VERDICT_RETURN)
				return false;
			decide(walk, VERDICT_ACCEPT, chain, rule, next.names_port);
			return true;
		case VERDICT_DROP:
		case VERDICT_REJECT:
		case VERDICT_REDIRECT:
			if (next.is_certain) {
				decide(walk, rule->verdict, chain, rule, next.names_port);
				return true;
			}
			if (next.names_port)
				note_partial(walk, chain, rule);
			break;
		case VERDICT_JUMP:
		case VERDICT_GOTO:
			target = find_target(walk, chain, rule->target);
			if (target == NULL || next.depth > DEPTH_MAX)
				break;
			if (walk_chain(walk, target, next))
				return true;
			if (rule->verdict == VERDICT_GOTO && next.is_certain)
				return false;
			break;
		}
	}
	return false;
}

static bool
holds_up(enum verdict verdict)
{
	return verdict == VERDICT_DROP || verdict == VERDICT_REJECT || verdict == VERDICT_REDIRECT;
}

struct packet_outcome
packet_rules_judge(const struct packet_rules *rules, enum direction direction,
    enum packet_family family, int port)
{
	struct walk walk = {
	    .rules = rules,
	    .direction = direction,
	    .family = family,
	    .port = port,
	};

	/* Each base chain has a say, and what one of them holds up the others do not let through. */
	for (size_t i = 0; i < rules->count && !holds_up(walk.outcome.verdict); i++) {
		const struct packet_chain *chain = &rules->chains[i];

		if (!chain->is_base || chain->direction != direction || !chain->is_of[family])
			continue;
		decide(&walk, VERDICT_ACCEPT, NULL, NULL, false);
		if (!walk_chain(&walk, chain, (struct way){.is_certain = true}) &&
		    chain->policy == VERDICT_DROP)
			decide(&walk, VERDICT_DROP, chain, NULL, false);
	}
	if (!holds_up(walk.outcome.verdict))
		walk.outcome.verdict = VERDICT_ACCEPT;
	return walk.outcome;
}
