/* SMTP probe: what mail servers say when they are connected to, many at once; no mail is sent. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SMTP_PROBE_H
#define CLIENT_CHECKS_SMTP_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/dns/ip.h"

enum probe_result {
	PROBE_GREETED,     /* it said something that begins with a code: code and greeting */
	PROBE_NOT_SMTP,    /* it said something else: greeting */
	PROBE_SILENT,      /* connected, and no whole greeting in time */
	PROBE_CLOSED,      /* connected, and closed before a greeting */
	PROBE_RESET,       /* connected, and reset before a greeting */
	PROBE_REFUSED,     /* the port is closed: ECONNREFUSED */
	PROBE_TIMED_OUT,   /* no answer to the SYN */
	PROBE_UNREACHABLE, /* no way there: ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL */
	PROBE_PROHIBITED,  /* this machine does not let us: EACCES, EPERM */
	PROBE_FAILED,      /* another error */
};

struct smtp_probe {
	/* in */
	const char *name; /* of the server, for whoever asks */
	struct ip ip;
	int port;
	/* out */
	enum probe_result result;
	int error;      /* errno of the last five */
	int code;       /* 220, 421, 554, ...; 0: none was read */
	char *greeting; /* its lines without their codes, a blank between; NULL: nothing was read */
	bool has_local;
	struct ip local; /* this side of the connection */
	bool has_answered_ehlo, has_starttls;
};

/*
 * Connects to all, reads the greeting, says EHLO and QUIT. A server has ten seconds for each of these, so thirty together,
 * and all of them the same. helo is the name to say.
 */
void smtp_probe_all(struct smtp_probe *probes, size_t count, const char *helo);
/* Frees what was read. */
void smtp_probe_clear(struct smtp_probe *probe);

#endif
