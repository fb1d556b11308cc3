/* The file in which watch remembers how far it came. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/cursor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
cursor_file_read(const char *path, char cursor[static CURSOR_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cursor[0] = '\0';
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	ssize_t len = read(fd, cursor, CURSOR_SIZE - 1);
	int error = errno;
	close(fd);
	if (len < 0)
		return -error;
	cursor[len] = '\0';
	size_t line = strcspn(cursor, "\n");
	for (size_t i = 0; i < line; i++)
		if (cursor[i] <= ' ' || cursor[i] > '~')
			return -EINVAL;
	/* One whole line and no more, or nothing at all. */
	if (len != 0 && line + 1 != (size_t)len)
		return -EINVAL;
	cursor[line] = '\0';
	return 0;
}

int
cursor_file_write(const char *path, const char *cursor)
{
	char beside[PATH_MAX];
	size_t len = strlen(cursor);
	int error = 0;

	if (snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid()) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, cursor, len) != (ssize_t)len || write(fd, "\n", 1) != 1 || fsync(fd) != 0)
		error = errno != 0 ? errno : EIO;
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0 && rename(beside, path) != 0)
		error = errno;
	if (error != 0)
		unlink(beside);
	return -error;
}
