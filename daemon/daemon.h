/* The daemon: logs to lines to index, and the server that answers from it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

#include "daemon/configuration.h"

struct daemon_options {
	const char *config_path;
	bool config_is_required; /* named by an option: must be there */
	bool is_stdio;           /* the protocol on standard input and output instead of a socket */
	bool follows; /* with is_stdio: lines that come after the files have been read count too */
	const char *data_dir; /* where classes.conf and rules.d are */
	/* Puts the options of the command line over what the file says; again at each reload. */
	bool (*override)(void *context, struct configuration *config);
	void *context;
};

/*
 * Reads the configuration and puts the options over it. False when one of them is wrong; what, has been said on standard error
 * when errors is NULL, or been added to *errors.
 */
bool daemon_read_config(const struct daemon_options *options, struct configuration *config,
    struct ini_errors *errors);

/* Also reads the classes and rules: for --check-config. The exit status. */
int daemon_check(const struct daemon_options *options);

/* Runs until SIGTERM, SIGINT or, for is_stdio, until the client has left. The exit status. */
int daemon_run(const struct daemon_options *options);

#endif
