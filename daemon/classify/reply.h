/* A reply: what the remote server said, taken out of the text that Exim logs around it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_REPLY_H
#define CLASSIFY_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"

/* Where in the SMTP session the remote refused. */
enum phase {
	PHASE_NONE,
	PHASE_CONNECT,
	PHASE_EHLO, /* HELO too */
	PHASE_STARTTLS,
	PHASE_AUTH,
	PHASE_MAIL,
	PHASE_RCPT,
	PHASE_DATA,
	PHASE_END_OF_DATA,
};

/* Enhanced mail system status code, RFC 3463 section 2; class 0: there is none. */
enum { ENHANCED_SUBJECT_MAX = 7 };

struct enhanced_code {
	uint16_t class, subject, detail;
};

struct reply {
	int code; /* RFC 5321 section 4.2 reply code; 0: none */
	struct enhanced_code enhanced;
	enum phase phase;
	struct slice host; /* remote server's name where the text has it ("host x [ip]: ") */
	struct slice ip;
	struct slice
	    raw; /* the reply as logged, codes included, lines joined by a literal backslash-n; Exim's own words around it cut off */
	bool
	    is_retry_timeout; /* the text ended in ": retry timeout exceeded", which raw does not hold */
};

/* Takes the reply out of Exim's text, in all the shapes Exim has had since 4.6x, and bare replies too. Total: any text gives a reply. */
void reply_parse(struct slice message, struct reply *out);

/*
 * Writes the words of the reply without codes, the lines of a reply of several lines separated by '\n'; bytes that are not
 * UTF-8 come out as U+FFFD, other control bytes as blanks. Returns the length; always NUL-terminates; cuts at size.
 */
size_t reply_text(const struct reply *reply, char *buffer, size_t size);

/* Takes "\303", as Exim writes bytes that its print_topbitchars keeps from the log, off the front of *text. */
bool reply_take_octal(struct slice *text, char *byte);

const char *phase_name(enum phase
	phase); /* "connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "end-of-data"; NULL for NONE */

#endif
