/* Literals: a trie with failure links; nodes near the root have a row for all letters, the many others a short list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/literals.h"

#include <endian.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	CROWDED = 4,
	ROW_DEPTH = 2,
	ROWS_MAX = 20000,
	WORDS_MAX = (1 << 23) - 1,
	HUGE_PAGE = 2 << 20,
};

static const uint32_t ROW_ENDS_WORD = UINT32_C(1) << 31;

/* The words in their order, so that those which begin alike stand side by side. */
struct sorted_word {
	uint64_t front; /* its first eight bytes, the first of them the highest; zeros behind it */
	uint32_t number;
	uint32_t shared; /* so many bytes are those of the word before it */
};

void
literals_clear(struct literals *literals)
{
	free(literals->nodes);
	*literals = (struct literals){0};
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

static int
compare_words(const void *left, const void *right, void *context)
{
	struct slice a = words_get(context, ((const struct sorted_word *)left)->number);
	struct slice b = words_get(context, ((const struct sorted_word *)right)->number);
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* By the bytes of their fronts, the last one first: each pass leaves those in their order that are equal in its byte. */
static void
sort_fronts(struct sorted_word *words, struct sorted_word *spare, uint32_t count)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		struct sorted_word *from = shift % 16 == 0 ? words : spare;
		struct sorted_word *to = shift % 16 == 0 ? spare : words;
		uint32_t next[256] = {0}, before = 0;

		for (uint32_t i = 0; i < count; i++)
			next[from[i].front >> shift & 0xff]++;
		for (unsigned byte = 0; byte < 256; byte++) {
			uint32_t many = next[byte];

			next[byte] = before;
			before += many;
		}
		for (uint32_t i = 0; i < count; i++)
			to[next[from[i].front >> shift & 0xff]++] = from[i];
	}
}

/* Sorts those that have a front in common by all of their bytes. */
static void
sort_behind_fronts(struct sorted_word *sorted, const struct words *words)
{
	for (uint32_t from = 0, to; from < words->count; from = to) {
		for (to = from + 1; to < words->count && sorted[to].front == sorted[from].front;)
			to++;
		if (to - from > 1)
			qsort_r(&sorted[from], to - from, sizeof(*sorted), compare_words,
			    (void *)words);
	}
}

static uint32_t
shared_front(struct slice a, struct slice b)
{
	uint32_t len = 0;

	while (len < a.len && len < b.len && a.at[len] == b.at[len])
		len++;
	return len;
}

static struct sorted_word *
sort_words(const struct words *words)
{
	struct sorted_word *sorted = calloc((size_t)words->count * 2 + 1, sizeof(*sorted));

	if (sorted == NULL)
		return NULL;
	for (uint32_t i = 0; i < words->count; i++) {
		struct slice word = words_get(words, i);

		memcpy(&sorted[i].front, word.at, word.len < 8 ? word.len : 8);
		sorted[i].front = be64toh(sorted[i].front);
		sorted[i].number = i;
	}
	sort_fronts(sorted, sorted + words->count, words->count);
	sort_behind_fronts(sorted, words);
	for (uint32_t i = 1; i < words->count; i++)
		sorted[i].shared = shared_front(words_get(words, sorted[i - 1].number),
		    words_get(words, sorted[i].number));
	return sorted;
}

static size_t
longest_word(const struct words *words)
{
	size_t longest = 0;

	for (uint32_t i = 0; i < words->count; i++)
		if (words_get(words, i).len > longest)
			longest = words_get(words, i).len;
	return longest;
}

/* Gives letters their numbers, and counts nodes and rows. Returns of each depth the number of its first node, and behind them that of all nodes. */
static uint32_t *
count_nodes(struct literals *literals, const struct words *words, const struct sorted_word *sorted)
{
	const size_t depths = longest_word(words) + 1;
	uint32_t *first = calloc((depths + 1) * 2, sizeof(*first));

	if (first == NULL)
		return NULL;
	/* [depth]: so far how many children the last node there has. */
	uint32_t *children = first + depths + 1, crowded = 0;
	/* So far how many nodes the depth before has. */
	first[1] = literals->letters = 1;
	for (uint32_t i = 0; i < words->count; i++) {
		struct slice word = words_get(words, sorted[i].number);
		size_t at = sorted[i].shared;

		crowded += ++children[at] == CROWDED + 1 && at > ROW_DEPTH;
		for (; at < word.len; at++) {
			uint8_t *letter = &literals->letter_of[(uint8_t)word.at[at]];

			if (*letter == 0)
				*letter = (uint8_t)literals->letters++;
			first[at + 2]++;
			children[at + 1] = at + 1 < word.len;
		}
	}
	for (size_t depth = 1; depth <= depths; depth++)
		first[depth] += first[depth - 1];
	literals->node_count = first[depths];
	uint32_t shallow = first[ROW_DEPTH < depths ? ROW_DEPTH + 1 : depths];
	literals->row_room = shallow + crowded < ROWS_MAX ? shallow + crowded : ROWS_MAX;
	literals->shallow = shallow < literals->row_room ? shallow : literals->row_room;
	return first;
}

