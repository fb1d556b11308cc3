/* Mailbox usage: how much a mailbox holds, and how much it may. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_MAILBOX_USAGE_H
#define CLIENT_CHECKS_MAILBOX_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box;
struct box_file;

struct mailbox_usage {
	int64_t limit, used; /* bytes; limit 0: none, or it cannot be read */
	bool is_known;       /* whether used is */
	const struct box_file *limit_file, *used_file;
	size_t limit_line; /* from 1 */
};

/* By HOME/etc/DOMAIN/quota, "LOCALPART:BYTES", and the mailbox's maildirsize (Maildir++). home may be NULL. */
void mailbox_usage_read(struct box *box, const char *home, const char *domain,
    const char *local_part, struct mailbox_usage *usage);
/* The bytes that a file maildirsize adds up to: a line "2000000S,1000C" of limits, then lines "BYTES MESSAGES", minus ones too. */
bool mailbox_usage_sum(const struct box_file *maildirsize, int64_t *sum);

#endif
