/* One rule in nftables' language: what it says about a mail connection. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/firewall/nft_reader.h"
#include "client/checks/firewall/packet_match.h"

enum field {
	FIELD_PORT,
	FIELD_SOURCE_PORT,
	FIELD_PROTOCOL,
	FIELD_STATE,
	FIELD_FAMILY,
	FIELD_SOURCE,
	FIELD_DESTINATION,
	FIELD_CAME_BY,
	FIELD_GOES_BY,
	FIELD_OWNER,
	FIELD_MARK, /* known to be a field, and no more */
	FIELD_OTHER,
};

/* What a field must be. */
struct values {
	size_t first, end; /* words, commas and braces among them */
	bool is_not;
	bool is_known; /* false: a set that was not read */
};

static bool
is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static bool
is_mark(const char *word)
{
	return is(word, ",") || is(word, "{") || is(word, "}") || is(word, "\n");
}

static struct values
take_values(struct nft_reader *reader)
{
	struct values values = {.is_known = true};

	values.is_not = nft_take_if(reader, "!=");
	if (!values.is_not)
		nft_take_if(reader, "==");
	values.first = reader->at;
	const char *word = nft_peek(reader);
	if (is(word, "{"))
		nft_skip_block(reader);
	else if (!nft_is_end(reader))
		reader->at++;
	values.end = reader->at;
	if (word[0] == '@' || word[0] == '$') {
		const struct nft_set *set = nft_find_set(reader, word);

		values.is_known = set != NULL;
		if (set != NULL) {
			values.first = set->first;
			values.end = set->end;
		}
	}
	return values;
}

static enum truth
match(enum field field, const char *word)
{
	struct port_range range;

	switch (field) {
	case FIELD_SOURCE_PORT:
		return match_ports(word, &range) ? match_source_port(range) : TRUTH_NEVER;
	case FIELD_PROTOCOL:
		return match_protocol(word);
	case FIELD_STATE:
		return match_state(word);
	case FIELD_SOURCE:
	case FIELD_DESTINATION:
		return match_address(word);
	case FIELD_CAME_BY:
	case FIELD_GOES_BY:
		return match_interface(word);
	default:
		return TRUTH_PERHAPS;
	}
}

static void
and_family(struct packet_rule *rule, enum packet_family family)
{
	for (int direction = 0; direction < DIRECTIONS; direction++)
		packet_rule_and(rule, direction, 1 - family, TRUTH_NEVER);
}

static void
narrow_to_ports(const struct nft_reader *reader, struct packet_rule *rule,
    const struct values *values)
{
	rule->has_ports = true;
	rule->is_but_ports = values->is_not;
	for (size_t i = values->first; i < values->end; i++) {
		struct port_range range;

		if (match_ports(reader->words.words[i].text, &range))
			packet_rule_add_ports(rule, range);
	}
}

static void
narrow_to_family(const struct nft_reader *reader, struct packet_rule *rule,
    const struct values *values)
{
	const char *word = values->first < values->end ? reader->words.words[values->first].text :
							 "";

	if (is(word, "ipv4") || is(word, "ipv6"))
		and_family(rule, is(word, "ipv4") != values->is_not ? PACKET_IPV4 : PACKET_IPV6);
	else
		packet_rule_and_all(rule, TRUTH_PERHAPS);
}

static void
narrow(const struct nft_reader *reader, struct packet_rule *rule, enum field field,
    const struct values *values)
{
	enum truth truth = TRUTH_NEVER;

	if (field == FIELD_OWNER)
		rule->has_owner = true;
	if (!values->is_known) {
		packet_rule_and_all(rule, TRUTH_PERHAPS);
		return;
	}
	if (field == FIELD_PORT) {
		narrow_to_ports(reader, rule, values);
		return;
	}
	if (field == FIELD_FAMILY) {
		narrow_to_family(reader, rule, values);
		return;
	}
	for (size_t i = values->first; i < values->end; i++)
		if (!is_mark(reader->words.words[i].text))
			truth = truth_or(truth, match(field, reader->words.words[i].text));
	if (values->is_not)
		truth = field == FIELD_SOURCE || field == FIELD_DESTINATION ?
		    truth_but_address(truth) :
		    truth_not(truth);
	if (field == FIELD_SOURCE || field == FIELD_CAME_BY)
		packet_rule_and_direction(rule, DIRECTION_IN, truth);
	else if (field == FIELD_DESTINATION || field == FIELD_GOES_BY)
		packet_rule_and_direction(rule, DIRECTION_OUT, truth);
	else
		packet_rule_and_all(rule, truth);
}

