/* The daemon's own log: lines for the administrator, to the journal or to standard error. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOURNAL_LOG_H
#define JOURNAL_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* To standard error when it is a terminal, when wants_stderr, or when there is no journal; else to the journal. is_debug: say LOG_DEBUG lines too. */
void log_open(bool wants_stderr, bool is_debug);

/* priority: syslog(3)'s. One line, no newline. */
void log_say(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool log_is_debug(void);

#endif
