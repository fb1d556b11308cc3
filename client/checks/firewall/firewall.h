/* Firewall: what other checks want to know of the rules of this server. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_FIREWALL_H
#define CLIENT_CHECKS_FIREWALL_H

struct checks;

/*
 * The rule of this server that lets no connection, or not all, of the family (AF_INET, AF_INET6) out to the port, and where it
 * stands; the caller frees it. NULL: none was found, or the rules cannot be read.
 */
char *firewall_rule_against(struct checks *checks, int family, int port);

#endif
