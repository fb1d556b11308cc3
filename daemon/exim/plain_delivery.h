/* Routes that deliveries had before: what a plain delivery is told by at a glance. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_PLAIN_DELIVERY_H
#define EXIM_PLAIN_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

enum {
	ROUTE_TEXT_MAX = 64,
	ROUTE_SETS = 64,
	ROUTE_WAYS = 2,
};

/* "R=router T=transport ", with the blank behind it. */
struct known_route {
	uint64_t lanes;            /* one bit for each byte of the text */
	char text[ROUTE_TEXT_MAX]; /* zero behind it */
	uint8_t length;            /* 0: free */
	uint8_t router_length, transport_length;
};

/*
 * The routes met so far: a configuration has dozens. All zero at the start. One that is known stays where it is, so that its address tells
 * it from all others for as long as the memo lives.
 */
struct route_memo {
	struct known_route known[ROUTE_SETS][ROUTE_WAYS];
};

#endif
