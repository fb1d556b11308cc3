/* Socket: the Unix socket that the daemon listens on, its own or systemd's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static bool
fail(char *problem, size_t size, const char *what, const char *path, const char *why,
    const char *advice)
{
	snprintf(problem, size, "%s %s: %s%s%s", what, path, why, advice[0] != '\0' ? "; " : "",
	    advice);
	return false;
}

static const char *
bind_advice(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
		return "choose another place with --socket, or run as root";
	case ENOENT:
		return "create the folder, or choose another place with --socket";
	default:
		return "choose another place with --socket";
	}
}

/* Whoever answers at the address: their process, 0 when nobody does. */
static pid_t
find_listener(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);
	pid_t pid = 0;

	if (fd < 0)
		return 0;
	/* EAGAIN: somebody listens, and is too busy to take one more. */
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		pid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid > 0 ?
		    peer.pid :
		    -1;
	else if (errno == EAGAIN)
		pid = -1;
	close(fd);
	return pid;
}

/* Makes place at the path: removes a socket that nobody listens on. */
static bool
clear_path(const struct sockaddr_un *address, char *problem, size_t size)
{
	const char *path = address->sun_path;
	struct stat status;
	char who[64];
	pid_t pid;

	if (lstat(path, &status) != 0)
		return true;
	if (!S_ISSOCK(status.st_mode))
		return fail(problem, size, "cannot listen on", path,
		    "a file that is no socket stands there",
		    "remove it, or choose another place with --socket");
	pid = find_listener(address);
	if (pid != 0) {
		if (pid > 0)
			snprintf(who, sizeof(who), "process %ld answers there already", (long)pid);
		else
			snprintf(who, sizeof(who), "another daemon answers there already");
		return fail(problem, size, "cannot listen on", path, who,
		    "stop it, or choose another place with --socket");
	}
	if (unlink(path) != 0 && errno != ENOENT)
		return fail(problem, size, "cannot replace the stale socket", path, strerror(errno),
		    bind_advice(errno));
	return true;
}

/* The file is made for its owner alone, then opened to the group: nobody can slip in between. */
static bool
set_owner(const struct socket_options *options, char *problem, size_t size)
{
	const struct group *group = options->group != NULL ? getgrnam(options->group) : NULL;

	if (options->group_is_required && group == NULL)
		return fail(problem, size, "cannot give the socket to the group", options->group,
		    "there is no such group", "create it, or change [socket] group");
	if (group != NULL && chown(options->path, (uid_t)-1, group->gr_gid) != 0 &&
	    options->group_is_required)
		return fail(problem, size, "cannot give the socket to the group", options->group,
		    strerror(errno), "run as root or as a member of it");
	if (chmod(options->path, options->mode) != 0)
		return fail(problem, size, "cannot set the mode of", options->path, strerror(errno),
		    "");
	return true;
}

static bool
bind_own(struct socket *own, const struct socket_options *options, char *problem, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(options->path);
	struct stat status;

	if (len == 0 || len >= sizeof(address.sun_path))
		return fail(problem, size, "cannot listen on", options->path,
		    "a socket's path has 1 to 107 bytes", "choose another place with --socket");
	memcpy(address.sun_path, options->path, len + 1);
	memcpy(own->path, options->path, len + 1);
	if (!clear_path(&address, problem, size))
		return false;
	own->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (own->fd < 0)
		return fail(problem, size, "cannot make the socket", options->path, strerror(errno),
		    "");
	mode_t mask = umask(0177);
	int bound = bind(own->fd, (const struct sockaddr *)&address, sizeof(address));
	int error = errno;
	umask(mask);
	if (bound != 0)
		return fail(problem, size, "cannot listen on", options->path, strerror(error),
		    bind_advice(error));
	if (stat(options->path, &status) == 0) {
		own->device = status.st_dev;
		own->inode = status.st_ino;
	}
	if (!set_owner(options, problem, size))
		return false;
	if (listen(own->fd, BACKLOG) != 0)
		return fail(problem, size, "cannot listen on", options->path, strerror(errno), "");
	return true;
}

bool
socket_open(struct socket *own, const struct socket_options *options, char *problem, size_t size)
{
	int passed = sd_listen_fds(1);

	*own = (struct socket){.fd = -1};
	if (passed > 1 ||
	    (passed == 1 && sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <= 0)) {
		snprintf(problem, size,
		    "systemd passed %d descriptors that are not one listening Unix stream socket; mend bounced.socket",
		    passed);
		return false;
	}
	if (passed == 1) {
		own->fd = SD_LISTEN_FDS_START;
		own->is_passed = true;
		fcntl(own->fd, F_SETFL, O_NONBLOCK);
		return true;
	}
	if (bind_own(own, options, problem, size))
		return true;
	socket_close(own);
	return false;
}

bool
socket_is_there(const struct socket *own)
{
	struct stat status;

	return own->is_passed ||
	    (stat(own->path, &status) == 0 && status.st_dev == own->device &&
		status.st_ino == own->inode);
}

void
socket_close(struct socket *own)
{
	if (own->fd < 0)
		return;
	if (!own->is_passed && own->inode != 0 && socket_is_there(own))
		unlink(own->path);
	close(own->fd);
	own->fd = -1;
}
