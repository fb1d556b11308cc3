/* Target: which checks a domain, an address, an IP or this server gets, and their result as INTERFACE.md has it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_TARGET_H
#define CLIENT_CHECKS_TARGET_H

#include <stdbool.h>

#include "client/checks/dns/ip.h"

struct checks;
struct json_object;

/* What is checked. */
struct target {
	char *text; /* as it is shown */
	char *
	    domain; /* in lower case, without a dot at the end; fit for a question to DNS and for a file's name */
	char *local_part; /* of an address, without a slash or a dot at its beginning; else NULL */
	struct ip ip;     /* family 0: it is none */
};

/*
 * Reads a domain, an address or an IP. Returns NULL; or what is wrong with it, in one line that need not be freed, and then
 * the target is empty. target_clear frees what is in it.
 */
const char *target_read(const char *text, struct target *target);
void target_clear(struct target *target);

/*
 * Makes all checks of a domain, an address, an IP or, NULL, this server, which can take some seconds. Returns
 * {"target","items"}, which the caller puts; NULL after *error is set to why it cannot be a target, in one line that need not
 * be freed.
 */
struct json_object *target_check(struct checks *checks, const char *what, const char **error);

/* Whether a check of the result failed. */
bool target_has_failed(struct json_object *result);

#endif
