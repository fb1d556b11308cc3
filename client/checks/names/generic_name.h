/* Generic name: a name that a provider gives to all its addresses, which receivers take for a customer's line, not a server. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_GENERIC_NAME_H
#define CLIENT_CHECKS_GENERIC_NAME_H

#include <stddef.h>

#include "client/checks/dns/ip.h"

/*
 * Why the name of the address looks generic, in words that follow "it": "holds the address itself", "says \"dsl\"". NULL:
 * it does not. out has room for size bytes; returns it.
 */
const char *generic_name_reason(const char *name, const struct ip *ip, char *out, size_t size);

#endif
