/* Events: one line of the log taken apart, whatever its kind. What stands in the log of one moment in time is left to line_place. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_EVENT_H
#define EXIM_EVENT_H

#include <stdbool.h>

#include "daemon/exim/arrival.h"
#include "daemon/exim/delivery.h"
#include "daemon/exim/line.h"
#include "daemon/exim/notice.h"
#include "daemon/exim/refusal.h"

struct event {
	struct line line;        /* read, and not yet placed */
	struct message_id named; /* LINE_COMMAND: the id of -Mc ID */
	bool is_parsed; /* false: the front is that of a known kind, and the rest makes no sense */
	union {
		struct arrival
		    arrival; /* LINE_ARRIVAL, FAKEREJECT; as arrival_parse_envelope fills it */
		struct delivery
		    delivery; /* LINE_DELIVERED to DEFERRED; as delivery_parse_kept fills it */
		struct notice notice;   /* LINE_NOTICE; as notice_parse_kept fills it */
		struct refusal refusal; /* LINE_GENERAL */
		struct command command; /* LINE_COMMAND */
	};
};

/* Total. All slices lie in raw, a line without its newline. Depends on nothing but raw: lines may be parsed in any order, by any thread. */
void event_parse(struct line_memo *memo, struct slice raw, struct event *out);

/* The same of a line whose front line_read has filled. */
void event_parse_text(struct line_memo *memo, struct event *event);

#endif
