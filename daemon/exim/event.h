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
	struct line line; /* read, and not yet placed; of a LINE_COMMAND, with the id of -Mc ID */
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

/* What lines have in common with those before them. All zero at the start. */
struct event_memo {
	struct route_memo routes;
	struct command_memo commands;
};

/* Takes apart a line whose front is filled. Total; all slices lie in its text. What is found is the same whatever the memo holds. */
void event_parse_text(struct event_memo *memo, struct event *event);

#endif
