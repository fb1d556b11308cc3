/* resolv.conf: the nameservers that a server asks, by resolv.conf(5). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_RESOLV_CONF_H
#define CLIENT_CHECKS_RESOLV_CONF_H

#include <stddef.h>

#include "client/checks/dns/ip.h"

struct box;

enum { NAMESERVERS_MAX = 3 }; /* more are not asked (MAXNS) */

struct nameserver {
	struct ip ip;
	size_t line; /* in the file, from 1 */
};

/* Those that are asked, in the order of the file, and how many: 0 when there is none, and then the machine itself is asked. */
size_t resolv_conf_read(struct box *box, struct nameserver servers[NAMESERVERS_MAX]);
/* The same as resolver_new wants them; the caller frees it. NULL when memory is out. */
char *resolv_conf_servers(struct box *box);

#endif
