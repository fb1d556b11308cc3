/* Literals: a trie with failure links; nodes near the root have a row for all letters, the many others a short list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/literals.h"

#include <stdlib.h>

enum {
	CROWDED = 4,
	ROW_DEPTH = 2,
	ROWS_MAX = 20000,
	FIRST_SLOTS = 1024,
	WORDS_MAX = (1 << 23) - 1
};

static const uint32_t ROW_ENDS_WORD = UINT32_C(1) << 31;

/* The trie while words are put in. */
struct trie_node {
	uint32_t child;   /* the first one; 0: none */
	uint32_t sibling; /* the next child of the parent; 0: none */
	uint32_t word;    /* one more than its number; 0: none */
	uint8_t letter;
};

struct trie {
	struct trie_node *nodes; /* 0 is the root */
	uint32_t count;
};

void
literals_forget_words(struct literals *literals)
{
	for (uint32_t i = 0; literals->words != NULL && i < literals->count; i++)
		free(literals->words[i]);
	free(literals->words);
	literals->words = NULL;
}

void
literals_clear(struct literals *literals)
{
	literals_forget_words(literals);
	free(literals->slots);
	free(literals->nodes);
	free(literals->rows);
	*literals = (struct literals){0};
}

static uint32_t
hash(struct slice word)
{
	uint32_t value = 0x811c9dc5;

	for (size_t i = 0; i < word.len; i++)
		value = (value ^ (uint8_t)word.at[i]) * 0x01000193;
	return value;
}

static bool
grow_slots(struct literals *literals)
{
	uint32_t size = literals->slots != NULL ? (literals->slot_mask + 1) * 2 : FIRST_SLOTS;
	uint32_t *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i < literals->count; i++) {
		uint32_t at = hash(slice_str(literals->words[i]));

		while (slots[at & (size - 1)] != 0)
			at++;
		slots[at & (size - 1)] = i + 1;
	}
	free(literals->slots);
	literals->slots = slots;
	literals->slot_mask = size - 1;
	return true;
}

uint32_t
literals_add(struct literals *literals, const char *word)
{
	if ((literals->slots == NULL || literals->count > literals->slot_mask / 2) &&
	    !grow_slots(literals))
		return UINT32_MAX;
	uint32_t at = hash(slice_str(word));
	for (; literals->slots[at & literals->slot_mask] != 0; at++) {
		uint32_t number = literals->slots[at & literals->slot_mask] - 1;

		if (strcmp(literals->words[number], word) == 0)
			return number;
	}
	if (literals->count == WORDS_MAX)
		return UINT32_MAX;
	if (literals->count == literals->size) {
		uint32_t size = literals->size != 0 ? literals->size * 2 : 256;
		char **words = reallocarray(literals->words, size, sizeof(*words));

		if (words == NULL)
			return UINT32_MAX;
		literals->words = words;
		literals->size = size;
	}
	literals->words[literals->count] = strdup(word);
	if (literals->words[literals->count] == NULL)
		return UINT32_MAX;
	literals->slots[at & literals->slot_mask] = literals->count + 1;
	return literals->count++;
}

bool
literals_holds(const struct literals *literals, struct slice word)
{
	if (literals->slots == NULL)
		return false;
	for (uint32_t at = hash(word); literals->slots[at & literals->slot_mask] != 0; at++) {
		uint32_t number = literals->slots[at & literals->slot_mask] - 1;

		if (slice_equal(slice_str(literals->words[number]), word))
			return true;
	}
	return false;
}

/* Where a letter leads from a node; the root is its own failure. */
static inline uint32_t
step(const struct literals *literals, uint32_t node, uint8_t letter)
{
	const struct literal_node *nodes = literals->nodes;

	for (;; node = nodes[node].failure) {
		if (nodes[node].has_row)
			return literals->rows[(size_t)nodes[node].failure * literals->letters +
				   letter] &
			    ~ROW_ENDS_WORD;
		/* Most have one child. */
		uint32_t child = nodes[node].child, end = nodes[node + 1].child;
		while (child != end && nodes[child].letter != letter)
			child++;
		if (child != end)
			return child;
		if (node == 0)
			return 0;
	}
}

static uint32_t
trie_child(const struct trie *trie, uint32_t at, uint8_t letter)
{
	uint32_t child = trie->nodes[at].child;

	while (child != 0 && trie->nodes[child].letter != letter)
		child = trie->nodes[child].sibling;
	return child;
}

static void
trie_add(struct trie *trie, const struct literals *literals, uint32_t word)
{
	uint32_t at = 0;

	for (const char *c = literals->words[word]; *c != '\0'; c++) {
		uint8_t letter = literals->letter_of[(uint8_t)*c];
		uint32_t child = trie_child(trie, at, letter);

		if (child == 0) {
			child = trie->count++;
			trie->nodes[child].letter = letter;
			trie->nodes[child].sibling = trie->nodes[at].child;
			trie->nodes[at].child = child;
		}
		at = child;
	}
	/* The empty word would be everywhere. */
	if (at != 0)
		trie->nodes[at].word = word + 1;
}

/* Puts the nodes into the order of their depth. order has room for as many as there are. */
static void
lay_out(struct literals *literals, const struct trie *trie, uint32_t *order)
{
	uint32_t tail = 1;

	order[0] = 0;
	for (uint32_t head = 0; head < trie->count; head++) {
		const struct trie_node *from = &trie->nodes[order[head]];

		literals->nodes[head] = (struct literal_node){.child = tail,
		    .word = from->word,
		    .letter = from->letter};
		for (uint32_t child = from->child; child != 0; child = trie->nodes[child].sibling)
			order[tail++] = child;
	}
	literals->nodes[trie->count].child = tail;
}

