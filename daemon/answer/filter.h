/* Filters: which account's mailbox filter discarded a message, and by which rule, as far as its file may be read. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_FILTER_H
#define ANSWER_FILTER_H

#include "daemon/answer/answer.h"

/*
 * Writes a sentence about the filter of that address, NUL-terminated. False when the router is no mailbox filter, or the table of
 * domains does not know the account.
 */
bool filter_describe(const struct answer_sources *sources, struct slice router,
    struct slice address, char *text, size_t size);

#endif
