/* Arguments: what was typed, read by the tables of options; says what is wrong in one line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/arguments.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/json_text.h"
#include "client/nearest.h"
#include "client/render/text.h"

const struct option_spec global_options[] = {
    {"socket", 0, OPTION_TEXT, "PATH", NULL, "ask the daemon at this socket"},
    {"log", 0, OPTION_TEXT, "FILE...", NULL,
	"read these logs, plain or .gz, without a daemon; - is standard input"},
    {"memory-max", 0, OPTION_TEXT, "SIZE", NULL, "with --log: keep no more than this in memory"},
    {NULL, 'H', OPTION_TEXT, "[USER@]HOST", NULL, "ask the daemon of another machine through ssh"},
    {"output", 'o', OPTION_TEXT, "FORMAT", NULL, "human, json (one object a line) or json-pretty"},
    {"no-pager", 0, OPTION_FLAG, NULL, NULL, "do not pass the output through a pager"},
    {"color", 0, OPTION_TEXT, "WHEN", NULL, "auto, always or never"},
    {"help", 'h', OPTION_FLAG, NULL, NULL, "show this help, or that of a command"},
    {"version", 0, OPTION_FLAG, NULL, NULL, "show the version"},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL},
};

/* Where an option stands: in the table of the command, or in that of all. */
struct found_option {
	const struct option_spec *spec;
	int index;
	bool is_global;
};

struct reader {
	struct arguments *arguments;
	char **argv;
	int argc, next;
};

int
usage_error(const char *format, ...)
{
	va_list values;
	char *text, *clean;

	va_start(values, format);
	if (vasprintf(&text, format, values) < 0)
		text = NULL;
	va_end(values);
	clean = text != NULL ? text_clean(text, strlen(text), true) : NULL;
	fprintf(stderr, "bouncectl: %s\n", clean != NULL ? clean : "memory is out");
	free(clean);
	free(text);
	return EXIT_USAGE;
}

static bool
is_base62(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'Z') ||
			(text[i] >= 'a' && text[i] <= 'z')))
			return false;
	return true;
}

bool
is_message_id(const char *text)
{
	size_t len = strlen(text);
	size_t middle = len == 16 ? 6 : 11, last = len == 16 ? 2 : 4;

	return (len == 16 || len == 23) && text[6] == '-' && text[7 + middle] == '-' &&
	    is_base62(text, 6) && is_base62(text + 7, middle) && is_base62(text + 8 + middle, last);
}

static bool
is_end(const struct option_spec *spec)
{
	return spec->name == NULL && spec->letter == 0;
}

static bool
search_name(const struct option_spec *table, const char *name, size_t len, bool is_global,
    struct found_option *found)
{
	int matches = 0;

	for (int i = 0; table != NULL && !is_end(&table[i]); i++) {
		if (table[i].name == NULL || strncmp(table[i].name, name, len) != 0)
			continue;
		*found = (struct found_option){&table[i], i, is_global};
		if (table[i].name[len] == '\0')
			return true;
		matches++;
	}
	return matches == 1;
}

static bool
search_letter(const struct option_spec *table, char letter, bool is_global,
    struct found_option *found)
{
	for (int i = 0; table != NULL && !is_end(&table[i]); i++) {
		if (table[i].letter == letter) {
			*found = (struct found_option){&table[i], i, is_global};
			return true;
		}
	}
	return false;
}

static const struct option_spec *
own_options(const struct reader *reader)
{
	return reader->arguments->command != NULL ? reader->arguments->command->options : NULL;
}

static void
offer_names(struct nearest *nearest, const struct option_spec *table)
{
	for (; table != NULL && !is_end(table); table++)
		if (table->name != NULL)
			nearest_offer(nearest, table->name);
}

static int
unknown_option(const struct reader *reader, const char *given, const char *name)
{
	const struct command *command = reader->arguments->command;
	struct nearest nearest = nearest_to(name);

	if (command == NULL)
		for (const struct command *const *c = commands; *c != NULL; c++) {
			struct found_option found;

			if (strlen(name) > 1 &&
			    search_name((*c)->options, name, strlen(name), false, &found))
				return usage_error("%s belongs after the command: bouncectl %s %s",
				    given, (*c)->name, given);
		}
	offer_names(&nearest, own_options(reader));
	offer_names(&nearest, global_options);
	if (nearest.best != NULL)
		return usage_error("unknown option %s; did you mean --%s?", given, nearest.best);
	return usage_error("unknown option %s; bouncectl %s%s--help lists the options", given,
	    command != NULL ? command->name : "", command != NULL ? " " : "");
}

