/* Latency: how long after a line was written to the log it was in the index. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_LATENCY_H
#define DAEMON_LATENCY_H

#include <stdint.h>

#include "protocol/json_out.h"

enum { LATENCY_BUCKETS = 40 };

/* A histogram whose buckets double every second one: from 0.1 ms to a minute within a factor of 1.5. */
struct latency {
	uint64_t buckets[LATENCY_BUCKETS];
	uint64_t count;
	int64_t looked_ms; /* when a file was last asked for its time */
};

/* A line of the file at path is in the index now. Asks the file's time of modification at most every 50 ms. */
void latency_note(struct latency *latency, const char *path);

/* Writes the 99th percentile in milliseconds, or null when nothing has been measured; context is the latency. */
void latency_write(void *context, struct json_out *out);

#endif
