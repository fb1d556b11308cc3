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
	bool
	    has_one_recipient; /* recipients is one address, and nothing else; false where nobody has looked */
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
 * The same for lines that can be told at a glance, as nearly all can, in a third of the time. Only what the index keeps is set, the rest is not
 * even zero: sender, is_bounce, bounce_of, recipients, has_one_recipient, the host's name and address, and either auth or, of a
 * local message, user. False for all other lines, and then out is unspecified.
 */
bool arrival_parse_plain(struct slice text, struct arrival *out);
/* Fills the same of all lines, and the rest as well or with zero. */
bool arrival_parse_carefully(struct slice text, struct arrival *out);

static inline bool
arrival_parse_envelope(struct slice text, struct arrival *out)
{
	return arrival_parse_plain(text, out) || arrival_parse_carefully(text, out);
}

/* Takes the next address of "a@x b@y"; quoted local parts may hold blanks. False at the end. */
bool arrival_take_recipient(struct slice *recipients, struct slice *address);

#endif
