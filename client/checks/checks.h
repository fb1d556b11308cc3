/* Checks: what is found out about a domain, an address, an IP or this server: findings, each with its evidence and advice. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_CHECKS_H
#define CLIENT_CHECKS_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

struct box;
struct ip;
struct json_object;
struct resolver;

enum check_status {
	CHECK_OK,
	CHECK_WARN, /* mail flows, and something should be mended */
	CHECK_FAIL,
	CHECK_UNKNOWN, /* could not be found out: the finding says why */
};

/* What was typed; what is NULL or 0 was not. */
struct checks_options {
	const char *root;       /* a copy of a server's files; NULL: this server's own */
	const char *nameserver; /* IP[:PORT]; NULL: those of resolv.conf */
	bool wants_port25;
	int port; /* where other servers listen; 0: 25 */
};

/* What checks are made with, and what they have found. */
struct checks {
	struct resolver *resolver; /* DNS as this server sees it, or as --nameserver does */
	struct box *box;           /* the files of this server, or of --root */
	struct json_object *items; /* an array of findings; whoever wants them sets and takes it */
	bool wants_port25;
	bool is_nameserver_given; /* --nameserver */
	int port;
};

/*
 * Returns NULL; or what is wrong with the options, in one line that need not be freed. checks_close frees what there is in
 * either case, but for the items.
 */
const char *checks_open(struct checks *checks, const struct checks_options *options);
void checks_close(struct checks *checks);

/*
 * Whether what DNS does not know need not be so: to nameservers that look nothing up, and know only zones of their own, not
 * even the root exists. One that --nameserver names is believed.
 */
bool checks_dns_knows_nothing(struct checks *checks);

/*
 * One finding more. check is its name, which scripts look for: one word or two with a hyphen, always the same whatever is
 * found. The text is a whole sentence, for people. Returns the item, which checks owns and which check_evidence and
 * check_advise take; NULL, which they take too, when memory is out.
 */
struct json_object *checks_add(struct checks *checks, const char *check, enum check_status status,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What the finding rests on, as it was read: a record "NAME TYPE DATA", "FILE:LINE: TEXT", or what a server said. */
void check_evidence(struct json_object *item, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One step of what is to be done, for who can do it. */
void check_advise(struct json_object *item, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The checks, a file each. Names are without a dot at the end, in lower case. */

/* names/ptr.c: "ptr": that the address has a name, and the name the address (RFC 1912 2.1). */
void check_ptr(struct checks *checks, const struct ip *ip);
/* lists/blocklists.c: "blocklist": the lists in blocklists.conf that have the address. */
void check_blocklists(struct checks *checks, const struct ip *ip);
/* names/mx.c: "mx": where mail for the domain goes, and whether it can. */
void check_mx(struct checks *checks, const char *domain);
/* names/nameservers.c: "nameserver": each of /etc/resolv.conf answers; "mx-agreement": as the domain's own nameservers do. */
void check_nameservers(struct checks *checks, const char *domain);
/* policy/sender_policy.c: "spf": what the domain's SPF record says of the addresses that this server sends from. */
void check_spf(struct checks *checks, const char *domain, const struct ip *ips, size_t count);
/* policy/dkim.c: "dkim": the key of cPanel's selector, and whether it is the one this server signs with. */
void check_dkim(struct checks *checks, const char *domain);
/* policy/dmarc.c: "dmarc": the policy, the domain's own or its organisation's (RFC 7489). */
void check_dmarc(struct checks *checks, const char *domain);
/* smtp/port25.c: "port25": a connection to each address of the domain's mail servers, over IPv4 and IPv6. */
void check_port25(struct checks *checks, const char *domain);
/* firewall/firewall.c: "firewall": rules of this server that let no mail in or out. */
void check_firewall(struct checks *checks);
/* hosting/hosting.c: "hosted", "routing", "suspended", ...: what cPanel's files say about the domain. */
void check_hosting(struct checks *checks, const char *domain);
/* hosting/mailbox.c: "mailbox", "forwarder", "filter", ...: what cPanel's files say about the address. */
void check_mailbox(struct checks *checks, const char *local_part, const char *domain);
/* hosting/server.c: "hostname", "helo", "listening", "settings", ...: this server itself. */
void check_server(struct checks *checks);

/*
 * box/sending.c: the addresses that Exim sends mail of the domain from (NULL: of any), at most so many, by /etc/mailips,
 * /var/cpanel/mainip or, without --root, the machine's own. Returns how many; private ones are left out.
 */
size_t sending_ips(struct checks *checks, const char *domain, struct ip *ips, size_t max);
/* The name that Exim says in HELO for the domain, by /etc/mailhelo or the host's; the caller frees it. NULL: not known. */
char *sending_helo(struct checks *checks, const char *domain);

#endif
