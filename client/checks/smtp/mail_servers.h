/* Mail servers: the addresses of a domain's, and of some large providers', to be connected to. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_MAIL_SERVERS_H
#define CLIENT_CHECKS_MAIL_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/smtp/smtp_probe.h"

struct checks;

enum {
	MAIL_SERVERS_MAX = 64, /* addresses of a domain; more are left out */
	PROVIDERS_MAX = 8,     /* addresses of all providers */
};

struct mail_servers {
	struct smtp_probe probes[MAIL_SERVERS_MAX + PROVIDERS_MAX];
	size_t count;
	size_t providers_at; /* from here on they are the providers' */
};

/*
 * Adds the addresses of all MX of the domain, or its own where it has no MX (RFC 5321 5.1), IPv4 first. Where there are none, a
 * finding "port25" says why.
 */
void mail_servers_of(struct mail_servers *servers, struct checks *checks, const char *domain);
/* Adds one address of each family of the first MX of some large providers of different owners. What DNS has none of is left out. */
void mail_servers_of_providers(struct mail_servers *servers, struct checks *checks);
void mail_servers_clear(struct mail_servers *servers);

/* The part of a host's name that says whose it is: "example.com" of "mx1.eu.example.com". Points into it. */
const char *mail_server_owner(const char *name);

#endif
