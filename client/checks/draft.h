/* Draft: one finding about something that has several sides, each looked at by itself; the worst of them is its status. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_DRAFT_H
#define CLIENT_CHECKS_DRAFT_H

#include <stddef.h>

#include "client/checks/checks.h"

enum { DRAFT_LINES_MAX = 48 };

struct draft_lines {
	char *list[DRAFT_LINES_MAX];
	size_t count;
};

/* Begins as {0}: ok, and nothing to say. What is said again, beyond DRAFT_LINES_MAX, or without memory for it, is left out. */
struct draft {
	enum check_status status;
	struct draft_lines opening, sentences[CHECK_UNKNOWN + 1], evidence, advice;
};

/* What the finding begins with: a whole sentence, which may depend on the status so far. */
void draft_open(struct draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A whole sentence more; the worst come first. */
void draft_say(struct draft *draft, enum check_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void draft_evidence(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void draft_advise(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds the finding, and clears the draft. */
void draft_add(struct draft *draft, struct checks *checks, const char *check);

#endif
