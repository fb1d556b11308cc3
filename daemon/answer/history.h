/* History: what the window knows of a domain, of the time of a failure, of a client and of a sender. Each looks at a bounded number of messages. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_HISTORY_H
#define ANSWER_HISTORY_H

#include "daemon/index/index.h"

/* What became of the other messages to one domain. */
struct domain_history {
	unsigned delivered_remotely, delivered_here, same_class, other_failures;
	int64_t last_delivered, last_remotely;
	char last_host[256]; /* of the last that was delivered remotely; cut */
	/* The last one that took more than one try. */
	unsigned tries;
	int64_t took_s;
	/* The newest failure of another class, where other_failures is not 0: its class, and its words, cut. */
	uint8_t other_class;
	char other_words[200];
	bool was_cut; /* there is more of the window than was looked at */
};
void history_of_domain(struct index *index, const struct message *self, struct slice domain,
    uint8_t class_index, struct domain_history *out);

/* The hour around a failure, at other domains: failures of the same class, and messages that other servers took. */
struct hour_history {
	unsigned domains, failures;
	unsigned delivered, delivered_domains;
};
void history_of_hour(struct index *index, int64_t second, uint8_t class_index, struct slice domain,
    struct hour_history *out);

/* Refusals of one client or of one login, by class. */
struct client_history {
	unsigned refusals, same_class, logins, clients, lockouts;
	int64_t first, last;
};
void history_of_client(const struct index *index, struct slice ip, struct slice login,
    uint8_t class_index, int lockout_class, struct client_history *out);

/*
 * Writes an address that the sender did reach and that is spelt almost like this one, NUL-terminated. False when there is none.
 */
bool history_nearest_reached(struct index *index, struct slice sender, struct slice address,
    char *reached, size_t size);

#endif
