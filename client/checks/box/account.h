/* Account: whose a domain is, by cPanel's files. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_ACCOUNT_H
#define CLIENT_CHECKS_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

struct box;
struct box_file;

enum hosted {
	HOSTED_NOT,
	HOSTED_HERE,
	HOSTED_PERHAPS, /* /etc/userdomains does not exist or cannot be read */
};

struct account {
	const struct box_file *domains; /* /etc/userdomains */
	size_t
	    line; /* of it, where the domain stands; 0: it is not hosted here, or the file cannot be read */
	char *user;        /* NULL: none */
	char *home;        /* NULL: not known, or there is no such user */
	char *main_domain; /* of the account; NULL: not known */
	bool has_passwd_entry, has_cpanel_file;
};

/* Whether it is a cPanel server: there is a file of cPanel. */
bool account_box_is_cpanel(struct box *box);

/* The account of a domain. account_clear frees it. */
void account_of(struct box *box, const char *domain, struct account *account);
void account_clear(struct account *account);
/* Whether the domain that it was asked for is hosted here. */
enum hosted account_hosted(const struct account *account);

/* Whether /var/cpanel/users/USER names the domain, or does not tell: it cannot be read, or names no domains at all. */
bool account_may_own(struct box *box, const char *user, const char *domain);

#endif
