/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/draft.h"

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_answer(const struct spf_answer *a, const struct spf_answer *b)
{
	return a->result == b->result && same(a->mechanism, b->mechanism) &&
	    same(a->domain, b->domain) && same(a->inner_mechanism, b->inner_mechanism) &&
	    same(a->inner_domain, b->inner_domain) && same(a->problem, b->problem);
}

void
spf_outcomes_add(struct spf_outcomes *outcomes, const struct ip *ip, bool is_own,
    struct spf_answer *answer)
{
	struct spf_outcome *outcome = outcomes->list;
	struct spf_outcome *end = outcome + outcomes->count;

	while (
	    outcome != end && (outcome->is_own != is_own || !same_answer(&outcome->answer, answer)))
		outcome++;
	if (outcome == end) {
		*outcome = (struct spf_outcome){.answer = *answer, .is_own = is_own};
		outcomes->count++;
	} else {
		spf_answer_clear(answer);
	}
	outcome->ips[outcome->count++] = *ip;
}

void
spf_outcomes_clear(struct spf_outcomes *outcomes)
{
	for (size_t i = 0; i < outcomes->count; i++)
		spf_answer_clear(&outcomes->list[i].answer);
	outcomes->count = 0;
}

/* "this server (192.0.2.25, 2001:db8::25)", or the addresses alone. The caller frees it. */
static char *
name_addresses(const struct spf_outcome *outcome)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	fputs(outcome->is_own ? "this server (" : "", out);
	for (size_t i = 0; i < outcome->count; i++) {
		char address[IP_TEXT_SIZE];

		fprintf(out, "%s%s", i != 0 ? ", " : "", ip_text(&outcome->ips[i], address));
	}
	fputs(outcome->is_own ? ")" : "", out);
	fclose(out);
	return text;
}

/* The term that decided, and where it stands. The caller frees it. */
static char *
name_decision(const struct spf_answer *answer, const char *domain)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	if (answer->mechanism == NULL)
		fputs("no term of its SPF record matches (neutral)", out);
	else if (strcasecmp(answer->domain, domain) == 0)
		fprintf(out, "%s in its SPF record", answer->mechanism);
	else
		fprintf(out, "%s in the SPF record of %s, to which its own leads,",
		    answer->mechanism, answer->domain);
	if (answer->inner_mechanism != NULL)
		fprintf(out, " (%s in that of %s)", answer->inner_mechanism, answer->inner_domain);
	if (answer->mechanism != NULL)
		fprintf(out, " says %s", spf_result_name(answer->result));
	fclose(out);
	return text;
}

static void
say_error(struct draft *draft, const struct spf_answer *answer, const char *who, const char *domain,
    enum check_status status)
{
	const char *problem = answer->problem != NULL ? answer->problem : "memory is out";

	if (answer->result == SPF_TEMPERROR) {
		draft_say(draft, status,
		    "Whether %s lets %s send its mail could not be found out: %s.", domain, who,
		    problem);
		return;
	}
	draft_say(draft, status,
	    "The SPF record of %s gives receivers a permanent error for what %s sends: %s.", domain,
	    who, problem);
	if (!answer->has_too_many_lookups)
		draft_advise(draft,
		    "Whoever manages the DNS of %s: correct that, or take out the term that leads to it.",
		    domain);
}

void
spf_outcome_say(struct draft *draft, const struct spf_outcome *outcome, const char *domain,
    enum check_status status)
{
	static const struct {
		const char *verb, *rest;
	} words[] = {
	    [SPF_NEUTRAL] = {"does not say whether", "may send its mail"},
	    [SPF_PASS] = {"lets", "send its mail"},
	    [SPF_FAIL] = {"forbids", "to send its mail"},
	    [SPF_SOFTFAIL] = {"does not expect", "to send its mail"},
	    [SPF_PERMERROR] = {NULL, NULL},
	};
	const struct spf_answer *answer = &outcome->answer;
	char *who = name_addresses(outcome), *why = name_decision(answer, domain);

	if (who != NULL && why != NULL) {
		if (words[answer->result].verb == NULL)
			say_error(draft, answer, who, domain, status);
		else
			draft_say(draft, status, "%s %s %s %s: %s.", domain,
			    words[answer->result].verb, who, words[answer->result].rest, why);
	}
	free(who);
	free(why);
}

static bool
is_same_record(const struct spf_read *a, const struct spf_read *b)
{
	return same(a->domain, b->domain) && same(a->text, b->text);
}

/* Whether it stands among the records before it. */
static bool
was_shown(const struct spf_outcomes *outcomes, size_t outcome, size_t record)
{
	const struct spf_read *read = &outcomes->list[outcome].answer.records[record];

	for (size_t i = 0; i <= outcome; i++) {
		const struct spf_answer *answer = &outcomes->list[i].answer;
		size_t end = i == outcome ? record : answer->record_count;

		for (size_t at = 0; at < end; at++)
			if (is_same_record(&answer->records[at], read))
				return true;
	}
	return false;
}

void
spf_outcomes_show(struct draft *draft, const struct spf_outcomes *outcomes)
{
	for (size_t i = 0; i < outcomes->count; i++) {
		const struct spf_answer *answer = &outcomes->list[i].answer;

		for (size_t at = 1; at < answer->record_count; at++) {
			const struct spf_read *read = &answer->records[at];

			if (!was_shown(outcomes, i, at))
				draft_evidence(draft, "%s TXT %s", read->domain, read->text);
		}
		if (answer->explanation != NULL)
			draft_evidence(draft, "%s explains (exp=): %s", answer->domain,
			    answer->explanation);
	}
}
