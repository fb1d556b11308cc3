/* Evidence: what DNS said of a question, line by line. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_EVIDENCE_H
#define CLIENT_CHECKS_EVIDENCE_H

#include "client/checks/dns/resolver.h"

struct draft;

/* "NAME TYPE DATA"; the root is ".". The caller frees it; NULL when memory is out. */
char *evidence_text(const char *name, enum record_type type, const struct record *record);

/* Each record, as "NAME TYPE DATA", and the alias of the name; or that there is none, or why that is not known. */
void evidence_of_lookup(struct draft *draft, const char *name, enum record_type type,
    const struct lookup *lookup);
/* Only what was found. */
void evidence_of_records(struct draft *draft, const char *name, enum record_type type,
    const struct lookup *lookup);

#endif
