/* SPF macros: the grammar of domain-spec and explain-string, and what their macros stand for (RFC 7208 section 7). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_MACRO_H
#define CLIENT_CHECKS_SPF_MACRO_H

#include <time.h>

struct ip;

/* What the letters stand for; the caller's, as long as they are expanded. */
struct spf_macros {
	const struct ip *ip;  /* i, c, v */
	const char *sender;   /* s, l, o; without a local part, it is postmaster's (4.3) */
	const char *domain;   /* d */
	const char *helo;     /* h; NULL: "unknown" */
	const char *receiver; /* r; NULL: "unknown" */
	time_t now;           /* t */
	/* p, which takes DNS: asked only where it is used. That or what it returns is NULL: "unknown". */
	const char *(*validated_name)(void *context);
	void *context;
};

/* Each of these returns what is wrong, to follow a term and a colon, as text that need not be freed; NULL: nothing is. */

/* macro-string, as any modifier has it (6). */
const char *spf_macro_problem(const char *text);
/* domain-spec, as mechanisms, redirect= and exp= have it: macro-string, then a top label or a macro (7.1). */
const char *spf_domain_problem(const char *spec);
/* explain-string: blanks and the letters c, r and t are allowed in it (6.2, 7.2). */
const char *spf_explanation_problem(const char *text);

/* Expands what has no problem. The caller frees it; NULL when memory is out. */
char *spf_explanation_expand(const char *text, const struct spf_macros *macros);
/* The same as a name to ask DNS for: no dot at the end, labels on the left left out until it has at most 253 bytes (7.3). */
char *spf_domain_expand(const char *spec, const struct spf_macros *macros);

#endif
