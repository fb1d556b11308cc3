/* Log lines of Postfix and sendmail, as people paste them: what of a line is the reason. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_MAILER_LOG_H
#define CLASSIFY_MAILER_LOG_H

#include "daemon/classify/reply.h"

struct mailer_log {
	struct slice reason; /* what the line says of the failure, its own fields cut off */
	struct slice dsn;    /* the value of dsn=, empty when the line has none */
	enum phase phase;    /* where the line says it was */
};

/* False when the text is no such line. The fields stand in fixed places; what a stranger wrote into the reason makes none. */
bool mailer_log_take(struct slice text, struct mailer_log *out);

#endif
