/* Series: the rotated siblings of a log, by name (logrotate's and cPanel's schemes). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_SERIES_H
#define TAIL_SERIES_H

#include <stdbool.h>
#include <stddef.h>

/* Paths, oldest first. */
struct series {
	char **paths;
	size_t count;
};

/*
 * Lists the siblings of the log under path, without the log itself: PATH.N, PATH.N.gz, PATH-DATE, PATH-DATE.gz, PATH-EPOCH ... Both
 * the number (the higher the older) and the date (the lower the older) are taken; a mixture is ordered by modification time.
 */
void series_list(const char *path, struct series *out);
void series_clear(struct series *series);

/* The directory in which path stands: the caller's. */
char *series_directory(const char *path);

/* The path that a name with Exim's %D or %M stands for now: the last one by name. NULL when there is none; else the caller's. */
char *series_resolve(const char *pattern);

#endif
