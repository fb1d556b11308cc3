/* Configuration: what bounced.conf says, what options override, and what holds when neither says anything. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/configuration.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/text/moment.h"
#include "protocol/limits.h"

enum setting_type {
	SETTING_STRING,
	SETTING_PATH, /* absolute */
	SETTING_LOGS, /* several, separated by blanks */
	SETTING_SPAN,
	SETTING_SIZE,
	SETTING_COUNT, /* at least 1 */
	SETTING_MODE,
	SETTING_YES_NO,
	SETTING_USERS,
	SETTING_ZONE,
};

enum {
	MEMORY_MIN = 1 << 20,
	MEMORY_DEFAULT = 256 << 20,
};

static const struct setting {
	const char *section, *key;
	enum setting_type type;
	size_t offset;
} settings[] = {
    {"log", "path", SETTING_LOGS, offsetof(struct configuration, logs)},
    {"log", "extra", SETTING_LOGS, offsetof(struct configuration, logs)},
    {"log", "timezone", SETTING_ZONE, offsetof(struct configuration, timezone)},
    {"index", "window", SETTING_SPAN, offsetof(struct configuration, window_seconds)},
    {"index", "memory-max", SETTING_SIZE, offsetof(struct configuration, memory_max)},
    {"socket", "path", SETTING_PATH, offsetof(struct configuration, socket_path)},
    {"socket", "group", SETTING_STRING, offsetof(struct configuration, socket_group)},
    {"socket", "mode", SETTING_MODE, offsetof(struct configuration, socket_mode)},
    {"socket", "max-clients", SETTING_COUNT, offsetof(struct configuration, clients_max)},
    {"access", "users", SETTING_USERS, offsetof(struct configuration, users_own)},
    {"access", "userdomains", SETTING_PATH, offsetof(struct configuration, userdomains)},
    {"access", "localdomains", SETTING_PATH, offsetof(struct configuration, localdomains)},
    {"access", "homes", SETTING_PATH, offsetof(struct configuration, homes)},
    {"classify", "rules-dir", SETTING_PATH, offsetof(struct configuration, rules_dir)},
    {"classify", "classes", SETTING_PATH, offsetof(struct configuration, classes)},
    {"journal", "failures", SETTING_YES_NO, offsetof(struct configuration, journal_failures)},
    {"limits", "request-bytes", SETTING_SIZE, offsetof(struct configuration, request_bytes)},
    {"limits", "unsent-bytes", SETTING_SIZE, offsetof(struct configuration, unsent_bytes)},
    {"limits", "idle", SETTING_SPAN, offsetof(struct configuration, idle_seconds)},
};

enum { SETTING_COUNT_ALL = sizeof(settings) / sizeof(settings[0]) };

/* Where Exim's main log usually is: cPanel, Debian, Enterprise Linux. */
static const char *const usual_logs[] = {
    "/var/log/exim_mainlog",
    "/var/log/exim4/mainlog",
    "/var/log/exim/main.log",
    NULL,
};

static bool
set_string(char **string, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return false;
	free(*string);
	*string = copy;
	return true;
}

bool
configuration_init(struct configuration *config)
{
	*config = (struct configuration){
	    .window_seconds = 7 * 24 * 3600,
	    .memory_max = MEMORY_DEFAULT,
	    .clients_max = LIMIT_CLIENTS,
	    .request_bytes = LIMIT_REQUEST_BYTES,
	    .unsent_bytes = LIMIT_UNSENT_BYTES,
	    .idle_seconds = LIMIT_IDLE_SECONDS,
	};
	return set_string(&config->socket_path, "/run/bounced/bounced.sock") &&
	    set_string(&config->socket_group, "bounced") &&
	    set_string(&config->userdomains, "/etc/userdomains") &&
	    set_string(&config->localdomains, "/etc/localdomains") &&
	    set_string(&config->homes, "/home") &&
	    set_string(&config->rules_dir, SYSCONFDIR "/bounced/rules.d");
}

