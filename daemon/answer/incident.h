/* Incidents: what is found and what is said of it. For incidents.c and incident_text.c only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_INCIDENT_H
#define ANSWER_INCIDENT_H

#include "daemon/answer/answer.h"
#include "daemon/answer/mishaps.h"
#include "daemon/classify/classify.h"

enum {
	INCIDENTS_MAX = 100,
	SAMPLES_MAX = 5,
};

/* What an incident is made of. */
struct incident {
	enum scope_kind kind;
	struct tally_row *part; /* NULL: all */
	uint16_t class_index;
	bool is_flood;    /* of one account, whatever its failures are */
	uint32_t waiting; /* is_flood: of all */
	uint32_t messages, recipients, domains, senders, accounts;
	int64_t began, last;
	double usual, now; /* failures an hour */
	bool is_ongoing;
	struct mishap samples[SAMPLES_MAX]; /* the newest, of different messages */
	size_t sample_count;
};

struct incidents {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	uint64_t next;     /* ordinals below this are still to be looked at */
	uint64_t messages; /* in the window */
	int64_t from,
	    now; /* seconds of the oldest one that was looked at, and of the log's last line */
	struct mishaps mishaps;
	struct incident list[INCIDENTS_MAX];
	size_t count;
};

/* Classes that a sender or a login brings upon himself, although the server's administrator has to act. */
bool incident_is_senders_class(const struct class *class);

/* Writes the item of one; nothing when its newest message has left the window. */
void incident_write(const struct incidents *incidents, const struct incident *incident,
    struct json_out *out);

#endif
