/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box/alias.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TARGETS_SHOWN = 20 };

static const struct {
	const char *word;
	enum alias_kind kind;
} specials[] = {
    {":fail:", ALIAS_FAIL},
    {":defer:", ALIAS_DEFER},
    {":blackhole:", ALIAS_BLACKHOLE},
    {":unknown:", ALIAS_NOWHERE},
};

/* A target without what is around it; where it ends: at a comma that no quotes hold. */
static const char *
target_end(const char *at)
{
	bool is_quoted = false;

	for (; *at != '\0'; at++) {
		if (*at == '"')
			is_quoted = !is_quoted;
		else if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == ',' && !is_quoted)
			break;
	}
	return at;
}

static char *
copy_trimmed(const char *at, const char *end)
{
	while (at < end && strchr(" \t\"", *at) != NULL)
		at++;
	while (at < end && strchr(" \t\"", end[-1]) != NULL)
		end--;
	return strndup(at, (size_t)(end - at));
}

static enum alias_kind
kind_of(const char *target)
{
	if (target[0] == '\0')
		return ALIAS_NOWHERE;
	if (target[0] == '|')
		return strstr(target, "/autorespond ") != NULL ? ALIAS_AUTORESPONDER : ALIAS_PIPE;
	if (strcmp(target, "/dev/null") == 0)
		return ALIAS_BLACKHOLE;
	if (target[0] == '/')
		return ALIAS_FILE;
	return strchr(target, '@') != NULL ? ALIAS_ADDRESS : ALIAS_ACCOUNT;
}

void
alias_next(const char **at, struct alias *alias)
{
	const char *start = *at + strspn(*at, " \t,\"");

	*alias = (struct alias){.kind = ALIAS_NOWHERE};
	if (*start == '\0') {
		*at = start;
		return;
	}
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		size_t len = strlen(specials[i].word);

		if (strncasecmp(start, specials[i].word, len) == 0) {
			/* The text behind it goes on to the end of the line, with its commas. */
			*at = start + strlen(start);
			alias->kind = specials[i].kind;
			alias->text = copy_trimmed(start + len, *at);
			return;
		}
	}
	/* A quote before the target belongs to it. */
	if (start > *at && start[-1] == '"')
		start--;
	*at = target_end(start);
	alias->text = copy_trimmed(start, *at);
	if (alias->text != NULL)
		alias->kind = kind_of(alias->text);
}

static void
print_target(FILE *out, const struct alias *alias, const char *before)
{
	static const char *const beginnings[] = {
	    [ALIAS_ADDRESS] = "is forwarded to ",
	    [ALIAS_ACCOUNT] = "goes to the main mailbox of the account ",
	    [ALIAS_FAIL] = "is refused with ",
	    [ALIAS_DEFER] = "is put off with ",
	    [ALIAS_BLACKHOLE] = "is thrown away, and nobody is told",
	    [ALIAS_PIPE] = "is given to the program ",
	    [ALIAS_AUTORESPONDER] = "is answered by an autoresponder",
	    [ALIAS_FILE] = "is written to ",
	    [ALIAS_NOWHERE] = "has no place to go to",
	};

	fprintf(out, "%s%s", before, beginnings[alias->kind]);
	switch (alias->kind) {
	case ALIAS_FAIL:
	case ALIAS_DEFER:
		fprintf(out, "\"%s\"", alias->text);
		break;
	case ALIAS_PIPE:
		fputs(alias->text + 1, out);
		break;
	case ALIAS_ADDRESS:
	case ALIAS_ACCOUNT:
	case ALIAS_FILE:
		fputs(alias->text, out);
		break;
	default:
		break;
	}
}

char *
alias_words(const char *targets)
{
	char *words = NULL;
	size_t len, count = 0;
	FILE *out = open_memstream(&words, &len);
	enum alias_kind previous = ALIAS_NOWHERE;

	if (out == NULL)
		return NULL;
	for (const char *at = targets;;) {
		struct alias alias;

		alias_next(&at, &alias);
		if (alias.text == NULL)
			break;
		if (count == TARGETS_SHOWN) {
			fputs(" and to more", out);
			free(alias.text);
			break;
		}
		if (count != 0 && alias.kind == previous && alias.kind == ALIAS_ADDRESS)
			fprintf(out, ", %s", alias.text);
		else
			print_target(out, &alias, count != 0 ? " and " : "");
		previous = alias.kind;
		count++;
		free(alias.text);
	}
	if (count == 0)
		fputs("has no place to go to", out);
	fclose(out);
	return words;
}
