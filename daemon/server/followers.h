/* Followers: answers of one conversation that go on beside the requests that follow: watches. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_FOLLOWERS_H
#define SERVER_FOLLOWERS_H

#include <stdbool.h>

#include "daemon/answer/answer.h"

struct followers {
	struct follower *first;
	unsigned count;
	/* To be told when one of them has something to say. */
	void (*wake)(void *context);
	void *context;
};

/* Takes the answer over, and has it go on. False when memory is out. */
bool followers_add(struct followers *followers, struct answer *answer);
void followers_drop(struct followers *followers);
/* Writes what the next one has to say. False when none has anything. */
bool followers_go_on(struct followers *followers, struct json_out *out);

#endif
