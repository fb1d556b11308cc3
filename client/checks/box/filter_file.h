/* Filter file: the rules of a mail filter as cPanel writes them, and what they do to mail. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_FILTER_FILE_H
#define CLIENT_CHECKS_FILTER_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct box_file;
struct checks;

enum filter_outcome {
	FILTER_OTHER,    /* it files mail elsewhere, forwards it, ... */
	FILTER_REFUSES,  /* the sender is told */
	FILTER_DISCARDS, /* nobody is told */
	FILTER_SUSPENDS, /* cPanel's own: no mail is taken for this mailbox */
};

struct filter_rule {
	char *name;  /* of the comment above it; "" when it has none */
	size_t line; /* where it does that, else where it begins; from 1 */
	enum filter_outcome outcome;
};

enum { FILTER_RULES_MAX = 100 };

/*
 * The rules of an Exim filter (Exim spec, "Exim filter files"), at most FILTER_RULES_MAX; the one that every filter of cPanel
 * begins with, which lets error messages pass, is none. Returns how many there are; the names are to be freed.
 */
size_t filter_read(const struct box_file *file, struct filter_rule rules[FILTER_RULES_MAX]);

/*
 * The finding "filter" of that file, nothing when it holds no rules or is absent. whose: "account u", "mailbox a@b"; owner:
 * who can change it, and where.
 */
void filter_check(struct checks *checks, const struct box_file *file, const char *whose,
    const char *owner);

#endif
