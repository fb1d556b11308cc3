/* Access: who is at the other end of the socket, and what they may see. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/access.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/text/slice.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59 /* Linux 4.13, <asm-generic/socket.h>; older C libraries do not name it */
#endif

enum { GROUPS_MAX = 1024 };

struct owned_domain {
	struct slice domain, user;
};

struct access {
	char *group;
	bool users_own;
	char *userdomains;
	/* The table as last read: sorted by domain; the slices lie in text. */
	char *text;
	struct owned_domain *domains;
	size_t count;
	struct timespec changed;
	ino_t inode;
};

struct account {
	struct access *access;
	char user[64];
};

struct access *
access_new(const struct access_options *options)
{
	struct access *access = calloc(1, sizeof(*access));

	if (access == NULL)
		return NULL;
	access->users_own = options->users_own;
	access->group = options->group != NULL ? strdup(options->group) : NULL;
	access->userdomains = options->userdomains != NULL ? strdup(options->userdomains) : NULL;
	return access;
}

static void
forget_table(struct access *access)
{
	free(access->text);
	free(access->domains);
	access->text = NULL;
	access->domains = NULL;
	access->count = 0;
}

void
access_free(struct access *access)
{
	if (access == NULL)
		return;
	forget_table(access);
	free(access->group);
	free(access->userdomains);
	free(access);
}

static int
compare_names(struct slice a, struct slice b)
{
	int order = strncasecmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int
compare_domains(const void *a, const void *b)
{
	return compare_names(((const struct owned_domain *)a)->domain,
	    ((const struct owned_domain *)b)->domain);
}

static char *
read_whole(const char *path, const struct stat *status, size_t *len)
{
	FILE *file = fopen(path, "re");
	char *text = file != NULL ? malloc((size_t)status->st_size + 1) : NULL;

	if (text != NULL)
		*len = fread(text, 1, (size_t)status->st_size, file);
	if (file != NULL)
		fclose(file);
	return text;
}

/* Lines "domain: user". */
static void
parse_table(struct access *access, size_t len)
{
	struct slice rest = slice_of(access->text, len);
	size_t lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += access->text[i] == '\n';
	access->domains = calloc(lines, sizeof(access->domains[0]));
	if (access->domains == NULL)
		return;
	while (rest.len != 0) {
		struct slice line = slice_take_until(&rest, '\n');
		struct slice domain = slice_trim(slice_take_until(&line, ':'));
		struct slice user = slice_trim(line);

		if (domain.len != 0 && user.len != 0 && domain.at[0] != '#')
			access->domains[access->count++] = (struct owned_domain){domain, user};
	}
	qsort(access->domains, access->count, sizeof(access->domains[0]), compare_domains);
}

void
access_refresh(struct access *access)
{
	struct stat status;
	size_t len;

	if (!access->users_own || access->userdomains == NULL)
		return;
	/* A table that cannot be read gives nobody anything. */
	if (stat(access->userdomains, &status) != 0) {
		forget_table(access);
		access->changed = (struct timespec){0};
		return;
	}
	if (status.st_mtim.tv_sec == access->changed.tv_sec &&
	    status.st_mtim.tv_nsec == access->changed.tv_nsec && status.st_ino == access->inode)
		return;
	forget_table(access);
	access->text = read_whole(access->userdomains, &status, &len);
	if (access->text == NULL)
		return;
	parse_table(access, len);
	access->changed = status.st_mtim;
	access->inode = status.st_ino;
}

static bool
owns_domain(const void *context, struct slice domain)
{
	const struct account *account = context;
	const struct owned_domain wanted = {.domain = domain};
	const struct owned_domain *found = account->access->count == 0 ?
	    NULL :
	    bsearch(&wanted, account->access->domains, account->access->count, sizeof(wanted),
		compare_domains);

	return found != NULL && slice_equal(found->user, slice_str(account->user));
}

static bool
is_in_group(int fd, const struct ucred *peer, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (peer->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static struct account *
account_new(struct access *access, uid_t uid)
{
	struct account *account;
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) != 0 || found == NULL ||
	    strlen(found->pw_name) >= sizeof(account->user))
		return NULL;
	account = calloc(1, sizeof(*account));
	if (account == NULL)
		return NULL;
	account->access = access;
	strcpy(account->user, found->pw_name);
	return account;
}

void
account_free(struct account *account)
{
	free(account);
}

const char *
access_decide(struct access *access, int fd, struct asker *asker, struct account **account)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	const struct group *group;

	*asker = (struct asker){0};
	*account = NULL;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return "the kernel does not tell who you are; ask through the Unix socket of the daemon";
	group = access->group != NULL ? getgrnam(access->group) : NULL;
	asker->sees_all = peer.uid == 0 || peer.uid == geteuid() ||
	    (group != NULL && is_in_group(fd, &peer, group->gr_gid));
	if (asker->sees_all)
		return NULL;
	if (!access->users_own)
		return "root and members of the group bounced may ask; use sudo, or have yourself added to that group";
	access_refresh(access);
	*account = account_new(access, peer.uid);
	if (*account == NULL)
		return "your account is not known to this system";
	asker->owns_domain = owns_domain;
	asker->context = *account;
	return NULL;
}
