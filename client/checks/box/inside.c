/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as many as Linux follows */

/* openat2(2) would do all of this, and kernels before 5.6 do not have it. */
struct way {
	int folder;
	char done[PATH_MAX]; /* relative to the folder, and without links */
	char rest[PATH_MAX]; /* what is still to be walked */
	int links;
};

static bool
is_too_long(void)
{
	errno = ENAMETOOLONG;
	return false;
}

static void
go_up(struct way *way)
{
	char *slash = strrchr(way->done, '/');

	*(slash != NULL ? slash : way->done) = '\0';
}

/* Puts the target of a link in front of the rest. */
static bool
follow(struct way *way, const char *target, const char *rest)
{
	char whole[PATH_MAX];

	if (++way->links > LINKS_MAX) {
		errno = ELOOP;
		return false;
	}
	if (snprintf(whole, sizeof(whole), "%s/%s", target, rest) >= (int)sizeof(whole))
		return is_too_long();
	strcpy(way->rest, whole);
	if (target[0] == '/')
		way->done[0] = '\0';
	else
		go_up(way);
	return true;
}

/* Walks the name, which is no "." and no "..", with rest behind it. */
static bool
walk_name(struct way *way, const char *name, const char *rest)
{
	size_t len = strlen(way->done);
	char target[PATH_MAX];

	if (snprintf(way->done + len, sizeof(way->done) - len, "%s%s", len != 0 ? "/" : "", name) >=
	    (int)(sizeof(way->done) - len))
		return is_too_long();
	ssize_t target_len = readlinkat(way->folder, way->done, target, sizeof(target) - 1);

	if (target_len >= 0) {
		target[target_len] = '\0';
		return follow(way, target, rest);
	}
	/* It is none. */
	if (errno != EINVAL)
		return false;
	memmove(way->rest, rest, strlen(rest) + 1);
	return true;
}

/* Walks what is in front of the first slash. */
static bool
walk(struct way *way)
{
	char name[NAME_MAX + 1];
	size_t len = strcspn(way->rest, "/");
	const char *rest = way->rest + len + strspn(way->rest + len, "/");

	if (len > NAME_MAX)
		return is_too_long();
	memcpy(name, way->rest, len);
	name[len] = '\0';
	if (len != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return walk_name(way, name, rest);
	if (strcmp(name, "..") == 0)
		go_up(way);
	memmove(way->rest, rest, strlen(rest) + 1);
	return true;
}

int
inside_open(int folder, const char *path, int flags)
{
	struct way way = {.folder = folder};

	if (strlen(path) >= sizeof(way.rest)) {
		is_too_long();
		return -1;
	}
	strcpy(way.rest, path);
	while (way.rest[0] != '\0')
		if (!walk(&way))
			return -1;
	return openat(folder, way.done[0] != '\0' ? way.done : ".", flags | O_NOFOLLOW);
}
