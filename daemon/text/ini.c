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
#include "protocol/read_up_to.h"

enum { FILE_MAX = 64 << 20, CONTINUED_MAX = 64 << 10, ERRORS_MAX = 100 };

/* A string that is written anew again and again. */
struct buffer {
	char *at;
	size_t len, size;
};

struct reader {
	const char *path;
	ini_entry_fn *entry;
	void *context;
	struct ini_errors *errors;
	struct buffer section, key, value;
	bool has_key; /* with a value that may go on */
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

/* Adds the text to what is there. False when memory is out. */
static bool
add(struct buffer *buffer, struct slice text)
{
	if (text.len >= buffer->size - buffer->len) {
		size_t size = (buffer->len + text.len + 1) * 2;
		char *larger = realloc(buffer->at, size);

		if (larger == NULL)
			return false;
		buffer->at = larger;
		buffer->size = size;
	}
	memcpy(buffer->at + buffer->len, text.at, text.len);
	buffer->len += text.len;
	buffer->at[buffer->len] = '\0';
	return true;
}

static bool
copy(struct buffer *buffer, struct slice text)
{
	buffer->len = 0;
	return add(buffer, text);
}

/* A key is handed over when it is certain that its value does not go on. */
static void
flush(struct reader *reader)
{
	if (reader->has_key)
		reader->entry(reader->context,
		    &(struct ini_entry){reader->path, reader->key_line, reader->section.at,
			reader->key.at, reader->value.at},
		    reader->errors);
	reader->has_key = false;
}

static void
continue_value(struct reader *reader, struct slice text, unsigned number)
{
	if (reader->value.len + text.len > CONTINUED_MAX) {
		ini_complain(reader->errors, reader->path, number,
		    "a value that goes on over lines has at most %d bytes", CONTINUED_MAX);
		reader->has_key = false;
		return;
	}
	reader->has_key = (reader->value.len == 0 || add(&reader->value, SLICE(" "))) &&
	    add(&reader->value, text);
}

static void
read_line(struct reader *reader, struct slice line, unsigned number)
{
	struct slice text = slice_trim(line);

	if (slice_is_empty(text) || line.at[0] == '#' || line.at[0] == ';')
		return;
	if (line.at[0] == ' ' || line.at[0] == '\t') {
		if (reader->has_key)
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
		if (copy(&reader->section, name))
			reader->entry(reader->context,
			    &(struct ini_entry){reader->path, number, reader->section.at, NULL,
				NULL},
			    reader->errors);
		return;
	}
	ptrdiff_t equals = slice_find_byte(text, '=');
	if (equals <= 0) {
		ini_complain(reader->errors, reader->path, number,
		    "this is neither [section] nor key = value");
		return;
	}
	reader->has_key = copy(&reader->key, slice_trim(slice_first(text, (size_t)equals))) &&
	    copy(&reader->value, slice_trim(slice_skip(text, (size_t)equals + 1)));
	reader->key_line = number;
}

void
ini_read_text(const char *path, const char *text, size_t len, ini_entry_fn *entry, void *context,
    struct ini_errors *errors)
{
	struct reader reader = {.path = path, .entry = entry, .context = context, .errors = errors};
	struct slice rest = slice_of(text, len);

	if (!copy(&reader.section, SLICE(""))) {
		ini_complain(errors, path, 0, "memory is out");
		return;
	}
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
	free(reader.section.at);
	free(reader.key.at);
	free(reader.value.at);
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
	ssize_t len = text != NULL ? read_up_to(file, text, (size_t)status.st_size) : -1;
	if (len < 0)
		ini_complain(errors, path, 0, "cannot read it: %s",
		    text != NULL ? strerror(errno) : "memory is out");
	else
		ini_read_text(path, text, (size_t)len, entry, context, errors);
	close(file);
	free(text);
	return len >= 0;
}
