/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_remarks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/draft.h"
#include "client/checks/policy/spf.h"
#include "client/checks/policy/spf_record.h"

enum {
	RECORD_BYTES_MAX = 450, /* RFC 7208 3.4: with this, an answer fits into 512 bytes */
	COSTLY_MAX = 4,         /* that many terms are named */
};

static int
by_lookups(const void *left, const void *right)
{
	const struct spf_cost *a = left, *b = right;

	if (a->lookups != b->lookups)
		return a->lookups > b->lookups ? -1 : 1;
	return strcmp(a->term, b->term);
}

/* "include:_spf.example.net 6, a 1", the costliest first; the caller frees it. */
static char *
name_costs(const struct spf_costs *costs)
{
	struct spf_cost *terms = calloc(costs->count + 1, sizeof(*terms));
	char *text = NULL;
	size_t size;
	FILE *out = terms != NULL ? open_memstream(&text, &size) : NULL;

	if (out != NULL) {
		for (size_t i = 0; i < costs->count; i++)
			terms[i] = costs->terms[i];
		qsort(terms, costs->count, sizeof(*terms), by_lookups);
		for (size_t i = 0; i < costs->count && i < COSTLY_MAX; i++)
			fprintf(out, "%s%.100s %u", i != 0 ? ", " : "", terms[i].term,
			    terms[i].lookups);
		if (costs->count > COSTLY_MAX)
			fprintf(out, " and %zu more", costs->count - COSTLY_MAX);
		fclose(out);
	}
	free(terms);
	return text;
}

static void
remark_costs(struct draft *draft, const char *domain, const struct spf_costs *costs)
{
	if (costs->total <= SPF_LOOKUPS_MAX && !costs->is_cut)
		return;
	char *terms = name_costs(costs);
	draft_say(draft, CHECK_WARN,
	    "All of the SPF record of %s takes %s%u DNS lookups where %d are allowed (%s); who is not matched before gets a permanent error.",
	    domain, costs->is_cut ? "more than " : "", costs->total, SPF_LOOKUPS_MAX,
	    terms != NULL ? terms : "");
	draft_advise(draft,
	    "Whoever manages the DNS of %s: take out what is no longer used, and write addresses as ip4: and ip6:, which take no lookup, until at most %d lookups are left.",
	    domain, SPF_LOOKUPS_MAX);
	free(terms);
}

static void
remark_terms(struct draft *draft, const char *domain, const struct spf_record *record)
{
	const struct spf_term *all = spf_record_find(record, SPF_ALL);

	if (all != NULL && all->qualifier == '+') {
		draft_say(draft, CHECK_WARN,
		    "The SPF record of %s lets everybody send its mail (%s), which protects nobody and looks bad to receivers.",
		    domain, all->text);
		draft_advise(draft, "Whoever manages the DNS of %s: write ~all or -all for %s.",
		    domain, all->text);
	}
	if (spf_record_find(record, SPF_PTR) != NULL) {
		draft_say(draft, CHECK_WARN,
		    "The SPF record of %s uses ptr, which is slow, and which receivers may ignore (RFC 7208 5.5).",
		    domain);
		draft_advise(draft,
		    "Whoever manages the DNS of %s: write a:, ip4: or ip6: of those hosts for %s.",
		    domain, spf_record_find(record, SPF_PTR)->text);
	}
}

void
spf_remark(struct draft *draft, const char *domain, const char *text, const struct spf_costs *costs,
    enum check_status wrong)
{
	struct spf_record record;
	char *problem;
	bool is_correct = spf_record_parse(&record, text, &problem);

	if (is_correct)
		remark_terms(draft, domain, &record);
	spf_record_clear(&record);
	free(problem);
	if (costs->problem != NULL) {
		draft_say(draft, wrong,
		    "The SPF record of %s is wrong, and %s gets a permanent error: %s.", domain,
		    is_correct ? "who is not matched before" : "whoever sends", costs->problem);
		draft_advise(draft,
		    "Whoever manages the DNS of %s: correct that, or take out the term that leads to it.",
		    domain);
	}
	remark_costs(draft, domain, costs);
	if (strlen(text) > RECORD_BYTES_MAX)
		draft_say(draft, CHECK_WARN,
		    "The SPF record of %s has %zu bytes, which may be too many for an answer of DNS over UDP: %d are safe (RFC 7208 3.4).",
		    domain, strlen(text), RECORD_BYTES_MAX);
}
