/* ping: asks a daemon line by line and says how long each answer took, and the barest server to compare it with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	ANSWER_BYTES = 2048, /* of the bare server: about as many as a story has */
	ROOM = 1 << 20,
};

static char room[ROOM];

static void
fail(const char *what)
{
	fprintf(stderr, "ping: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_socket(const char *path, struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (fd < 0 || strlen(path) >= sizeof(address->sun_path))
		fail(path);
	strcpy(address->sun_path, path);
	return fd;
}

/* Reads until a newline has come; false at the end. */
static int
read_line(int fd)
{
	ssize_t got;

	while ((got = read(fd, room, sizeof(room))) > 0)
		if (room[got - 1] == '\n')
			return 1;
	return 0;
}

static void
write_all(int fd, const char *text, size_t len)
{
	if (write(fd, text, len) != (ssize_t)len)
		fail("write");
}

/* Answers one client, each line with the same one. */
static void
serve(const char *path)
{
	static char answer[ANSWER_BYTES];
	struct sockaddr_un address;
	int listener = open_socket(path, &address), fd;

	memset(answer, 'x', sizeof(answer));
	answer[sizeof(answer) - 1] = '\n';
	if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 1) != 0 || (fd = accept(listener, NULL, NULL)) < 0)
		fail(path);
	while (read_line(fd))
		write_all(fd, answer, sizeof(answer));
}

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Asks the questions on standard input over and over, until so many are answered or the time is over. */
static void
ask(const char *path, unsigned long count, double seconds)
{
	static char *questions[4096];
	static double took[1 << 20]; /* printed when nothing is measured any more */
	const unsigned long most = sizeof(took) / sizeof(took[0]);
	struct sockaddr_un address;
	size_t known = 0, size = 0;
	unsigned long done = 0;
	int fd = open_socket(path, &address);
	double end = now_us() + seconds * 1e6;

	while (known < sizeof(questions) / sizeof(questions[0]) &&
	    getline(&questions[known], &size, stdin) > 0) {
		known++;
		size = 0;
	}
	if (known == 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		fail(path);
	while (done < most && (count == 0 || done < count) && (seconds <= 0 || now_us() < end)) {
		const char *question = questions[done % known];
		double began = now_us();

		write_all(fd, question, strlen(question));
		if (!read_line(fd))
			fail("the daemon left");
		took[done++] = now_us() - began;
	}
	for (unsigned long i = 0; i < done; i++)
		printf("%.1f\n", took[i]);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0) {
		serve(argv[2]);
	} else if (argc == 5 && strcmp(argv[1], "ask") == 0) {
		ask(argv[2], strtoul(argv[3], NULL, 10), strtod(argv[4], NULL));
	} else {
		fprintf(stderr,
		    "usage: ping serve SOCKET | ping ask SOCKET COUNT SECONDS <QUESTIONS\n");
		return 2;
	}
	return 0;
}
