/* Blocklists: the public DNS lists that a reply names. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_BLOCKLISTS_H
#define CLASSIFY_BLOCKLISTS_H

#include <stdbool.h>

#include "daemon/text/slice.h"

/*
 * Finds the list that a reply names, by its own name where it is well known, otherwise by the domain behind "listed at" and the like, which
 * lies in text. *link, where an address is looked up, is filled for the well-known ones that have such a page. False when none is named.
 */
bool blocklist_find(struct slice text, struct slice *name, struct slice *link);

#endif
