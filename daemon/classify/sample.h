/* Samples: a text that somebody wrote down or pasted, as the failure that the log would have made of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_SAMPLE_H
#define CLASSIFY_SAMPLE_H

#include "daemon/classify/classify.h"
#include "daemon/exim/message_id.h"

enum { SAMPLE_MAX = 16 * 1024 };

struct sample {
	struct failure failure;              /* its slices lie in the text or in room */
	struct slice address, sender, login; /* where the text has them */
	struct message_id id;
	bool is_log_line;   /* read by Exim's grammar, not as a bare reply */
	bool is_temporary;  /* refused by this server, but only for now */
	bool is_bounce;     /* the message's arrival has <> for its sender */
	bool is_frozen;     /* the message waits on the queue until somebody lets it go */
	bool is_no_failure; /* a log line that tells of nothing that failed */
	char room[SAMPLE_MAX];
};

/*
 * Takes one text: a whole log line, with or without its timestamp and id; a piece of one ("R=router T=transport defer (-1): text");
 * or a bare reply. Total.
 */
void sample_parse(struct slice text, struct sample *out);

#endif
