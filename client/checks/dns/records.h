/* Records: what an answer of DNS holds. For the resolver. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_RECORDS_H
#define CLIENT_CHECKS_RECORDS_H

#include "client/checks/dns/resolver.h"

/* Reads the records of the type, which may be none, into the lookup. Returns what c-ares says of the answer. */
int records_read(struct lookup *lookup, const char *name, enum record_type type,
    const unsigned char *answer, int len);
/* Why there is no answer, in words, by what c-ares says. */
const char *records_error(int status);
/* As before anything was read. */
void records_clear(struct lookup *lookup);

/* A name in lower case and without the dot at its end, which the caller frees. NULL when memory is out. */
char *record_name(const char *name);

#endif
