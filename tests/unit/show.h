/* What a parser found, as one text: tables of tests compare it with what they expect, and a failure shows both. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_SHOW_H
#define UNIT_SHOW_H

#include <stdarg.h>
#include <stdio.h>

#include "daemon/exim/host.h"
#include "daemon/text/slice.h"

struct shown {
	char text[4096];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static inline void
show(struct shown *shown, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(shown->text + shown->len, sizeof(shown->text) - shown->len, format,
	    arguments);
	va_end(arguments);
	if (len > 0 && shown->len + (size_t)len < sizeof(shown->text))
		shown->len += (size_t)len;
}

/* " name{value}"; nothing for what is empty. */
static inline void
show_slice(struct shown *shown, const char *name, struct slice value)
{
	if (value.len != 0)
		show(shown, "%s%s{%.*s}", shown->len != 0 ? " " : "", name, (int)value.len,
		    value.at);
}

static inline void
show_number(struct shown *shown, const char *name, long long value, long long unless)
{
	if (value != unless)
		show(shown, "%s%s{%lld}", shown->len != 0 ? " " : "", name, value);
}

static inline void
show_flag(struct shown *shown, const char *name, bool is_set)
{
	if (is_set)
		show(shown, "%s%s", shown->len != 0 ? " " : "", name);
}

static inline void
show_host(struct shown *shown, const struct host *host)
{
	show_slice(shown, "host", host->name);
	show_slice(shown, "helo", host->helo);
	show_slice(shown, "ip", host->ip);
	show_number(shown, "port", host->port, 0);
}

#endif
