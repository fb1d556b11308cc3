/* Mailbox: an address, and what cPanel has of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_MAILBOX_H
#define CLIENT_CHECKS_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

struct account;
struct box_file;
struct checks;

struct mailbox {
	struct checks *checks;
	const char *domain;
	const struct account *account;
	char *local_part; /* as it stands in files: without a tag, in lower case */
	char *folder;     /* HOME/etc/DOMAIN */
	const struct box_file *passwd, *aliases;
	size_t passwd_line, alias_line;
	char *targets; /* of the alias; NULL: there is none */
	bool is_main;  /* the account's own mailbox, which stands in no file */
};

/* The state of one that exists: "quota", "login", "filter", "boxtrapper". */
void mailbox_check_state(const struct mailbox *mailbox);
/* What there can be without a mailbox: "autoresponder", and "outgoing", which tells of mail that it sends. */
void mailbox_check_around(const struct mailbox *mailbox);

#endif
