/* The commands, each defined in the file of its name. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_COMMANDS_TABLE_H
#define CLIENT_COMMANDS_TABLE_H

#include "client/command.h"

extern const struct command command_why;
extern const struct command command_recent;
extern const struct command command_find;
extern const struct command command_queue;
extern const struct command command_watch;
extern const struct command command_stats;
extern const struct command command_incidents;
extern const struct command command_explain;
extern const struct command command_dump;
extern const struct command command_check;
extern const struct command command_classes;
extern const struct command command_status;
extern const struct command command_proxy;

#endif
