/* Words: each is kept once, one behind the other, and called by its number. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_WORDS_H
#define CLASSIFY_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

/* All zero at the start. */
struct words {
	char *text; /* of all words */
	uint32_t text_len, text_size;
	uint32_t *ends; /* [number]: where the word ends in the text, and the next one begins */
	uint32_t count, size;
	uint32_t *slots; /* one more than a word's number, and some of its hash; 0: free */
	uint32_t slot_mask;
};

/* The number of the word, added when it is new; UINT32_MAX when memory is out, or there are millions. */
uint32_t words_add(struct words *words, struct slice word);
/* Whether that word was added. */
bool words_hold(const struct words *words, struct slice word);
/* Frees the words themselves; there are as many as before. */
void words_forget(struct words *words);
void words_clear(struct words *words);

static inline struct slice
words_get(const struct words *words, uint32_t number)
{
	uint32_t from = number != 0 ? words->ends[number - 1] : 0;

	return slice_of(words->text + from, words->ends[number] - from);
}

#endif
