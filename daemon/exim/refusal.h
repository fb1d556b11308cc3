/* Refusals: what Exim refused or lost before a message had an id (lines without one). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_REFUSAL_H
#define EXIM_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/exim/host.h"
#include "daemon/text/slice.h"

enum refusal_kind {
	REFUSAL_NONE, /* not a refusal: connections opening and closing, queue runs, daemon starts */
	REFUSAL_RCPT, /* rejected RCPT <addr>: TEXT */
	REFUSAL_MAIL,
	REFUSAL_CONNECT, /* rejected connection in "connect" ACL, refused: too many connections ... */
	REFUSAL_HELO,
	REFUSAL_DATA,          /* rejected DATA / predata */
	REFUSAL_AUTH,          /* authenticator failed, rejected AUTH */
	REFUSAL_VERIFY,        /* sender verify fail|defer for <addr>: TEXT */
	REFUSAL_OTHER_COMMAND, /* VRFY, EXPN, ETRN, STARTTLS ... */
	REFUSAL_LOST, /* connection lost, command timeout, unexpected disconnection, synchronization error, TLS error */
	REFUSAL_PROGRAM, /* another program's words in the file: spamd's configuration errors, cPHulk's */
};

struct refusal {
	enum refusal_kind kind;
	bool is_temporary; /* temporarily rejected, verify defer */
	struct host host;
	struct slice user;      /* U= of a local caller */
	struct slice sender;    /* F=<...>, or the address a verification is about */
	struct slice auth;      /* A= */
	struct slice recipient; /* RCPT <...> */
	struct slice login;     /* set_id=... */
	struct slice message;   /* why */
};

/* The text of a LINE_GENERAL. Total; kind REFUSAL_NONE for the lines that refuse nothing. */
void refusal_parse(struct slice text, struct refusal *out);

/* A LINE_COMMAND: cwd=DIR N args: PROGRAM ARGS. */
struct command {
	struct slice directory;
	struct slice arguments;  /* everything after "args: " */
	struct slice message_id; /* the ID of -Mc ID, or empty */
};

bool command_parse(struct slice text, struct command *out);

enum { COMMAND_FRONT_MAX = 64 };

/* What stood before the id of the last command line that had one, as in nearly all. All zero at the start. */
struct command_memo {
	char front[COMMAND_FRONT_MAX];
	uint8_t length; /* 0: none */
	uint8_t directory_length, arguments_at;
};
/* The same, by the memo where the line begins like the last one. */
bool command_parse_again(struct command_memo *memo, struct slice text, struct command *out);

#endif
