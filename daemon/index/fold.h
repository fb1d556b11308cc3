/* Folding: each kind of line has its function. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_FOLD_H
#define INDEX_FOLD_H

#include "daemon/index/parsed.h"
#include "daemon/index/store.h"

/* fold_arrival.c: LINE_ARRIVAL, FAKEREJECT */
void fold_arrival(struct index *index, const struct place *place, const struct parsed *parsed);

/* fold_delivery.c: LINE_DELIVERED, ADDITIONAL, CUTTHROUGH, SUPPRESSED, FAILED, DEFERRED */
void fold_delivery(struct index *index, const struct place *place, const struct parsed *parsed);

/* fold_notice.c: LINE_NOTICE, and LINE_GENERAL where it refuses something */
void fold_notice(struct index *index, const struct place *place, const struct line *line,
    const struct notice *notice);
void fold_refusal(struct index *index, const struct line *line, const struct refusal *refusal,
    struct position position);

/* judge.c */
/* Classifies a failure and writes what became of it into the recipient's entry. The key is classifier_key of the failure, or 0. */
void fold_judge_keyed(struct index *index, struct segment *segment, const struct message *message,
    struct recipient *recipient, const struct failure *failure, uint64_t key);
void fold_judge(struct index *index, struct segment *segment, const struct message *message,
    struct recipient *recipient, const struct failure *failure);
static inline void
fold_count_attempt(struct recipient *recipient)
{
	if (recipient->attempts != UINT16_MAX)
		recipient->attempts++;
}
/* Gives all recipients that wait for their first line that outcome, for that failure. False when none waited. */
bool fold_settle_waiting(struct index *index, const struct place *place, int64_t second,
    enum outcome outcome, const struct failure *failure);

#endif
