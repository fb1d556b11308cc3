/* Reading: as many bytes of a file as there are, in as many pieces as it takes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTOCOL_READ_UP_TO_H
#define PROTOCOL_READ_UP_TO_H

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/* Up to size bytes, fewer only where the file ends; -1, and errno, when they cannot be read. */
static inline ssize_t
read_up_to(int fd, char *text, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, text + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

#endif
