/* SPF concern: how far the SPF record of a domain concerns this server, which sends mail of the domain or does not. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SPF_CONCERN_H
#define CLIENT_CHECKS_SPF_CONCERN_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/box/account.h"
#include "client/checks/checks.h"

struct box_file;
struct draft;

struct spf_concern {
	const char *domain;
	enum hosted
	    hosted; /* here also where it is the name in HELO, for which this server sends too */
	bool is_helo;
	bool is_remote; /* hosted here, but for its mailboxes: /etc/remotedomains */
	const struct box_file *domains;
	char *helo; /* the name that Exim says with the domain's mail; NULL: not known */
};

/* Finds it out, and shows the lines that tell. spf_concern_clear frees it; the domain is the caller's. */
void spf_concern_read(struct spf_concern *concern, struct checks *checks, const char *domain,
    struct draft *draft);
void spf_concern_clear(struct spf_concern *concern);

/* How bad it is here, where it is so bad for a server that sends mail of the domain. */
enum check_status spf_concern_weigh(const struct spf_concern *concern, enum check_status worst);
/* Says that this server does not host the domain, or perhaps not. */
void spf_concern_say(const struct spf_concern *concern, struct draft *draft);

#endif
