/* INI files: a reader that keeps the line of everything, for complaints that say where. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/text/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/text/slice.h"

enum { FILE_MAX = 64 << 20, CONTINUED_MAX = 64 << 10, ERRORS_MAX = 100 };

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
	if (reason == NULL)
		reason = strdup("memory is out");
	/* Line 0 is the file as a whole. */
	if ((line != 0 ? asprintf(&message, "%s:%u: %s", path, line, reason) :
			 asprintf(&message, "%s: %s", path, reason)) < 0)
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
	if (reader->section != NULL && reader->key != NULL && reader->value != NULL)
		reader->entry(reader->context,
		    &(struct ini_entry){reader->path, reader->key_line, reader->section,
			reader->key, reader->value},
		    reader->errors);
	free(reader->key);
	free(reader->value);
	reader->key = reader->value = NULL;
}

static void
continue_value(struct reader *reader, struct slice text, unsigned number)
{
	size_t len = strlen(reader->value);
	char *longer = NULL;

	if (len + text.len > CONTINUED_MAX) {
		ini_complain(reader->errors, reader->path, number,
		    "a value that goes on over lines has at most %d bytes", CONTINUED_MAX);
	} else if (asprintf(&longer, "%s%s%.*s", reader->value, len != 0 ? " " : "", (int)text.len,
		       text.at) < 0) {
		longer = NULL;
	}
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
			continue_value(reader, text, number);
		else
			ini_complain(reader->errors, reader->path, number,
			    "an indented line goes on with the value above it, and there is none");
		return;
	}
	flush(reader);
	if (text.at[0] == '[') {
		struct slice name = slice_trim(
		    slice_of(text.at + 1, text.len >= 2 ? text.len - 2 : 0));

		if (text.at[text.len - 1] != ']' || slice_is_empty(name)) {
			ini_complain(reader->errors, reader->path, number,
			    "a section is written [NAME]");
			return;
		}
		free(reader->section);
		reader->section = copy(name);
		if (reader->section != NULL)
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

	/* Windows' editors mark UTF-8 so. */
	slice_take_prefix(&rest, SLICE("\xef\xbb\xbf"));
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

/* Up to size bytes; -1 when they cannot be read. */
static ssize_t
read_whole(int file, char *text, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(file, text + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

bool
ini_read(const char *path, ini_entry_fn *entry, void *context, struct ini_errors *errors)
{
	/* A pipe by that name must not hold the daemon up. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (file < 0 || fstat(file, &status) != 0) {
		ini_complain(errors, path, 0, "cannot read it: %s", strerror(errno));
		if (file >= 0)
			close(file);
		return false;
	}
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX) {
		ini_complain(errors, path, 0,
		    "cannot read it: it is no regular file of up to %d MiB", FILE_MAX >> 20);
		close(file);
		return false;
	}
	char *text = malloc((size_t)status.st_size + 1);
	ssize_t len = text != NULL ? read_whole(file, text, (size_t)status.st_size) : -1;
	if (len < 0)
		ini_complain(errors, path, 0, "cannot read it: %s",
		    text != NULL ? strerror(errno) : "memory is out");
	else
		ini_read_text(path, text, (size_t)len, entry, context, errors);
	close(file);
	free(text);
	return len >= 0;
}
