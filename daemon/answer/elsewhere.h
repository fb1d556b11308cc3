/* Elsewhere: whether a domain whose users this server does not know has its mailboxes on another one, by what became of other mail to it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_ELSEWHERE_H
#define ANSWER_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/answer/answer.h"
#include "daemon/answer/history.h"

enum { ELSEWHERE_KNOWN = 64 };

/* What one answer has found out of domains. All zero at the start. */
struct elsewhere {
	struct {
		uint64_t domain; /* hash of it; 0: free */
		bool is_so;
	} known[ELSEWHERE_KNOWN];
	unsigned looks; /* around a failure: each may take a good part of a millisecond */
};

/* More of the domain's mail was taken by other servers than was delivered here. */
bool elsewhere_is(const struct domain_history *history);

/* What the words say of a failure, and the evidence, where the asker may know of it: no user here is a domain that should not be local. */
struct classification elsewhere_judge(struct elsewhere *elsewhere,
    const struct answer_sources *sources, const struct asker *asker, struct message_view view,
    const struct recipient *recipient);

/* Makes that of a failure. False where there is no such class. */
bool elsewhere_set(const struct answer_sources *sources, struct classification *found);

#endif
