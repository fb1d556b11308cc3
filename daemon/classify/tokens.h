/* Tokens: the runs of letters and digits that rules have, which texts keep. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_TOKENS_H
#define CLASSIFY_TOKENS_H

#include "daemon/classify/words.h"

enum {
	TOKEN_MAX = 63,  /* bytes; longer ones are none */
	TOKEN_FRONT = 8, /* of them in a word */
};

/* Words that are not 0, by their hash; half of the slots are free at least. */
struct word_set {
	uint64_t *slots; /* 0: free */
	uint32_t mask, count;
};

/* All zero at the start. */
struct tokens {
	struct words all;
	struct word_set wholes; /* those of TOKEN_FRONT bytes at most, with zeros behind them */
	struct word_set fronts; /* of longer ones, what they begin with */
};

/* False when memory is out. */
bool tokens_add(struct tokens *tokens, struct slice token);
void tokens_clear(struct tokens *tokens);

static inline bool
tokens_hold(const struct tokens *tokens, struct slice token)
{
	return words_hold(&tokens->all, token);
}

static inline size_t
word_set_slot(const struct word_set *set, uint64_t word)
{
	size_t at = (size_t)(word * 0x9e3779b97f4a7c15 >> 32);

	while (set->slots[at & set->mask] != 0 && set->slots[at & set->mask] != word)
		at++;
	return at & set->mask;
}

static inline bool
word_set_holds(const struct word_set *set, uint64_t word)
{
	return set->slots != NULL && set->slots[word_set_slot(set, word)] == word;
}

/* Whether the tokens hold one of so many bytes, TOKEN_FRONT at most, with zeros behind them in the word. */
static inline bool
tokens_hold_word(const struct tokens *tokens, uint64_t word)
{
	return word_set_holds(&tokens->wholes, word);
}

/* Whether they may hold one that begins with these bytes, or the bytes themselves. */
static inline bool
tokens_may_begin(const struct tokens *tokens, uint64_t word)
{
	return word_set_holds(&tokens->wholes, word) || word_set_holds(&tokens->fronts, word);
}

#endif
