/* What a domain's SPF record says of the addresses that this server sends from, and what should be published. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "client/checks/box/host.h"
#include "client/checks/checks.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/policy/publishing.h"
#include "client/checks/policy/spf.h"
#include "client/checks/policy/spf_concern.h"
#include "client/checks/policy/spf_outcome.h"
#include "client/checks/policy/spf_proposal.h"
#include "client/checks/policy/spf_record.h"
#include "client/checks/policy/spf_remarks.h"

enum {
	OWN_MAX = 64,
	RECORDS_MAX = 8, /* of one domain */
};

/* What is found out about one domain. */
struct policy {
	struct checks *checks;
	const char *domain;
	struct draft draft;
	struct spf_concern concern;
	const char *records[RECORDS_MAX]; /* the resolver's */
	size_t record_count;
	struct ip ips[SPF_OUTCOMES_MAX]; /* public ones, this server's or not */
	size_t count;
	struct ip own[OWN_MAX];
	size_t own_count;
};

static const struct lookup *
ask(void *context, const char *name, enum record_type type)
{
	struct checks *checks = context;

	return resolver_ask(checks->resolver, name, type);
}

static void
read_addresses(struct policy *policy, const struct ip *ips, size_t count)
{
	policy->own_count = sending_ips(policy->checks, policy->domain, policy->own, OWN_MAX);
	policy->own_count += host_addresses(policy->checks->box, policy->own + policy->own_count,
	    OWN_MAX - policy->own_count);
	for (size_t i = 0; i < count && policy->count < SPF_OUTCOMES_MAX; i++)
		if (!ip_is_private(&ips[i]) && !host_is_among(&ips[i], policy->ips, policy->count))
			policy->ips[policy->count++] = ips[i];
}

/* False: DNS failed. */
static bool
read_records(struct policy *policy)
{
	const struct lookup *lookup = resolver_ask(policy->checks->resolver, policy->domain,
	    RECORD_TXT);

	if (lookup->status == LOOKUP_FAILED) {
		draft_say(&policy->draft, CHECK_UNKNOWN,
		    "The SPF record of %s could not be looked up: %s.", policy->domain,
		    lookup->error);
		return false;
	}
	for (size_t i = 0; i < lookup->count && policy->record_count < RECORDS_MAX; i++)
		if (spf_record_is(lookup->records[i].text)) {
			policy->records[policy->record_count++] = lookup->records[i].text;
			draft_evidence(&policy->draft, "%s TXT %s", policy->domain,
			    lookup->records[i].text);
		}
	return true;
}

/* Whether each of the addresses is one of the domain's own A or AAAA records. */
static bool
has_addresses(struct policy *policy, const struct ip *ips, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct lookup *lookup = resolver_ask(policy->checks->resolver, policy->domain,
		    ips[i].family == AF_INET ? RECORD_A : RECORD_AAAA);
		size_t at = 0;

		while (at < lookup->count && !ip_equal(&lookup->records[at].ip, &ips[i]))
			at++;
		if (at == lookup->count)
			return false;
	}
	return count != 0;
}

/* Tells what to publish: the records as they are, or what a domain without one begins with, and the addresses. */
static void
advise_record(struct policy *policy, const char *before, const struct ip *ips, size_t count)
{
	const char *const *records = policy->records;
	size_t record_count = policy->record_count;
	const char *first = "v=spf1 +a +mx ~all";

	if (record_count == 0) {
		if (policy->concern.is_helo && has_addresses(policy, ips, count)) {
			first = "v=spf1 a -all";
			count = 0;
		} else if (policy->concern.is_helo) {
			first = "v=spf1 -all";
		}
		records = &first;
		record_count = 1;
	}
	const struct lookup *lookup = resolver_ask(policy->checks->resolver, policy->domain,
	    RECORD_TXT);
	if (lookup->alias != NULL && policy->record_count == 0)
		draft_advise(&policy->draft,
		    "%s is an alias, beside which no other record can stand (RFC 1034 3.6.2): its A records come first, in place of %s CNAME %s",
		    policy->domain, policy->domain, lookup->alias);
	char *text = spf_propose(records, record_count, before, ips, count);
	if (policy->count == 0)
		draft_advise(&policy->draft,
		    "Which addresses this server sends from is not known: find them out first, and name each in the record, before all, as +ip4:ADDRESS or +ip6:ADDRESS.");
	/* Without them it would forbid all that the name is for. */
	if (text != NULL && !(policy->concern.is_helo && policy->count == 0))
		publishing_advise_text(&policy->draft, policy->domain, text);
	free(text);
	publishing_advise_place(&policy->draft, policy->checks, policy->domain);
}