static int
take_choice(const char *option, const char *value, const char *const *choices, int *chosen)
{
	struct nearest nearest = nearest_to(value);

	for (int i = 0; choices[i] != NULL; i++) {
		if (strcmp(choices[i], value) == 0) {
			*chosen = i;
			return 0;
		}
		nearest_offer(&nearest, choices[i]);
	}
	return usage_error("%s is one of %s, %s or %s, not \"%s\"%s%s%s", option, choices[0],
	    choices[1], choices[2], value, nearest.best != NULL ? "; did you mean " : "",
	    nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "?" : "");
}

static int
add_log(struct reader *reader, const char *path)
{
	struct arguments *arguments = reader->arguments;

	if (arguments->log_count == LOGS_MAX)
		return usage_error("more than %d logs; join some of them with zcat -f", LOGS_MAX);
	if (path[0] == '\0')
		return usage_error("--log needs the name of a file, or - for standard input");
	arguments->logs[arguments->log_count++] = path;
	return 0;
}

/* A further word after --log FILE is a file too, until the word that is a command, or must have been meant as one. */
static bool
is_further_log(const char *word)
{
	if (strcmp(word, "-") == 0)
		return true;
	if (word[0] == '-' || command_named(word) != NULL || is_message_id(word))
		return false;
	return access(word, F_OK) == 0 || word[strspn(word, "abcdefghijklmnopqrstuvwxyz")] != '\0';
}

static int
apply_global(struct reader *reader, const struct option_spec *spec, const char *value)
{
	static const char *const formats[] = {"human", "json", "json-pretty", NULL};
	static const char *const colors[] = {"auto", "always", "never", NULL};
	struct arguments *arguments = reader->arguments;
	int chosen = 0, status = 0;

	if (spec->letter == 'H') {
		if (value[0] == '-' || value[0] == '\0')
			return usage_error("-H needs a host, as in -H root@mail.example.org");
		arguments->host = value;
	} else if (spec->letter == 'h') {
		arguments->wants_help = true;
	} else if (strcmp(spec->name, "socket") == 0) {
		arguments->socket = value;
	} else if (strcmp(spec->name, "log") == 0) {
		status = add_log(reader, value);
		while (status == 0 && arguments->command == NULL && reader->next < reader->argc &&
		    is_further_log(reader->argv[reader->next]))
			status = add_log(reader, reader->argv[reader->next++]);
	} else if (strcmp(spec->name, "memory-max") == 0) {
		arguments->memory_max = value;
	} else if (strcmp(spec->name, "output") == 0) {
		status = take_choice("-o", value, formats, &chosen);
		arguments->output = (enum output_format)chosen;
	} else if (strcmp(spec->name, "no-pager") == 0) {
		arguments->no_pager = true;
	} else if (strcmp(spec->name, "color") == 0) {
		status = take_choice("--color", value, colors, &chosen);
		arguments->color = (enum color_choice)chosen;
	} else {
		arguments->wants_version = true;
	}
	return status;
}

static int
apply(struct reader *reader, struct found_option found, const char *given, const char *value)
{
	char *end;

	if (found.is_global)
		return apply_global(reader, found.spec, value);
	if (found.spec->kind == OPTION_COUNT) {
		errno = 0;
		long count = strtol(value, &end, 10);
		if (end == value || *end != '\0' || errno != 0 || count < 1)
			return usage_error("%s needs a number from 1, not \"%s\"", given, value);
	}
	reader->arguments->values[found.index] = value;
	return 0;
}

/* The value is what stands after = or behind the letter, else the next word, even one that begins with a dash: --since -2h. */
static int
take_value(struct reader *reader, struct found_option found, const char *given,
    const char *attached)
{
	if (found.spec->kind == OPTION_FLAG) {
		if (attached != NULL)
			return usage_error("%s takes no value", given);
		return apply(reader, found, given, "");
	}
	if (attached == NULL) {
		if (reader->next == reader->argc)
			return usage_error("%s needs a value: %s %s", given, given,
			    found.spec->value);
		attached = reader->argv[reader->next++];
	}
	return apply(reader, found, given, attached);
}

static int
take_long(struct reader *reader, const char *word)
{
	size_t len = strcspn(word + 2, "=");
	const char *attached = word[2 + len] == '=' ? word + 3 + len : NULL;
	struct found_option found;
	char given[64];

	snprintf(given, sizeof(given), "--%.*s", (int)(len < 48 ? len : 48), word + 2);
	if (len == 0 ||
	    (!search_name(own_options(reader), word + 2, len, false, &found) &&
		!search_name(global_options, word + 2, len, true, &found)))
		return unknown_option(reader, given, given + 2);
	return take_value(reader, found, given, attached);
}

