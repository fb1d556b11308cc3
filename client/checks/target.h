/* Target: which checks a domain, an address, an IP or this server gets, and their result as INTERFACE.md has it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_TARGET_H
#define CLIENT_CHECKS_TARGET_H

#include <stdbool.h>

struct json_object;

struct target_options {
	const char *target;     /* NULL: this server */
	const char *root;       /* NULL: this server's own files */
	const char *nameserver; /* IP[:PORT]; NULL: those of resolv.conf */
	bool wants_port25;
	int port; /* where other servers listen; 0: 25 */
};

/*
 * Makes all checks, which can take some seconds. Returns {"target","items"}, which the caller puts; NULL after *error is set
 * to what is wrong with the options, in one line that need not be freed.
 */
struct json_object *target_check(const struct target_options *options, const char **error);

/* Whether a check of the result failed. */
bool target_has_failed(struct json_object *result);

#endif
