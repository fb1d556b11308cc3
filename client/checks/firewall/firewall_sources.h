/* Firewall sources: the rules of this server, as the kernel has them or as files will load them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_FIREWALL_SOURCES_H
#define CLIENT_CHECKS_FIREWALL_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/firewall/packet_rules.h"

struct checks;

enum { FIREWALL_SOURCES_MAX = 10 };

struct firewall_source {
	const char *name;  /* a command or a file */
	bool is_live;      /* a command's: what the kernel does now */
	const char *error; /* why it could not be read; NULL: it was, or is empty */
	bool needs_root;   /* that is why, or may be */
	struct packet_rules rules;
};

struct firewall_sources {
	struct firewall_source list[FIREWALL_SOURCES_MAX];
	size_t count;
};

/*
 * Reads what there is: with --root, and where no command could be run, files instead of commands. What is not installed or does
 * not exist is left out.
 */
void firewall_sources_read(struct firewall_sources *sources, struct checks *checks);
void firewall_sources_clear(struct firewall_sources *sources);

/* firewall_lists.c: "firewall", what csf's and APF's lists of ports let through. Returns how many files were read. */
size_t firewall_check_lists(struct checks *checks);

#endif
