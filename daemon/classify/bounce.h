/* Bounces: the addresses that one is about, and what is known of each. For the readers of bounces only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_BOUNCE_H
#define CLASSIFY_BOUNCE_H

#include "daemon/classify/pasting.h"

/* How much is known of an address; a report and the words above it tell of the same ones, and the better is told. */
enum rank {
	RANK_STATUS, /* nothing but the Status field */
	RANK_WORDS,
	RANK_REPLY, /* words with a code */
};

struct finding {
	struct slice address, host, ip, status;
	size_t begin, len; /* in words */
	enum rank rank;
	enum failure_kind kind; /* what became of the message; FAILURE_TEXT: not said */
};

struct bounce {
	struct slice text;
	struct text
	    words; /* of all findings, and behind them of the open one; its room is never moved */
	struct finding findings[PASTED_FOUND_MAX];
	size_t count, begin;
	struct slice address;   /* the last that was named */
	struct slice sender;    /* who wrote the message, where the bounce says so */
	bool is_open;           /* what is read belongs to the address */
	bool has_reply;         /* the open one quotes a session: its own words are not wanted */
	bool is_doubled;        /* each line is a paragraph, and blank lines mean nothing */
	bool is_frozen;         /* the whole of it says that the message is on hold */
	enum failure_kind kind; /* what the whole of it says became of the message */
};

/* Adds what is known of an address, or joins it with what was known before. */
void bounce_add(struct bounce *bounce, struct finding new);

/* Ends what is open, if anything was said in it, and adds it. */
void bounce_finish(struct bounce *bounce);

/* What a server said, as a transcript has it: of a session the first refusal counts. */
void bounce_add_server_line(struct bounce *bounce, struct slice reply);

/* What has no form: a session alone, a reply inside what people or programs write around it, sentences. */
void bounce_read_prose(struct bounce *bounce, struct slice text);

/* Reads the fields of message/delivery-status (RFC 3464), wherever they stand in the text. */
void bounce_read_report(struct bounce *bounce, struct slice text);

#endif
