/* Matching: whether a message or a recipient is what was asked for. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_MATCH_H
#define ANSWER_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/answer/answer.h"
#include "daemon/index/index.h"

/* An address pattern: user@domain, @domain or domain (all of it and its subdomains not), or the beginning of an address ("user", "user@dom*"). */
bool match_name(const struct segment *segment, uint32_t name, struct slice pattern);
/* True when the address is at that domain, case aside. */
bool match_domain(struct slice address, struct slice domain);
/* True when a segment may hold an address of that pattern: for whole addresses and domains the strings know. */
bool match_segment(const struct segment *segment, struct slice pattern);
/* What the marks of messages with such a name are like; the empty pattern is none of these. */
struct sought_name match_sought(const struct hash_key *key, struct slice pattern);
/* True when the message's sender, login or any recipient (final or original) matches. */
bool match_message(const struct asker *asker, struct message_view view, struct slice pattern);
/* True when a recipient that the asker may see matches. */
bool match_recipients(const struct asker *asker, struct message_view view, struct slice pattern);

/* True when that IP address took or refused the message, or was refused, and the asker may see that. */
bool match_ip(const struct asker *asker, struct message_view view, struct slice ip);

/* The filters of recent and watch; empty ones let everything through. */
struct failure_filter {
	enum severity severity; /* NONE: any */
	int class_index;        /* -1: any */
	struct slice domain, sender;
	int64_t since, until; /* 0: no bound */
};
/* All of it but the class, which evidence may decide. */
bool match_failure(const struct failure_filter *filter, struct message_view view,
    const struct recipient *recipient);

/*
 * Who sees what. Of a message that an account sent, it sees everything; of one that others sent to it, its own recipients, and
 * neither whom else it went to nor how the sender got in.
 */
bool match_asker(const struct asker *asker, struct message_view view);
bool match_sent(const struct asker *asker, struct message_view view);
/* Of a message that the asker may see: whether he may see this recipient. */
bool match_shown(const struct asker *asker, struct message_view view,
    const struct recipient *recipient);
/* Whether a line of a message that others sent names nobody but its sender and the asker's own. */
bool match_line(const struct asker *asker, struct message_view view, struct slice line);
/* What a server said of a message, with the addresses that the asker may not see blotted out; it lies in the room where there are any. */
struct slice match_words(const struct asker *asker, struct message_view view, struct slice words,
    struct room *room);

#endif
