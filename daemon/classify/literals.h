/* Literals: finds which of thousands of words stand in a text, in one pass over it (Aho and Corasick, 1975). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_LITERALS_H
#define CLASSIFY_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

/* Nodes stand in the order of their depth, the children of one side by side: those of node n are [child of n, child of n + 1). */
struct literal_node {
	uint32_t child;
	/* The longest proper ending of what leads here that is a beginning of a word. In a node that has a row, where every letter leads is looked up: the row's number. */
	uint32_t failure;
	uint32_t shorter;   /* the nearest node along the failures at which a word ends; 0: none */
	uint32_t word : 23; /* one more than the number of the word that ends here; 0: none */
	uint32_t has_row : 1;
	uint32_t letter : 8;
};

struct literals {
	char **words;
	uint32_t count, size;
	uint32_t *slots; /* hash of the words while they are added: one more than the number */
	uint32_t slot_mask;
	/* after literals_build */
	uint8_t letter_of[256]; /* 0: a byte that no word holds */
	uint32_t letters;
	struct literal_node *
	    nodes; /* 0 is the root; one more than there are, for the end of the last one's children */
	uint32_t node_count;
	/* [row * letters + letter]: the next node, failures followed; with ROW_ENDS_WORD where words end there. */
	uint32_t *rows;
	uint32_t shallow; /* nodes below this number have the row of that number */
};

void literals_clear(struct literals *literals);
/* The number of the word, added when it is new; UINT32_MAX when memory is out, or there are millions. */
uint32_t literals_add(struct literals *literals, const char *word);
/* Whether that word was added; asked before literals_build only. */
bool literals_holds(const struct literals *literals, struct slice word);
/* Makes the automaton. False when memory is out. */
bool literals_build(struct literals *literals);
/* Frees the words, which are no more needed when the automaton is made. */
void literals_forget_words(struct literals *literals);
/* Calls found for every place at which a word ends. */
typedef void literals_found_fn(void *context, uint32_t word, size_t end);
void literals_scan(const struct literals *literals, struct slice text, literals_found_fn *found,
    void *context);

#endif
