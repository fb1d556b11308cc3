/* Wide pipes: for what is written faster than 64 KiB at a time can be handed over. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTOCOL_WIDE_PIPE_H
#define PROTOCOL_WIDE_PIPE_H

#include <fcntl.h>

/* As much as Linux gives to anybody, unless it is told otherwise. */
enum { WIDE_PIPE_BYTES = 1024 * 1024 };

/*
 * Lets a pipe hold so much that its writer need not wait for its reader after every piece. What is no pipe stays as it is, and so does a
 * pipe that the kernel does not widen, to somebody who has many.
 */
static inline void
wide_pipe(int fd)
{
	(void)fcntl(fd, F_SETPIPE_SZ, WIDE_PIPE_BYTES);
}

#endif
