/* Finding text without regard to ASCII case, many bytes at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_FIND_NOCASE_H
#define TEXT_FIND_NOCASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/text/slice.h"

/* What is looked for: at is borrowed. */
struct needle {
	const char *at;
	size_t len;
};

/* The needle that a string is. */
static inline struct needle
needle_of(const char *words)
{
	return (struct needle){words, strlen(words)};
}

/* Position of the first occurrence in text, or -1; the empty needle is nowhere. */
ptrdiff_t find_nocase(struct slice text, struct needle needle);

#endif
