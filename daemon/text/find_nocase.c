/* Finding text without regard to ASCII case, many bytes at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/text/find_nocase.h"

#include <string.h>
#include <strings.h>

enum { LANES = 16 };

/* The compiler makes of these what the machine has: SSE2, NEON, or plain words. */
typedef uint8_t lanes __attribute__((vector_size(LANES)));

static inline lanes
load(const char *at)
{
	lanes value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline lanes
all(uint8_t byte)
{
	return (lanes){0} + byte;
}

static inline int
has_any(lanes flags)
{
	uint64_t halves[2];

	memcpy(halves, &flags, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* Bit 5 makes letters small; what else it makes equal is told apart when the whole is compared. */
static inline uint8_t
fold(char byte)
{
	return (uint8_t)byte | 0x20;
}

static ptrdiff_t
find_slowly(struct slice text, struct needle needle)
{
	for (size_t i = 0; i + needle.len <= text.len; i++)
		if (fold(text.at[i]) == fold(needle.at[0]) &&
		    strncasecmp(text.at + i, needle.at, needle.len) == 0)
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t
find_nocase(struct slice text, struct needle needle)
{
	if (needle.len == 0 || text.len < needle.len)
		return -1;
	size_t places = text.len - needle.len + 1;
	if (places < LANES)
		return find_slowly(text, needle);
	/* Places where both ends fit are compared whole. */
	const lanes first = all(fold(needle.at[0])), last = all(fold(needle.at[needle.len - 1]));
	for (size_t i = 0; i < places; i += LANES) {
		/* The last ones together with some before them. */
		if (i > places - LANES)
			i = places - LANES;
		lanes begins = (lanes)((load(text.at + i) | 0x20) == first);
		lanes ends = (lanes)((load(text.at + i + needle.len - 1) | 0x20) == last);
		lanes fits = begins & ends;

		if (!has_any(fits))
			continue;
		for (size_t k = 0; k < LANES; k++)
			if (fits[k] && strncasecmp(text.at + i + k, needle.at, needle.len) == 0)
				return (ptrdiff_t)(i + k);
	}
	return -1;
}
