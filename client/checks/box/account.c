/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box/account.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/box.h"

bool
account_box_is_cpanel(struct box *box)
{
	return box_has(box, "/var/cpanel") || box_has(box, "/etc/userdomains");
}

/* The sixth field of the user's line in passwd(5), if it is a path. */
static char *
find_home(struct box *box, const char *user, bool *has_entry)
{
	char *rest = box_value(box_read(box, "/etc/passwd"), user, ':', NULL), *home = NULL;
	const char *field = rest;

	*has_entry = rest != NULL;
	/* What follows the name begins with the password. */
	for (int i = 0; field != NULL && i < 4; i++) {
		field = strchr(field, ':');
		field = field != NULL ? field + 1 : NULL;
	}
	if (field != NULL && field[0] == '/' && strcspn(field, ":") > 1)
		home = strndup(field, strcspn(field, ":"));
	free(rest);
	return home;
}

/* The domain of a line "DOMAIN: USER". */
static char *
find_main_domain(struct box *box, const char *user)
{
	const struct box_file *file = box_read(box, "/etc/trueuserdomains");

	for (size_t i = 0; i < file->count; i++) {
		const char *line = file->lines[i] + strspn(file->lines[i], " \t");
		size_t len = strcspn(line, ": \t");
		const char *owner = line + len + strspn(line + len, ": \t");

		if (len != 0 && strcspn(owner, " \t") == strlen(user) &&
		    strncmp(owner, user, strlen(user)) == 0)
			return strndup(line, len);
	}
	return NULL;
}

/* What may stand in the name of a file, and is a user's. */
static bool
is_user_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strpbrk(name, "/: \t") == NULL;
}

void
account_of(struct box *box, const char *domain, struct account *account)
{
	*account = (struct account){.domains = box_read(box, "/etc/userdomains")};
	account->user = box_value(account->domains, domain, ':', &account->line);
	if (account->user == NULL)
		return;
	if (!is_user_name(account->user)) {
		account->line = 0;
		free(account->user);
		account->user = NULL;
		return;
	}
	account->home = find_home(box, account->user, &account->has_passwd_entry);
	account->main_domain = find_main_domain(box, account->user);
	account->has_cpanel_file =
	    !box_readf(box, "/var/cpanel/users/%s", account->user)->is_absent;
}

void
account_clear(struct account *account)
{
	free(account->user);
	free(account->home);
	free(account->main_domain);
	*account = (struct account){0};
}

enum hosted
account_hosted(const struct account *account)
{
	if (account->line != 0)
		return HOSTED_HERE;
	return account->domains->error != NULL ? HOSTED_PERHAPS : HOSTED_NOT;
}

/* The domain in a line "DNS=DOMAIN" or "DNS12=DOMAIN"; NULL: it is another. */
static const char *
domain_in(const char *line)
{
	if (strncmp(line, "DNS", 3) != 0)
		return NULL;
	line += 3;
	line += strspn(line, "0123456789");
	return *line == '=' ? line + 1 : NULL;
}

bool
account_may_own(struct box *box, const char *user, const char *domain)
{
	const struct box_file *file = box_readf(box, "/var/cpanel/users/%s", user);
	size_t count = 0;

	for (size_t i = 0; i < file->count; i++) {
		const char *owned = domain_in(file->lines[i]);

		if (owned != NULL && strcasecmp(owned, domain) == 0)
			return true;
		count += owned != NULL;
	}
	return count == 0;
}
