/* Steady clock: the time by which the window moves on, which does not follow the machine's clock where that leaps ahead by mistake. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_STEADY_CLOCK_H
#define DAEMON_STEADY_CLOCK_H

#include <stdint.h>

struct steady_clock {
	int64_t wall; /* the Unix time that is believed ... */
	int64_t boot; /* ... at this second of the machine's run, sleep included */
};

void steady_clock_init(struct steady_clock *clock);

/*
 * The Unix time. What leaves with the window does not come back, so a clock that is set ahead is believed only once the log bears
 * it out: newest is the time of its newest line, 0 where there is none. A clock that is set back is believed at once.
 */
int64_t steady_clock_now(struct steady_clock *clock, int64_t newest);

/* The same, given what both clocks show. */
int64_t steady_clock_look(struct steady_clock *clock, int64_t wall, int64_t boot, int64_t newest);

#endif
