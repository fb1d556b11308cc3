/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/checks/patience.h"

enum {
	TEXT_MAX = 4 << 20,
	TEXT_FIRST = 64 << 10,
	TURN_MS = 10,
};

static const char too_slow[] = "took longer than 5 s";
static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/bin", "/bin"};
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static bool
find(const char *name, char *path, size_t size)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		snprintf(path, size, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* Starts it with its standard output at a pipe, whose other end is *fd. False: it cannot be started. */
static bool
start(const char *path, char *const argv[], pid_t *pid, int *fd)
{
	static char *const environment[] = {
	    (char *)"PATH=/usr/sbin:/sbin:/usr/bin:/bin",
	    (char *)"LC_ALL=C",
	    NULL,
	};
	posix_spawn_file_actions_t actions;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	int error = posix_spawn_file_actions_init(&actions);
	if (error == 0) {
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
		error = posix_spawn(pid, path, &actions, NULL, argv, environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	*fd = ends[0];
	if (error != 0)
		close(ends[0]);
	return error == 0;
}

/* Reads all that comes. NULL, or why there is no end of it. */
static const char *
read_all(struct program_output *output, size_t *len, int fd, int64_t ends_ms)
{
	size_t size = TEXT_FIRST;

	output->text = malloc(size + 1);
	while (output->text != NULL) {
		struct pollfd polled = {.fd = fd, .events = POLLIN};
		int64_t left = ends_ms - patience_now_ms();

		if (left <= 0)
			return too_slow;
		if (poll(&polled, 1, (int)left) <= 0)
			continue;
		ssize_t got = read(fd, output->text + *len, size - *len);
		if (got == 0)
			return NULL;
		if (got < 0 && errno != EINTR)
			return "could not be read";
		*len += got > 0 ? (size_t)got : 0;
		if (*len < size)
			continue;
		if (size == TEXT_MAX)
			return "printed more than 4 MiB";
		size *= 2;
		char *text = realloc(output->text, size + 1);
		if (text == NULL)
			break;
		output->text = text;
	}
	return "did not fit into memory";
}

static bool
cut_lines(struct program_output *output, size_t len)
{
	size_t count = 1;

	output->text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		count += output->text[i] == '\n';
	output->lines = calloc(count, sizeof(*output->lines));
	if (output->lines == NULL)
		return false;
	for (char *at = output->text, *end = at + len; at < end;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		output->lines[output->count++] = at;
		if (newline == NULL)
			break;
		*newline = '\0';
		at = newline + 1;
	}
	return true;
}

/* Waits for its end. One that closed its output may still run, and is waited for no longer than that was. */
static const char *
wait_for(pid_t pid, int64_t ends_ms)
{
	int status;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (patience_now_ms() >= ends_ms)
			return too_slow;
		poll(NULL, 0, TURN_MS);
	}
	if (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	return geteuid() != 0 ? "failed, as it needs root" : "failed";
}

static void
kill_and_wait(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void
program_run(struct program_output *output, char *const argv[])
{
	char path[64];
	size_t len = 0;
	int fd;
	pid_t pid;

	*output = (struct program_output){0};
	if (!find(argv[0], path, sizeof(path))) {
		output->is_absent = true;
		output->error = "is not installed";
		return;
	}
	if (!start(path, argv, &pid, &fd)) {
		output->error = "could not be started";
		return;
	}
	int64_t ends_ms = patience_now_ms() + patience_ms(PATIENCE_PROGRAM);
	output->error = read_all(output, &len, fd, ends_ms);
	close(fd);
	if (output->error != NULL)
		kill_and_wait(pid);
	else if ((output->error = wait_for(pid, ends_ms)) == too_slow)
		kill_and_wait(pid);
	if (output->error == NULL && !cut_lines(output, len))
		output->error = "did not fit into memory";
}

void
program_clear(struct program_output *output)
{
	free(output->lines);
	free(output->text);
	*output = (struct program_output){0};
}
