/* Hosts: H=name (helo) [ip]:port. Only the last bracketed address is Exim's own word; name and helo are what others say. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_HOST_H
#define EXIM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct host {
	struct slice name; /* looked-up name; empty when there is none */
	struct slice helo; /* without the parentheses */
	struct slice ip;   /* without the brackets */
	uint16_t port;     /* 0: not logged */
};

/*
 * Takes "name (helo) [ip]:port" (what follows "H=") off the front of *rest. The helo is whatever a client sent, blanks and
 * brackets included; the host ends at the last "[address]" before the next field. False, *rest unchanged, when there is none.
 */
bool host_take(struct slice *rest, struct host *out);
/*
 * The same for a slice in which nothing after the host is anybody's free text, as an arrival up to its id=: a helo may look like
 * all the fields there are, and yet only the last address counts.
 */
bool host_take_sender(struct slice *rest, struct host *out);

/* How many bytes at the front may be those of an address. */
size_t host_address_length(struct slice text);

/*
 * Finds the host in Exim's words about an attempt that failed, where it stood before 4.83 or so: "SMTP error from remote mail server
 * after RCPT TO:<a@b>: host h [ip]: 550 ...", "Remote host h [ip] closed connection ...". False when they name none.
 */
bool host_find_in_message(struct slice message, struct host *out);

#endif
