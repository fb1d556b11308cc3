/* Matching: which rules a failure meets, and which of them wins. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_MATCH_H
#define CLASSIFY_MATCH_H

#include "daemon/classify/names.h"
#include "daemon/classify/reply.h"
#include "daemon/classify/rules.h"

enum {
	PREPARED_MAX = 3072, /* bytes of a text that rules look at */
	TOLD_MAX = 1536,     /* of one whose recipient is looked for in it */
};

/* A failure made ready for the rules. */
struct prepared {
	const struct failure *failure;
	struct reply reply;
	struct slice host;
	char text[PREPARED_MAX];
	size_t len;
	char told[TOLD_MAX]; /* the failure's text, where its recipient's address was replaced */
};

void prepare(const struct failure *failure, struct prepared *out);

/* Where a rule stands among those that match: compared in this order. */
struct rank {
	int priority;
	int tier;
	unsigned specificity;
	unsigned directory; /* the administrator's win ties */
};

/* What tells most rules apart from a failure without a look at the rule itself. */
struct rule_brief {
	int8_t priority;
	uint8_t tier;
	uint8_t
	    needs; /* bits of what a failure must have at all: a code, an enhanced code, a phase ... */
	uint8_t subjects; /* bits of those that its enhanced code may have */
};

/* Room for one match at a time. */
struct matcher {
	const struct rule_set *set;
	struct rule_brief *briefs; /* [place] */
	uint8_t has;               /* of what rules need, the failure's */
	uint8_t subjects;          /* the bit of its enhanced code's; all without one */
	struct slice text;         /* that is looked at */
	struct names names;        /* of the text */
	unsigned name;             /* the first of them that what is found next may stand in */
	bool may_have_asides;      /* a word that marks one was found */
	uint32_t turn;             /* stamps are of this turn or stale */
	uint32_t *word_stamp;      /* [word] */
	uint32_t *order;           /* rules by priority and tier, the highest first */
	uint32_t *place;           /* [rule]: where it stands in that order */
	uint64_t *
	    candidates; /* a bit for each place: rules without words, and those of whose telling group a word was found */
	uint64_t *wordless; /* the same of rules without words */
	pcre2_match_data *match_data;
	pcre2_match_context *match_context;
};

bool matcher_init(struct matcher *matcher, const struct rule_set *set);
void matcher_clear(struct matcher *matcher);

/* The index of the rule that wins, or -1. */
int matcher_find(struct matcher *matcher, const struct prepared *prepared);

/* All rules that match, each with its rank, in no order. */
typedef void matcher_all_fn(void *context, uint32_t rule, const struct rank *rank);
void matcher_all(struct matcher *matcher, const struct prepared *prepared, matcher_all_fn *each,
    void *context);

bool rank_is_better(const struct rank *a, const struct rank *b);

#endif
