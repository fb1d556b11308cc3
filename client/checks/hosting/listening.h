/* Listening: which ports something listens on, by /proc/net/tcp and tcp6. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_LISTENING_H
#define CLIENT_CHECKS_LISTENING_H

#include <stddef.h>

struct box_file;
struct checks;

enum listening {
	LISTENING_NOWHERE,
	LISTENING_LOCALLY, /* to this machine only */
	LISTENING_TO_ALL,
};

/* By a file of the kernel (proc_net_tcp.txt): a header, then a socket a line. line: where that stands, from 1; 0 for nowhere. */
enum listening listening_on(const struct box_file *file, unsigned port, size_t *line);

/* The finding "listening": ports 25, 465 and 587 of this machine. Nothing with --root. */
void listening_check(struct checks *checks);

#endif
