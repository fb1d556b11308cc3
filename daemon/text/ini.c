/* INI files: a reader that keeps the line of everything, for complaints that say where. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/text/ini.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/text/slice.h"

enum { FILE_MAX = 64 << 20, ERRORS_MAX = 100 };

struct reader {
	const char *path;
	ini_entry_fn *entry;
	void *context;
	struct ini_errors *errors;
	char *section, *key, *value;
	unsigned key_line;
};

void
ini_complain(struct ini_errors *errors, const char *path, unsigned line, const char *format, ...)
{
	va_list arguments;
	char *reason = NULL, *message = NULL;

	if (errors->count == ERRORS_MAX)
		return;
	va_start(arguments, format);
	if (vasprintf(&reason, format, arguments) < 0)
		reason = NULL;
	va_end(arguments);
	if (asprintf(&message, "%s:%u: %s", path, line, reason != NULL ? reason : "memory is out") < 0)
		message = NULL;
	free(reason);
	char **messages = reallocarray(errors->messages, errors->count + 1, sizeof(*messages));
	if (messages == NULL || message == NULL) {
		if (messages != NULL)
			errors->messages = messages;
		free(message);
		return;
	}
	errors->messages = messages;
	errors->messages[errors->count++] = message;
}

void
ini_errors_clear(struct ini_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free(errors->messages[i]);
	free(errors->messages);
	*errors = (struct ini_errors){0};
}

static char *
copy(struct slice text)
{
	return strndup(text.at, text.len);
}

/* A key is handed over when it is certain that its value does not go on. */
static void
flush(struct reader *reader)
{
	if (reader->key != NULL && reader->value != NULL)
		reader->entry(reader->context,
		    &(struct ini_entry){
			reader->path, reader->key_line, reader->section, reader->key, reader->value},
		    reader->errors);
	free(reader->key);
	free(reader->value);
	reader->key = reader->value = NULL;
}

static void
continue_value(struct reader *reader, struct slice text)
{
	char *longer = NULL;

	if (asprintf(&longer, "%s%s%.*s", reader->value, reader->value[0] != '\0' ? " " : "",
		(int)text.len, text.at) < 0)
		return;
	free(reader->value);
	reader->value = longer;
}

static void
read_line(struct reader *reader, struct slice line, unsigned number)
{
	struct slice text = slice_trim(line);

	if (slice_is_empty(text) || line.at[0] == '#' || line.at[0] == ';')
		return;
	if (line.at[0] == ' ' || line.at[0] == '\t') {
		if (reader->value != NULL)
			continue_value(reader, text);
		else
			ini_complain(reader->errors, reader->path, number,
			    "an indented line goes on with the value above it, and there is none");
		return;
	}
	flush(reader);
	if (text.at[0] == '[') {
		if (text.at[text.len - 1] != ']' || text.len < 3) {
			ini_complain(reader->errors, reader->path, number,
			    "a section is written [NAME]");
			return;
		}
		free(reader->section);
		reader->section = copy(slice_of(text.at + 1, text.len - 2));
		reader->entry(reader->context,
		    &(struct ini_entry){reader->path, number, reader->section, NULL, NULL},
		    reader->errors);
		return;
	}
	ptrdiff_t equals = slice_find_byte(text, '=');
	if (equals <= 0) {
		ini_complain(reader->errors, reader->path, number,
		    "this is neither [section] nor key = value");
		return;
	}
	reader->key = copy(slice_trim(slice_first(text, (size_t)equals)));
	reader->value = copy(slice_trim(slice_skip(text, (size_t)equals + 1)));
	reader->key_line = number;
}

void
ini_read_text(const char *path, const char *text, size_t len, ini_entry_fn *entry, void *context,
    struct ini_errors *errors)
{
	struct reader reader = {.path = path,
	    .entry = entry,
	    .context = context,
	    .errors = errors,
	    .section = strdup("")};
	struct slice rest = slice_of(text, len);

	for (unsigned number = 1; !slice_is_empty(rest); number++) {
		struct slice line = slice_take_until(&rest, '\n');

		if (line.len != 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (memchr(line.at, '\0', line.len) != NULL) {
			ini_complain(errors, path, number, "there is a NUL byte in this line");
			continue;
		}
		read_line(&reader, line, number);
	}
	flush(&reader);
	free(reader.section);
}

bool
ini_read(const char *path, ini_entry_fn *entry, void *context, struct ini_errors *errors)
{
	FILE *file = fopen(path, "re");
	struct stat status;

	if (file == NULL || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode) ||
	    status.st_size > FILE_MAX) {
		ini_complain(errors, path, 0, "cannot read it: %s",
		    file == NULL ? strerror(errno) : "not a regular file of a sensible size");
		if (file != NULL)
			fclose(file);
		return false;
	}
	size_t size = (size_t)status.st_size;
	char *text = malloc(size + 1);
	size_t len = text != NULL ? fread(text, 1, size, file) : 0;
	fclose(file);
	if (text != NULL)
		ini_read_text(path, text, len, entry, context, errors);
	free(text);
	return true;
}