void
configuration_clear(struct configuration *config)
{
	path_list_clear(&config->logs);
	free(config->timezone);
	free(config->socket_path);
	free(config->socket_group);
	free(config->userdomains);
	free(config->localdomains);
	free(config->homes);
	free(config->rules_dir);
	free(config->classes);
	*config = (struct configuration){0};
}

bool
path_list_add(struct path_list *list, const char *path)
{
	char **paths = realloc(list->paths, (list->count + 2) * sizeof(*paths));

	if (paths == NULL)
		return false;
	list->paths = paths;
	paths[list->count] = strdup(path);
	if (paths[list->count] == NULL)
		return false;
	paths[++list->count] = NULL;
	return true;
}

void
path_list_clear(struct path_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct path_list){0};
}

bool
size_parse(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	unsigned shift = 0;
	if (*end != '\0') {
		const char *unit = strchr(units, toupper((unsigned char)*end));

		if (unit == NULL)
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
		if (strcmp(end, "iB") == 0 || strcmp(end, "B") == 0)
			end += strlen(end);
	}
	if (errno != 0 || *end != '\0' || value > UINT64_MAX >> shift)
		return false;
	*bytes = (uint64_t)value << shift;
	return true;
}

static const char *
set_logs(struct path_list *logs, const char *value)
{
	const char *at = value + strspn(value, " \t\n");

	if (*at == '\0')
		return "is empty; name a file";
	while (*at != '\0') {
		size_t len = strcspn(at, " \t\n");
		char *path = strndup(at, len);
		bool is_added = path != NULL && path_list_add(logs, path);

		free(path);
		if (!is_added)
			return "does not fit into memory";
		at += len;
		at += strspn(at, " \t\n");
	}
	return NULL;
}

static const char *
set_span(int64_t *seconds, const char *value)
{
	if (span_parse(slice_str(value), seconds) && *seconds >= 0)
		return NULL;
	return "is no span of time; write 7d, 36h or 90min";
}

static const char *
set_count(uint64_t *count, const char *value)
{
	char *end;

	errno = 0;
	unsigned long long number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 || number == 0 ||
	    number > 1000000)
		return "is a number from 1 to 1000000";
	*count = number;
	return NULL;
}

static const char *
set_mode(mode_t *mode, const char *value)
{
	char *end;
	unsigned long number = strtoul(value, &end, 8);

	if (!isdigit((unsigned char)value[0]) || *end != '\0' || number == 0 || number > 0777)
		return "is an octal mode, as 0660";
	*mode = (mode_t)number;
	return NULL;
}

static const char *
set_yes_no(bool *flag, const char *value)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*flag = i % 2 != 0;
			return NULL;
		}
	}
	return "is yes or no";
}

static const char *
set_users(bool *own, const char *value)
{
	if (strcmp(value, "none") != 0 && strcmp(value, "own") != 0)
		return "is none or own";
	*own = strcmp(value, "own") == 0;
	return NULL;
}

static const char *
set_zone(char **name, const char *value)
{
	struct zone *zone;

	if (strcmp(value, "local") == 0) {
		free(*name);
		*name = NULL;
		return NULL;
	}
	zone = zone_new(value);
	if (zone == NULL)
		return "is no time zone of this system; write local, UTC or a name as America/Chicago";
	zone_free(zone);
	return set_string(name, value) ? NULL : "does not fit into memory";
}

