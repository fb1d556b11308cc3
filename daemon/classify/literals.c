/* Literals: a trie with failure links; nodes near the root have a row for all letters, the many others a short list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/literals.h"

#include <stdlib.h>

enum { CROWDED = 4, ROW_DEPTH = 3, ROWS_MAX = 20000, FIRST_SLOTS = 1024 };

void
literals_clear(struct literals *literals)
{
	for (uint32_t i = 0; i < literals->count; i++)
		free(literals->words[i]);
	free(literals->words);
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

/* The child of a node without a row by that letter; 0: there is none. */
static inline uint32_t
child_of(const struct literals *literals, uint32_t at, uint8_t letter)
{
	uint32_t child = literals->nodes[at].child;

	while (child != 0 && literals->nodes[child].letter != letter)
		child = literals->nodes[child].sibling;
	return child;
}

static inline uint32_t
step(const struct literals *literals, uint32_t node, uint8_t letter)
{
	for (;;) {
		if (literals->nodes[node].has_row)
			return literals
			    ->rows[(size_t)literals->nodes[node].child * literals->letters +
				letter];
		uint32_t child = child_of(literals, node, letter);
		if (child != 0 || node == 0)
			return child;
		node = literals->nodes[node].failure;
	}
}

static void
add_to_trie(struct literals *literals, uint32_t word)
{
	uint32_t at = 0;

	for (const char *c = literals->words[word]; *c != '\0'; c++) {
		uint8_t letter = literals->letter_of[(uint8_t)*c];
		uint32_t child = child_of(literals, at, letter);

		if (child == 0) {
			child = literals->node_count++;
			literals->nodes[child].letter = letter;
			literals->nodes[child].sibling = literals->nodes[at].child;
			literals->nodes[at].child = child;
		}
		at = child;
	}
	/* The empty word would be everywhere. */
	if (at != 0)
		literals->nodes[at].word = word + 1;
}

/* Breadth first: the failure link of a node is known before those of its children. Fills queue with the nodes in this order. */
static void
link_failures(struct literals *literals, uint32_t *queue)
{
	uint32_t head = 0, tail = 0;

	queue[tail++] = 0;
	while (head < tail) {
		uint32_t parent = queue[head++];

		for (uint32_t child = literals->nodes[parent].child; child != 0;
		     child = literals->nodes[child].sibling) {
			struct literal_node *node = &literals->nodes[child];
			uint32_t failure = parent == 0 ?
			    0 :
			    step(literals, literals->nodes[parent].failure, node->letter);

			node->failure = failure;
			node->depth = (uint8_t)(literals->nodes[parent].depth < UINT8_MAX ?
				literals->nodes[parent].depth + 1 :
				UINT8_MAX);
			node->shorter = literals->nodes[failure].word != 0 ?
			    failure :
			    literals->nodes[failure].shorter;
			queue[tail++] = child;
		}
	}
}

static bool
wants_row(const struct literals *literals, uint32_t at)
{
	unsigned children = 0;

	for (uint32_t c = literals->nodes[at].child; c != 0; c = literals->nodes[c].sibling)
		children++;
	return literals->nodes[at].depth <= ROW_DEPTH || children > CROWDED;
}

/* Rows hold the failures too, so one look is enough; those of a node's failure are made before its own. */
static bool
make_rows(struct literals *literals, const uint32_t *queue)
{
	size_t rows = 0, letters = literals->letters;

	for (uint32_t i = 0; i < literals->node_count; i++)
		rows += wants_row(literals, queue[i]);
	rows = rows < ROWS_MAX ? rows : ROWS_MAX;
	literals->rows = calloc(rows * letters, sizeof(*literals->rows));
	if (literals->rows == NULL)
		return false;
	uint32_t made = 0;
	for (uint32_t i = 0; i < literals->node_count && made < rows; i++) {
		struct literal_node *node = &literals->nodes[queue[i]];
		uint32_t *row = literals->rows + made * letters;

		if (!wants_row(literals, queue[i]))
			continue;
		for (size_t letter = 1; letter < letters && queue[i] != 0; letter++)
			row[letter] = step(literals, node->failure, (uint8_t)letter);
		for (uint32_t c = node->child; c != 0; c = literals->nodes[c].sibling)
			row[literals->nodes[c].letter] = c;
		node->child = made++;
		node->has_row = true;
	}
	return true;
}

bool
literals_build(struct literals *literals)
{
	size_t most = 1;

	literals->letters = 1;
	for (uint32_t i = 0; i < literals->count; i++)
		for (const char *c = literals->words[i]; *c != '\0'; c++, most++)
			if (literals->letter_of[(uint8_t)*c] == 0)
				literals->letter_of[(uint8_t)*c] = (uint8_t)literals->letters++;
	literals->nodes = calloc(most, sizeof(*literals->nodes));
	if (literals->nodes == NULL)
		return false;
	literals->node_count = 1;
	for (uint32_t i = 0; i < literals->count; i++)
		add_to_trie(literals, i);
	free(literals->slots);
	literals->slots = NULL;
	uint32_t *queue = calloc(literals->node_count, sizeof(*queue));
	if (queue == NULL)
		return false;
	link_failures(literals, queue);
	bool is_made = make_rows(literals, queue);
	free(queue);
	return is_made;
}

void
literals_scan(const struct literals *literals, struct slice text, literals_found_fn *found,
    void *context)
{
	uint32_t node = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t letter = literals->letter_of[(uint8_t)text.at[i]];

		node = letter != 0 ? step(literals, node, letter) : 0;
		const struct literal_node *here = &literals->nodes[node];
		uint32_t at = here->word != 0 ? node : here->shorter;
		for (; at != 0; at = literals->nodes[at].shorter)
			found(context, literals->nodes[at].word - 1);
	}
}
