/* Words: looked for by their hash, which the slots hold too, so that other words are seldom looked at. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/words.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 4096, FIRST_WORDS = 256, FIRST_TEXT = 4096 };

/* Of a slot; the bits of the hash are not those that say where a word belongs, as long as there are not millions. */
static const uint32_t NUMBER_BITS = (UINT32_C(1) << 23) - 1, HASH_BITS = ~((UINT32_C(1) << 23) - 1);

static const uint64_t HASH_FACTOR = 0x9e3779b97f4a7c15;

static inline uint32_t
hash(struct slice word)
{
	uint64_t value = word.len, piece;

	for (; word.len >= sizeof(piece); word = slice_skip(word, sizeof(piece))) {
		memcpy(&piece, word.at, sizeof(piece));
		value = (value ^ piece) * HASH_FACTOR;
		value ^= value >> 32;
	}
	return (uint32_t)((value ^ slice_short_word(word.at, word.len)) * HASH_FACTOR >> 32);
}

static inline uint32_t
slot_for(uint32_t number, uint32_t hash_of_word)
{
	return (number + 1) | (hash_of_word & HASH_BITS);
}

/* The slot of the word, or the free one where it belongs; there are slots. */
static inline uint32_t *
slot_of(const struct words *words, struct slice word, uint32_t hash_of_word)
{
	for (uint32_t at = hash_of_word;; at++) {
		uint32_t *slot = &words->slots[at & words->slot_mask];

		if (*slot == 0 ||
		    (((*slot ^ hash_of_word) & HASH_BITS) == 0 &&
			slice_equal(words_get(words, (*slot & NUMBER_BITS) - 1), word)))
			return slot;
	}
}

static bool
grow_slots(struct words *words)
{
	uint32_t size = words->slots != NULL ? (words->slot_mask + 1) * 2 : FIRST_SLOTS;
	uint32_t *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i < words->count; i++) {
		uint32_t hash_of_word = hash(words_get(words, i)), at = hash_of_word;

		while (slots[at & (size - 1)] != 0)
			at++;
		slots[at & (size - 1)] = slot_for(i, hash_of_word);
	}
	free(words->slots);
	words->slots = slots;
	words->slot_mask = size - 1;
	return true;
}

/* Room for one more word of that length, and for its slot. */
static bool
grow(struct words *words, size_t len)
{
	/* Half of the slots are free at least. */
	if ((words->slots == NULL || words->count > words->slot_mask / 2) && !grow_slots(words))
		return false;
	if (words->count == words->size) {
		uint32_t size = words->size != 0 ? words->size * 2 : FIRST_WORDS;
		uint32_t *ends = reallocarray(words->ends, size, sizeof(*ends));

		if (ends == NULL)
			return false;
		words->ends = ends;
		words->size = size;
	}
	if (words->text == NULL || len > words->text_size - words->text_len) {
		uint64_t size = words->text_size != 0 ? (uint64_t)words->text_size * 2 : FIRST_TEXT;

		while (size - words->text_len < len)
			size *= 2;
		char *text = size <= UINT32_MAX ? realloc(words->text, size) : NULL;
		if (text == NULL)
			return false;
		words->text = text;
		words->text_size = (uint32_t)size;
	}
	return true;
}

uint32_t
words_add(struct words *words, struct slice word)
{
	if (!grow(words, word.len))
		return UINT32_MAX;
	uint32_t hash_of_word = hash(word);
	uint32_t *slot = slot_of(words, word, hash_of_word);
	if (*slot != 0)
		return (*slot & NUMBER_BITS) - 1;
	if (words->count == NUMBER_BITS)
		return UINT32_MAX;
	memcpy(words->text + words->text_len, word.at, word.len);
	words->text_len += (uint32_t)word.len;
	words->ends[words->count] = words->text_len;
	*slot = slot_for(words->count, hash_of_word);
	return words->count++;
}

bool
words_hold(const struct words *words, struct slice word)
{
	return words->slots != NULL && *slot_of(words, word, hash(word)) != 0;
}

void
words_forget(struct words *words)
{
	uint32_t count = words->count;

	words_clear(words);
	words->count = count;
}

void
words_clear(struct words *words)
{
	free(words->text);
	free(words->ends);
	free(words->slots);
	*words = (struct words){0};
}
