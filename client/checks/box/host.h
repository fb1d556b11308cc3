/* Host: the name and the addresses of the server that is checked, which is this machine or a copy of another's files. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_HOST_H
#define CLIENT_CHECKS_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/dns/ip.h"

struct box;
struct checks;

/*
 * The name that Exim goes by unless it is told another: primary_hostname of its configuration, else the host's, which is
 * completed by DNS and /etc/hosts when it has no dot. In lower case; the caller frees it. NULL: it is not known.
 */
char *host_name(struct box *box);
/* Whether others can look it up: "server.example.com", and not "server" or "localhost.localdomain". */
bool host_name_is_qualified(const char *name);

/*
 * Addresses as the Internet sees them (/var/cpanel/cpnat), private ones left out, none twice: those of cPanel's files and,
 * without --root, those of this machine. At most max; returns how many.
 */
size_t host_addresses(struct box *box, struct ip *ips, size_t max);
/* The same, and those that mail of the domain (NULL: of any) is sent from. */
size_t host_own_addresses(struct checks *checks, const char *domain, struct ip *ips, size_t max);
/* Only those of the machine's interfaces; none with --root. */
size_t host_interfaces(struct box *box, struct ip *ips, size_t max);

/* Where addresses are collected: adds each in text, between blanks, commas or semicolons, as the Internet sees it, unless it is there. */
void host_add_addresses(struct box *box, const char *text, struct ip *ips, size_t *count,
    size_t max);
bool host_is_among(const struct ip *ip, const struct ip *ips, size_t count);

#endif
