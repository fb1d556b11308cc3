/* Nearest: the known name that a mistyped one was probably meant to be. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/nearest.h"

#include <string.h>

enum { NAME_MAX_COMPARED = 32 };

void
nearest_init(struct nearest *nearest, const char *typed)
{
	*nearest = (struct nearest){.typed = typed};
}

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance, one row of the table at a time. Both names are short. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NAME_MAX_COMPARED + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = smallest(above + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

void
nearest_offer(struct nearest *nearest, const char *known)
{
	size_t typed_len = strlen(nearest->typed), known_len = strlen(known), far;

	if (typed_len == 0 || typed_len > NAME_MAX_COMPARED || known_len > NAME_MAX_COMPARED)
		return;
	far = distance(nearest->typed, typed_len, known, known_len);
	/* The beginning of a name is as near as one slip. */
	if (far > 1 && typed_len >= 3 && strncmp(nearest->typed, known, typed_len) == 0)
		far = 1;
	if (far > 1 + known_len / 4 || (nearest->best != NULL && far >= nearest->distance))
		return;
	nearest->best = known;
	nearest->distance = far;
}

void
nearest_show(const char *typed, char *buffer, size_t size)
{
	size_t len = 0;

	while (typed[len] != '\0' && len + 1 < size) {
		buffer[len] = (char)(typed[len] >= ' ' && typed[len] < 0x7f ? typed[len] : '?');
		len++;
	}
	buffer[len] = '\0';
}
