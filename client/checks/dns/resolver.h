/* Resolver: questions to DNS, many at once, each asked once. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_RESOLVER_H
#define CLIENT_CHECKS_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/dns/ip.h"

struct resolver;

enum record_type {
	RECORD_A,
	RECORD_AAAA,
	RECORD_MX,
	RECORD_NS,
	RECORD_PTR,
	RECORD_TXT,
};

enum lookup_status {
	LOOKUP_FOUND,
	LOOKUP_NO_DATA, /* the name exists, without such a record */
	LOOKUP_NO_NAME, /* NXDOMAIN; also a name with bytes that stand in no zone */
	LOOKUP_FAILED, /* SERVFAIL, REFUSED, a time-out, an answer that cannot be read: error says which */
};

struct record {
	char *
	    text; /* a name without the dot at its end, of MX, NS and PTR; TXT: its strings joined (RFC 7208 3.3); A, AAAA: the address */
	unsigned preference; /* MX */
	struct ip ip;        /* A, AAAA */
};

struct lookup {
	enum lookup_status status;
	const char *error; /* LOOKUP_FAILED: in words, to follow "DNS: " or a colon */
	bool
	    is_silence; /* LOOKUP_FAILED: no server said anything, not even that it cannot answer */
	struct record *records; /* MX: by preference */
	size_t count;
	char *alias; /* the name that CNAMEs led to; else NULL */
};

/*
 * servers: addresses with an optional port each, separated by commas: "192.0.2.1,[2001:db8::1]:5353". NULL after *error is
 * set to a text that need not be freed.
 */
struct resolver *resolver_new(const char *servers, const char **error);
void resolver_free(struct resolver *resolver);

/* Asks, or says what was answered before. Waits for up to some seconds. The resolver keeps the lookup; it is never NULL. */
const struct lookup *resolver_ask(struct resolver *resolver, const char *name,
    enum record_type type);
/* Asks without waiting, so that a later resolver_ask need not, or less. */
void resolver_expect(struct resolver *resolver, const char *name, enum record_type type);
/* Waits for all answers that several resolvers expect, so that those who are silent are waited for at the same time. */
void resolver_finish_all(struct resolver *const *resolvers, size_t count);

/* "A", "MX", ... */
const char *record_type_name(enum record_type type);

#endif
