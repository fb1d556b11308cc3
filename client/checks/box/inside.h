/* Inside: paths below a folder, as they would be if that were the root of all. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_INSIDE_H
#define CLIENT_CHECKS_INSIDE_H

/*
 * open(2) of a path below the folder: symbolic links and ".." never lead out of it, so that a link to /etc/x means the /etc/x
 * below. -1 after errno is set.
 */
int inside_open(int folder, const char *path, int flags);

#endif