static size_t
own_addresses(const struct policy *policy, struct ip own[SPF_OUTCOMES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < policy->count; i++)
		if (host_is_among(&policy->ips[i], policy->own, policy->own_count))
			own[count++] = policy->ips[i];
	return count;
}

static void
judge_absence(struct policy *policy)
{
	struct ip own[SPF_OUTCOMES_MAX];
	size_t count = own_addresses(policy, own);

	if (policy->concern.is_helo)
		draft_say(&policy->draft, CHECK_WARN,
		    "It has no SPF record, by which receivers check bounces, since these have no sender but this name (RFC 7208 2.4).");
	else
		draft_say(&policy->draft, spf_concern_weigh(&policy->concern, CHECK_FAIL),
		    "%s has no SPF record, so receivers cannot tell who may send its mail, and many refuse it or take it for spam.",
		    policy->domain);
	spf_concern_say(&policy->concern, &policy->draft);
	if (policy->concern.hosted == HOSTED_HERE)
		advise_record(policy, NULL, own, count);
}

static void
judge_many(struct policy *policy)
{
	struct ip own[SPF_OUTCOMES_MAX];
	size_t count = own_addresses(policy, own);

	draft_say(&policy->draft, spf_concern_weigh(&policy->concern, CHECK_FAIL),
	    "%s has %zu SPF records, and receivers take that as a permanent error, whoever sends (RFC 7208 4.5).",
	    policy->domain, policy->record_count);
	spf_concern_say(&policy->concern, &policy->draft);
	draft_advise(&policy->draft, "Take away all SPF records of %s but one.", policy->domain);
	if (policy->concern.hosted == HOSTED_HERE)
		advise_record(policy, NULL, own, count);
}

/* A sender without a local part is the postmaster (RFC 7208 4.3). */
static struct spf_question
question_of(const struct policy *policy, const struct ip *ip)
{
	return (struct spf_question){
	    .ip = *ip,
	    .domain = policy->domain,
	    .sender = policy->domain,
	    .helo = policy->concern.helo,
	    .now = time(NULL),
	    .ask = ask,
	    .context = policy->checks,
	};
}

static enum check_status
status_of(const struct policy *policy, const struct spf_outcome *outcome)
{
	enum check_status here = CHECK_FAIL;

	switch (outcome->answer.result) {
	case SPF_PASS:
		return CHECK_OK;
	case SPF_TEMPERROR:
		return CHECK_UNKNOWN;
	case SPF_NONE:
	case SPF_PERMERROR:
		return spf_concern_weigh(&policy->concern, CHECK_FAIL);
	case SPF_NEUTRAL:
		here = CHECK_WARN;
		break;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		break;
	}
	/* The record does what it is there for. */
	if (!outcome->is_own || policy->concern.hosted == HOSTED_NOT)
		return CHECK_OK;
	return policy->concern.is_remote ? CHECK_WARN : spf_concern_weigh(&policy->concern, here);
}

static bool
is_refused(const struct spf_outcome *outcome)
{
	enum spf_result result = outcome->answer.result;

	return result == SPF_FAIL || result == SPF_SOFTFAIL || result == SPF_NEUTRAL;
}

