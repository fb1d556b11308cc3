/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/dns/name.h"
#include "client/checks/policy/spf_macro.h"
#include "client/checks/policy/spf_match.h"
#include "client/checks/policy/spf_record.h"

static void
replace(char **text, const char *value)
{
	free(*text);
	*text = value != NULL ? strdup(value) : NULL;
}

/* The term decides, here or, when it is_included, about an include. */
static void
note_decision(const struct spf_place *place, bool is_included)
{
	struct spf_answer *answer = place->state->answer;

	if (is_included) {
		/* What an include found is what the record behind it has noted. */
		if (place->term->kind == SPF_INCLUDE)
			return;
		replace(&answer->inner_mechanism, place->term->text);
		replace(&answer->inner_domain, place->domain);
		return;
	}
	if (place->term->kind != SPF_INCLUDE) {
		replace(&answer->inner_mechanism, NULL);
		replace(&answer->inner_domain, NULL);
	}
	replace(&answer->mechanism, place->term->text);
	replace(&answer->domain, place->domain);
}

static enum spf_result
result_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

/* 6.1 */
static enum spf_result
follow_redirect(const struct spf_place *place, bool is_included)
{
	if (!spf_count_lookup(place))
		return SPF_PERMERROR;
	char *target = spf_target(place);
	if (target == NULL)
		return SPF_TEMPERROR;
	enum spf_result result = spf_check_host(place->state, target, is_included);
	if (result == SPF_NONE) {
		spf_set_problem(place->state,
		    "\"%.100s\" in the SPF record of %s: %s has no SPF record (RFC 7208 6.1)",
		    place->term->text, place->domain, target);
		result = SPF_PERMERROR;
	}
	free(target);
	return result;
}

/* 6.2: whatever is wrong with it, the result stands. */
static void
explain(const struct spf_place *place)
{
	struct spf_state *state = place->state;
	char *target = spf_target(place);
	const struct lookup *lookup = target != NULL ? spf_ask(state, target, RECORD_TXT) : NULL;

	if (lookup != NULL && lookup->status == LOOKUP_FOUND && lookup->count == 1 &&
	    spf_explanation_problem(lookup->records[0].text) == NULL) {
		const struct spf_macros macros = spf_macros_of(place);

		state->answer->explanation = spf_explanation_expand(lookup->records[0].text,
		    &macros);
	}
	free(target);
}

static enum spf_result
evaluate(struct spf_state *state, const char *domain, const struct spf_record *record,
    bool is_included)
{
	struct spf_place place = {.state = state, .domain = domain};
	enum spf_result result;

	for (size_t i = 0; i < record->count; i++) {
		place.term = &record->terms[i];
		switch (spf_match(&place)) {
		case SPF_NO_MATCH:
			continue;
		case SPF_MATCH_TEMPERROR:
			return SPF_TEMPERROR;
		case SPF_MATCH_PERMERROR:
			return SPF_PERMERROR;
		case SPF_MATCH:
			break;
		}
		note_decision(&place, is_included);
		result = result_of(place.term->qualifier);
		place.term = spf_record_find(record, SPF_EXP);
		if (result == SPF_FAIL && place.term != NULL && !is_included)
			explain(&place);
		return result;
	}
	place.term = spf_record_find(record, SPF_REDIRECT);
	return place.term != NULL ? follow_redirect(&place, is_included) : SPF_NEUTRAL;
}

static void
keep_record(struct spf_answer *answer, const char *domain, const char *text)
{
	struct spf_read *records = reallocarray(answer->records, answer->record_count + 1,
	    sizeof(*records));

	if (records == NULL)
		return;
	answer->records = records;
	records[answer->record_count++] = (struct spf_read){.domain = strdup(domain),
	    .text = strdup(text)};
}

/* 4.4, 4.5: the text of the one record; NULL: there is none, and the result is another. */
static const char *
find_record(struct spf_state *state, const char *domain, enum spf_result *result)
{
	const struct lookup *lookup = spf_ask(state, domain, RECORD_TXT);
	const char *found = NULL;
	size_t count = 0;

	*result = SPF_NONE;
	if (lookup->status == LOOKUP_FAILED) {
		spf_set_problem(state, "the TXT records of %s could not be looked up: %s", domain,
		    lookup->error != NULL ? lookup->error : "no answer");
		*result = SPF_TEMPERROR;
		return NULL;
	}
	for (size_t i = 0; lookup->status == LOOKUP_FOUND && i < lookup->count; i++)
		if (spf_record_is(lookup->records[i].text)) {
			found = lookup->records[i].text;
			keep_record(state->answer, domain, found);
			count++;
		}
	if (count < 2)
		return found;
	spf_set_problem(state, "%s has %zu SPF records, and one is allowed (RFC 7208 4.5)", domain,
	    count);
	*result = SPF_PERMERROR;
	return NULL;
}

enum spf_result
spf_check_host(struct spf_state *state, const char *domain, bool is_included)
{
	struct spf_record record;
	enum spf_result result;
	char *problem;

	/* 4.3 */
	if (!name_is_possible(domain) || strchr(domain, '.') == NULL)
		return SPF_NONE;
	const char *text = find_record(state, domain, &result);
	if (text == NULL)
		return result;
	if (spf_record_parse(&record, text, &problem)) {
		result = evaluate(state, domain, &record, is_included);
	} else {
		spf_set_problem(state, "in the SPF record of %s, %s", domain,
		    problem != NULL ? problem : "a term could not be read");
		result = SPF_PERMERROR;
	}
	free(problem);
	spf_record_clear(&record);
	return result;
}

void
spf_check(const struct spf_question *question, struct spf_answer *answer)
{
	struct spf_state state = {.question = question, .answer = answer};

	*answer = (struct spf_answer){0};
	answer->result = spf_check_host(&state, question->domain, false);
	/* An include that did not match has noted why. */
	if (answer->mechanism == NULL) {
		replace(&answer->inner_mechanism, NULL);
		replace(&answer->inner_domain, NULL);
	}
}

void
spf_answer_clear(struct spf_answer *answer)
{
	for (size_t i = 0; i < answer->record_count; i++) {
		free(answer->records[i].domain);
		free(answer->records[i].text);
	}
	free(answer->records);
	free(answer->mechanism);
	free(answer->domain);
	free(answer->inner_mechanism);
	free(answer->inner_domain);
	free(answer->problem);
	free(answer->explanation);
	*answer = (struct spf_answer){0};
}

const char *
spf_result_name(enum spf_result result)
{
	static const char *const names[] = {
	    [SPF_NONE] = "none",
	    [SPF_NEUTRAL] = "neutral",
	    [SPF_PASS] = "pass",
	    [SPF_FAIL] = "fail",
	    [SPF_SOFTFAIL] = "softfail",
	    [SPF_TEMPERROR] = "temperror",
	    [SPF_PERMERROR] = "permerror",
	};

	return names[result];
}
