/* What the command line, the configuration, the classes and the rules say: read at the start, at each reload and for --check-config. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>

#include "daemon/configuration.h"

struct classifier;

enum {
	SETTINGS_ARE_WRONG = 2, /* the exit status */
};

/* Where to read from. The strings are the caller's and stay. */
struct settings {
	const char *config_path;
	bool config_is_required; /* named by an option: must be there */
	const char *data_dir;    /* where classes.conf and rules.d are */
	/* Puts the options of the command line over what the file says; again at each reload. */
	bool (*override)(void *context, struct configuration *config);
	void *context;
};

/*
 * Reads the configuration and puts the options over it; the caller clears *config when true. False when one of them is wrong;
 * what, has been said on standard error when errors is NULL, or been added to *errors.
 */
bool settings_read(const struct settings *settings, struct configuration *config,
    struct ini_errors *errors);

/* The classes and rules that the configuration asks for; freed by the caller. NULL when they cannot be used; why, is added to *errors. */
struct classifier *settings_load_classifier(const struct settings *settings,
    const struct configuration *config, struct ini_errors *errors);

/* Says every complaint on standard error: whoever started the daemon sees them there, the journal too. */
void settings_say_errors(const struct ini_errors *errors);

/* Reads all of it and tries the samples of every rule: for --check-config. The exit status. */
int settings_check(const struct settings *settings);

#endif
