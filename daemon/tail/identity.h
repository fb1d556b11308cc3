/* Identity: what a log file is known by after it was renamed, copied or compressed: how its text begins. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_IDENTITY_H
#define TAIL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDENTITY_BYTES = 512 };

/* A hash of the first len bytes of the text. Log lines begin with a time, so that no two logs share it. len 0: nothing is known yet. */
struct identity {
	uint64_t hash;
	size_t len;
};

/*
 * Learns as much as there is to be known from the text's first bytes, which must be those of IDENTITY_BYTES or the whole text:
 * at least a whole line, or nothing.
 */
void identity_learn(struct identity *identity, const char *head, size_t len);
/* True when a text that begins so may be the one; nothing known fits nothing. */
bool identity_fits(const struct identity *identity, const char *head, size_t len);

/* Reads the first bytes of a file's text, inflated. Returns their number, or -errno. */
int identity_read_head(int fd, char head[IDENTITY_BYTES]);
/* The same of the regular file under a path. */
int identity_read_head_of(const char *path, char head[IDENTITY_BYTES]);

#endif
