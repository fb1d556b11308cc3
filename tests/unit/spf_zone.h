/* The zone that SPF is tested with: names, and what DNS says of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_SPF_ZONE_H
#define UNIT_SPF_ZONE_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/dns/resolver.h"

#define FAILS NULL /* a SERVFAIL */

struct zone_row {
	const char *name;
	enum record_type type;
	const char *data;
};

struct zone_answer {
	struct zone_answer *next;
	struct lookup lookup;
};

/* What is asked of the rows, and of the text that is the TXT record of example.com, one a line; each answer is kept. */
struct zone {
	const struct zone_row *rows;
	size_t count;
	const char *text;
	struct zone_answer *answers;
	unsigned asked;
};

static inline void
zone_add(struct lookup *lookup, enum record_type type, const char *data, size_t len)
{
	struct record *record;

	lookup->status = data != NULL ? LOOKUP_FOUND : LOOKUP_FAILED;
	if (data == NULL) {
		lookup->error = "the nameserver failed (SERVFAIL)";
		return;
	}
	lookup->records = realloc(lookup->records, (lookup->count + 1) * sizeof(*record));
	record = &lookup->records[lookup->count++];
	*record = (struct record){.text = strndup(data, len)};
	if (type == RECORD_A || type == RECORD_AAAA)
		ip_parse(record->text, &record->ip);
}

static inline const struct lookup *
zone_ask(void *context, const char *name, enum record_type type)
{
	struct zone *zone = context;
	struct zone_answer *answer = calloc(1, sizeof(*answer));
	struct lookup *lookup = &answer->lookup;

	zone->asked++;
	answer->next = zone->answers;
	zone->answers = answer;
	lookup->status = LOOKUP_NO_NAME;
	for (size_t i = 0; i < zone->count; i++)
		if (strcasecmp(zone->rows[i].name, name) == 0) {
			if (zone->rows[i].type == type)
				zone_add(lookup, type, zone->rows[i].data,
				    zone->rows[i].data != NULL ? strlen(zone->rows[i].data) : 0);
			else if (lookup->status == LOOKUP_NO_NAME)
				lookup->status = LOOKUP_NO_DATA;
		}
	if (type == RECORD_TXT && strcasecmp(name, "example.com") == 0 && zone->text != NULL)
		for (const char *at = zone->text;; at += strcspn(at, "\n") + 1) {
			zone_add(lookup, type, at, strcspn(at, "\n"));
			if (at[strcspn(at, "\n")] == '\0')
				break;
		}
	return lookup;
}

static inline void
zone_clear(struct zone *zone)
{
	for (struct zone_answer *answer = zone->answers, *next; answer != NULL; answer = next) {
		next = answer->next;
		for (size_t i = 0; i < answer->lookup.count; i++)
			free(answer->lookup.records[i].text);
		free(answer->lookup.records);
		free(answer);
	}
	zone->answers = NULL;
}

#endif
