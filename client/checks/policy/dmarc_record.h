/* DMARC record: what a policy record (RFC 7489 6.3, RFC 9989 4.7) says, and what receivers will make of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_DMARC_RECORD_H
#define CLIENT_CHECKS_DMARC_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/policy/tags.h"

struct draft;

struct dmarc_record {
	struct tags tags; /* of the text that was read, which must outlive them */
	/* "none", "quarantine", "reject"; NULL where there is none of these */
	const char *policy, *subdomain_policy;
	unsigned percent; /* pct=, 100 unless it says otherwise */
};

/* Whether receivers take the text for a DMARC record: it begins with v=DMARC1. */
bool dmarc_is_record(const char *text);
/* Whether who wrote it wanted it to be one. */
bool dmarc_is_meant(const char *text);
/* Reads a text that is a record; whatever is not as it should be goes into the draft. */
void dmarc_record_read(struct dmarc_record *record, const char *text, struct draft *draft);
/*
 * The domain that a URI of rua= or ruf= sends reports to, by mail; a view of the URI. False: it does not say so as it should
 * (RFC 7489 6.2).
 */
bool dmarc_uri_domain(const char *uri, size_t len, const char **domain, size_t *domain_len);

#endif
