/* Box: the files of a server, this one or a copy below --root, read and never written. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_BOX_H
#define CLIENT_CHECKS_BOX_H

#include <stdbool.h>
#include <stddef.h>

struct box;

/* A file's lines, without their ends. */
struct box_file {
	const char *path; /* as on the server, without --root */
	const char *
	    error; /* why it could not be read: "does not exist", "is not readable", ...; NULL: it was */
	bool is_absent;    /* it does not exist, or a folder on the way does not */
	bool is_forbidden; /* another user may read it */
	char **lines;
	size_t count;
};

/* root: NULL for this server itself. NULL when memory is out, or root is no folder. */
struct box *box_new(const char *root);
void box_free(struct box *box);
/* Whether it is this machine, which can be asked for what is in no file: its name, its addresses, its sockets. */
bool box_is_here(const struct box *box);

/*
 * Reads a regular file of up to 16 MiB, or says what was read before. path begins with a slash and is the caller's; the box
 * keeps the file. Never NULL. NUL bytes end a line's text.
 */
const struct box_file *box_read(struct box *box, const char *path);
/* The same, of a path that is made first. */
const struct box_file *box_readf(struct box *box, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether there is a file or folder of that path. */
bool box_has(struct box *box, const char *path);
bool box_hasf(struct box *box, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The number, from 1, of the first line that is the word alone, whatever its case and the blanks around it; 0: none is. */
size_t box_line_is(const struct box_file *file, const char *word);
/*
 * The value of the first line "KEY: VALUE" (separator ':') or "KEY=VALUE", whatever the case of the key, without blanks around
 * it; NULL: there is none. The caller frees it. *line is its number, from 1, unless line is NULL.
 */
char *box_value(const struct box_file *file, const char *key, char separator, size_t *line);

#endif
