/* Nearest: the known word that a mistyped one was probably meant to be. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/nearest.h"

#include <string.h>

enum { WORD_MAX = 32 };

struct nearest
nearest_to(const char *typed)
{
	size_t len = strlen(typed);

	return (struct nearest){
	    .typed = typed,
	    .distance = len > 3 ? 3 :
		len > 1         ? 2 :
				  0,
	};
}

/* Damerau's distance with adjacent transpositions, "wyh" being one step from "why". */
static size_t
word_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3],
		       *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t least = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < least)
				least = above[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_above[j - 2] + 1 < least)
				least = two_above[j - 2] + 1;
			row[j] = least;
		}
	}
	return rows[a_len % 3][b_len];
}

void
nearest_offer(struct nearest *nearest, const char *word)
{
	size_t typed_len = strlen(nearest->typed), len = strlen(word);

	if (typed_len > WORD_MAX || len > WORD_MAX)
		return;
	size_t distance = word_distance(nearest->typed, typed_len, word, len);
	if (distance < nearest->distance && distance < len) {
		nearest->best = word;
		nearest->distance = distance;
	}
}