static const char *
apply(struct configuration *config, const struct setting *setting, const char *value)
{
	void *target = (char *)config + setting->offset;

	switch (setting->type) {
	case SETTING_STRING:
		return set_string(target, value) ? NULL : "does not fit into memory";
	case SETTING_PATH:
		if (value[0] == '\0')
			return "is empty; name a path";
		return set_string(target, value) ? NULL : "does not fit into memory";
	case SETTING_LOGS:
		return set_logs(target, value);
	case SETTING_SPAN:
		return set_span(target, value);
	case SETTING_SIZE:
		return size_parse(value, target) ? NULL : "is no size; write 256M, 1G or bytes";
	case SETTING_COUNT:
		return set_count(target, value);
	case SETTING_MODE:
		return set_mode(target, value);
	case SETTING_YES_NO:
		return set_yes_no(target, value);
	case SETTING_USERS:
		return set_users(target, value);
	case SETTING_ZONE:
		return set_zone(target, value);
	}
	return NULL;
}

static const struct setting *
find_setting(const char *section, const char *key)
{
	for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
		if (strcmp(settings[i].section, section) == 0 && strcmp(settings[i].key, key) == 0)
			return &settings[i];
	return NULL;
}

const char *
configuration_set(struct configuration *config, const char *section, const char *key,
    const char *value)
{
	const struct setting *setting = find_setting(section, key);
	const char *problem;

	if (setting == NULL)
		return "is not a setting";
	problem = apply(config, setting, value);
	if (problem == NULL && setting->offset == offsetof(struct configuration, socket_group))
		config->socket_group_is_set = true;
	if (problem == NULL && config->memory_max != 0 && config->memory_max < MEMORY_MIN) {
		config->memory_max = MEMORY_DEFAULT;
		return "is too small; 1M at least, or 0 for no cap";
	}
	if (problem == NULL && config->request_bytes < 1024) {
		config->request_bytes = LIMIT_REQUEST_BYTES;
		return "is too small; 1K at least";
	}
	if (problem == NULL && (config->unsent_bytes < 1024 || config->idle_seconds < 1)) {
		config->unsent_bytes = LIMIT_UNSENT_BYTES;
		config->idle_seconds = LIMIT_IDLE_SECONDS;
		return "is too small";
	}
	return problem;
}

static bool
is_section(const char *section)
{
	for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
		if (strcmp(settings[i].section, section) == 0)
			return true;
	return false;
}

/* The section that has such a key, for those who put it into the wrong one. */
static const char *
section_of(const char *key)
{
	for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
		if (strcmp(settings[i].key, key) == 0)
			return settings[i].section;
	return NULL;
}

static void
read_entry(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct configuration *config = context;
	const char *problem, *section;

	if (!is_section(entry->section)) {
		if (entry->key == NULL)
			ini_complain(errors, entry->path, entry->line,
			    "there is no section [%s]; bounced.conf(5) lists them", entry->section);
		else if (entry->section[0] == '\0')
			ini_complain(errors, entry->path, entry->line,
			    "%s stands before the first [section]", entry->key);
		return;
	}
	if (entry->key == NULL)
		return;
	if (find_setting(entry->section, entry->key) == NULL) {
		section = section_of(entry->key);
		ini_complain(errors, entry->path, entry->line, "[%s] has no setting %s; %s%s%s",
		    entry->section, entry->key,
		    section != NULL ? "it belongs into [" : "bounced.conf(5) lists them",
		    section != NULL ? section : "", section != NULL ? "]" : "");
		return;
	}
	problem = configuration_set(config, entry->section, entry->key, entry->value);
	if (problem != NULL)
		ini_complain(errors, entry->path, entry->line, "%s = %s %s", entry->key,
		    entry->value, problem);
}

void
configuration_read(struct configuration *config, const char *path, struct ini_errors *errors)
{
	ini_read(path, read_entry, config, errors);
}

void
configuration_complete(struct configuration *config)
{
	if (config->socket_mode == 0)
		config->socket_mode = config->users_own ? 0666 : 0660;
	if (config->logs.count != 0)
		return;
	for (size_t i = 0; usual_logs[i] != NULL; i++) {
		if (access(usual_logs[i], F_OK) == 0) {
			path_list_add(&config->logs, usual_logs[i]);
			return;
		}
	}
	path_list_add(&config->logs, usual_logs[0]);
}
