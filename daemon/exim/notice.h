/* Notices: lines with an id and no flag. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_NOTICE_H
#define EXIM_NOTICE_H

#include <stdbool.h>

#include "daemon/exim/host.h"
#include "daemon/text/slice.h"

enum notice_kind {
	NOTICE_OTHER,           /* evidence, no event */
	NOTICE_HOST_TROUBLE,    /* one host's temporary trouble before the ==: host, message */
	NOTICE_OUTBOUND,        /* cPanel's SMTP connection outbound EPOCH ID DOMAIN ADDRESS */
	NOTICE_SENDER_IDENTITY, /* cPanel's Sender identification U=user D=domain S=sender: user */
	NOTICE_SPAM_SCORE, /* Warning: "SpamAssassin as USER detected message as spam (26.2)": user, score, is_spam */
	NOTICE_REJECTED, /* rejected after DATA, rejected by local_scan ...: host, sender, message; no <= follows */
	NOTICE_TEMPORARILY_REJECTED,
	NOTICE_ABANDONED, /* connection lost, timed out, no recipients ... while the message was read; no <= follows */
	NOTICE_RESCINDED,         /* rescind the above message-accept: the <= before it is void */
	NOTICE_RECIPIENT_REFUSED, /* PRDR R=<A> refusal: address; the others get the message */
	NOTICE_FROZEN,            /* Frozen, *** Frozen (...), Message is frozen, frozen by ... */
	NOTICE_UNFROZEN,
	NOTICE_HELD,    /* Delivery deferred by system filter: all that wait are deferred */
	NOTICE_IGNORED, /* original recipients ignored (system filter): all that wait are discarded */
	NOTICE_REMOVED, /* removed by USER, cancelled by ..., Message removed because older ..., cancelled by timeout_frozen_after */
	NOTICE_MARKED, /* address <A> marked delivered by ..., all addresses marked delivered by ...: address, empty for all */
	NOTICE_ADDED,  /* recipient <A> added by ...: address */
	NOTICE_ROUTING_FAILED,
	NOTICE_RETRY_WAIT, /* retry time not reached, spool file is locked, no immediate delivery, queued by ... */
};

struct notice {
	enum notice_kind kind;
	struct host host;
	struct slice sender; /* F=<...> */
	struct slice auth;
	struct slice user;
	struct slice score;
	bool is_spam;
	struct slice
	    address; /* the one that a cutthrough refusal or an administrator's action names */
	struct slice message; /* the text that says why */
};

/* The text of a LINE_NOTICE. Total. */
void notice_parse(struct slice text, struct notice *out);

/* The same for what the index keeps: of OUTBOUND only the kind is filled, of SENDER_IDENTITY only kind and user. */
void notice_parse_kept(struct slice text, struct notice *out);

#endif
