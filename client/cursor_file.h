/* The file in which watch remembers how far it came. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CURSOR_FILE_H
#define CLIENT_CURSOR_FILE_H

#include <stddef.h>

enum { CURSOR_SIZE = 256 };

/* 0, with an empty cursor where there is no file yet; or -errno. EINVAL: this file holds something else. */
int cursor_file_read(const char *path, char cursor[static CURSOR_SIZE]);
/* Replaces the file as a whole: whatever happens, it holds the old cursor or the new one. 0 or -errno. */
int cursor_file_write(const char *path, const char *cursor);

#endif
