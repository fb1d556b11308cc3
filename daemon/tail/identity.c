/* Identity: a hash of a text's first bytes, the more of them the longer it grows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/tail/gzip.h"
#include "daemon/tail/read_at.h"

/* FNV-1a: a stranger who could choose it would have to write the log's first line. */
static uint64_t
hash_bytes(const char *at, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)at[i]) * 0x100000001b3;
	return hash;
}

void
identity_learn(struct identity *identity, const char *head, size_t len)
{
	const char *newline = len != 0 ? memrchr(head, '\n', len) : NULL;

	/* Whole lines only: the writer may be in the middle of one. */
	if (len < IDENTITY_BYTES)
		len = newline != NULL ? (size_t)(newline - head) + 1 : 0;
	if (len > identity->len)
		*identity = (struct identity){hash_bytes(head, len), len};
}

bool
identity_fits(const struct identity *identity, const char *head, size_t len)
{
	return identity->len != 0 && len >= identity->len &&
	    hash_bytes(head, identity->len) == identity->hash;
}

int
identity_read_head(int fd, char head[IDENTITY_BYTES])
{
	size_t have = 0;
	ssize_t got;

	if (!gzip_is(fd))
		return (int)read_at(fd, head, IDENTITY_BYTES, 0);
	struct gzip *gzip = gzip_new(fd);
	if (gzip == NULL)
		return -ENOMEM;
	while (have < IDENTITY_BYTES &&
	    (got = gzip_read(gzip, head + have, IDENTITY_BYTES - have)) > 0)
		have += (size_t)got;
	gzip_free(gzip);
	return (int)have;
}

int
identity_read_head_of(const char *path, char head[IDENTITY_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), len = -EINVAL;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		len = identity_read_head(fd, head);
	close(fd);
	return len;
}
