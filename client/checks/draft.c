/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What nobody could find out is worse than what is well, and better than what is known to be wrong. */
static const enum check_status worst_first[] = {CHECK_FAIL, CHECK_WARN, CHECK_UNKNOWN, CHECK_OK};

enum { STATUSES = sizeof(worst_first) / sizeof(*worst_first) };

static int
place_of(enum check_status status)
{
	int place = 0;

	while (worst_first[place] != status)
		place++;
	return place;
}

static void __attribute__((format(printf, 2, 0)))
add_line(struct draft_lines *lines, const char *format, va_list values)
{
	char *line;

	if (lines->count == DRAFT_LINES_MAX || vasprintf(&line, format, values) < 0)
		return;
	for (size_t i = 0; i < lines->count; i++)
		if (strcmp(lines->list[i], line) == 0) {
			free(line);
			return;
		}
	lines->list[lines->count++] = line;
}

void
draft_open(struct draft *draft, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	add_line(&draft->opening, format, values);
	va_end(values);
}

void
draft_say(struct draft *draft, enum check_status status, const char *format, ...)
{
	va_list values;

	if (place_of(status) < place_of(draft->status))
		draft->status = status;
	va_start(values, format);
	add_line(&draft->sentences[status], format, values);
	va_end(values);
}

void
draft_evidence(struct draft *draft, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	add_line(&draft->evidence, format, values);
	va_end(values);
}

void
draft_advise(struct draft *draft, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	add_line(&draft->advice, format, values);
	va_end(values);
}

static void
clear_lines(struct draft_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i]);
	lines->count = 0;
}

static void
print_lines(FILE *out, const struct draft_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		fprintf(out, "%s%s", ftell(out) != 0 ? " " : "", lines->list[i]);
}

/* All sentences, which the caller frees. */
static char *
finding(const struct draft *draft)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	print_lines(out, &draft->opening);
	for (int i = 0; i < STATUSES; i++)
		print_lines(out, &draft->sentences[worst_first[i]]);
	fclose(out);
	return text;
}

void
draft_add(struct draft *draft, struct checks *checks, const char *check)
{
	char *text = finding(draft);
	struct json_object *item = checks_add(checks, check, draft->status, "%s",
	    text != NULL ? text : "");

	free(text);
	for (size_t i = 0; i < draft->evidence.count; i++)
		check_evidence(item, "%s", draft->evidence.list[i]);
	for (size_t i = 0; i < draft->advice.count; i++)
		check_advise(item, "%s", draft->advice.list[i]);
	clear_lines(&draft->opening);
	for (int i = 0; i < STATUSES; i++)
		clear_lines(&draft->sentences[i]);
	clear_lines(&draft->evidence);
	clear_lines(&draft->advice);
}
