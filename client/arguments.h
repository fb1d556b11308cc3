/* Arguments: what was typed, read by the tables of options; says what is wrong in one line. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_ARGUMENTS_H
#define CLIENT_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/command.h"

struct json_object;

enum { OPTIONS_MAX = 16, LOGS_MAX = 256 };

enum output_format {
	OUTPUT_HUMAN,
	OUTPUT_JSON,
	OUTPUT_JSON_PRETTY,
};

enum color_choice {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

struct arguments {
	/* before or after the command */
	const char *socket;
	const char *host;
	const char *logs[LOGS_MAX];
	int log_count;
	const char *memory_max;
	enum output_format output;
	enum color_choice color;
	bool no_pager;
	bool wants_help, wants_version;

	const struct command *command;
	const char
	    *values[OPTIONS_MAX]; /* in the order of the command's options; NULL: not given */
	const char **operands;
	int operand_count;
};

extern const struct option_spec global_options[];

/*
 * Reads argv. Returns 0, or EXIT_USAGE after one line on standard error. The strings of argv are kept; arguments_clear frees
 * the rest.
 */
int arguments_parse(struct arguments *arguments, int argc, char *argv[]);
void arguments_clear(struct arguments *arguments);

/* The value of one of the command's options, "" for a flag; NULL: not given. */
const char *arguments_value(const struct arguments *arguments, const char *name);
/* A value of OPTION_COUNT, or fallback. */
int64_t arguments_count(const struct arguments *arguments, const char *name, int64_t fallback);
/* The request's parameters that the options given make; the caller puts it. Counts are left to the caller. */
struct json_object *arguments_params(const struct arguments *arguments);

/* "bouncectl: TEXT" on standard error; returns EXIT_USAGE. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True for both forms of an Exim message id. */
bool is_message_id(const char *text);

#endif
