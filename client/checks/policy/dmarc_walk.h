/* DMARC walk: where the policy of a domain is: at the domain itself, or at that of its organisation above it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_DMARC_WALK_H
#define CLIENT_CHECKS_DMARC_WALK_H

#include <stdbool.h>

struct checks;
struct lookup;

enum dmarc_found {
	DMARC_NOTHING,
	DMARC_ONE,
	DMARC_SEVERAL,
	DMARC_MEANT,  /* no record, and a text that was meant to be one */
	DMARC_FAILED, /* DNS did, so nothing is known of this domain, nor of those above it */
};

struct dmarc_place {
	enum dmarc_found found;
	const char *domain; /* the end of the name that was asked about, or all of it */
	const char *text;   /* of the one record, or the one that was meant so */
	const struct lookup *lookup;
};

/* The policy that receivers apply to the domain: its own, or its organisation's. */
struct dmarc_place dmarc_find(struct checks *checks, const char *domain);
/* Whether reports about the one domain may go to the other without being asked for. */
bool dmarc_is_same_organisation(struct checks *checks, const char *one, const char *other);

#endif
