/* Parsed lines: all that can be found out of a line without the lines before it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_PARSED_H
#define INDEX_PARSED_H

#include <stdint.h>

#include "daemon/classify/classify.h"
#include "daemon/exim/event.h"
#include "daemon/index/names.h"
#include "daemon/index/sending_hosts.h"
#include "daemon/tail/tail.h"

struct parsed {
	uint64_t failure_key;             /* classifier_key of parsed_failure; 0: not made yet */
	uint64_t hop;                     /* hop_hash of a delivery's host */
	struct sending_host sending_host; /* of an arrival */
	unsigned name_count;
	struct event event;
	/* Of an arrival, its sender and its first recipient. */
	struct name names[NAMES_AT_HAND];
};

/* Lines are taken apart by so many at a time, and then folded: the code of either is too much for the processor to keep both at hand. */
enum { PARSED_LINES = 64 };

/* What is remembered from line to line. All zero at the start. */
struct parse_memo {
	struct line_memo lines;
	struct event_memo events;
	struct key_memo keys;
};

/* Total. All slices lie in the lines. Nothing but the memo is written to: each thread has its own. */
void parsed_lines(const struct classifier *classifier, const struct hash_key *key,
    struct parse_memo *memo, const struct tail_line *lines, size_t count, struct parsed *out);

/* What a delivery line says went wrong. The final address is that of delivery_final_address. */
struct failure parsed_failure(enum line_kind kind, const struct delivery *delivery,
    struct slice final);

#endif
