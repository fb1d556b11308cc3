/* Program: what a program of the system prints, within bounds of time and size. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_PROGRAM_H
#define CLIENT_CHECKS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

struct program_output {
	bool is_absent; /* it is not installed */
	const char *
	    error; /* NULL: it was run and succeeded; else why there are no lines, to follow its name */
	char *text;
	char **lines;
	size_t count;
};

/*
 * Runs argv, the first of which is a name that is looked for in the system's own folders alone, with nothing on standard input
 * and an empty environment. It has five seconds and 4 MiB.
 */
void program_run(struct program_output *output, char *const argv[]);
void program_clear(struct program_output *output);

#endif
