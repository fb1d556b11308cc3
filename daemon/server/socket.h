/* Socket: the Unix socket that the daemon listens on, its own or systemd's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_SOCKET_H
#define SERVER_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct socket_options {
	const char *path;
	const char *group;      /* of the socket file; NULL: as it comes */
	bool group_is_required; /* complain when the group does not exist */
	mode_t mode;
};

/* A listening socket. */
struct socket {
	int fd;         /* -1: none */
	bool is_passed; /* systemd's: not ours to remove or make anew */
	char path[108];
	dev_t device; /* of the file, to know it again */
	ino_t inode;
};

/*
 * Listens: on the socket that systemd passed (sd_listen_fds(3)), else on one at path, where a file left by a daemon that has
 * gone is replaced, and a daemon that answers is not disturbed. False with a sentence in problem.
 */
bool socket_open(struct socket *socket, const struct socket_options *options, char *problem,
    size_t size);
/* Closes it and removes the file if it is still ours. */
void socket_close(struct socket *socket);
/* False when the file at the path is no longer this socket: nobody new can reach it. */
bool socket_is_there(const struct socket *socket);

#endif
