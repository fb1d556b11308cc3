/* Tags: the tag=value lists of DKIM keys (RFC 6376 3.2) and DMARC policies (RFC 7489 6.4), read in place. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_TAGS_H
#define CLIENT_CHECKS_TAGS_H

#include <stdbool.h>
#include <stddef.h>

enum { TAGS_MAX = 32 };

/* Views of the text that was read: without the white space around them, and without a NUL behind them. */
struct tag {
	const char *name, *value;
	size_t name_len, value_len;
};

struct tags {
	struct tag list[TAGS_MAX]; /* in the order of the text */
	size_t count;
	/* What is wrong, as a phrase that the piece of the text may follow after a colon; NULL: nothing. */
	const char *error;
	const char *piece;
	size_t piece_len;
};

/* Reads the whole text, which must outlive the tags. False after error and piece are set: then the tags before it are there. */
bool tags_read(const char *text, struct tags *tags);
/* The tag of that name, whose case matters (RFC 6376 3.2); NULL: there is none. */
const struct tag *tags_find(const struct tags *tags, const char *name);

/* Whether the value is the word, whatever its case. */
bool tag_is(const struct tag *tag, const char *word);
/* Whether the word is one of the values between colons, whatever its case. */
bool tag_lists(const struct tag *tag, const char *word);
/*
 * Takes the next of the values between separators, without white space around it, into *at and *len. *rest begins as 0 and is
 * where to go on; false: there are no more.
 */
bool tag_next(const struct tag *tag, char separator, size_t *rest, const char **at, size_t *len);

#endif
