/* Rules: what a rules file says, compiled. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_RULES_H
#define CLASSIFY_RULES_H

#include "daemon/classify/classify.h"
#include "daemon/classify/condition.h"
#include "daemon/classify/literals.h"
#include "daemon/classify/pattern.h"
#include "daemon/classify/string_list.h"
#include "daemon/classify/words.h"

/* How much a rule knows: words beat structure, structure beats codes and kinds alone. */
enum rule_tier {
	TIER_CODE,
	TIER_STRUCTURE,
	TIER_WORDS,
};

struct rule {
	char *name;
	char *path; /* where it stands */
	unsigned line;
	unsigned
	    directory; /* which of the directories: the administrator's come later, and win ties */
	int class_index; /* -1: not given yet */
	enum severity severity;
	int priority;
	enum rule_tier tier;
	uint32_t first_group, group_count; /* of each group one word must occur */
	uint32_t first_not, not_count;     /* none of these words may occur */
	string_list patterns;
	struct pattern *compiled;
	uint32_t pattern_count;
	struct number_range *codes, *error_numbers;
	uint32_t code_count, error_number_count;
	struct enhanced_pattern *enhanced;
	uint32_t enhanced_count;
	string_list hosts, routers, transports, domains;
	unsigned phases, kinds; /* bits; 0: no condition */
	unsigned weight;        /* what its conditions beside words add to its specificity */
	char *who, *summary, *customer; /* NULL: the class's */
	string_list advice;
	string_list samples, unlikes;
};

/* What a literal is beside a word. */
enum word_kind {
	WORD_OF_NAME = 1,     /* a part of a name; others say nothing where they stand in one */
	WORD_DENIABLE = 2,    /* says nothing behind "not" */
	WORD_MARKS_ASIDE = 4, /* without such a one a text has no asides */
	WORD_OF_RULE = 8,     /* others mark asides, or are of rules that were replaced */
};

struct numbers {
	uint32_t *list;
	uint32_t count;
};

/* False when memory is out, or there is no such number, which is UINT32_MAX. */
bool numbers_add(struct numbers *numbers, uint32_t number);

struct rule_set {
	struct rule *rules;
	uint32_t count, size;
	uint32_t *slots; /* hash of the names: one more than the index */
	uint32_t slot_mask;
	struct words words; /* of rules and marks of asides */
	struct literals literals;
	/* The words of all groups, those of one side by side, the longest first. */
	struct numbers group_words;
	/* [group]: of its words, which end where those of the next begin. */
	struct numbers first_group_word;
	struct numbers not_words;
	uint32_t *word_length;
	uint8_t *word_kind;  /* [word]: bits of enum word_kind */
	uint32_t *first_use; /* [word]: of its uses, which end where those of the next begin */
	uint32_t *uses;      /* the rules that have the word in their telling group */
	size_t files;
	unsigned directories;
};

/*
 * Adds the rules of all *.rules of a directory; rules that other directories gave the same name are replaced. A directory that
 * is not there has no rules.
 */
void rule_set_read(struct rule_set *set, const char *directory, const struct classifier *classifier,
    struct ini_errors *errors);
/* Complains of rules that are not whole. */
void rule_set_check(struct rule_set *set, struct ini_errors *errors);
/* Frees what only compiling and checking need: patterns as they were written, samples. */
void rule_forget_text(struct rule *rule);
/* Makes the automaton of rules that were checked. False when memory is out. */
bool rule_set_compile(struct rule_set *set);
void rule_set_clear(struct rule_set *set);

#endif
