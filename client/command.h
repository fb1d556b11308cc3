/* Commands: one file each in client/commands/, which exports one struct command; the table is all that main knows of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <stdbool.h>

struct arguments;
struct session;

/* INTERFACE: what bouncectl ends with. */
enum exit_status {
	EXIT_ANSWERED = 0,
	EXIT_NOTHING = 1,
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3,
	EXIT_REFUSED = 4,
};

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_COUNT, /* a number from 1 */
};

struct option_spec {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;      /* 0: none */
	enum option_kind kind;
	const char *value; /* how help calls the value */
	const char *param; /* the request's parameter it becomes; NULL: it stays on this side */
	const char *help;
};

struct command {
	const char *name;
	const char *usage;   /* the operands */
	const char *summary; /* one line for --help */
	const char *details; /* further sentences for the command's own --help, or NULL */
	const struct option_spec *options;
	int operands_min, operands_max; /* -1: any number */
	bool follows;                   /* a log that --log names is read on as it grows */
	bool needs_no_log;              /* without a daemon a private one answers it just as well */
	bool is_live; /* shows things as they come, so that a pager would be in the way */
	/* Returns an enum exit_status. session is not connected yet: session_call does that. */
	int (*run)(struct session *session, const struct arguments *arguments);
};

/* NULL-terminated, in the order of --help. */
extern const struct command *const commands[];

const struct command *command_named(const char *name);

#endif
