/* Pasting: what the readers of pasted text share. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_PASTING_H
#define CLASSIFY_PASTING_H

#include "daemon/classify/pasted.h"

/*
 * What web sites put where an address stood, with a blank or one that does not break, and what stands there while the text is read,
 * so that the grammar finds an address; this and the first are of one length.
 */
#define HIDDEN_ADDRESS "[email protected]"
#define HIDDEN_ADDRESS_UNBROKEN "[email\xc2\xa0protected]"
#define SOME_ADDRESS "x@address.invalid"

/* The end of a line, as programs write it into strings. */
#define ESCAPED_NEWLINE "\\r\\n"

/* A text that is put together; it is cut when memory is out. */
struct text {
	char *at;
	size_t len, size;
};

void text_put(struct text *text, struct slice more);

/* Adds a line: the lines of a reply as the log joins them, others as the wrapped text they are. */
void text_put_line(struct text *text, struct slice line);

static inline struct slice
text_slice(const struct text *text)
{
	return slice_of(text->at, text->len);
}

/* "550 " or "550-": the beginning of a line of a reply. */
bool is_reply_line(struct slice line);

enum { ARRIVALS_MAX = 32 };

/* Who sent a message, by the entry of its arrival. */
struct arrival_seen {
	struct message_id id;
	bool is_bounce;
	size_t sender_len;
	char sender[320];
};

/* A text being read: each failure is told as soon as it is known. */
struct pasting {
	struct arrival_seen arrivals[ARRIVALS_MAX]; /* the last ones, in a ring */
	size_t arrival_count;
	struct text entry; /* what is being put together */
	struct sample *sample;
	pasted_fn *each;
	void *context;
	size_t found;
};

/* Tells the failure that pasting->sample holds, whose text is in pasting->entry, unless there were enough. */
void pasting_tell(struct pasting *pasting);

/* Undoes what copying did: quotes, tabs, what syslog put in front, MIME. The caller frees out->at. */
void tidy(struct slice text, struct text *out);

/* The bounces of mail systems, and transcripts of sessions. True when something was found and told. */
bool read_bounce(struct pasting *pasting, struct slice text);

/* The queue as exim -bp prints it, and Track Delivery out of a browser, whose tabs must still be there. True when something was told. */
bool read_listing(struct pasting *pasting, struct slice text);

/* Whether there is an entry of a log in it, and the entries that tell of failures. */
bool has_log(struct slice text);
void read_log(struct pasting *pasting, struct slice text);

#endif
