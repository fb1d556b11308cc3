/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/dns/evidence.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/checks/draft.h"

/* The root, as zone files write it: a null MX's host (RFC 7505), whose text is empty. */
static const char *
written(const char *name)
{
	return *name != '\0' ? name : ".";
}

char *
evidence_text(const char *name, enum record_type type, const struct record *record)
{
	char *text;
	int len = type == RECORD_MX ?
	    asprintf(&text, "%s MX %u %s", written(name), record->preference,
		written(record->text)) :
	    asprintf(&text, "%s %s %s", written(name), record_type_name(type),
		type != RECORD_TXT ? written(record->text) : record->text);

	return len < 0 ? NULL : text;
}

void
evidence_of_records(struct draft *draft, const char *name, enum record_type type,
    const struct lookup *lookup)
{
	if (lookup->alias != NULL) {
		draft_evidence(draft, "%s CNAME %s", written(name), lookup->alias);
		name = lookup->alias;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		char *text = evidence_text(name, type, &lookup->records[i]);

		if (text != NULL)
			draft_evidence(draft, "%s", text);
		free(text);
	}
}

void
evidence_of_lookup(struct draft *draft, const char *name, enum record_type type,
    const struct lookup *lookup)
{
	const char *type_name = record_type_name(type);

	evidence_of_records(draft, name, type, lookup);
	switch (lookup->status) {
	case LOOKUP_FOUND:
		break;
	case LOOKUP_NO_DATA:
		draft_evidence(draft, "%s has no %s record", written(name), type_name);
		break;
	case LOOKUP_NO_NAME:
		draft_evidence(draft, "%s does not exist (NXDOMAIN)", written(name));
		break;
	case LOOKUP_FAILED:
		draft_evidence(draft, "%s %s: %s", written(name), type_name, lookup->error);
		break;
	}
}
