/* Steady clock: the time by which the window moves on, which does not follow the machine's clock where that leaps ahead by mistake. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/steady_clock.h"

#include <time.h>

enum {
	DRIFT_MAX_S = 600, /* between two looks; more is a leap */
	NEAR_S = 2 *
	    3600, /* a line that is so old bears a leap out: the machine may have slept, with nothing to log since */
};

static int64_t
second_of(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec;
}

void
steady_clock_init(struct steady_clock *clock)
{
	*clock = (struct steady_clock){second_of(CLOCK_REALTIME), second_of(CLOCK_BOOTTIME)};
}

int64_t
steady_clock_look(struct steady_clock *clock, int64_t wall, int64_t boot, int64_t newest)
{
	int64_t expected = clock->wall + boot - clock->boot;

	if (wall <= expected + DRIFT_MAX_S || newest >= wall - NEAR_S)
		*clock = (struct steady_clock){wall, boot};
	return clock->wall + boot - clock->boot;
}

int64_t
steady_clock_now(struct steady_clock *clock, int64_t newest)
{
	return steady_clock_look(clock, second_of(CLOCK_REALTIME), second_of(CLOCK_BOOTTIME),
	    newest);
}