/* The record that lets this server send: with its addresses in front of the term that refused the first of them. */
static void
advise_refused(struct policy *policy, const struct spf_outcomes *outcomes)
{
	struct ip refused[SPF_OUTCOMES_MAX];
	const char *before = NULL;
	size_t count = 0;

	for (size_t i = 0; i < outcomes->count; i++) {
		const struct spf_outcome *outcome = &outcomes->list[i];

		if (!outcome->is_own || !is_refused(outcome))
			continue;
		for (size_t at = 0; at < outcome->count; at++)
			refused[count++] = outcome->ips[at];
		if (before == NULL && outcome->answer.mechanism != NULL &&
		    strcasecmp(outcome->answer.domain, policy->domain) == 0)
			before = outcome->answer.mechanism;
	}
	if (count == 0)
		return;
	spf_concern_say(&policy->concern, &policy->draft);
	if (policy->concern.is_remote)
		draft_say(&policy->draft, CHECK_OK,
		    "Its mailboxes are on another server, so this matters only to what is sent from here, as by its web pages.");
	if (policy->concern.hosted == HOSTED_PERHAPS)
		draft_advise(&policy->draft,
		    "Nothing is to be done unless this server is to send mail of %s.",
		    policy->domain);
	if (policy->concern.hosted != HOSTED_NOT)
		advise_record(policy, before, refused, count);
}

static void
say_foreign(struct policy *policy, const struct spf_outcomes *outcomes)
{
	for (size_t i = 0; i < outcomes->count; i++)
		if (!outcomes->list[i].is_own) {
			draft_say(&policy->draft, CHECK_OK,
			    "That is no address that this server sends mail of %s from.",
			    policy->domain);
			return;
		}
}

static bool
has_result(const struct spf_outcomes *outcomes, enum spf_result result)
{
	for (size_t i = 0; i < outcomes->count; i++)
		if (outcomes->list[i].answer.result == result)
			return true;
	return false;
}

/* What is wrong with the record whoever sends. */
static void
remark(struct policy *policy, const struct spf_outcomes *outcomes)
{
	static const struct ip none = {.family = AF_INET};
	const struct spf_question question = question_of(policy,
	    policy->count != 0 ? &policy->ips[0] : &none);
	struct spf_costs costs;

	/* Whoever cannot be asked now has been waited for long enough. */
	if (has_result(outcomes, SPF_TEMPERROR))
		return;
	spf_count(&question, &costs);
	if (has_result(outcomes, SPF_PERMERROR)) {
		/* It has been told as what came of it. */
		free(costs.problem);
		costs.problem = NULL;
	}
	spf_remark(&policy->draft, policy->domain, policy->records[0], &costs,
	    policy->count == 0 ? spf_concern_weigh(&policy->concern, CHECK_FAIL) : CHECK_WARN);
	spf_costs_clear(&costs);
}

static void
judge_record(struct policy *policy)
{
	struct spf_outcomes *outcomes = calloc(1, sizeof(*outcomes));

	if (outcomes == NULL)
		return;
	for (size_t i = 0; i < policy->count; i++) {
		const struct spf_question question = question_of(policy, &policy->ips[i]);
		struct spf_answer answer;

		spf_check(&question, &answer);
		spf_outcomes_add(outcomes, &policy->ips[i],
		    host_is_among(&policy->ips[i], policy->own, policy->own_count), &answer);
	}
	if (policy->count == 0)
		draft_say(&policy->draft, CHECK_UNKNOWN,
		    "This server's public address is not known, so nobody can tell whether the SPF record of %s lets it send.",
		    policy->domain);
	for (size_t i = 0; i < outcomes->count; i++)
		spf_outcome_say(&policy->draft, &outcomes->list[i], policy->domain,
		    status_of(policy, &outcomes->list[i]));
	spf_outcomes_show(&policy->draft, outcomes);
	say_foreign(policy, outcomes);
	advise_refused(policy, outcomes);
	remark(policy, outcomes);
	spf_outcomes_clear(outcomes);
	free(outcomes);
}

void
check_spf(struct checks *checks, const char *domain, const struct ip *ips, size_t count)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		return;
	policy->checks = checks;
	policy->domain = domain;
	spf_concern_read(&policy->concern, checks, domain, &policy->draft);
	read_addresses(policy, ips, count);
	if (read_records(policy)) {
		if (policy->record_count == 0)
			judge_absence(policy);
		else if (policy->record_count > 1)
			judge_many(policy);
		else
			judge_record(policy);
	}
	draft_add(&policy->draft, checks, "spf");
	spf_concern_clear(&policy->concern);
	free(policy);
}
