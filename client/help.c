/* Help: what --help says, made from the tables of commands and options. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/help.h"

#include <stdio.h>

enum { HANG = 28 };

static void
show_option(struct screen *screen, const struct option_spec *option)
{
	char label[64];
	int len = 0;

	if (option->letter != 0)
		len = snprintf(label, sizeof(label), "-%c", option->letter);
	if (option->name != NULL)
		len += snprintf(label + len, sizeof(label) - (size_t)len, "%s--%s",
		    len != 0 ? ", " : "    ", option->name);
	if (option->value != NULL)
		snprintf(label + len, sizeof(label) - (size_t)len, " %s", option->value);
	screen_paragraph(screen, 2, label, HANG, option->help);
}

static void
show_options(struct screen *screen, const struct option_spec *options)
{
	for (; options->name != NULL || options->letter != 0; options++)
		show_option(screen, options);
}

static void
show_command(struct screen *screen, const struct command *command)
{
	screen_print(screen, "Usage: bouncectl %s%s%s%s\n\n", command->name,
	    command->options->name != NULL ? " [OPTION...]" : "",
	    command->usage[0] != '\0' ? " " : "", command->usage);
	screen_hanging(screen, 0, 0, command->summary);
	if (command->details != NULL)
		screen_hanging(screen, 0, 0, command->details);
	if (command->options->name != NULL) {
		screen_print(screen, "\nOptions:\n");
		show_options(screen, command->options);
	}
	screen_print(screen, "\nOptions of all commands:\n");
	show_options(screen, global_options);
}

void
help_show(struct screen *screen, const struct command *command)
{
	char label[64];

	if (command != NULL) {
		show_command(screen, command);
		return;
	}
	screen_print(screen,
	    "Usage: bouncectl [OPTION...] COMMAND ...\n       bouncectl ID\n\n"
	    "Tells what happened to the mail of an Exim server, and why each failure failed.\n\n"
	    "Commands (bouncectl COMMAND --help says more):\n");
	for (const struct command *const *c = commands; *c != NULL; c++) {
		snprintf(label, sizeof(label), "%s %s", (*c)->name, (*c)->usage);
		screen_paragraph(screen, 2, label, HANG, (*c)->summary);
	}
	screen_print(screen, "\nOptions:\n");
	show_options(screen, global_options);
	screen_print(screen,
	    "\nTimes: -2h, today, yesterday, 2026-11-23, \"2026-11-23 20:15\". Exit status: 0 answered,\n"
	    "1 nothing found, 2 usage, 3 cannot reach the daemon, 4 the daemon said no.\n");
}
