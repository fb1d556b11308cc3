/* Plain deliveries: recipient, route and host as nearly all lines have them, told at a glance. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_PLAIN_DELIVERY_H
#define EXIM_PLAIN_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

struct delivery;

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

/*
 * Takes "ADDRESS R=router T=transport" or "ADDRESS <ADDRESS> R=router T=transport" off the front of *text where the route is known, and
 * " H=name [ip]" behind it where that is as plain; out is then as the careful parsers would have left it there, but for message and what
 * follows it, which are left alone. False where only these can tell.
 */
bool plain_delivery_take(const struct route_memo *memo, struct slice *text, struct delivery *out);

/* Gets to know the route that stands at the front of what follows a recipient, if it is one that can be told at a glance. */
void plain_delivery_learn(struct route_memo *memo, struct slice text);

#endif