/* A verdict, which is behind us if it is the next word. */
static bool
take_verdict(struct nft_reader *reader, struct packet_rule *rule)
{
	static const struct {
		const char *word;
		enum verdict verdict;
	} verdicts[] = {
	    {"accept", VERDICT_ACCEPT},
	    {"drop", VERDICT_DROP},
	    {"reject", VERDICT_REJECT},
	    {"return", VERDICT_RETURN},
	    {"redirect", VERDICT_REDIRECT},
	    {"dnat", VERDICT_REDIRECT},
	    {"jump", VERDICT_JUMP},
	    {"goto", VERDICT_GOTO},
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (!nft_take_if(reader, verdicts[i].word))
			continue;
		rule->verdict = verdicts[i].verdict;
		if (rule->verdict == VERDICT_JUMP || rule->verdict == VERDICT_GOTO)
			rule->target = (char *)nft_take(reader);
		return true;
	}
	return false;
}

/* Adds a rule that differs from the given one, whose ports stay its own. */
static void
add_copy(struct packet_chain *chain, const struct packet_rule *rule, struct packet_rule *copy)
{
	if (copy->ports == rule->ports) {
		copy->ports = NULL;
		copy->port_count = 0;
		for (size_t i = 0; i < rule->port_count; i++)
			packet_rule_add_ports(copy, rule->ports[i]);
	}
	packet_chain_add(chain, copy);
	free(copy->ports);
}

/* "vmap { 25 : drop, 587 : accept }": as many rules. */
static void
take_map(struct nft_reader *reader, struct packet_chain *chain, const struct packet_rule *rule,
    enum field field)
{
	if (!nft_take_if(reader, "{")) {
		nft_take(reader);
		return;
	}
	while (reader->at < reader->words.count && !nft_take_if(reader, "}")) {
		struct packet_rule each = *rule;
		struct values values = {.first = reader->at, .is_known = true};

		if (is_mark(nft_peek(reader)) || nft_is_end(reader)) {
			reader->at++;
			continue;
		}
		if (field == FIELD_PORT) {
			each.ports = NULL;
			each.port_count = 0;
		}
		while (
		    !nft_is_end(reader) && !is(nft_peek(reader), ":") && !is(nft_peek(reader), ","))
			reader->at++;
		values.end = reader->at;
		narrow(reader, &each, field, &values);
		if (nft_take_if(reader, ":") && take_verdict(reader, &each))
			add_copy(chain, rule, &each);
		else if (each.ports != rule->ports)
			free(each.ports);
	}
}

