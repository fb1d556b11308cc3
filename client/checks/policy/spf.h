/* SPF: check_host() of RFC 7208: whether a domain lets an address send its mail, and which term of which record says so. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_H
#define CLIENT_CHECKS_SPF_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolver.h"

/* Of one check (4.6.4). */
enum {
	SPF_LOOKUPS_MAX = 10, /* terms that take DNS */
	SPF_EXCHANGES_MAX = 10,
	SPF_POINTERS_MAX = 10,
	SPF_VOIDS_MAX = 2, /* terms whose names do not exist */
};

/* 2.6 */
enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

/* All of it is the caller's. */
struct spf_question {
	struct ip ip;
	const char *domain;          /* whose record is asked for */
	const char *sender;          /* MAIL FROM, or postmaster@ the name in HELO (2.4) */
	const char *helo, *receiver; /* for macros; NULL: not known */
	time_t now;                  /* for macros */
	/* Asks DNS. What it returns is never NULL, and is used until the check is over. */
	const struct lookup *(*ask)(void *context, const char *name, enum record_type type);
	void *context;
};

struct spf_read {
	char *domain, *text;
};

struct spf_answer {
	enum spf_result result;
	/*
	 * The mechanism that matched, as it is written, and the domain in whose record it stands: that of the question, or where
	 * redirect= led. NULL: none matched, and the result is the default (4.7) or an error.
	 */
	char *mechanism, *domain;
	/* When that is an include: what matched in the records behind it, the last of them. Else NULL. */
	char *inner_mechanism, *inner_domain;
	/* The SPF records that were read, in this order; two of a domain when it has more than one, which is a mistake (4.5). */
	struct spf_read *records;
	size_t record_count;
	char *
	    problem; /* SPF_TEMPERROR, SPF_PERMERROR: a sentence without its end, about a term, a limit or DNS; else NULL */
	char *explanation;         /* SPF_FAIL: what exp= has to say (6.2); else NULL */
	bool has_too_many_lookups; /* that is the problem */
	unsigned lookups;          /* terms that took DNS, at most SPF_LOOKUPS_MAX */
};

/* Makes the check. Ten terms may take DNS, and so it ends. The caller clears the answer. */
void spf_check(const struct spf_question *question, struct spf_answer *answer);
void spf_answer_clear(struct spf_answer *answer);

/* "pass", ... */
const char *spf_result_name(enum spf_result result);

/* What a term of a record costs of the ten lookups. */
struct spf_cost {
	char *term;
	unsigned lookups; /* its own, and those of the records that it leads to */
};

struct spf_costs {
	struct spf_cost *terms; /* those that take DNS, in the order of the record */
	size_t count;
	unsigned total;
	bool is_cut; /* there are more: counting ended after SPF_COSTS_MAX */
	char *
	    problem; /* what is wrong with the record, or one that it leads to, whoever sends: as in an answer; else NULL */
};

enum { SPF_COSTS_MAX = 40 };

/* Reads the whole record of the domain and all that it leads to, as if nothing matched. The caller clears the costs. */
void spf_count(const struct spf_question *question, struct spf_costs *costs);
void spf_costs_clear(struct spf_costs *costs);

#endif
