/* The wording of bounces: how mail systems name the address that failed, and how they quote what a server said. For this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_WORDING_H
#define CLASSIFY_WORDING_H

#include <stdbool.h>

#include "daemon/text/slice.h"

/*
 * A line that is about an address: "<a@b>:", "Name (a@b)", "'a@b' on 11/23/2026", "Recipient: a@b"; with words behind it in Postfix's
 * "<a@b>: host mx said ...". The line is trimmed.
 */
bool take_address_line(struct slice line, struct slice *address, struct slice *words);

/* A word that is an address, with what stands around it: "'a@b':", "<a@b>", "(a@b)". */
bool take_word_address(struct slice word, struct slice *address);

/* A line that leads to what was said: "Reported error: 550 ...", "The response was:"; words is what stands behind it, if anything. */
bool take_leading_words(struct slice line, struct slice *words);

/* What a server said in a transcript of a session, when it refused: "<<< 550 5.1.1 ...". */
bool take_server_line(struct slice line, struct slice *reply);

/* The reply within the words that a mail system puts around it, and the host when they name it; the words themselves without such. */
struct slice words_without_frame(struct slice words, struct slice *host);

/* "Sender Address: a@b" of Exchange, in its languages; empty when it is not there. */
struct slice sender_in_words(struct slice text);

/* "Your message wasn't delivered to a@b because ...": whom a text without a form is about; empty when it does not say. */
struct slice address_in_words(struct slice text);

#endif
