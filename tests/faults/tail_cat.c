/* tail_cat: follows logs and prints "FILE OFFSET LINE", for the tests of what befalls log files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/tail/tail.h"

static bool is_quiet;

static void
print_line(void *context, struct position position, struct slice line, bool is_cut)
{
	(void)context;
	if (is_quiet)
		return;
	printf("%u %llu %.*s%s\n", position.file, (unsigned long long)position.offset,
	    (int)line.len, line.at, is_cut ? " [cut]" : "");
}

static void
print_caught_up(void *context)
{
	(void)context;
	fprintf(stderr, "caught up\n");
}

static void
print_complaint(void *context, const char *message)
{
	(void)context;
	fprintf(stderr, "tail_cat: %s\n", message);
}

/* "2026-11-24 10:00:00", as if it were UTC. */
static bool
read_time(void *context, struct slice line, int64_t *second)
{
	struct tm time = {0};
	char text[20];

	(void)context;
	if (line.len < sizeof(text) - 1)
		return false;
	memcpy(text, line.at, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	if (strptime(text, "%Y-%m-%d %H:%M:%S", &time) == NULL)
		return false;
	*second = timegm(&time);
	return true;
}

static void
on_signal(evutil_socket_t signal_number, short what, void *base)
{
	(void)signal_number;
	(void)what;
	event_base_loopexit(base, NULL);
}

static void
print_account(const struct tail *tail)
{
	struct tail_counts counts;

	tail_count(tail, &counts);
	fprintf(stderr, "lines %llu, cut %llu, bytes %llu%s\n", (unsigned long long)counts.lines,
	    (unsigned long long)counts.overlong, (unsigned long long)counts.bytes,
	    counts.polling_only ? ", polling" : "");
	for (size_t i = 0; i < tail_file_count(tail); i++) {
		struct tail_file_status status;

		tail_file_status(tail, i, &status);
		if (status.path != NULL)
			fprintf(stderr, "%s: %s, read %llu of %llu, rotations %u\n", status.path,
			    tail_state_name(status.state), (unsigned long long)status.read_bytes,
			    (unsigned long long)status.size, status.rotations);
	}
}

int
main(int argc, char **argv)
{
	struct tail_options options = {0};
	const struct tail_receiver receiver = {print_line, print_caught_up, print_complaint,
	    read_time, NULL};
	struct event_base *base = event_base_new();
	int option, result = 0;

	while ((option = getopt(argc, argv, "fqsw:")) != -1) {
		options.follow |= option == 'f';
		options.siblings |= option == 's';
		is_quiet |= option == 'q';
		if (option == 'w')
			options.window_start = atoll(optarg);
		if (option == '?') {
			fprintf(stderr, "usage: tail_cat [-f] [-q] [-s] [-w SECOND] LOG...\n");
			return 2;
		}
	}
	options.paths = (const char *const *)argv + optind;
	options.path_count = (size_t)(argc - optind);
	setvbuf(stdout, NULL, _IOLBF, 0);
	event_base_priority_init(base, 2);
	struct tail *tail = tail_new(&options, base, &receiver);
	if (tail == NULL)
		return 1;
	if (options.follow) {
		struct event *end = evsignal_new(base, SIGTERM, on_signal, base);

		event_add(end, NULL);
		event_base_dispatch(base);
		event_free(end);
	} else {
		result = -tail_read_all(tail);
	}
	print_account(tail);
	tail_free(tail);
	event_base_free(base);
	if (result != 0)
		fprintf(stderr, "tail_cat: %s\n", strerror(result));
	return result != 0;
}
