/* INI files: [section], key = value, repeated keys, values that go on in indented lines; the form of all of bounced's own files. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_INI_H
#define TEXT_INI_H

#include <stdbool.h>
#include <stddef.h>

/* One key of a file. Strings are valid during the call only. key NULL: a section has just begun. */
struct ini_entry {
	const char *path;
	unsigned line;
	const char *section; /* "" before the first one */
	const char *key;
	const char *value;
};

/* Complaints are collected as "FILE:LINE: reason". */
struct ini_errors {
	char **messages;
	size_t count;
};

void ini_complain(struct ini_errors *errors, const char *path, unsigned line, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
void ini_errors_clear(struct ini_errors *errors);

typedef void ini_entry_fn(void *context, const struct ini_entry *entry, struct ini_errors *errors);

/*
 * Reads a file and calls entry for every section and key, in order. Lines that begin with # or ; are comments; nothing else is.
 * A line that begins with a blank goes on with the value above it. What is no such line is complained about and passed over.
 * False, with a complaint of line 0, when the file cannot be read.
 */
bool ini_read(const char *path, ini_entry_fn *entry, void *context, struct ini_errors *errors);

/* The same for text in memory; path names it in complaints. */
void ini_read_text(const char *path, const char *text, size_t len, ini_entry_fn *entry,
    void *context, struct ini_errors *errors);

#endif
