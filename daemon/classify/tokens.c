/* Tokens: looked for by all of their bytes, or by the first eight at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/tokens.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 256 };

static bool
grow(struct word_set *set)
{
	uint32_t size = set->slots != NULL ? (set->mask + 1) * 2 : FIRST_SLOTS;
	struct word_set larger = {.slots = calloc(size, sizeof(*larger.slots)), .mask = size - 1};

	if (larger.slots == NULL)
		return false;
	for (uint32_t i = 0; set->slots != NULL && i <= set->mask; i++)
		if (set->slots[i] != 0)
			larger.slots[word_set_slot(&larger, set->slots[i])] = set->slots[i];
	larger.count = set->count;
	free(set->slots);
	*set = larger;
	return true;
}

/* Adds one that is not there. */
static bool
add_word(struct word_set *set, uint64_t word)
{
	if ((set->slots == NULL || set->count > set->mask / 4) && !grow(set))
		return false;
	set->slots[word_set_slot(set, word)] = word;
	set->count++;
	return true;
}

bool
tokens_add(struct tokens *tokens, struct slice token)
{
	struct word_set *set = token.len <= TOKEN_FRONT ? &tokens->wholes : &tokens->fronts;
	uint64_t word = 0;

	if (token.len == 0 || token.len > TOKEN_MAX)
		return true;
	memcpy(&word, token.at, token.len < TOKEN_FRONT ? token.len : TOKEN_FRONT);
	bool is_known = word_set_holds(set, word);
	/* Most are short, and known. */
	if (is_known && token.len <= TOKEN_FRONT)
		return true;
	return words_add(&tokens->all, token) != UINT32_MAX && (is_known || add_word(set, word));
}

void
tokens_clear(struct tokens *tokens)
{
	words_clear(&tokens->all);
	free(tokens->wholes.slots);
	free(tokens->fronts.slots);
	*tokens = (struct tokens){0};
}
