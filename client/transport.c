/* Transport: the way to a daemon: its socket, a private one for log files, or another machine's through ssh. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/arguments.h"

#define SOCKET_DEFAULT "/run/bounced/bounced.sock"

enum { ARGUMENTS_OF_CHILD = 2 * LOGS_MAX + 8 };

static int
unreachable(const char *what, const char *path, int error, const char *advice)
{
	fprintf(stderr, "bouncectl: %s %s: %s; %s\n", what, path, strerror(error), advice);
	return EXIT_UNREACHABLE;
}

static const char *
socket_advice(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "use sudo, or have yourself added to the group bounced";
	case ENAMETOOLONG:
		return "a socket's path has at most 107 bytes";
	case ENOENT:
	case ECONNREFUSED:
		return "start it (systemctl start bounced), or read a log without it: bouncectl --log FILE ...";
	default:
		return "see how it is: systemctl status bounced";
	}
}

static const char *
socket_path(const struct arguments *arguments)
{
	const char *path = arguments->socket != NULL ? arguments->socket : getenv("BOUNCED_SOCKET");

	return path != NULL && path[0] != '\0' ? path : SOCKET_DEFAULT;
}

/* The connected socket, or -errno. */
static int
connect_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, len + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd >= 0 ? fd : -errno;
}

bool
transport_is_reachable(const struct arguments *arguments)
{
	int fd = connect_socket(socket_path(arguments));

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int
open_socket(struct transport *transport, const char *path)
{
	int fd = connect_socket(path);

	snprintf(transport->where, sizeof(transport->where), "the daemon at %s", path);
	if (fd < 0)
		return unreachable("cannot reach the daemon at", path, -fd, socket_advice(-fd));
	transport->socket = fd;
	return 0;
}

/*
 * Runs program with a socket at its standard input and output, through which bytes go in half the time that they take through a pipe. kept: a
 * descriptor that it inherits, or -1.
 */
static int
start_child(struct transport *transport, const char *program, const char *const argv[], int kept)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -errno;
	pid_t child = fork();
	if (child == 0) {
		signal(SIGPIPE, SIG_DFL);
		/* Nobody waits for a long log any more when this program was killed. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (kept >= 0)
			fcntl(kept, F_SETFD, 0);
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execvp(program, (char *const *)argv);
		fprintf(stderr, "bouncectl: cannot run %s: %s; is it installed?\n", program,
		    strerror(errno));
		_exit(127);
	}
	int error = errno;
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return -error;
	}
	transport->child = child;
	transport->socket = ends[0];
	return 0;
}

static int
open_ssh(struct transport *transport, const char *host)
{
	const char *const argv[] = {"ssh", "-xT", "--", host, "bouncectl", "proxy", NULL};

	snprintf(transport->where, sizeof(transport->where), "the daemon on %s", host);
	int status = start_child(transport, "ssh", argv, -1);
	return status == 0 ? 0 : unreachable("cannot start ssh to", host, -status, "try again");
}

/* The daemon's program: as told, beside this one (in the build tree), where it is installed, or wherever PATH has it. */
static const char *
find_daemon(char path[PATH_MAX])
{
	const char *told = getenv("BOUNCED_DAEMON");

	if (told != NULL && told[0] != '\0')
		return told;
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (len > 0) {
		path[len] = '\0';
		char *name = strrchr(path, '/') + 1;

		if ((size_t)(name - path) + sizeof("bounced") <= PATH_MAX) {
			strcpy(name, "bounced");
			if (access(path, X_OK) == 0)
				return path;
		}
	}
	if (access(SBINDIR "/bounced", X_OK) == 0)
		return SBINDIR "/bounced";
	return "bounced";
}

/* 0, or the error that reading it would give. */
static int
check_log(const char *path)
{
	struct stat status;

	if (access(path, R_OK) != 0 || stat(path, &status) != 0)
		return errno;
	return S_ISDIR(status.st_mode) ? EISDIR : 0;
}

static int
open_logs(struct transport *transport, const struct arguments *arguments)
{
	const char *argv[ARGUMENTS_OF_CHILD], *program;
	char daemon_path[PATH_MAX], input_path[32];
	int argc = 0, input = -1, error;

	program = find_daemon(daemon_path);
	argv[argc++] = program;
	argv[argc++] = "--stdio";
	if (arguments->command->follows)
		argv[argc++] = "--follow";
	if (arguments->memory_max != NULL) {
		argv[argc++] = "--memory-max";
		argv[argc++] = arguments->memory_max;
	}
	for (int i = 0; i < arguments->log_count; i++) {
		const char *log = arguments->logs[i];

		if (strcmp(log, "-") == 0) {
			/* The child's own standard input is where it is asked. */
			if (input < 0 && (input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) < 0)
				return unreachable("cannot read", "standard input", errno,
				    "give the name of a log");
			snprintf(input_path, sizeof(input_path), "/dev/fd/%d", input);
			log = input_path;
		} else if ((error = check_log(log)) != 0) {
			return unreachable("cannot read", log, error,
			    error == EACCES ? "use sudo, or copy the log to where you may read it" :
					      "check the name of the log");
		}
		argv[argc++] = "--log";
		argv[argc++] = log;
	}
	if (arguments->log_count == 0) {
		argv[argc++] = "--log";
		argv[argc++] = "/dev/null";
	}
	argv[argc] = NULL;
	snprintf(transport->where, sizeof(transport->where), "the private daemon (%.200s --stdio)",
	    program);
	int status = start_child(transport, program, argv, input);
	if (input >= 0)
		close(input);
	return status == 0 ? 0 : unreachable("cannot start", program, -status, "try again");
}

int
transport_open(struct transport *transport, const struct arguments *arguments)
{
	*transport = (struct transport){.socket = -1};
	if (arguments->log_count != 0)
		return open_logs(transport, arguments);
	if (arguments->host != NULL)
		return open_ssh(transport, arguments->host);
	/* What rules alone can answer needs no running daemon, unless one was named. */
	if (arguments->command->needs_no_log && arguments->socket == NULL &&
	    getenv("BOUNCED_SOCKET") == NULL && !transport_is_reachable(arguments))
		return open_logs(transport, arguments);
	return open_socket(transport, socket_path(arguments));
}

void
transport_end_sending(struct transport *transport)
{
	shutdown(transport->socket, SHUT_WR);
}

int
transport_close(struct transport *transport)
{
	int status = 0;

	if (transport->socket >= 0)
		close(transport->socket);
	transport->socket = -1;
	if (transport->child != 0) {
		while (waitpid(transport->child, &status, 0) < 0 && errno == EINTR)
			continue;
		transport->child = 0;
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return status;
}
