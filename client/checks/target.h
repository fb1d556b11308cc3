/* Target: which checks a domain, an address, an IP or this server gets, and their result as INTERFACE.md has it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_TARGET_H
#define CLIENT_CHECKS_TARGET_H

#include <stdbool.h>

struct checks;
struct json_object;

/*
 * Makes all checks of a domain, an address, an IP or, NULL, this server, which can take some seconds. Returns
 * {"target","items"}, which the caller puts; NULL after *error is set to why it cannot be a target, in one line that need not
 * be freed.
 */
struct json_object *target_check(struct checks *checks, const char *what, const char **error);

/* Whether a check of the result failed. */
bool target_has_failed(struct json_object *result);

#endif
