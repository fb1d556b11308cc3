/* Patterns: the regular expressions of rules, held to a form whose time is bounded by the text's length. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_PATTERN_H
#define CLASSIFY_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_MAX = 2000 }; /* bytes of a pattern */

/* NULL when the pattern is one whose time grows with the text's length at most; else what is wrong with it. */
const char *pattern_danger(const char *pattern);

/* A compiled pattern. Most are seldom tried: those that are have machine code made for them, where that is possible. */
struct pattern {
	pcre2_code *code;
	unsigned tries; /* stays at PATTERN_TRIES */
};

enum { PATTERN_TRIES = 4 }; /* before there is machine code, which takes as long as thousands */

/* Compiles the pattern. False, and the reason, when it is dangerous or wrong. */
bool pattern_compile(struct pattern *pattern, const char *text, char *reason, size_t size);
void pattern_clear(struct pattern *pattern);

/* Whether the pattern fits somewhere in the text. The match data and the context, with its limits, are the caller's. */
bool pattern_fits(struct pattern *pattern, const char *text, size_t len,
    pcre2_match_data *match_data, pcre2_match_context *context);

#endif
