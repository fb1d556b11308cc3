/* Followers: answers of one conversation that go on beside the requests that follow: watches. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/followers.h"

#include <stdlib.h>

struct follower {
	struct follower *next;
	struct followers *all;
	struct answer *answer;
	bool is_awake;
};

static void
wake(void *context)
{
	struct follower *follower = context;

	if (follower->is_awake)
		return;
	follower->is_awake = true;
	follower->all->wake(follower->all->context);
}

bool
followers_add(struct followers *followers, struct answer *answer)
{
	struct follower *follower = calloc(1, sizeof(*follower));

	if (follower == NULL)
		return false;
	*follower = (struct follower){
	    .next = followers->first,
	    .all = followers,
	    .answer = answer,
	    .is_awake = true,
	};
	answer->wake = wake;
	answer->wake_context = follower;
	followers->first = follower;
	followers->count++;
	return true;
}

void
followers_drop(struct followers *followers)
{
	struct follower *follower;

	while ((follower = followers->first) != NULL) {
		followers->first = follower->next;
		follower->answer->free(follower->answer);
		free(follower);
	}
	followers->count = 0;
}

bool
followers_go_on(struct followers *followers, struct json_out *out)
{
	struct follower *follower = followers->first;

	while (follower != NULL && !follower->is_awake)
		follower = follower->next;
	if (follower == NULL)
		return false;
	out->needs_comma = false;
	follower->is_awake = false;
	if (follower->answer->produce(follower->answer, out) == ANSWER_MORE)
		follower->is_awake = true;
	return true;
}
