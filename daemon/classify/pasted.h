/* Pasted text: whatever people paste, a log line, a screenful of log, a reply, a whole bounce message, as the failures in it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_PASTED_H
#define CLASSIFY_PASTED_H

#include "daemon/classify/sample.h"

enum {
	PASTED_MAX = 256 * 1024, /* bytes looked at */
	PASTED_FOUND_MAX = 50,   /* failures told of one text */
};

/* Called for each failure; the sample is valid only during the call. */
typedef void pasted_fn(void *context, const struct sample *sample);

/*
 * Finds the failures of a text, in its order: those of a bounce, whether its parts are those of RFC 3464 or plain words, of every log
 * entry that tells of one, of a transcript. Where parts of a bounce tell of the same address, the one that quotes a reply counts. Quotes
 * ("> "), tabs, wrapped lines, entries that run together and "[email protected]" are undone. A text in which none of this is found is one
 * reply. Returns how many there were; at least one unless the text is all blanks or tells of nothing that failed.
 */
size_t pasted_each(struct slice text, pasted_fn *each, void *context);

#endif
