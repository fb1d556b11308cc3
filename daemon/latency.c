/* Latency: how long after a line was written to the log it was in the index. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/latency.h"

#include <sys/stat.h>
#include <time.h>

#include "daemon/answer/walk.h"

enum { LOOK_MS = 50 };

#define FIRST_BUCKET_MS 0.1
#define GROWTH 1.4142135623730951

static double
milliseconds(const struct timespec *moment)
{
	return (double)moment->tv_sec * 1000 + (double)moment->tv_nsec / 1e6;
}

void
latency_note(struct latency *latency, const char *path)
{
	int64_t now = clock_ms();
	struct timespec wall;
	struct stat status;

	if (now < latency->looked_ms + LOOK_MS)
		return;
	latency->looked_ms = now;
	clock_gettime(CLOCK_REALTIME, &wall);
	if (path == NULL || stat(path, &status) != 0)
		return;
	double late = milliseconds(&wall) - milliseconds(&status.st_mtim);
	double limit = FIRST_BUCKET_MS;
	unsigned bucket = 0;
	while (late > limit && bucket + 1 < LATENCY_BUCKETS) {
		limit *= GROWTH;
		bucket++;
	}
	latency->buckets[bucket]++;
	latency->count++;
}

void
latency_write(void *context, struct json_out *out)
{
	const struct latency *latency = context;
	uint64_t rank = latency->count - latency->count / 100, seen = 0;
	double limit = FIRST_BUCKET_MS;

	if (latency->count == 0) {
		json_out_null(out);
		return;
	}
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++, limit *= GROWTH) {
		seen += latency->buckets[i];
		if (seen >= rank)
			break;
	}
	json_out_double(out,
	    limit >= 1 ? (double)(int64_t)(limit + 0.5) : (double)(int64_t)(limit * 10 + 0.5) / 10);
}