static int
take_letters(struct reader *reader, const char *word)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		char given[3] = {'-', *at, '\0'};
		struct found_option found;
		int status;

		if (!search_letter(own_options(reader), *at, false, &found) &&
		    !search_letter(global_options, *at, true, &found))
			return unknown_option(reader, given, given + 1);
		if (found.spec->kind != OPTION_FLAG)
			return take_value(reader, found, given, at[1] != '\0' ? at + 1 : NULL);
		status = take_value(reader, found, given, NULL);
		if (status != 0)
			return status;
	}
	return 0;
}

static int
take_word(struct reader *reader, const char *word)
{
	struct arguments *arguments = reader->arguments;
	struct nearest nearest = nearest_to(word);

	if (arguments->command != NULL) {
		arguments->operands[arguments->operand_count++] = word;
		return 0;
	}
	arguments->command = command_named(word);
	if (arguments->command != NULL)
		return 0;
	if (is_message_id(word) || strchr(word, '@') != NULL) {
		arguments->command = command_named("why");
		arguments->operands[arguments->operand_count++] = word;
		return 0;
	}
	for (const struct command *const *c = commands; *c != NULL; c++)
		nearest_offer(&nearest, (*c)->name);
	if (nearest.best != NULL)
		return usage_error("unknown command \"%s\"; did you mean %s?", word, nearest.best);
	return usage_error("unknown command \"%s\"; bouncectl --help lists the commands", word);
}

static int
check_whole(const struct arguments *arguments)
{
	const struct command *command = arguments->command;
	int ways = (arguments->socket != NULL) + (arguments->host != NULL) +
	    (arguments->log_count != 0);

	if (arguments->wants_help || arguments->wants_version)
		return 0;
	if (command == NULL)
		return usage_error(
		    "say what to do, for example: bouncectl recent; bouncectl --help lists the commands");
	if (ways > 1)
		return usage_error("--socket, --log and -H exclude each other; give one of them");
	if (arguments->memory_max != NULL && arguments->log_count == 0)
		return usage_error(
		    "--memory-max goes with --log; a daemon has its own in bounced.conf");
	if (arguments->operand_count < command->operands_min)
		return usage_error("%s needs more: bouncectl %s %s", command->name, command->name,
		    command->usage);
	if (command->operands_max >= 0 && arguments->operand_count > command->operands_max)
		return usage_error(
		    "%s does not take \"%s\"; bouncectl %s --help says what it takes",
		    command->name, arguments->operands[command->operands_max], command->name);
	return 0;
}

int
arguments_parse(struct arguments *arguments, int argc, char *argv[])
{
	struct reader reader = {.arguments = arguments, .argv = argv, .argc = argc, .next = 1};
	bool has_ended = false;
	int status = 0;

	*arguments = (struct arguments){.output = OUTPUT_HUMAN};
	arguments->operands = calloc((size_t)argc + 1, sizeof(*arguments->operands));
	if (arguments->operands == NULL)
		return usage_error("memory is out");
	while (status == 0 && reader.next < argc) {
		const char *word = argv[reader.next++];

		if (has_ended || word[0] != '-' || word[1] == '\0')
			status = take_word(&reader, word);
		else if (strcmp(word, "--") == 0)
			has_ended = true;
		else if (word[1] == '-')
			status = take_long(&reader, word);
		else
			status = take_letters(&reader, word);
	}
	return status != 0 ? status : check_whole(arguments);
}

void
arguments_clear(struct arguments *arguments)
{
	free(arguments->operands);
	arguments->operands = NULL;
}

const char *
arguments_value(const struct arguments *arguments, const char *name)
{
	const struct option_spec *options = arguments->command->options;

	for (int i = 0; !is_end(&options[i]); i++)
		if (options[i].name != NULL && strcmp(options[i].name, name) == 0)
			return arguments->values[i];
	return NULL;
}

int64_t
arguments_count(const struct arguments *arguments, const char *name, int64_t fallback)
{
	const char *value = arguments_value(arguments, name);

	return value != NULL ? strtol(value, NULL, 10) : fallback;
}

struct json_object *
arguments_params(const struct arguments *arguments)
{
	const struct option_spec *options = arguments->command->options;
	struct json_object *params = json_object_new_object();

	for (int i = 0; !is_end(&options[i]); i++) {
		const char *value = arguments->values[i];

		if (value == NULL || options[i].param == NULL || options[i].kind == OPTION_COUNT)
			continue;
		json_object_object_add(params, options[i].param,
		    options[i].kind == OPTION_FLAG ? json_object_new_boolean(true) :
						     json_text(value, strlen(value)));
	}
	return params;
}
