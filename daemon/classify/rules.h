/* Rules: what a rules file says, compiled. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_RULES_H
#define CLASSIFY_RULES_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "daemon/classify/classify.h"
#include "daemon/classify/literals.h"

/* How much a rule knows: words beat structure, structure beats codes and kinds alone. */
enum rule_tier {
	TIER_CODE,
	TIER_STRUCTURE,
	TIER_WORDS,
};

/* Strings that a condition allows, NULL-terminated; NULL: no condition. */
typedef char **string_list;

struct rule {
	char *name;
	char *path; /* where it stands */
	unsigned line;
	int class_index; /* -1: not given yet */
	enum severity severity;
	int priority;
	enum rule_tier tier;
	uint32_t first_group, group_count; /* each group: one of its literals must occur */
	string_list groups;                /* as written: "a | b" */
	string_list nots;                  /* none of these may occur */
	uint32_t *not_words;
	uint32_t not_count;
	string_list patterns;
	pcre2_code **compiled;
	string_list codes, enhanced, hosts, routers, transports, error_numbers, domains;
	unsigned phases, kinds;            /* bits; 0: no condition */
	char *summary, *customer;
	string_list advice;
	string_list samples, unlikes;
};

/* A literal says which groups it meets. */
struct literal_use {
	uint32_t group;
	uint32_t next; /* of the same literal, one more than its index; 0: none */
};

struct rule_set {
	struct rule *rules;
	uint32_t count, size;
	struct literals literals;
	uint32_t *use_of;          /* [word]: one more than the index of its first use */
	uint32_t *word_length;
	struct literal_use *uses;
	uint32_t use_count;
	uint32_t *rule_of_group;
	uint32_t group_count;
	size_t files;
};

/* Adds the rules of all *.rules of a directory; rules of a name that is there already are replaced. */
void rule_set_read(struct rule_set *set, const char *directory, const struct classifier *classifier,
    struct ini_errors *errors);
/* Checks every rule, compiles its patterns, makes the automaton. */
void rule_set_compile(struct rule_set *set, struct ini_errors *errors);
void rule_set_clear(struct rule_set *set);

/* Appends a copy. */
void string_list_add(string_list *list, const char *text);
/* Appends the parts of "a | b | c". */
void string_list_add_split(string_list *list, const char *text);
size_t string_list_count(string_list list);
void string_list_free(string_list list);

#endif
