/* Patience: how long others are waited for. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_PATIENCE_H
#define CLIENT_CHECKS_PATIENCE_H

#include <stdint.h>

enum patience {
	PATIENCE_DNS,     /* a nameserver, for one answer */
	PATIENCE_SMTP,    /* a mail server, for each step */
	PATIENCE_PROGRAM, /* a program of the system, until it ends */
};

/* In milliseconds: the usual, or what BOUNCED_DNS_MS, BOUNCED_SMTP_MS and BOUNCED_PROGRAM_MS say, as tests do that wait in vain. */
int patience_ms(enum patience patience);
/* A clock that only goes forward, in milliseconds. */
int64_t patience_now_ms(void);

#endif
