/* Packet rules: a firewall's chains and rules, as far as they decide about connections to a mail port, and what they decide. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_PACKET_RULES_H
#define CLIENT_CHECKS_PACKET_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum direction {
	DIRECTION_OUT, /* from this server to another's port */
	DIRECTION_IN,  /* from another to this server's port */
	DIRECTIONS,
};

enum packet_family {
	PACKET_IPV4,
	PACKET_IPV6,
	PACKET_FAMILIES,
};

/* Whether the first packet of a connection with another machine of the Internet is matched. */
enum truth {
	TRUTH_NEVER,
	TRUTH_PERHAPS, /* of some addresses, users, ... only */
	TRUTH_ALWAYS,
};

enum verdict {
	VERDICT_GO_ON,
	VERDICT_ACCEPT,
	VERDICT_DROP,
	VERDICT_REJECT,
	VERDICT_REDIRECT, /* to another place than was meant */
	VERDICT_RETURN,
	VERDICT_JUMP,
	VERDICT_GOTO,
};

struct port_range {
	uint16_t first, last;
};

struct packet_rule {
	char *text;
	size_t line; /* of the source, from 1 */
	enum verdict verdict;
	char *target; /* VERDICT_JUMP, VERDICT_GOTO: the chain */
	/* Destination ports; none, and !has_ports: any. */
	bool has_ports, is_but_ports;
	struct port_range *ports;
	size_t port_count;
	bool has_owner;                                 /* it depends on who connects */
	enum truth truths[DIRECTIONS][PACKET_FAMILIES]; /* of all that it asks for but the ports */
};

struct packet_chain {
	char *table, *name;
	bool is_of[PACKET_FAMILIES];
	bool is_base; /* packets of the direction come here by themselves */
	enum direction direction;
	enum verdict policy; /* of a base chain: VERDICT_ACCEPT or VERDICT_DROP */
	struct packet_rule *rules;
	size_t count;
};

struct packet_rules {
	struct packet_chain *chains;
	size_t count;
};

struct packet_outcome {
	enum verdict
	    verdict; /* VERDICT_ACCEPT, _DROP, _REJECT, _REDIRECT: what becomes of everyone's */
	/* What decided; the rule is NULL where the chain's policy did. Both are NULL where nothing did, which accepts. */
	const struct packet_chain *chain;
	const struct packet_rule *rule;
	bool names_port;   /* the rule, or one that led to it, asks for the port */
	bool spares_users; /* what some users connect to was accepted before */
	/* The first rule for the port that holds up some connections only, one about users after all others; NULL: there is none. */
	const struct packet_chain *partial_chain;
	const struct packet_rule *partial_rule;
};

/* A chain of that table and name, added if there is none. NULL when memory is out, or there are thousands. It moves when another is added. */
struct packet_chain *packet_rules_chain(struct packet_rules *rules, const char *table,
    const char *name);
/* Adds a copy of the rule with copies of its text and target, and takes its ports. False when memory is out. */
bool packet_chain_add(struct packet_chain *chain, struct packet_rule *rule);
void packet_rules_clear(struct packet_rules *rules);

/* A rule that matches everything and does nothing. */
struct packet_rule packet_rule_any(void);
/* Narrows the rule to what also is true of the direction and family. */
void packet_rule_and(struct packet_rule *rule, enum direction direction, enum packet_family family,
    enum truth truth);
/*
 * The same of both families, for what is only known in that direction: the other machine's address, the interface. In the other
 * direction it holds perhaps, unless it always does.
 */
void packet_rule_and_direction(struct packet_rule *rule, enum direction direction,
    enum truth truth);
/* The same of all. */
void packet_rule_and_all(struct packet_rule *rule, enum truth truth);
/* Adds destination ports. */
void packet_rule_add_ports(struct packet_rule *rule, struct port_range range);

/* What becomes of connections to the port. */
struct packet_outcome packet_rules_judge(const struct packet_rules *rules, enum direction direction,
    enum packet_family family, int port);

#endif
