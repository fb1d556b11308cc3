/* State: the inside of the daemon, shared by the files that make it up. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/answer/answer.h"
#include "daemon/daemon.h"
#include "daemon/latency.h"
#include "daemon/steady_clock.h"

struct event;
struct event_base;
struct journal_failures;
struct server;
struct stdio;

struct daemon {
	const struct daemon_options *options;
	struct configuration config;
	struct event_base *base;
	struct zone *zone;
	struct classifier *classifier;
	struct index *index;
	struct tail *tail;
	struct server *server;
	struct stdio *stdio;
	struct journal_failures *failures;
	struct latency latency;
	struct steady_clock clock;
	struct answer_sources sources;
	struct ahead *ahead; /* NULL: nothing has been made ahead yet */
	struct ini_errors reload_errors;
	struct event *on_term, *on_int, *on_hup, *ending, *ahead_timer;
	struct classifier *next_classifier; /* read, waiting for answers in the making to end */
	int64_t reload_until_ms, end_until_ms;
	unsigned ticks;
	uint64_t watchdog_ms;
	bool is_backfilled, is_ending, has_no_log;
};

#endif
