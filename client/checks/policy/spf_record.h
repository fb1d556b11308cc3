/* SPF record: its terms, by the grammar of RFC 7208 section 4.6.1. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_RECORD_H
#define CLIENT_CHECKS_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/dns/ip.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER_MODIFIER,
};

struct spf_term {
	enum spf_kind kind;
	char qualifier;        /* of a mechanism: + - ~ ? */
	const char *text;      /* as it is written */
	const char *target;    /* domain-spec, not expanded; NULL: there is none */
	struct ip network;     /* ip4, ip6 */
	unsigned bits4, bits6; /* of the network, for an IPv4 and an IPv6 address */
};

struct spf_record {
	struct spf_term *terms; /* in their order */
	size_t count;
	char *text, *parsed; /* what terms point into */
};

/* Whether a TXT record is one of SPF: "v=spf1", then a blank or nothing (4.5). */
bool spf_record_is(const char *text);
/*
 * Reads such a record. A mistake anywhere makes the whole record wrong (4.6): false after *problem is set to a sentence about
 * the term, which the caller frees (NULL when memory is out). The caller clears the record in any case.
 */
bool spf_record_parse(struct spf_record *record, const char *text, char **problem);
void spf_record_clear(struct spf_record *record);

/* The first term of the kind; NULL: there is none. */
const struct spf_term *spf_record_find(const struct spf_record *record, enum spf_kind kind);
/* Whether a term takes DNS, of which a check may have ten (4.6.4). */
bool spf_term_is_counted(const struct spf_term *term);

#endif
