/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/lists/blocklists_conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "client/checks/box/box.h"
#include "client/checks/dns/name.h"

static const char name[] = "blocklists.conf";
static const char blanks[] = " \t";
static const char placeholder[] = "{ip}";

enum {
	LISTS_MAX = 200,
	WRONG_MAX = 20,
	ZONE_MAX = 180, /* so that an IPv6 address fits before it (RFC 1035 2.3.4) */
};

static bool
is_zone(const char *text, size_t len)
{
	char zone[ZONE_MAX + 1];

	if (len > ZONE_MAX)
		return false;
	memcpy(zone, text, len);
	zone[len] = '\0';
	return name_is_possible(zone) && zone[strspn(zone, NAME_BYTES)] == '\0' &&
	    strchr(zone, '.') != NULL;
}

static bool
is_link(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0;
}

/* The word at the beginning, without the blanks before it; its length is 0 at the end of the line. */
static size_t
take_word(const char **rest, const char **word)
{
	size_t len;

	*word = *rest + strspn(*rest, blanks);
	len = **word != '#' ? strcspn(*word, blanks) : 0;
	*rest = *word + len;
	return len;
}

bool
blocklist_parse(const char *line, struct blocklist *list)
{
	static const char ipv4_only[] = "ipv4-only";
	const char *word;
	size_t len = take_word(&line, &word);

	*list = (struct blocklist){0};
	if (!is_zone(word, len))
		return false;
	list->zone = strndup(word, len);
	len = take_word(&line, &word);
	if (len == strlen(ipv4_only) && strncasecmp(word, ipv4_only, len) == 0) {
		list->is_ipv4_only = true;
		len = take_word(&line, &word);
	}
	if (len != 0 && is_link(word, len)) {
		list->link = strndup(word, len);
		len = take_word(&line, &word);
	}
	if (len == 0 && list->zone != NULL)
		return true;
	blocklist_clear(list);
	return false;
}

void
blocklist_clear(struct blocklist *list)
{
	free(list->zone);
	free(list->link);
	*list = (struct blocklist){0};
}

char *
blocklist_link(const struct blocklist *list, const char *address)
{
	char *text = NULL, *at;
	size_t len;

	if (list->link == NULL)
		return NULL;
	at = strstr(list->link, placeholder);
	if (at == NULL)
		return strdup(list->link);
	len = (size_t)(at - list->link);
	if (asprintf(&text, "%.*s%s%s", (int)len, list->link, address, at + strlen(placeholder)) <
	    0)
		return NULL;
	return text;
}

static void
add_wrong(struct blocklists *lists, size_t line, const char *text)
{
	char **wrong, *shown;

	if (lists->wrong_count == WRONG_MAX)
		return;
	wrong = reallocarray(lists->wrong, lists->wrong_count + 1, sizeof(*wrong));
	if (wrong == NULL)
		return;
	lists->wrong = wrong;
	if (asprintf(&shown, "%s:%zu: %s", lists->path, line, text) >= 0)
		wrong[lists->wrong_count++] = shown;
}

static void
add_line(struct blocklists *lists, size_t line, const char *text)
{
	struct blocklist list, *grown;
	const char *word = text + strspn(text, blanks);

	if (*word == '\0' || *word == '#')
		return;
	if (!blocklist_parse(text, &list)) {
		add_wrong(lists, line, text);
		return;
	}
	grown = lists->count < LISTS_MAX ?
	    reallocarray(lists->list, lists->count + 1, sizeof(*grown)) :
	    NULL;
	if (grown == NULL) {
		blocklist_clear(&list);
		return;
	}
	lists->list = grown;
	grown[lists->count++] = list;
}

static void
read_lines(const struct box_file *file, struct blocklists *lists)
{
	lists->path = strdup(file->path);
	if (file->error != NULL || lists->path == NULL) {
		lists->error = strdup(
		    file->error != NULL ? file->error : "does not fit into memory");
		return;
	}
	for (size_t i = 0; i < file->count; i++)
		add_line(lists, i + 1, file->lines[i]);
}

/* What came with this program: as told, in the build tree that it stands in, else where it is installed. */
static void
find_shipped(char path[PATH_MAX])
{
	const char *told = getenv("BOUNCED_DATADIR");
	ssize_t len;

	if (told != NULL && told[0] != '\0') {
		snprintf(path, PATH_MAX, "%s/%s", told, name);
		return;
	}
	len = readlink("/proc/self/exe", path, PATH_MAX - sizeof("etc/") - sizeof(name));
	if (len > 0) {
		path[len] = '\0';
		stpcpy(stpcpy(strrchr(path, '/') + 1, "etc/"), name);
		if (access(path, R_OK) == 0)
			return;
	}
	snprintf(path, PATH_MAX, "%s/%s", PKGDATADIR, name);
}

static void
read_shipped(struct blocklists *lists)
{
	char path[PATH_MAX];
	struct box *here = box_new(NULL);

	if (here == NULL)
		return;
	find_shipped(path);
	read_lines(box_read(here, path), lists);
	box_free(here);
}

void
blocklists_read(struct box *box, struct blocklists *lists)
{
	static const char *const paths[] = {
	    SYSCONFDIR "/bounced/blocklists.conf",
	    "/etc/bounced/blocklists.conf",
	};

	*lists = (struct blocklists){0};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct box_file *file = box_read(box, paths[i]);

		if (!file->is_absent) {
			read_lines(file, lists);
			return;
		}
	}
	read_shipped(lists);
}

void
blocklists_clear(struct blocklists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		blocklist_clear(&lists->list[i]);
	free(lists->list);
	for (size_t i = 0; i < lists->wrong_count; i++)
		free(lists->wrong[i]);
	free(lists->wrong);
	free(lists->path);
	free(lists->error);
	*lists = (struct blocklists){0};
}
