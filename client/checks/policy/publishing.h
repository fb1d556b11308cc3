/* Publishing: how a record is published, and where the zone is that it belongs into. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_PUBLISHING_H
#define CLIENT_CHECKS_PUBLISHING_H

struct checks;
struct draft;
struct ip;

/*
 * Tells as advice what to publish at the name: in one piece, as forms take it, and where one string of DNS is too short for
 * it (RFC 1035 3.3), in several, as zone files do.
 */
void publishing_advise_text(struct draft *draft, const char *name, const char *text);
/* The same of the record that gives the name the address (NULL: which is not known), and who can publish it. */
void publishing_advise_address(struct draft *draft, struct checks *checks, const char *name,
    const struct ip *ip);
/* Tells as advice who can publish it: the nameservers of the zone that the domain is in, where they are known. */
void publishing_advise_place(struct draft *draft, struct checks *checks, const char *domain);

#endif
