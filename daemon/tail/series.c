/* Series: the rotated siblings of a log, by name. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/series.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct sibling {
	char *path;
	struct timespec modified;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ".1", ".2.gz", "-20261123", "-20261123.gz", "-1732406400", "-20261123.1.gz", ".20261123", ".0". */
static bool
is_suffix(const char *suffix)
{
	if ((suffix[0] != '.' && suffix[0] != '-') || !is_digit(suffix[1]))
		return false;
	for (suffix++; is_digit(*suffix) ||
	     ((*suffix == '-' || *suffix == '.' || *suffix == '_') && is_digit(suffix[1]));)
		suffix++;
	return *suffix == '\0' || strcmp(suffix, ".gz") == 0;
}

/* The N of ".N" and ".N.gz", which counts rotations: the higher, the older. 0: the name says a date, or nothing. */
static unsigned long
rotation_count(const char *path)
{
	const char *end = path + strlen(path), *at;

	if (end - path > 3 && strcmp(end - 3, ".gz") == 0)
		end -= 3;
	for (at = end; at > path && is_digit(at[-1]);)
		at--;
	return at > path && at[-1] == '.' && end - at < 5 ? strtoul(at, NULL, 10) : 0;
}

static int
older_first(const void *left, const void *right)
{
	const struct sibling *a = left, *b = right;
	unsigned long count_a = rotation_count(a->path), count_b = rotation_count(b->path);

	if (a->modified.tv_sec != b->modified.tv_sec)
		return a->modified.tv_sec < b->modified.tv_sec ? -1 : 1;
	if (a->modified.tv_nsec != b->modified.tv_nsec)
		return a->modified.tv_nsec < b->modified.tv_nsec ? -1 : 1;
	if (count_a != count_b)
		return count_a > count_b ? -1 : 1;
	return strverscmp(a->path, b->path);
}

/* Splits a path at its last slash. */
static char *
directory_of(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

char *
series_directory(const char *path)
{
	const char *name;

	return directory_of(path, &name);
}

/* "exim_mainlog-%D" against "exim_mainlog-20261123". */
static bool
matches_pattern(const char *name, const char *pattern)
{
	while (*pattern != '\0') {
		if (pattern[0] == '%' && (pattern[1] == 'D' || pattern[1] == 'M')) {
			int digits = pattern[1] == 'D' ? 8 : 6;

			for (int i = 0; i < digits; i++)
				if (!is_digit(*name++))
					return false;
			pattern += 2;
			continue;
		}
		if (*pattern++ != *name++)
			return false;
	}
	return *name == '\0' || strcmp(name, ".gz") == 0;
}

void
series_list(const char *path, struct series *out)
{
	struct sibling *found = NULL;
	size_t count = 0;
	const char *name;
	char *directory = directory_of(path, &name);
	bool is_pattern = strchr(name, '%') != NULL;
	char *current = is_pattern ? series_resolve(path) : NULL;
	DIR *listing = directory != NULL ? opendir(directory) : NULL;

	*out = (struct series){0};
	for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
		size_t len = strlen(name);
		char *sibling = NULL;
		struct stat status;

		if (is_pattern ?
			!matches_pattern(entry->d_name, name) :
			strncmp(entry->d_name, name, len) != 0 || !is_suffix(entry->d_name + len))
			continue;
		if (asprintf(&sibling, "%.*s%s", (int)(name - path), path, entry->d_name) < 0)
			break;
		struct sibling *more = NULL;
		bool is_wanted = stat(sibling, &status) == 0 && S_ISREG(status.st_mode) &&
		    (current == NULL || strcmp(current, sibling) != 0);
		if (is_wanted)
			more = reallocarray(found, count + 1, sizeof(*found));
		if (more == NULL) {
			free(sibling);
			continue;
		}
		found = more;
		found[count++] = (struct sibling){sibling, status.st_mtim};
	}
	if (listing != NULL)
		closedir(listing);
	free(directory);
	free(current);
	if (count != 0)
		qsort(found, count, sizeof(*found), older_first);
	out->paths = count != 0 ? calloc(count, sizeof(char *)) : NULL;
	for (size_t i = 0; i < count; i++) {
		if (out->paths != NULL)
			out->paths[out->count++] = found[i].path;
		else
			free(found[i].path);
	}
	free(found);
}

void
series_clear(struct series *series)
{
	for (size_t i = 0; i < series->count; i++)
		free(series->paths[i]);
	free(series->paths);
	*series = (struct series){0};
}

char *
series_resolve(const char *pattern)
{
	const char *name;
	char *directory = directory_of(pattern, &name);
	DIR *listing = directory != NULL ? opendir(directory) : NULL;
	char *last = NULL, *path = NULL;

	for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
		size_t len = strlen(entry->d_name);

		if (!matches_pattern(entry->d_name, name) ||
		    (len > 3 && strcmp(entry->d_name + len - 3, ".gz") == 0))
			continue;
		if (last == NULL || strcmp(entry->d_name, last) > 0) {
			free(last);
			last = strdup(entry->d_name);
		}
	}
	if (listing != NULL)
		closedir(listing);
	if (last != NULL && asprintf(&path, "%.*s%s", (int)(name - pattern), pattern, last) < 0)
		path = NULL;
	free(last);
	free(directory);
	return path;
}
