/* Enhanced status codes: what each means by the IANA registry (RFC 3463, RFC 5248 and later). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_ENHANCED_H
#define CLASSIFY_ENHANCED_H

#include "daemon/classify/reply.h"

/* The meaning without a full stop; that of the subject where the detail is not registered; NULL when there is no code. */
const char *enhanced_meaning(const struct enhanced_code *code);

#endif
