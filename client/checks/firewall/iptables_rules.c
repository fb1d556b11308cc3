/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/iptables_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/firewall/packet_match.h"

enum { WORDS_MAX = 256 };

/* A rule's words, some of which are behind us. */
struct words {
	char *text; /* cut into words */
	char *words[WORDS_MAX];
	size_t count, at;
};

/* Cuts the line at blanks; a word in double quotes may have some, and backslashes. */
static bool
cut(struct words *words, const char *line)
{
	char *out = words->text = strdup(line);

	words->count = words->at = 0;
	if (out == NULL)
		return false;
	for (const char *at = line; words->count < WORDS_MAX;) {
		bool is_quoted = false;

		at += strspn(at, " \t");
		if (*at == '\0')
			break;
		words->words[words->count++] = out;
		for (; *at != '\0' && (is_quoted || (*at != ' ' && *at != '\t')); at++) {
			if (*at == '"')
				is_quoted = !is_quoted;
			else if (*at == '\\' && is_quoted && at[1] != '\0')
				*out++ = *++at;
			else
				*out++ = *at;
		}
		if (*at != '\0')
			at++;
		*out++ = '\0';
	}
	return true;
}

static bool
is_one_of(const char *word, const char *const *list)
{
	while (*list != NULL && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

/* The value of an option: the next word, "" where there is none. */
static const char *
take_value(struct words *words)
{
	return words->at < words->count ? words->words[words->at++] : "";
}

/* The truth of a list with commas, of which one value must hold. */
static enum truth
match_list(const char *list, enum truth (*match)(const char *word))
{
	enum truth truth = TRUTH_NEVER;

	for (;;) {
		size_t len = strcspn(list, ",");
		char *word = strndup(list, len);

		truth = truth_or(truth, word != NULL ? match(word) : TRUTH_PERHAPS);
		free(word);
		if (list[len] == '\0')
			return truth;
		list += len + 1;
	}
}

static enum truth
match_source_ports(const char *word)
{
	struct port_range range;

	return match_ports(word, &range) ? match_source_port(range) : TRUTH_NEVER;
}

static void
take_ports(struct packet_rule *rule, const char *list, bool is_not)
{
	rule->has_ports = true;
	rule->is_but_ports = is_not;
	for (;;) {
		size_t len = strcspn(list, ",");
		char *word = strndup(list, len);
		struct port_range range;

		if (word != NULL && match_ports(word, &range))
			packet_rule_add_ports(rule, range);
		free(word);
		if (list[len] == '\0')
			return;
		list += len + 1;
	}
}

static void
take_target(struct packet_rule *rule, const char *target, bool is_goto)
{
	static const struct {
		const char *name;
		enum verdict verdict;
	} targets[] = {
	    {"ACCEPT", VERDICT_ACCEPT},
	    {"DROP", VERDICT_DROP},
	    {"TARPIT", VERDICT_DROP},
	    {"REJECT", VERDICT_REJECT},
	    {"RETURN", VERDICT_RETURN},
	    {"REDIRECT", VERDICT_REDIRECT},
	    {"DNAT", VERDICT_REDIRECT},
	};

	rule->verdict = is_goto ? VERDICT_GOTO : VERDICT_JUMP;
	rule->target = (char *)target;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(targets[i].name, target) == 0) {
			rule->verdict = targets[i].verdict;
			rule->target = NULL;
		}
}

/* TCP's flags: of the first packet SYN alone is set among those that are looked at. */
static enum truth
match_flags(const char *looked_at, const char *set)
{
	return strstr(looked_at, "SYN") != NULL && strcmp(set, "SYN") == 0 ? TRUTH_ALWAYS :
									     TRUTH_NEVER;
}

/* An option that is a match; false: it is not known. */
static bool
take_match(struct packet_rule *rule, const char *option, bool is_not, struct words *words)
{
	static const char *const protocol[] = {"-p", "--protocol", NULL},
				 *const source[] = {"-s", "--source", "--src", NULL},
				 *const destination[] = {"-d", "--destination", "--dst", NULL},
				 *const came_by[] = {"-i", "--in-interface", NULL},
				 *const goes_by[] = {"-o", "--out-interface", NULL},
				 *const ports[] = {"--dport", "--dports", "--destination-port",
				     "--destination-ports", "--ports", NULL},
				 *const source_ports[] = {"--sport", "--sports", "--source-port",
				     "--source-ports", NULL},
				 *const states[] = {"--state", "--ctstate", NULL};
	enum truth truth;

	if (is_one_of(option, protocol))
		truth = match_protocol(take_value(words));
	else if (is_one_of(option, states))
		truth = match_list(take_value(words), match_state);
	else if (is_one_of(option, source_ports))
		truth = match_list(take_value(words), match_source_ports);
	else if (strcmp(option, "--syn") == 0)
		truth = TRUTH_ALWAYS;
	else if (strcmp(option, "--tcp-flags") == 0) {
		const char *looked_at = take_value(words);

		truth = match_flags(looked_at, take_value(words));
	} else if (is_one_of(option, ports)) {
		take_ports(rule, take_value(words), is_not);
		return true;
	} else if (is_one_of(option, source) || is_one_of(option, destination)) {
		truth = match_list(take_value(words), match_address);
		packet_rule_and_direction(rule,
		    is_one_of(option, source) ? DIRECTION_IN : DIRECTION_OUT,
		    is_not ? truth_but_address(truth) : truth);
		return true;
	} else if (is_one_of(option, came_by) || is_one_of(option, goes_by)) {
		truth = match_interface(take_value(words));
		packet_rule_and_direction(rule,
		    is_one_of(option, came_by) ? DIRECTION_IN : DIRECTION_OUT,
		    is_not ? truth_not(truth) : truth);
		return true;
	} else {
		return false;
	}
	packet_rule_and_all(rule, is_not ? truth_not(truth) : truth);
	return true;
}

/* Reads the words behind "-A CHAIN". What stands behind the target belongs to it. */
static void
take_rule(struct packet_rule *rule, struct words *words)
{
	static const char *const owner[] = {"--uid-owner", "--gid-owner", NULL},
				 *const plain[] = {"tcp", "multiport", "comment", "conntrack",
				     "state", "owner", NULL};
	bool is_not = false;

	while (words->at < words->count) {
		const char *option = words->words[words->at++];

		if (strcmp(option, "!") == 0) {
			is_not = true;
			continue;
		}
		if (strcmp(option, "-j") == 0 || strcmp(option, "--jump") == 0) {
			take_target(rule, take_value(words), false);
			return;
		}
		if (strcmp(option, "-g") == 0 || strcmp(option, "--goto") == 0) {
			take_target(rule, take_value(words), true);
			return;
		}
		if (strcmp(option, "-m") == 0 || strcmp(option, "--match") == 0) {
			if (!is_one_of(take_value(words), plain))
				packet_rule_and_all(rule, TRUTH_PERHAPS);
		} else if (strcmp(option, "--comment") == 0) {
			take_value(words);
		} else if (is_one_of(option, owner)) {
			take_value(words);
			rule->has_owner = true;
			packet_rule_and_all(rule, TRUTH_PERHAPS);
		} else if (!take_match(rule, option, is_not, words)) {
			packet_rule_and_all(rule, TRUTH_PERHAPS);
		}
		is_not = false;
	}
}

/* Which packets of other machines come to a chain by themselves: of nat those that leave, as what comes in is let through later. */
static void
set_base(struct packet_chain *chain)
{
	bool is_nat = strcmp(chain->table, "nat") == 0;

	if (strcmp(chain->name, "OUTPUT") == 0 ||
	    (strcmp(chain->name, "POSTROUTING") == 0 && !is_nat)) {
		chain->is_base = true;
		chain->direction = DIRECTION_OUT;
	} else if (!is_nat &&
	    (strcmp(chain->name, "INPUT") == 0 || strcmp(chain->name, "PREROUTING") == 0)) {
		chain->is_base = true;
		chain->direction = DIRECTION_IN;
	}
}

static struct packet_chain *
open_chain(struct packet_rules *rules, const char *table, const char *name,
    enum packet_family family)
{
	struct packet_chain *chain = packet_rules_chain(rules, table, name);

	if (chain == NULL)
		return NULL;
	chain->is_of[family] = true;
	set_base(chain);
	return chain;
}

static void
read_line(struct packet_rules *rules, const char *table, const char *line, size_t number,
    enum packet_family family)
{
	struct packet_rule rule = packet_rule_any();
	struct packet_chain *chain;
	struct words words;

	if (!cut(&words, line))
		return;
	/* With counters the line begins with "[PACKETS:BYTES]". */
	if (words.count != 0 && words.words[0][0] == '[')
		words.at++;
	const char *first = take_value(&words), *name;

	if (first[0] == ':') {
		chain = open_chain(rules, table, first + 1, family);
		if (chain != NULL && strcmp(take_value(&words), "DROP") == 0)
			chain->policy = VERDICT_DROP;
	} else if (strcmp(first, "-A") == 0 || strcmp(first, "--append") == 0) {
		name = take_value(&words);
		chain = open_chain(rules, table, name, family);
		rule.text = (char *)line;
		rule.line = number;
		take_rule(&rule, &words);
		if (chain != NULL)
			packet_chain_add(chain, &rule);
		free(rule.ports);
	}
	free(words.text);
}

void
iptables_rules_read(struct packet_rules *rules, char *const *lines, size_t count,
    enum packet_family family)
{
	const char *table = "filter";

	for (size_t i = 0; i < count; i++)
		if (lines[i][0] == '*')
			table = lines[i] + 1;
		else if (lines[i][0] != '#')
			read_line(rules, table, lines[i], i + 1, family);
}
