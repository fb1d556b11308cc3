/* SPF match: whether a term of an SPF record matches (RFC 7208 section 5), within the limits of a check (4.6.4). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_MATCH_H
#define CLIENT_CHECKS_SPF_MATCH_H

#include <stdbool.h>

#include "client/checks/policy/spf.h"
#include "client/checks/policy/spf_macro.h"
#include "client/checks/policy/spf_record.h"

/* A check under way: one for all the records that the first leads to. */
struct spf_state {
	const struct spf_question *question;
	struct spf_answer *answer;
	unsigned voids;
	bool is_void; /* a lookup of the term at hand found nothing */
};

/* A term, and the domain in whose record it stands. */
struct spf_place {
	struct spf_state *state;
	const char *domain;
	const struct spf_term *term;
};

enum spf_match { SPF_NO_MATCH, SPF_MATCH, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* Whether a mechanism matches; a modifier never does. */
enum spf_match spf_match(const struct spf_place *place);

/* Counts a term that takes DNS; false after the problem is set: there were enough. */
bool spf_count_lookup(const struct spf_place *place);
/* Asks DNS, unless it is a name that DNS cannot have, and which therefore does not exist (4.3, 4.8). */
const struct lookup *spf_ask(struct spf_state *state, const char *name, enum record_type type);
/* Notes the problem, unless there is one: the first is the one that ended the check. */
void spf_set_problem(struct spf_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What the macros of a term stand for, as long as the place is there. */
struct spf_macros spf_macros_of(const struct spf_place *place);
/* The name that the term is about: its target, or the domain. The caller frees it; NULL when memory is out. */
char *spf_target(const struct spf_place *place);

/* spf.c: the result for the domain, which an include asks for, or redirect=, or the question. */
enum spf_result spf_check_host(struct spf_state *state, const char *domain, bool is_included);

#endif
