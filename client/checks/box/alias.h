/* Alias: where /etc/valiases/DOMAIN sends mail for an address, or for all that have no other. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_ALIAS_H
#define CLIENT_CHECKS_ALIAS_H

#include <stddef.h>

enum alias_kind {
	ALIAS_ADDRESS,
	ALIAS_ACCOUNT, /* a user of this server, who has it in the account's own mailbox */
	ALIAS_FAIL,    /* refused, with a text */
	ALIAS_DEFER,
	ALIAS_BLACKHOLE, /* thrown away, and nobody is told */
	ALIAS_PIPE,      /* a program gets it */
	ALIAS_AUTORESPONDER,
	ALIAS_FILE,
	ALIAS_NOWHERE, /* nothing stands there */
};

struct alias {
	enum alias_kind kind;
	char *
	    text; /* the address, the user, the program, the path; of :fail: and :defer: what the sender is told */
};

/*
 * The next of the targets that a line of Exim's alias files lists after its colon (Exim spec, "The redirect router"); *at
 * moves behind it. alias->text is to be freed. NULL text: there is no more, or memory is out.
 */
void alias_next(const char **at, struct alias *alias);

/* "is refused", "is forwarded to a@example.org", ...: what happens to mail, as the end of a sentence. The caller frees it. */
char *alias_words(const char *targets);

#endif
