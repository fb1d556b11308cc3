/* Delivery lines: => -> >> *> ** == ADDRESS (PARENT) <ORIGINAL> FIELDS...[: MESSAGE] (Exim spec, "Logging deliveries"). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_DELIVERY_H
#define EXIM_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/exim/host.h"
#include "daemon/exim/plain_delivery.h"
#include "daemon/text/slice.h"

/* All slices lie in the line; what is not logged is empty. What the index keeps of most stands first: it changes processors. */
struct delivery {
	struct slice
	    address; /* delivery_final_address, where delivery_parse_kept saw at a glance that no other address is named; or empty */
	struct slice sender; /* F=<...> */
	const void *
	    route; /* what router and transport are known by in the memo, where delivery_parse_kept knew them; else NULL */
	struct host host;      /* H=; else what the message says of it: "host h [ip]:" */
	bool has_error_number; /* == ... defer (N) */
	bool is_system_error;  /* the number is the system's: its words come first */
	bool
	    is_for_all; /* a failure that names no address: every recipient without an outcome has it */
	bool is_discarded;     /* :blackhole:, /dev/null, discarded, blackhole: nobody gets it */
	bool is_error_ignored; /* "...: error ignored" */
	bool is_retry_wait; /* "retry time not reached ...": no new error, the earlier one stands */
	int error_number;
	struct slice
	    final; /* what stands first: address, local part, /path, |command, >autoreply, :blackhole:; empty for "=> blackhole (...)" */
	struct slice original; /* <...>, without the brackets; empty where there is none */
	struct slice parents;  /* "(a@x) (b@y)" as logged, or empty */
	struct slice router;
	struct slice transport;
	struct slice
	    message; /* failures and deferrals: Exim's error text, trailing " DT=..." and " QT=..." cut off */
	struct slice return_path; /* P=<...> */
	struct slice tls;
	struct slice confirmation; /* C="..." without the quotes, still escaped */
	struct slice shadow;       /* ST= */
	int64_t size;              /* S=, bytes; -1 */
};

/* The text of a LINE_DELIVERED, ADDITIONAL, CUTTHROUGH, SUPPRESSED, FAILED or DEFERRED; is_failure for the last two, whose message follows a ": ". */
bool delivery_parse(struct slice text, bool is_failure, struct delivery *out);

/*
 * The same in a fraction of the time, by the routes that are known, for what the index keeps: of what did not fail nothing behind the route
 * is sure to be filled.
 */
bool delivery_parse_kept(struct route_memo *memo, struct slice text, bool is_failure,
    struct delivery *out);

/*
 * The final address as stories have it: a bare local part completed with the domain of the original; files, pipes, :blackhole:
 * and >autoreplies as logged. Returns a slice of the line, or of buffer when it had to be put together.
 */
struct slice delivery_final_address(const struct delivery *delivery, char *buffer, size_t size);

#endif
