/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box/filter_file.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/box.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"

enum {
	WORD_SIZE = 32,
	NAME_MAX_LEN = 200,
	NAMES_SHOWN = 12,
};

/* What cPanel writes into the filter of a mailbox that takes no mail. */
static const char suspended_text[] = "SUSPEND RECEPTION OF NEW MESSAGES";

/* Reading stands between two words. */
struct reader {
	struct filter_rule *rules;
	size_t count;
	unsigned depth; /* of if ... endif */
	size_t line;    /* from 1 */
	char *comment;  /* the last one, which names the rule that begins below it */
	char previous[WORD_SIZE];
};

static void
keep_comment(struct reader *reader, const char *text)
{
	text += strspn(text, "# \t");
	free(reader->comment);
	reader->comment = strndup(text, strnlen(text, NAME_MAX_LEN));
	if (strstr(text, suspended_text) != NULL && reader->count < FILTER_RULES_MAX) {
		reader->rules[reader->count++] = (struct filter_rule){.name = strdup(""),
		    .line = reader->line,
		    .outcome = FILTER_SUSPENDS};
	}
}

static void
begin_rule(struct reader *reader)
{
	if (reader->count < FILTER_RULES_MAX)
		reader->rules[reader->count++] = (struct filter_rule){.name = reader->comment,
		    .line = reader->line};
	else
		free(reader->comment);
	reader->comment = NULL;
}

/* The rule does this; what is worst is kept. */
static void
set_outcome(struct reader *reader, enum filter_outcome outcome)
{
	struct filter_rule *rule = reader->count != 0 ? &reader->rules[reader->count - 1] : NULL;

	if (rule != NULL && reader->depth != 0 && outcome > rule->outcome) {
		rule->outcome = outcome;
		rule->line = reader->line;
	}
}

/* A word outside of quotes, or the text of quotes. */
static void
take_word(struct reader *reader, const char *word, bool is_quoted)
{
	if (is_quoted || word[0] == '/') {
		if (strcmp(word, "/dev/null") == 0 && strcmp(reader->previous, "save") == 0)
			set_outcome(reader, FILTER_DISCARDS);
	} else if (strcmp(word, "if") == 0) {
		if (reader->depth++ == 0)
			begin_rule(reader);
	} else if (strcmp(word, "endif") == 0) {
		reader->depth -= reader->depth != 0;
	} else if (strcmp(word, "finish") == 0 && strcmp(reader->previous, "seen") == 0) {
		set_outcome(reader, FILTER_DISCARDS);
	} else if (strcmp(word, "fail") == 0) {
		set_outcome(reader, FILTER_REFUSES);
	}
	snprintf(reader->previous, sizeof(reader->previous), "%s", is_quoted ? "" : word);
}

/* The end of the text in quotes that begins at at; a backslash takes the next character with it. */
static const char *
quoted_end(const char *at)
{
	while (*at != '\0' && *at != '"')
		at += *at == '\\' && at[1] != '\0' ? 2 : 1;
	return at;
}

static void
take_line(struct reader *reader, const char *line)
{
	for (const char *at = line + strspn(line, " \t()"); *at != '\0';
	     at += strspn(at, " \t()")) {
		bool is_quoted = *at == '"';
		const char *start = is_quoted ? at + 1 : at;
		const char *end = is_quoted ? quoted_end(start) : start + strcspn(start, " \t()\"");
		char word[WORD_SIZE];

		if (*at == '#' && reader->depth == 0) {
			keep_comment(reader, at);
			return;
		}
		if (*at == '#')
			return;
		size_t len = (size_t)(end - start);
		/* Longer ones are none of those that matter. */
		if (len >= sizeof(word))
			len = 0;
		memcpy(word, start, len);
		word[len] = '\0';
		take_word(reader, word, is_quoted);
		at = is_quoted && *end == '"' ? end + 1 : end;
	}
}

/* Every filter of cPanel begins so: "if not first_delivery and error_message then finish endif". */
static bool
is_preamble(const char *line)
{
	return strncmp(line, "if not first_delivery ", 22) == 0 &&
	    strstr(line, "then finish endif") != NULL;
}