/* The failure of a node is known before those of its children, which are deeper. */
static void
link_failures(struct literals *literals)
{
	struct literal_node *nodes = literals->nodes;

	for (uint32_t parent = 0; parent < literals->node_count; parent++) {
		for (uint32_t child = nodes[parent].child; child < nodes[parent + 1].child;
		     child++) {
			uint32_t failure = parent == 0 ?
			    0 :
			    step(literals, nodes[parent].failure, nodes[child].letter);

			nodes[child].failure = failure;
			nodes[child].shorter = nodes[failure].word != 0 ? failure :
									  nodes[failure].shorter;
		}
	}
}

/* Whether a word ends where this node is reached. */
static inline bool
ends_word(const struct literal_node *node)
{
	return node->word != 0 || node->shorter != 0;
}

/* The first node of those that are so deep that only crowded ones have rows. */
static uint32_t
first_deep(const struct literals *literals)
{
	uint32_t first = 0;

	for (unsigned depth = 0; depth <= ROW_DEPTH && first < literals->node_count; depth++)
		first = literals->nodes[first].child;
	return first;
}

static inline uint32_t
row_flag(const struct literal_node *node)
{
	return ends_word(node) ? ROW_ENDS_WORD : 0;
}

/* Writes where each letter leads from a node that is done with. */
static void
copy_steps(const struct literals *literals, uint32_t node, uint32_t *row)
{
	const struct literal_node *nodes = literals->nodes;

	if (nodes[node].has_row) {
		memcpy(row, literals->rows + (size_t)nodes[node].failure * literals->letters,
		    literals->letters * sizeof(*row));
		return;
	}
	copy_steps(literals, nodes[node].failure, row);
	for (uint32_t child = nodes[node].child; child < nodes[node + 1].child; child++)
		row[nodes[child].letter] = child | row_flag(&nodes[child]);
}

/* Rows hold the failures too, so one look is enough; those of a node's failure are made before its own. */
static bool
make_rows(struct literals *literals)
{
	struct literal_node *nodes = literals->nodes;
	size_t rows = 0, letters = literals->letters;
	uint32_t deep = first_deep(literals);

	for (uint32_t i = 0; i < literals->node_count; i++)
		rows += i < deep || nodes[i + 1].child - nodes[i].child > CROWDED;
	rows = rows < ROWS_MAX ? rows : ROWS_MAX;
	literals->rows = calloc(rows * letters, sizeof(*literals->rows));
	if (literals->rows == NULL)
		return false;
	literals->shallow = deep < rows ? deep : (uint32_t)rows;
	uint32_t made = 0;
	for (uint32_t i = 0; i < literals->node_count && made < rows; i++) {
		uint32_t *row = literals->rows + made * letters;

		if (i >= deep && nodes[i + 1].child - nodes[i].child <= CROWDED)
			continue;
		if (i != 0)
			copy_steps(literals, nodes[i].failure, row);
		for (uint32_t child = nodes[i].child; child < nodes[i + 1].child; child++)
			row[nodes[child].letter] = child | row_flag(&nodes[child]);
		nodes[i].failure = made++;
		nodes[i].has_row = true;
	}
	return true;
}

bool
literals_build(struct literals *literals)
{
	struct trie trie = {.count = 1};
	uint32_t *order = NULL;
	bool is_made = false;
	size_t most = 1;

	literals->letters = 1;
	for (uint32_t i = 0; i < literals->count; i++)
		for (const char *c = literals->words[i]; *c != '\0'; c++, most++)
			if (literals->letter_of[(uint8_t)*c] == 0)
				literals->letter_of[(uint8_t)*c] = (uint8_t)literals->letters++;
	trie.nodes = calloc(most, sizeof(*trie.nodes));
	if (trie.nodes == NULL)
		return false;
	for (uint32_t i = 0; i < literals->count; i++)
		trie_add(&trie, literals, i);
	free(literals->slots);
	literals->slots = NULL;
	literals->node_count = trie.count;
	literals->nodes = calloc((size_t)trie.count + 1, sizeof(*literals->nodes));
	order = calloc(trie.count, sizeof(*order));
	if (literals->nodes != NULL && order != NULL) {
		lay_out(literals, &trie, order);
		link_failures(literals);
		is_made = make_rows(literals);
	}
	free(order);
	free(trie.nodes);
	return is_made;
}

void
literals_scan(const struct literals *literals, struct slice text, literals_found_fn *found,
    void *context)
{
	uint32_t node = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t letter = literals->letter_of[(uint8_t)text.at[i]];

		if (letter == 0) {
			node = 0;
			continue;
		}
		/* Most places are near the root: there the row says all, and the node is not looked at. */
		if (node < literals->shallow) {
			uint32_t next = literals->rows[(size_t)node * literals->letters + letter];

			node = next & ~ROW_ENDS_WORD;
			if (next == node)
				continue;
		} else {
			node = step(literals, node, letter);
		}
		const struct literal_node *here = &literals->nodes[node];
		uint32_t at = here->word != 0 ? node : here->shorter;
		for (; at != 0; at = literals->nodes[at].shorter)
			found(context, literals->nodes[at].word - 1, i + 1);
	}
}
