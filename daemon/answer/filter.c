/* Filters: cPanel's file for one mailbox, in Exim's filter language, with the rules' names as comments. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/filter.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILTER_MAX = 64 * 1024, /* bytes of a filter that are read */
	TABLE_MAX = 4 * 1024 * 1024,
	USER_MAX = 64,
	RULE_MAX = 80, /* bytes of a name or condition that are shown */
};

/* What strangers wrote is put into a path: one name of a folder or file, and no other. */
static bool
is_file_name(struct slice name)
{
	return name.len != 0 && name.len < 256 && name.at[0] != '.' &&
	    slice_find_byte(name, '/') < 0 && slice_find_byte(name, '\0') < 0;
}

/* "domain: user". */
static bool
find_user(const char *table, struct slice domain, char user[USER_MAX])
{
	FILE *file = table != NULL ? fopen(table, "re") : NULL;
	char line[512];
	size_t read = 0;
	bool is_found = false;

	if (file == NULL)
		return false;
	while (!is_found && read < TABLE_MAX && fgets(line, sizeof(line), file) != NULL) {
		struct slice rest = slice_str(line);

		read += rest.len;
		if (!slice_equal_nocase(slice_trim(slice_take_until(&rest, ':')), domain))
			continue;
		rest = slice_trim(slice_take_until(&rest, '\n'));
		is_found = is_file_name(rest) && rest.len < USER_MAX;
		if (is_found)
			snprintf(user, USER_MAX, "%.*s", (int)rest.len, rest.at);
	}
	fclose(file);
	return is_found;
}

/* The file is its user's: it may be a pipe that never ends, or a link to what is none of his. */
static FILE *
open_filter(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(fd);
		return NULL;
	}
	FILE *file = fdopen(fd, "r");
	if (file == NULL)
		close(fd);
	return file;
}

/* The rule that discards: its name stands in a comment above it, its condition in the lines after "if". */
struct discarding {
	char name[RULE_MAX], condition[RULE_MAX];
	unsigned line, count;
};

static void
read_filter(FILE *file, struct discarding *out)
{
	char line[512], name[RULE_MAX] = "", condition[RULE_MAX] = "";
	size_t read = 0;
	bool is_condition = false;

	for (unsigned number = 1; read < FILTER_MAX && fgets(line, sizeof(line), file) != NULL;
	     number++) {
		struct slice words = slice_trim(slice_first(slice_str(line), strcspn(line, "\n")));

		read += strlen(line);
		if (slice_take_prefix(&words, SLICE("#"))) {
			snprintf(name, sizeof(name), "%.*s", (int)slice_trim(words).len,
			    slice_trim(words).at);
			condition[0] = '\0';
		} else if (slice_has_prefix(words, SLICE("save \"/dev/null\"")) ||
		    slice_has_prefix(words, SLICE("save /dev/null"))) {
			if (out->count++ != 0)
				continue;
			snprintf(out->name, sizeof(out->name), "%s", name);
			snprintf(out->condition, sizeof(out->condition), "%s", condition);
			out->line = number;
		} else if (slice_take_prefix(&words, SLICE("if")) || is_condition) {
			ptrdiff_t then = slice_find(words, SLICE(" then"));

			words = slice_trim(
			    slice_first(words, then >= 0 ? (size_t)then : words.len));
			is_condition = words.len == 0;
			if (words.len != 0)
				snprintf(condition, sizeof(condition), "%.*s", (int)words.len,
				    words.at);
		}
	}
}

bool
filter_describe(const struct answer_sources *sources, struct slice router, struct slice address,
    char *text, size_t size)
{
	struct slice domain = address, local_part = slice_take_until(&domain, '@');
	struct discarding found = {.count = 0};
	char user[USER_MAX], path[1024];

	if (!slice_equal(router, SLICE("virtual_user_filter")) || !is_file_name(domain) ||
	    !is_file_name(local_part) || !find_user(sources->userdomains, domain, user))
		return false;
	snprintf(path, sizeof(path), "%s/%s/etc/%.*s/%.*s/filter", sources->homes, user,
	    (int)domain.len, domain.at, (int)local_part.len, local_part.at);
	FILE *file = open_filter(path);
	if (file != NULL) {
		read_filter(file, &found);
		fclose(file);
	}
	if (found.count == 0)
		snprintf(text, size,
		    file == NULL ?
			"The account is %s; its filter may not be read from here: grep -n -B 6 /dev/null %s" :
			"The account is %s; no rule of %s discards now, so it has been changed since.",
		    user, path);
	else
		snprintf(text, size,
		    "What decided: the rule \"%s\" of the account %s discards when %s (line %u of %s)%s.",
		    found.name, user, found.condition, found.line, path,
		    found.count > 1 ? "; further rules there discard too" : "");
	return true;
}
