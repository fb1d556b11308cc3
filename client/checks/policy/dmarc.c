/* The DMARC policy that applies to a domain (RFC 7489). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/policy/dmarc_record.h"
#include "client/checks/policy/dmarc_reports.h"
#include "client/checks/policy/dmarc_walk.h"
#include "client/checks/policy/publishing.h"

static void
advise_start(struct draft *draft, struct checks *checks, const char *domain)
{
	char *name = NULL, *text = NULL;

	if (asprintf(&name, "_dmarc.%s", domain) < 0)
		name = NULL;
	if (asprintf(&text, "v=DMARC1; p=none; rua=mailto:postmaster@%s", domain) < 0)
		text = NULL;
	if (name != NULL && text != NULL)
		publishing_advise_text(draft, name, text);
	free(name);
	free(text);
	publishing_advise_place(draft, checks, domain);
	draft_advise(draft,
	    "Once the reports show that all mail of %s passes, p=quarantine and then p=reject keep others from using its name.",
	    domain);
}

static void
show_records(struct draft *draft, const struct dmarc_place *place)
{
	for (size_t i = 0; i < place->lookup->count; i++)
		if (dmarc_is_meant(place->lookup->records[i].text))
			draft_evidence(draft, "_dmarc.%s TXT %s", place->domain,
			    place->lookup->records[i].text);
}

static void
judge_absence(struct draft *draft, struct checks *checks, const char *domain)
{
	draft_say(draft, CHECK_WARN, "%s has no DMARC record, and neither has a domain above it.",
	    domain);
	draft_say(draft, CHECK_WARN, "Gmail and Yahoo require one of whoever sends in bulk.");
	advise_start(draft, checks, domain);
}

/* What becomes of mail in the domain's name that neither SPF nor DKIM vouches for. */
static void
tell_consequence(struct draft *draft, const struct dmarc_record *record, const char *policy)
{
	const struct tag *t = tags_find(&record->tags, "t");

	if (strcmp(policy, "none") == 0) {
		draft_say(draft, CHECK_OK, "Receivers refuse nothing because of it.");
		if (tags_find(&record->tags, "rua") == NULL)
			draft_say(draft, CHECK_OK,
			    "It asks for no reports either (rua=), so nobody learns what fails.");
		return;
	}
	draft_say(draft, CHECK_OK,
	    "Receivers are to %s mail that neither SPF nor DKIM shows to be the domain's.",
	    strcmp(policy, "reject") == 0 ? "refuse" : "put aside as suspicious");
	if (record->percent != 100)
		draft_say(draft, CHECK_OK,
		    "pct=%u: many receivers do so with only so many percent of it.",
		    record->percent);
	if (t != NULL && tag_is(t, "y"))
		draft_say(draft, CHECK_OK,
		    "t=y: it is being tested, and some receivers apply the next weaker policy.");
}

/* owner: whose record it is, the domain itself or one above it */
static void
tell_policy(struct draft *draft, const struct dmarc_record *record, const char *domain,
    const char *owner)
{
	bool is_own = domain == owner;
	bool is_sp = !is_own && tags_find(&record->tags, "sp") != NULL;
	const char *policy = is_sp ? record->subdomain_policy : record->policy;

	if (policy == NULL)
		draft_open(draft, "The DMARC record of %s has no policy for %s that can be read.",
		    owner, domain);
	else if (is_own)
		draft_open(draft, "%s has a DMARC policy of its own: p=%s.", domain, policy);
	else if (is_sp)
		draft_open(draft,
		    "%s has no DMARC record of its own; what %s says of names below it applies: sp=%s.",
		    domain, owner, policy);
	else
		draft_open(draft,
		    "%s has no DMARC record of its own; that of %s applies, which has no sp= for names below it, so p=%s.",
		    domain, owner, policy);
	/* Of a record with faults nobody can tell. */
	if (policy != NULL && draft->status != CHECK_FAIL)
		tell_consequence(draft, record, policy);
}

static void
judge_record(struct draft *draft, struct checks *checks, const char *domain,
    const struct dmarc_place *place)
{
	struct dmarc_record record;

	dmarc_record_read(&record, place->text, draft);
	tell_policy(draft, &record, domain, place->domain);
	if (draft->status != CHECK_OK)
		draft_advise(draft,
		    "Whoever manages the DNS of %s: put the record at _dmarc.%s right; the least that works is v=DMARC1; p=none; rua=mailto:postmaster@%s",
		    place->domain, place->domain, place->domain);
	dmarc_judge_reports(draft, checks, place->domain, &record);
}

static void
judge(struct draft *draft, struct checks *checks, const char *domain)
{
	struct dmarc_place place = dmarc_find(checks, domain);

	if (place.found != DMARC_NOTHING)
		show_records(draft, &place);
	switch (place.found) {
	case DMARC_NOTHING:
		judge_absence(draft, checks, domain);
		break;
	case DMARC_ONE:
		judge_record(draft, checks, domain, &place);
		break;
	case DMARC_SEVERAL:
		draft_say(draft, CHECK_FAIL,
		    "There is more than one DMARC record at _dmarc.%s, so receivers apply none (RFC 7489 6.6.3).",
		    place.domain);
		draft_advise(draft,
		    "Whoever manages the DNS of %s: leave one record at _dmarc.%s, and take the others away.",
		    place.domain, place.domain);
		break;
	case DMARC_MEANT:
		draft_say(draft, CHECK_FAIL,
		    "What is published at _dmarc.%s is meant for DMARC, and receivers do not see that: it has to begin with v=DMARC1; written just so, without quotes or backslashes.",
		    place.domain);
		draft_advise(draft, "Take away what is published at _dmarc.%s now.", place.domain);
		advise_start(draft, checks, place.domain);
		break;
	case DMARC_FAILED:
		draft_say(draft, CHECK_UNKNOWN,
		    "The DMARC record of %s is not known, since _dmarc.%s could not be looked up: %s.",
		    domain, place.domain, place.lookup->error);
		break;
	}
}

void
check_dmarc(struct checks *checks, const char *domain)
{
	struct draft draft = {0};

	judge(&draft, checks, domain);
	draft_add(&draft, checks, "dmarc");
}
