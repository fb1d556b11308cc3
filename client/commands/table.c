/* The table of all commands: a new one is one file and one line here. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "client/command.h"
#include "client/commands/table.h"

const struct command *const commands[] = {
    &command_why,
    &command_recent,
    &command_find,
    &command_queue,
    &command_watch,
    &command_stats,
    &command_incidents,
    &command_explain,
    &command_check,
    &command_dump,
    &command_classes,
    &command_status,
    &command_proxy,
    NULL,
};

const struct command *
command_named(const char *name)
{
	for (const struct command *const *command = commands; *command != NULL; command++)
		if (strcmp((*command)->name, name) == 0)
			return *command;
	return NULL;
}
