/* Failures to the journal: each as one structured entry, for whatever carries journals to one place. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOURNAL_FAILURES_H
#define JOURNAL_FAILURES_H

#include <stdint.h>

#include "daemon/answer/answer.h"

struct journal_failures;

/* The entries' MESSAGE_ID, as in the catalog. */
#define JOURNAL_FAILURE_ID "424088485fc541ac909d9fa7556adefc"

/* NULL when memory is out. sources and its index must outlive it; its classifier may change. */
struct journal_failures *journal_failures_new(const struct answer_sources *sources);
void journal_failures_free(struct journal_failures *failures);

/* From now on failures are news; what was folded before is not told. */
void journal_failures_begin(struct journal_failures *failures);

#endif
