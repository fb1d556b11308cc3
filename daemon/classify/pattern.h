/* Patterns: the regular expressions of rules, held to a form whose time is bounded by the text's length. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_PATTERN_H
#define CLASSIFY_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

/* NULL when the pattern is one whose time grows with the text's length at most; else what is wrong with it. */
const char *pattern_danger(const char *pattern);

/* The pattern compiled, with JIT where that is possible; NULL, and the reason, when it is dangerous or wrong. */
pcre2_code *pattern_compile(const char *pattern, char *reason, size_t size);

#endif
