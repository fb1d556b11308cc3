/* Configuration: what bounced.conf says, what options override, and what holds when neither says anything. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_CONFIGURATION_H
#define DAEMON_CONFIGURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/text/ini.h"

#define CONFIG_PATH_DEFAULT SYSCONFDIR "/bounced/bounced.conf"

struct path_list {
	char **paths; /* NULL-terminated once there is one */
	size_t count;
};

/* All strings are the configuration's own. */
struct configuration {
	struct path_list logs;  /* [log] path, extra */
	char *timezone;         /* NULL: the system's */
	int64_t window_seconds; /* 0: none */
	uint64_t memory_max;    /* bytes; 0: no cap */
	char *socket_path;
	char *socket_group;
	bool socket_group_is_set;
	mode_t socket_mode; /* 0: not said */
	uint64_t clients_max;
	bool users_own;
	char *userdomains, *localdomains, *homes;
	char *rules_dir; /* read after the rules of the package */
	char *classes;   /* NULL: the package's */
	bool journal_failures;
	uint64_t request_bytes, unsent_bytes, idle_seconds;
};

/* The defaults. False when memory is out. */
bool configuration_init(struct configuration *config);
void configuration_clear(struct configuration *config);

/* Reads a file over what *config holds; complaints name its lines. */
void configuration_read(struct configuration *config, const char *path, struct ini_errors *errors);

/*
 * Sets one value, as `key = value` in [section] would. NULL, or what is wrong with the value, to be put behind its name. The
 * first of several logs replaces the default.
 */
const char *configuration_set(struct configuration *config, const char *section, const char *key,
    const char *value);

/* Fills in what depends on the system: the log's usual places, when none is set. */
void configuration_complete(struct configuration *config);

bool path_list_add(struct path_list *list, const char *path);
void path_list_clear(struct path_list *list);

/* "256M", "1G", "64K", bytes; 0 stands for no limit. */
bool size_parse(const char *text, uint64_t *bytes);

#endif
