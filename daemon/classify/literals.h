/* Literals: finds which of thousands of words stand in a text, in one pass over it (Aho and Corasick, 1975). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_LITERALS_H
#define CLASSIFY_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/classify/words.h"

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

/* All zero at the start. */
struct literals {
	uint8_t letter_of[256]; /* 0: a byte that no word holds */
	uint32_t letters;
	struct literal_node *
	    nodes; /* 0 is the root; one more than there are, for the end of the last one's children */
	uint32_t node_count;
	/* [row * letters + letter]: the next node, failures followed; with ROW_ENDS_WORD where words end there. Behind the nodes, in one piece with them. */
	uint32_t *rows;
	uint32_t row_count, row_room;
	uint32_t shallow; /* nodes below this number have the row of that number */
};

/* Makes the automaton, which does not need the words any more. False when memory is out, or there are millions. */
bool literals_build(struct literals *literals, const struct words *words);
void literals_clear(struct literals *literals);
/* Calls found for every place at which a word ends. */
typedef void literals_found_fn(void *context, uint32_t word, size_t end);
void literals_scan(const struct literals *literals, struct slice text, literals_found_fn *found,
    void *context);

#endif