/* All of it is going to be written: a huge page, where there are such, is one page fault in place of 512. */
static bool
make_room(struct literals *literals)
{
	size_t nodes = (size_t)literals->node_count + 1;
	size_t bytes = nodes * sizeof(*literals->nodes) +
	    (size_t)literals->row_room * literals->letters * sizeof(*literals->rows);
	void *room = NULL;

	if (posix_memalign(&room, bytes < HUGE_PAGE ? sizeof(void *) : HUGE_PAGE, bytes) != 0)
		return false;
	if (bytes >= HUGE_PAGE)
		madvise(room, bytes - bytes % HUGE_PAGE, MADV_HUGEPAGE);
	literals->nodes = room;
	literals->rows = (uint32_t *)(void *)(literals->nodes + nodes);
	return true;
}

/* Makes the nodes of each word behind what it shares with the one before it. Those that are free begin, by their depth, where next says. */
static void
grow_trie(struct literals *literals, const struct words *words, const struct sorted_word *sorted,
    uint32_t *next)
{
	struct literal_node *nodes = literals->nodes;

	nodes[0] = (struct literal_node){.child = next[1]};
	for (uint32_t i = 0; i < words->count; i++) {
		struct slice word = words_get(words, sorted[i].number);
		uint32_t node = 0;

		for (size_t at = sorted[i].shared; at < word.len; at++) {
			node = next[at + 1]++;
			/* Where its children will be, or would be. */
			nodes[node] = (struct literal_node){.child = next[at + 2],
			    .letter = literals->letter_of[(uint8_t)word.at[at]]};
		}
		/* The empty word would be everywhere. */
		if (node != 0)
			nodes[node].word = sorted[i].number + 1;
	}
	nodes[literals->node_count] = (struct literal_node){.child = literals->node_count};
}

/* Whether a word ends where this node is reached. */
static inline bool
ends_word(const struct literal_node *node)
{
	return node->word != 0 || node->shorter != 0;
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

/* Rows are for these and for the nodes near the root. */
static bool
has_many_children(const struct literal_node *node)
{
	return node[1].child - node->child > CROWDED;
}

/* Gives the node a row, which says where every letter leads, failures followed. */
static void
make_row(struct literals *literals, uint32_t node)
{
	struct literal_node *nodes = literals->nodes;
	uint32_t *row = literals->rows + (size_t)literals->row_count * literals->letters;

	if (node != 0)
		copy_steps(literals, nodes[node].failure, row);
	else
		memset(row, 0, literals->letters * sizeof(*row));
	for (uint32_t child = nodes[node].child; child < nodes[node + 1].child; child++)
		row[nodes[child].letter] = child | row_flag(&nodes[child]);
	nodes[node].failure = literals->row_count++;
	nodes[node].has_row = true;
}

/* What a node fails to is less deep, and so done with before the node is: where it has a row, one look is enough. */
static void
link_nodes(struct literals *literals)
{
	struct literal_node *nodes = literals->nodes;

	for (uint32_t node = 0; node < literals->node_count; node++) {
		uint32_t child = nodes[node].child, end = nodes[node + 1].child;

		for (; child < end; child++) {
			uint32_t failure = node == 0 ?
			    0 :
			    step(literals, nodes[node].failure, nodes[child].letter);

			nodes[child].failure = failure;
			nodes[child].shorter = nodes[failure].word != 0 ? failure :
									  nodes[failure].shorter;
		}
		if ((node < literals->shallow || has_many_children(&nodes[node])) &&
		    literals->row_count < literals->row_room)
			make_row(literals, node);
	}
}

bool
literals_build(struct literals *literals, const struct words *words)
{
	if (words->count > WORDS_MAX)
		return false;
	struct sorted_word *sorted = sort_words(words);
	uint32_t *first = sorted != NULL ? count_nodes(literals, words, sorted) : NULL;
	bool is_made = first != NULL && make_room(literals);
	if (is_made) {
		grow_trie(literals, words, sorted, first);
		link_nodes(literals);
	}
	free(first);
	free(sorted);
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