/* The field that the next word is, which then is behind us. */
static enum field
take_field(struct nft_reader *reader)
{
	static const struct {
		const char *word;
		enum field field;
	} fields[] = {
	    {"dport", FIELD_PORT},
	    {"sport", FIELD_SOURCE_PORT},
	    {"l4proto", FIELD_PROTOCOL},
	    {"protocol", FIELD_PROTOCOL},
	    {"nexthdr", FIELD_PROTOCOL},
	    {"nfproto", FIELD_FAMILY},
	    {"state", FIELD_STATE},
	    {"saddr", FIELD_SOURCE},
	    {"daddr", FIELD_DESTINATION},
	    {"iif", FIELD_CAME_BY},
	    {"iifname", FIELD_CAME_BY},
	    {"oif", FIELD_GOES_BY},
	    {"oifname", FIELD_GOES_BY},
	    {"skuid", FIELD_OWNER},
	    {"skgid", FIELD_OWNER},
	    {"status", FIELD_MARK},
	    {"mark", FIELD_MARK},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (nft_take_if(reader, fields[i].word))
			return fields[i].field;
	return FIELD_OTHER;
}

/* Words that match nothing: a counter, what is written to the log, a comment. */
static bool
take_aside(struct nft_reader *reader)
{
	static const char *const of_log[] = {"prefix", "level", "group", "snaplen",
	    "queue-threshold", "flags"};

	if (nft_take_if(reader, "comment")) {
		nft_take(reader);
		return true;
	}
	if (nft_take_if(reader, "counter")) {
		if (nft_take_if(reader, "packets"))
			nft_take(reader);
		if (nft_take_if(reader, "bytes") || nft_take_if(reader, "name"))
			nft_take(reader);
		return true;
	}
	if (!nft_take_if(reader, "log"))
		return false;
	for (size_t i = 0; i < sizeof(of_log) / sizeof(of_log[0]);) {
		if (nft_take_if(reader, of_log[i])) {
			nft_take(reader);
			i = 0;
		} else {
			i++;
		}
	}
	return true;
}

/* Words that say which protocol the next field is of. */
static bool
take_protocol(struct nft_reader *reader, struct packet_rule *rule)
{
	static const char *const others[] = {"udp", "icmp", "icmpv6", "igmp", "sctp", "dccp",
	    "udplite", "esp", "ah", "comp", "arp"};

	if (nft_take_if(reader, "ip"))
		and_family(rule, PACKET_IPV4);
	else if (nft_take_if(reader, "ip6"))
		and_family(rule, PACKET_IPV6);
	else if (!nft_take_if(reader, "tcp") && !nft_take_if(reader, "th") &&
	    !nft_take_if(reader, "meta") && !nft_take_if(reader, "ct")) {
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			if (nft_take_if(reader, others[i])) {
				packet_rule_and_all(rule, TRUTH_NEVER);
				return true;
			}
		return false;
	}
	return true;
}

/* One match or verdict; false: nothing of the rule is left to be added. */
static bool
take_part(struct nft_reader *reader, struct packet_chain *chain, struct packet_rule *rule)
{
	if (take_aside(reader) || take_protocol(reader, rule))
		return true;
	if (take_verdict(reader, rule)) {
		/* "with tcp reset", "to :25" */
		nft_skip_statement(reader);
		return true;
	}
	enum field field = take_field(reader);
	if (field == FIELD_OTHER) {
		packet_rule_and_all(rule, TRUTH_PERHAPS);
		if (is(nft_peek(reader), "{"))
			nft_skip_block(reader);
		else
			reader->at++;
		return true;
	}
	if (nft_take_if(reader, "vmap")) {
		take_map(reader, chain, rule, field);
		return false;
	}
	/* "ip saddr . tcp dport": only pairs of them. */
	if (nft_take_if(reader, ".")) {
		packet_rule_and_all(rule, TRUTH_PERHAPS);
		return true;
	}
	struct values values = take_values(reader);
	narrow(reader, rule, field, &values);
	return true;
}

/* The rule as it was written, up to the end of its line. */
static char *
text_of(const struct nft_reader *reader, size_t first)
{
	const struct nft_word *begin = &reader->words.words[first];
	const char *end = begin->end;

	for (size_t i = first; i < reader->at && reader->words.words[i].line == begin->line; i++)
		if (!is(reader->words.words[i].text, "\n"))
			end = reader->words.words[i].end;
	return strndup(begin->at, (size_t)(end - begin->at));
}

void
nft_read_rule(struct nft_reader *reader, struct packet_chain *chain)
{
	struct packet_rule rule = packet_rule_any();
	size_t first = reader->at, count = chain->count;
	bool is_left = true;

	rule.line = reader->words.words[first].line;
	while (!nft_is_end(reader) && is_left)
		is_left = take_part(reader, chain, &rule);
	nft_skip_statement(reader);
	rule.text = text_of(reader, first);
	if (is_left && rule.text != NULL)
		packet_chain_add(chain, &rule);
	/* Those of a map were added before the rule's text was known. */
	for (; !is_left && rule.text != NULL && count < chain->count; count++) {
		free(chain->rules[count].text);
		chain->rules[count].text = strdup(rule.text);
	}
	free(rule.text);
	free(rule.ports);
}
