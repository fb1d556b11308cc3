/* The daemon's own log: lines for the administrator, to the journal or to standard error. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/journal/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

enum { LINE_ROOM = 1024 };

static bool is_to_journal, is_debugging;

void
log_open(bool wants_stderr, bool is_debug)
{
	is_to_journal = !wants_stderr && !isatty(STDERR_FILENO) &&
	    access("/run/systemd/journal/socket", W_OK) == 0;
	is_debugging = is_debug;
}

/* Names of files and texts from outside may hold anything; a log line is one line. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void
log_say(int priority, const char *format, ...)
{
	char line[LINE_ROOM];
	va_list arguments;

	if (priority >= LOG_DEBUG && !is_debugging)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	make_printable(line);
	if (!is_to_journal ||
	    sd_journal_send("MESSAGE=%s", line, "PRIORITY=%i", priority,
		"SYSLOG_IDENTIFIER=bounced", NULL) < 0)
		fprintf(stderr, "bounced: %s\n", line);
}

bool
log_is_debug(void)
{
	return is_debugging;
}
