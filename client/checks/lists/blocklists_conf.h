/* blocklists.conf: the blocklists that an address is looked for in, and where one asks each for removal. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_BLOCKLISTS_CONF_H
#define CLIENT_CHECKS_BLOCKLISTS_CONF_H

#include <stdbool.h>
#include <stddef.h>

struct box;

struct blocklist {
	char *zone;
	char *link; /* with {ip} for the address; NULL: there is none */
	bool is_ipv4_only;
};

struct blocklists {
	char *path;  /* of the file they are from, as its reader would name it */
	char *error; /* why it could not be read; NULL: it was */
	struct blocklist *list;
	size_t count;
	char **wrong; /* lines that cannot be understood, as "FILE:LINE: TEXT" */
	size_t wrong_count;
};

/* The administrator's file of the box, else the one that came with this program. */
void blocklists_read(struct box *box, struct blocklists *lists);
void blocklists_clear(struct blocklists *lists);

/* Reads one line, which is neither empty nor a comment. False: it cannot be understood, or memory is out. */
bool blocklist_parse(const char *line, struct blocklist *list);
void blocklist_clear(struct blocklist *list);
/* The link for an address, which the caller frees; NULL when there is none or memory is out. */
char *blocklist_link(const struct blocklist *list, const char *address);

#endif
