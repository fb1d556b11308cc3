/* Fuzzes what checks read of a server's files, which users write too: aliases, filters, usage, sockets, lists of domains. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/alias.h"
#include "client/checks/box/box.h"
#include "client/checks/box/filter_file.h"
#include "client/checks/box/lines.h"
#include "client/checks/hosting/listening.h"
#include "client/checks/hosting/mailbox_usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 4096 };

static void
check(bool is_so)
{
	if (!is_so)
		abort();
}

/* Cuts the text as the box does. */
static void
cut(struct box_file *file, char *text, size_t size)
{
	for (char *at = text, *end = text + size; at < end && file->count < LINES_MAX;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		file->lines[file->count++] = at;
		if (newline == NULL)
			break;
		*newline = '\0';
		at = newline + 1;
	}
}

static void
fuzz_filter(const struct box_file *file)
{
	struct filter_rule rules[FILTER_RULES_MAX];
	size_t count = filter_read(file, rules);

	check(count <= FILTER_RULES_MAX);
	for (size_t i = 0; i < count; i++) {
		check(rules[i].line >= 1 && rules[i].line <= file->count);
		check(i == 0 || rules[i].line >= rules[i - 1].line);
		check(rules[i].name != NULL);
		free(rules[i].name);
	}
}

/* Each target of a line begins behind the one before, and the words name something. */
static void
fuzz_alias(const char *targets)
{
	char *words = alias_words(targets);

	check(words != NULL && words[0] != '\0');
	free(words);
	for (const char *at = targets, *before = at;; before = at) {
		struct alias alias;

		alias_next(&at, &alias);
		check(at >= before && at <= targets + strlen(targets));
		if (alias.text == NULL)
			return;
		check(at > before);
		free(alias.text);
	}
}

static void
fuzz_values(const struct box_file *file)
{
	size_t line = 0;
	char *value = box_value(file, "example.com", ':', &line);

	check((value != NULL) == (line != 0) && line <= file->count);
	check(value == NULL || strstr(file->lines[line - 1], value) != NULL);
	free(value);
	check(box_line_is(file, "example.com") <= file->count);
	line = lines_find_word(file, "example.com", 0);
	check(line <= file->count &&
	    (line == 0 || lines_find_word(file, "example.com", line) != line));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *lines[LINES_MAX];
	struct box_file file = {.path = "/file", .lines = lines};
	char *text = malloc(size + 1);
	int64_t sum;

	if (text == NULL)
		abort();
	if (size != 0)
		memcpy(text, data, size);
	text[size] = '\0';
	cut(&file, text, size);
	fuzz_filter(&file);
	fuzz_values(&file);
	for (size_t i = 0; i < file.count; i++)
		fuzz_alias(file.lines[i]);
	if (mailbox_usage_sum(&file, &sum))
		check(sum >= 0);
	for (unsigned port = 24; port < 27; port++) {
		size_t line;

		check((listening_on(&file, port, &line) != LISTENING_NOWHERE) == (line != 0));
		check(line <= file.count);
	}
	free(text);
	return 0;
}