size_t
filter_read(const struct box_file *file, struct filter_rule rules[FILTER_RULES_MAX])
{
	struct reader reader = {.rules = rules};

	for (size_t i = 0; i < file->count; i++) {
		reader.line = i + 1;
		if (!is_preamble(file->lines[i]))
			take_line(&reader, file->lines[i]);
	}
	free(reader.comment);
	for (size_t i = 0; i < reader.count; i++)
		if (rules[i].name == NULL)
			rules[i].name = strdup("");
	return reader.count;
}

static const char *
name_of(const struct filter_rule *rule)
{
	return rule->name != NULL && rule->name[0] != '\0' ? rule->name : "without a name";
}

/* "one", "two; three". The caller frees it. */
static char *
list_names(const struct filter_rule *rules, size_t count, enum filter_outcome least)
{
	char *text = NULL;
	size_t len, shown = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (rules[i].outcome < least)
			continue;
		if (shown == NAMES_SHOWN) {
			fputs("; ...", out);
			break;
		}
		fprintf(out, "%s%s", shown++ != 0 ? "; " : "", name_of(&rules[i]));
	}
	fclose(out);
	return text;
}

static size_t
count_of(const struct filter_rule *rules, size_t count, enum filter_outcome outcome)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += rules[i].outcome == outcome;
	return found;
}

static void
show_suspended(struct checks *checks, const char *whose, const char *owner)
{
	struct json_object *item = checks_add(checks, "filter", CHECK_FAIL,
	    "%s takes no mail: its reception of new messages is suspended, by a filter.", whose);

	check_advise(item, "%s can let it take mail again: allow incoming mail.", owner);
}

static struct json_object *
add_finding(struct checks *checks, const struct filter_rule *rules, size_t count, const char *whose)
{
	size_t discards = count_of(rules, count, FILTER_DISCARDS);
	size_t refuses = count_of(rules, count, FILTER_REFUSES);
	char *names = list_names(rules, count, discards != 0 ? FILTER_DISCARDS : FILTER_OTHER);
	const char *text = names != NULL ? names : "";
	const char *plural = count == 1 ? "" : "s";
	struct json_object *item;

	if (discards != 0)
		item = checks_add(checks, "filter", CHECK_WARN,
		    "%s has %zu filter rule%s, of which %zu discard%s mail, and nobody is told: %s.",
		    whose, count, plural, discards, discards == 1 ? "s" : "", text);
	else if (refuses != 0)
		item = checks_add(checks, "filter", CHECK_OK,
		    "%s has %zu filter rule%s, of which %zu refuse%s mail, with a bounce: %s.",
		    whose, count, plural, refuses, refuses == 1 ? "s" : "", text);
	else
		item = checks_add(checks, "filter", CHECK_OK,
		    "%s has %zu filter rule%s, none of which discards mail: %s.", whose, count,
		    plural, text);
	free(names);
	return item;
}

void
filter_check(struct checks *checks, const struct box_file *file, const char *whose,
    const char *owner)
{
	struct filter_rule rules[FILTER_RULES_MAX];
	struct json_object *item;
	size_t count = filter_read(file, rules);

	if (file->error != NULL && !file->is_absent) {
		checks_add(checks, "filter", CHECK_UNKNOWN,
		    "Whether a filter takes mail of %s away cannot be told: %s %s.", whose,
		    file->path, file->error);
	} else if (count_of(rules, count, FILTER_SUSPENDS) != 0) {
		show_suspended(checks, whose, owner);
	} else if (count != 0) {
		item = add_finding(checks, rules, count, whose);
		for (size_t i = 0; i < count; i++)
			if (rules[i].outcome != FILTER_OTHER)
				lines_evidence(item, file, rules[i].line);
		if (count_of(rules, count, FILTER_DISCARDS) != 0)
			check_advise(item, "%s can change or remove the rule, if mail is missed.",
			    owner);
	}
	for (size_t i = 0; i < count; i++)
		free(rules[i].name);
}
