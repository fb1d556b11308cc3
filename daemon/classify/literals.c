/* Literals: a trie with failure links; crowded nodes have a row for all letters, the many others a short list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/literals.h"

#include <stdlib.h>

enum { CROWDED = 4, FIRST_SLOTS = 1024 };

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
hash(const char *word)
{
	uint32_t value = 0x811c9dc5;

	while (*word != '\0')
		value = (value ^ (uint8_t)*word++) * 0x01000193;
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
		uint32_t at = hash(literals->words[i]);

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
	uint32_t at = hash(word);
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

/* The child of a node by that letter; 0: there is none. */
static uint32_t
child_of(const struct literals *literals, uint32_t at, uint8_t letter)
{
	const struct literal_node *node = &literals->nodes[at];

	if (node->is_crowded)
		return literals->rows[(size_t)node->child * literals->letters + letter];
	uint32_t child = node->child;
	while (child != 0 && literals->nodes[child].letter != letter)
		child = literals->nodes[child].sibling;
	return child;
}

static uint32_t
step(const struct literals *literals, uint32_t node, uint8_t letter)
{
	for (;;) {
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

/* Breadth first: the failure link of a node is known before those of its children. */
static bool
link_failures(struct literals *literals)
{
	uint32_t *queue = calloc(literals->node_count, sizeof(*queue));
	uint32_t head = 0, tail = 0;

	if (queue == NULL)
		return false;
	queue[tail++] = 0;
	while (head < tail) {
		uint32_t parent = queue[head++];

		for (uint32_t child = literals->nodes[parent].child; child != 0;
		    child = literals->nodes[child].sibling) {
			struct literal_node *node = &literals->nodes[child];
			uint32_t failure = parent == 0 ? 0 :
			    step(literals, literals->nodes[parent].failure, node->letter);

			node->failure = failure;
			node->shorter = literals->nodes[failure].word != 0 ?
			    failure : literals->nodes[failure].shorter;
			queue[tail++] = child;
		}
	}
	free(queue);
	return true;
}

/* Gives crowded nodes their rows, the root always. */
static bool
spread_crowded(struct literals *literals)
{
	uint32_t rows = 0;

	for (uint32_t at = 0; at < literals->node_count; at++) {
		unsigned children = 0;

		for (uint32_t c = literals->nodes[at].child; c != 0; c = literals->nodes[c].sibling)
			children++;
		literals->nodes[at].is_crowded = children > CROWDED || at == 0;
		rows += literals->nodes[at].is_crowded;
	}
	literals->rows = calloc((size_t)rows * literals->letters, sizeof(*literals->rows));
	if (literals->rows == NULL)
		return false;
	rows = 0;
	for (uint32_t at = 0; at < literals->node_count; at++) {
		struct literal_node *node = &literals->nodes[at];

		if (!node->is_crowded)
			continue;
		for (uint32_t c = node->child; c != 0; c = literals->nodes[c].sibling)
			literals->rows[(size_t)rows * literals->letters + literals->nodes[c].letter] = c;
		node->child = rows++;
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
	return link_failures(literals) && spread_crowded(literals);
}

void
literals_scan(const struct literals *literals, struct slice text, literals_found_fn *found,
    void *context)
{
	uint32_t node = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t letter = literals->letter_of[(uint8_t)text.at[i]];

		node = letter != 0 ? step(literals, node, letter) : 0;
		uint32_t at = literals->nodes[node].word != 0 ? node : literals->nodes[node].shorter;
		for (; at != 0; at = literals->nodes[at].shorter)
			found(context, literals->nodes[at].word - 1);
	}
}
