/* Asides: what a reply adds to its reason, advice and suppositions. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_ASIDES_H
#define CLASSIFY_ASIDES_H

#include "daemon/classify/names.h"

/* Puts the asides of a folded text between its names; those that stand in an aside are left out. False when there are none. */
bool asides_find(struct slice text, const struct names *names, struct names *out);

/* The words by which they are found, one after the other; NULL behind the last. A text without any of them has no asides. */
const char *asides_mark(size_t number);

#endif
