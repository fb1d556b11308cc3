/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16 << 20 };

struct kept_file {
	struct kept_file *next;
	struct box_file file;
	char *path, *text;
};

struct box {
	char *root; /* "" for this server */
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
	box->is_here = root == NULL;
	box->root = strdup(root != NULL ? root : "");
	if (box->root == NULL) {
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
	free(box->root);
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

/* The text of an open file, with a NUL behind it. NULL, and errno, when it cannot be had. */
static char *
read_text(int fd, size_t *len)
{
	struct stat stat;

	if (fstat(fd, &stat) != 0)
		return NULL;
	if (!S_ISREG(stat.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	if (stat.st_size > FILE_MAX) {
		errno = EFBIG;
		return NULL;
	}
	size_t size = (size_t)stat.st_size;
	char *text = malloc(size + 1);

	for (*len = 0; text != NULL && *len < size;) {
		ssize_t got = read(fd, text + *len, size - *len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(text);
			return NULL;
		}
		if (got == 0)
			break;
		*len += (size_t)got;
	}
	if (text != NULL)
		text[*len] = '\0';
	return text;
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
		if (newline == NULL)
			break;
		*newline = '\0';
		if (newline > at && newline[-1] == '\r')
			newline[-1] = '\0';
		at = newline + 1;
	}
	return true;
}

static void
read_file(const struct box *box, struct kept_file *kept)
{
	char *path;
	size_t len;
	int fd = -1;

	errno = ENOMEM;
	if (asprintf(&path, "%s%s", box->root, kept->path) >= 0) {
		/* A pipe of that name must not keep us waiting. */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		free(path);
	}
	if (fd >= 0)
		kept->text = read_text(fd, &len);
	if (kept->text == NULL || !cut_lines(&kept->file, kept->text, len)) {
		kept->file.error = error_text(errno);
		kept->file.is_absent = errno == ENOENT || errno == ENOTDIR;
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
	bool is_there = false;
	struct stat stat_;
	char *whole;

	if (asprintf(&whole, "%s%s", box->root, path) >= 0) {
		is_there = stat(whole, &stat_) == 0;
		free(whole);
	}
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
