/* Newlines: where they stand among many bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_NEWLINES_H
#define TAIL_NEWLINES_H

#include <stddef.h>
#include <stdint.h>

/* Notes the places of all newlines; there is room for one more than there are. Returns how many. */
size_t newlines_find(const char *at, size_t len, uint32_t *places);

/* The same as processors of all kinds can: for where the one at hand can no better, and for tests. */
size_t newlines_find_narrow(const char *at, size_t len, uint32_t *places);

#endif
