/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/dmarc_reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/name.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/policy/dmarc_record.h"
#include "client/checks/policy/dmarc_walk.h"

enum { URIS_MAX = 8 }; /* of each tag, so that a strange record does not keep us for long */

/* Whether the other domain publishes that it takes reports about this one. */
static bool
is_consent(const struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->count; i++)
		if (dmarc_is_record(lookup->records[i].text))
			return true;
	return false;
}

static void
judge_consent(struct draft *draft, struct checks *checks, const char *domain, const char *other)
{
	const struct lookup *lookup;
	char *name;

	if (asprintf(&name, "%s._report._dmarc.%s", domain, other) < 0)
		return;
	lookup = resolver_ask(checks->resolver, name, RECORD_TXT);
	evidence_of_records(draft, name, RECORD_TXT, lookup);
	if (lookup->status == LOOKUP_FAILED) {
		draft_say(draft, CHECK_UNKNOWN,
		    "Whether %s takes reports about %s is not known, since %s could not be looked up: %s.",
		    other, domain, name, lookup->error);
	} else if (!is_consent(lookup)) {
		draft_say(draft, CHECK_WARN,
		    "Reports are to go to %s, which does not publish that it takes those about %s, so no receiver sends them (RFC 7489 7.1).",
		    other, domain);
		draft_advise(draft, "Whoever manages the DNS of %s publishes: %s TXT v=DMARC1",
		    other, name);
	}
	free(name);
}

static void
judge_uri(struct draft *draft, struct checks *checks, const char *domain, const struct tag *tag,
    const char *uri, size_t len)
{
	const char *other;
	size_t other_len;

	if (!dmarc_uri_domain(uri, len, &other, &other_len)) {
		draft_say(draft, CHECK_WARN,
		    "%.*s= has \"%.*s\", which is no mailto:LOCALPART@DOMAIN, so no report goes there.",
		    (int)tag->name_len, tag->name, (int)len, uri);
		draft_advise(draft,
		    "Whoever manages the DNS of %s: write addresses in _dmarc.%s as mailto:LOCALPART@DOMAIN, with commas between.",
		    domain, domain);
		return;
	}
	char *name = name_make_lower(strndup(other, other_len));
	if (name != NULL && !dmarc_is_same_organisation(checks, domain, name))
		judge_consent(draft, checks, domain, name);
	free(name);
}

void
dmarc_judge_reports(struct draft *draft, struct checks *checks, const char *domain,
    const struct dmarc_record *record)
{
	static const char *const names[] = {"rua", "ruf"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct tag *tag = tags_find(&record->tags, names[i]);
		size_t rest = 0, len;
		const char *uri;

		for (int left = URIS_MAX;
		     tag != NULL && left != 0 && tag_next(tag, ',', &rest, &uri, &len); left--)
			judge_uri(draft, checks, domain, tag, uri, len);
	}
}
