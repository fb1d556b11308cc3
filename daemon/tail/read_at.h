/* Read at: bytes of a file, as many as there are, whatever the system gives at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_READ_AT_H
#define TAIL_READ_AT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * As pread(2), but fewer bytes than asked for mean the end of the file: network file systems and those in user space may give less at
 * once, and signals interrupt them. -errno where reading fails, whatever was read before.
 */
ssize_t read_at(int fd, void *to, size_t len, uint64_t offset);

#endif
