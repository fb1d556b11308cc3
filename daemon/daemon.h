/* The daemon: logs to lines to index, and the server that answers from it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

#include "daemon/settings.h"

struct daemon_options {
	struct settings settings;
	bool is_stdio; /* the protocol on standard input and output instead of a socket */
	bool follows;  /* with is_stdio: lines that come after the files have been read count too */
};

/* Runs until SIGTERM, SIGINT or, for is_stdio, until the client has left. The exit status. */
int daemon_run(const struct daemon_options *options);

#endif
