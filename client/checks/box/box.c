/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/checks/box/inside.h"
#include "protocol/read_up_to.h"

enum {
	FILE_MAX = 16 << 20,
	READ_SIZE = 4096,
};

struct kept_file {
	struct kept_file *next;
	struct box_file file;
	char *path, *text;
};

struct box {
	int root_fd; /* -1 for this server */
	bool is_here;
	struct kept_file *files;
};

static const struct box_file no_memory = {.path = "", .error = "memory is out"};

struct box *
box_new(const char *root)
{
	struct box *box = calloc(1, sizeof(*box));

	if (box == NULL)
		return NULL;
	box->root_fd = root != NULL ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	box->is_here = root == NULL;
	if (root != NULL && box->root_fd < 0) {
		free(box);
		return NULL;
	}
	return box;
}

void
box_free(struct box *box)
{
	if (box == NULL)
		return;
	for (struct kept_file *file = box->files, *next; file != NULL; file = next) {
		next = file->next;
		free(file->file.lines);
		free(file->path);
		free(file->text);
		free(file);
	}
	if (box->root_fd >= 0)
		close(box->root_fd);
	free(box);
}

bool
box_is_here(const struct box *box)
{
	return box->is_here;
}

static const char *
error_text(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "does not exist";
	case EACCES:
	case EPERM:
		return "is not readable by this user";
	case ENOMEM:
		return "does not fit into memory";
	case EFBIG:
		return "is larger than 16 MiB";
	case EISDIR:
	case EINVAL:
		return "is not a regular file";
	default:
		return "cannot be read";
	}
}

/* Whether it is a file that ends, and soon; otherwise errno says what it is. */
static bool
is_readable_file(int fd, size_t *size)
{
	struct stat stat_;

	if (fstat(fd, &stat_) != 0)
		return false;
	if (!S_ISREG(stat_.st_mode)) {
		errno = EINVAL;
		return false;
	}
	if (stat_.st_size > FILE_MAX) {
		errno = EFBIG;
		return false;
	}
	*size = (size_t)stat_.st_size;
	return true;
}

/* The text of an open file, with a NUL behind it. NULL, and errno, when it cannot be had. */
static char *
read_text(int fd, size_t *len)
{
	size_t size;
	char *text = NULL;

	if (!is_readable_file(fd, &size))
		return NULL;
	/* Files below /proc say that they are empty, and others may grow: the end is where nothing more comes. */
	for (*len = 0, size += READ_SIZE; size <= FILE_MAX + READ_SIZE; size *= 2) {
		char *larger = realloc(text, size + 1);
		ssize_t got = larger != NULL ? read_up_to(fd, larger + *len, size - *len) : -1;

		text = larger != NULL ? larger : text;
		if (got < 0)
			break;
		*len += (size_t)got;
		if (*len < size) {
			text[*len] = '\0';
			return text;
		}
		errno = EFBIG;
	}
	int error = errno;
	free(text);
	errno = error;
	return NULL;
}

/* Cuts the text into lines, in place. */
static bool
cut_lines(struct box_file *file, char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	file->lines = calloc(count + 1, sizeof(*file->lines));
	if (file->lines == NULL)
		return false;
	for (char *at = text, *end = text + len; at < end;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		file->lines[file->count++] = at;
		char *line_end = newline != NULL ? newline : end;
		*line_end = '\0';
		if (line_end > at && line_end[-1] == '\r')
			line_end[-1] = '\0';
		at = line_end + 1;
	}
	return true;
}

/* Opens a file of the box. -1, and errno, when there is none. */
static int
open_file(const struct box *box, const char *path, int flags)
{
	return box->root_fd < 0 ? open(path, flags) : inside_open(box->root_fd, path, flags);
}

static void
read_file(const struct box *box, struct kept_file *kept)
{
	size_t len = 0;
	/* A pipe of that name must not keep us waiting. */
	int fd = open_file(box, kept->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0)
		kept->text = read_text(fd, &len);
	if (kept->text == NULL || !cut_lines(&kept->file, kept->text, len)) {
		int error = errno;

		kept->file.error = error_text(error);
		kept->file.is_absent = error == ENOENT || error == ENOTDIR;
		kept->file.is_forbidden = error == EACCES || error == EPERM;
	}
	if (fd >= 0)
		close(fd);
}

const struct box_file *
box_read(struct box *box, const char *path)
{
	struct kept_file *kept;

	for (kept = box->files; kept != NULL; kept = kept->next)
		if (strcmp(kept->path, path) == 0)
			return &kept->file;
	kept = calloc(1, sizeof(*kept));
	if (kept == NULL || (kept->path = strdup(path)) == NULL) {
		free(kept);
		return &no_memory;
	}
	kept->file.path = kept->path;
	kept->next = box->files;
	box->files = kept;
	read_file(box, kept);
	return &kept->file;
}

const struct box_file *
box_readf(struct box *box, const char *format, ...)
{
	const struct box_file *file = &no_memory;
	va_list values;
	char *path;

	va_start(values, format);
	if (vasprintf(&path, format, values) >= 0) {
		file = box_read(box, path);
		free(path);
	}
	va_end(values);
	return file;
}

bool
box_has(struct box *box, const char *path)
{
	int fd = open_file(box, path, O_PATH | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool
box_hasf(struct box *box, const char *format, ...)
{
	bool is_there = false;
	va_list values;
	char *path;

	va_start(values, format);
	if (vasprintf(&path, format, values) >= 0) {
		is_there = box_has(box, path);
		free(path);
	}
	va_end(values);
	return is_there;
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

static size_t
trimmed_len(const char *text)
{
	size_t len = strlen(text);

	while (len != 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

size_t
box_line_is(const struct box_file *file, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < file->count; i++) {
		const char *line = skip_blanks(file->lines[i]);

		if (trimmed_len(line) == len && strncasecmp(line, word, len) == 0)
			return i + 1;
	}
	return 0;
}

char *
box_value(const struct box_file *file, const char *key, char separator, size_t *line)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < file->count; i++) {
		const char *text = skip_blanks(file->lines[i]);

		if (strncasecmp(text, key, len) != 0)
			continue;
		text = skip_blanks(text + len);
		if (*text != separator)
			continue;
		text = skip_blanks(text + 1);
		if (line != NULL)
			*line = i + 1;
		return strndup(text, trimmed_len(text));
	}
	return NULL;
}
