/* The codes of a reply: RFC 5321 section 4.2, RFC 3463. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_REPLY_CODES_H
#define CLASSIFY_REPLY_CODES_H

#include "daemon/classify/reply.h"

enum { REPLY_LOOK_MAX = 4096 }; /* bytes of a reply in which codes and frames are looked for */

/* Takes a reply code with a byte behind it that no number would have: one that refuses, or 2xx of a confirmation. *rest stays when there is none. */
bool reply_take_code(struct slice *rest, bool may_be_success, int *code);

/* Takes "5.1.1", "#5.1.1" (RFC 3463 section 2), not a piece of an address or version. *rest and *out stay when there is none. */
bool reply_take_enhanced(struct slice *rest, struct enhanced_code *out);

/* Fills the code and the enhanced code of a reply without the frame around it. */
void reply_find_codes(struct slice text, struct reply *out);

#endif
