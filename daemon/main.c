/* bounced: follows Exim's main log and answers what happened to each message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/configuration.h"
#include "daemon/daemon.h"
#include "daemon/journal/log.h"

enum option_key {
	OPTION_CONFIG = 256,
	OPTION_LOG,
	OPTION_SOCKET,
	OPTION_WINDOW,
	OPTION_MEMORY_MAX,
	OPTION_FOREGROUND,
	OPTION_DEBUG,
	OPTION_CHECK_CONFIG,
	OPTION_STDIO,
	OPTION_FOLLOW,
	OPTION_DATA,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"log", required_argument, NULL, OPTION_LOG},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"memory-max", required_argument, NULL, OPTION_MEMORY_MAX},
    {"foreground", no_argument, NULL, OPTION_FOREGROUND},
    {"debug", no_argument, NULL, OPTION_DEBUG},
    {"check-config", no_argument, NULL, OPTION_CHECK_CONFIG},
    {"stdio", no_argument, NULL, OPTION_STDIO},
    {"follow", no_argument, NULL, OPTION_FOLLOW},
    {"data", required_argument, NULL, OPTION_DATA},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "bounced [--config FILE] [--log FILE...] [--socket PATH] [--window 7d] [--memory-max 256M]\n"
    "        [--foreground] [--debug] [--check-config] [--stdio [--follow]] [--version] [--help]\n"
    "\n"
    "Follows Exim's main log and answers on a Unix socket what happened to each message.\n"
    "\n"
    "  --config FILE      read FILE instead of " CONFIG_PATH_DEFAULT "\n"
    "  --log FILE...      follow these logs instead of the configured ones\n"
    "  --socket PATH      answer here instead of at /run/bounced/bounced.sock\n"
    "  --window SPAN      keep messages that long (7d); 0: for ever\n"
    "  --memory-max SIZE  and in no more memory than that (256M); 0: any\n"
    "  --foreground       log to standard error\n"
    "  --debug            log every line that is read, too\n"
    "  --check-config     check configuration, classes and rules, then exit\n"
    "  --stdio            read the logs to their end, then answer one client on standard input and output\n"
    "  --follow           with --stdio: go on reading what the logs grow by\n"
    "  --data DIR         take classes.conf and rules.d from DIR instead of " PKGDATADIR "\n"
    "  --version          say which version this is\n"
    "  --help             say this\n"
    "\n"
    "Questions are asked with bouncectl(1).\n";

/* What the command line says. */
struct arguments {
	struct path_list logs;
	const char *config, *socket, *window, *memory_max, *data;
	bool is_foreground, is_debug, is_check, is_stdio, follows;
};

static bool
set(struct configuration *config, const char *option, const char *section, const char *key,
    const char *value)
{
	const char *problem = value != NULL ? configuration_set(config, section, key, value) : NULL;

	if (problem != NULL)
		fprintf(stderr, "bounced: %s %s %s\n", option, value, problem);
	return problem == NULL;
}

static bool
override(void *context, struct configuration *config)
{
	const struct arguments *arguments = context;

	/* Whole files are read whole, unless somebody says otherwise here. */
	if (arguments->is_stdio) {
		config->window_seconds = 0;
		config->memory_max = 0;
	}
	if (arguments->logs.count != 0) {
		path_list_clear(&config->logs);
		for (size_t i = 0; i < arguments->logs.count; i++)
			if (!path_list_add(&config->logs, arguments->logs.paths[i]))
				return false;
	}
	return set(config, "--socket", "socket", "path", arguments->socket) &&
	    set(config, "--window", "index", "window", arguments->window) &&
	    set(config, "--memory-max", "index", "memory-max", arguments->memory_max);
}

/* Where classes and rules are: as told, in the build tree that the program stands in, else where they are installed. */
static const char *
find_data(const struct arguments *arguments, char path[PATH_MAX])
{
	static const char beside[] = "etc/classes.conf";
	const char *told = getenv("BOUNCED_DATADIR");
	ssize_t len;

	if (arguments->data != NULL)
		return arguments->data;
	if (told != NULL && told[0] != '\0')
		return told;
	len = readlink("/proc/self/exe", path, PATH_MAX - sizeof(beside));
	if (len > 0) {
		path[len] = '\0';
		char *name = strrchr(path, '/') + 1;

		strcpy(name, beside);
		if (access(path, R_OK) == 0) {
			*strrchr(path, '/') = '\0';
			return path;
		}
	}
	return PKGDATADIR;
}

static int
refuse_usage(const char *argument, const char *reason)
{
	fprintf(stderr, "bounced: %s %s\n", argument, reason);
	return SETTINGS_ARE_WRONG;
}

/* -1: go on; else the exit status. */
static int
read_arguments(struct arguments *arguments, int argc, char *argv[])
{
	int key;

	/* The colon: a missing value is told apart, and getopt says nothing by itself. */
	while ((key = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (key) {
		case OPTION_CONFIG:
			arguments->config = optarg;
			break;
		case OPTION_LOG:
			if (!path_list_add(&arguments->logs, optarg))
				return EXIT_FAILURE;
			/* --log A B: what follows up to the next option. */
			while (optind < argc && (argv[optind][0] != '-' || argv[optind][1] == '\0'))
				if (!path_list_add(&arguments->logs, argv[optind++]))
					return EXIT_FAILURE;
			break;
		case OPTION_SOCKET:
			arguments->socket = optarg;
			break;
		case OPTION_WINDOW:
			arguments->window = optarg;
			break;
		case OPTION_MEMORY_MAX:
			arguments->memory_max = optarg;
			break;
		case OPTION_FOREGROUND:
			arguments->is_foreground = true;
			break;
		case OPTION_DEBUG:
			arguments->is_debug = true;
			break;
		case OPTION_CHECK_CONFIG:
			arguments->is_check = true;
			break;
		case OPTION_STDIO:
			arguments->is_stdio = true;
			break;
		case OPTION_FOLLOW:
			arguments->follows = true;
			break;
		case OPTION_DATA:
			arguments->data = optarg;
			break;
		case OPTION_VERSION:
			puts("bounced " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case OPTION_HELP:
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case ':':
			return refuse_usage(argv[optind - 1], "needs a value; see bounced --help");
		default:
			return refuse_usage(argv[optind - 1],
			    "is no option, or takes no value; see bounced --help");
		}
	}
	if (optind < argc)
		return refuse_usage(argv[optind], "is no option; logs are named with --log");
	return -1;
}

int
main(int argc, char *argv[])
{
	struct arguments arguments = {0};
	char data[PATH_MAX];
	int status = read_arguments(&arguments, argc, argv);

	if (status < 0) {
		const struct daemon_options daemon_options = {
		    .settings = {.config_path = arguments.config != NULL ? arguments.config :
									   CONFIG_PATH_DEFAULT,
			.config_is_required = arguments.config != NULL,
			.data_dir = find_data(&arguments, data),
			.override = override,
			.context = &arguments},
		    .is_stdio = arguments.is_stdio,
		    .follows = arguments.follows,
		};

		log_open(arguments.is_foreground || arguments.is_stdio || arguments.is_check,
		    arguments.is_debug);
		status = arguments.is_check ? settings_check(&daemon_options.settings) :
					      daemon_run(&daemon_options);
	}
	path_list_clear(&arguments.logs);
	return status;
}
