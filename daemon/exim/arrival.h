/* Arrival lines: <= SENDER FIELDS... (Exim spec, "Logging message reception"). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_ARRIVAL_H
#define EXIM_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/exim/host.h"
#include "daemon/exim/message_id.h"
#include "daemon/text/slice.h"

/* All slices lie in the line; what is not logged is empty. What the index keeps stands first: it changes processors. */
struct arrival {
	struct slice sender;         /* without the brackets; empty for <> */
	struct slice auth;           /* A=driver:identity */
	struct slice user;           /* U= */
	struct slice recipients;     /* after "for ", still separated by blanks */
	struct message_id bounce_of; /* R=ID: this Exim made the bounce for that message */
	bool is_bounce;              /* <= <> */
	bool has_subject;
	struct host host;       /* H= */
	struct slice protocol;  /* P= */
	struct slice tls;       /* X= */
	int64_t size;           /* S=, bytes; -1 */
	struct slice header_id; /* id= */
	struct slice subject;   /* T="...", still backslash-escaped */
	struct slice from;      /* from <...>: the raw envelope sender where logged */
};

/* The text of a LINE_ARRIVAL or LINE_FAKEREJECT. False when not even a sender stands there. */
bool arrival_parse(struct slice text, struct arrival *out);

/*
 * The same, but only sender, bounce_of, subject, from, recipients, auth, the host's name and address and the user of a local message are sure to
 * be filled: what the index keeps, in half the time.
 */
bool arrival_parse_envelope(struct slice text, struct arrival *out);

/* Takes the next address of "a@x b@y"; quoted local parts may hold blanks. False at the end. */
bool arrival_take_recipient(struct slice *recipients, struct slice *address);

#endif
