/* Access: who is at the other end of the socket, and what they may see. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_ACCESS_H
#define SERVER_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/answer/answer.h"

struct access;
struct account; /* one that sees its own domains only */

struct access_options {
	const char *group;       /* whose members see everything; may not exist */
	bool users_own;          /* accounts see what concerns their own domains */
	const char *userdomains; /* cPanel's table, lines "domain: user" */
};

/* NULL when memory is out. The options are copied. */
struct access *access_new(const struct access_options *options);
void access_free(struct access *access);

/*
 * Decides by SO_PEERCRED and SO_PEERGROUPS of the connected socket. NULL: may ask; *account, then in *asker, is NULL or the
 * caller's to free after the asker's last use. Otherwise why not, as a hint for the peer.
 */
const char *access_decide(struct access *access, int fd, struct asker *asker,
    struct account **account);
void account_free(struct account *account);

/* Reads the table anew when it has changed; called by access_decide as well. */
void access_refresh(struct access *access);

#endif
