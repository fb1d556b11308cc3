/* What an SPF record costs a receiver, term by term (RFC 7208 4.6.4). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/policy/spf.h"
#include "client/checks/policy/spf_match.h"
#include "client/checks/policy/spf_record.h"

enum { DEPTH_MAX = 10 };

static unsigned count_record(struct spf_state *state, struct spf_costs *costs, const char *domain,
    int depth);

/* The one SPF record of a domain; NULL: there is none that could be counted, which is a problem unless DNS failed. */
static const char *
find_text(struct spf_state *state, const char *domain)
{
	const struct lookup *lookup = spf_ask(state, domain, RECORD_TXT);
	const char *found = NULL;
	size_t count = 0;

	if (lookup->status == LOOKUP_FAILED)
		return NULL;
	for (size_t i = 0; lookup->status == LOOKUP_FOUND && i < lookup->count; i++)
		if (spf_record_is(lookup->records[i].text)) {
			found = lookup->records[i].text;
			count++;
		}
	if (count == 1)
		return found;
	if (count == 0)
		spf_set_problem(state, "%s has no SPF record", domain);
	else
		spf_set_problem(state, "%s has %zu SPF records, and one is allowed (RFC 7208 4.5)",
		    domain, count);
	return NULL;
}

static unsigned
count_term(const struct spf_place *place, struct spf_costs *costs, int depth)
{
	unsigned lookups = 1;

	if (costs->total >= SPF_COSTS_MAX || depth >= DEPTH_MAX) {
		costs->is_cut = true;
		return 0;
	}
	costs->total++;
	if (place->term->kind == SPF_INCLUDE || place->term->kind == SPF_REDIRECT) {
		char *target = spf_target(place);

		if (target != NULL)
			lookups += count_record(place->state, costs, target, depth + 1);
		free(target);
	}
	return lookups;
}

static void
keep_cost(struct spf_costs *costs, const char *term, unsigned lookups)
{
	struct spf_cost *terms = reallocarray(costs->terms, costs->count + 1, sizeof(*terms));

	if (terms == NULL)
		return;
	costs->terms = terms;
	terms[costs->count].term = strdup(term);
	terms[costs->count].lookups = lookups;
	if (terms[costs->count].term != NULL)
		costs->count++;
}

static unsigned
count_record(struct spf_state *state, struct spf_costs *costs, const char *domain, int depth)
{
	const char *text = find_text(state, domain);
	struct spf_place place = {.state = state, .domain = domain};
	struct spf_record record;
	unsigned sum = 0;
	char *problem;

	if (text == NULL)
		return 0;
	bool is_correct = spf_record_parse(&record, text, &problem);
	if (!is_correct && problem != NULL)
		spf_set_problem(state, "in the SPF record of %s, %s", domain, problem);
	for (size_t i = 0; is_correct && i < record.count; i++) {
		place.term = &record.terms[i];
		/* Where all stands, redirect= is not followed (6.1). */
		if (!spf_term_is_counted(place.term) ||
		    (place.term->kind == SPF_REDIRECT && spf_record_find(&record, SPF_ALL) != NULL))
			continue;
		unsigned lookups = count_term(&place, costs, depth);

		sum += lookups;
		if (depth == 0 && lookups != 0)
			keep_cost(costs, place.term->text, lookups);
	}
	free(problem);
	spf_record_clear(&record);
	return sum;
}

void
spf_count(const struct spf_question *question, struct spf_costs *costs)
{
	struct spf_answer unused = {0};
	struct spf_state state = {.question = question, .answer = &unused};

	*costs = (struct spf_costs){0};
	count_record(&state, costs, question->domain, 0);
	costs->problem = unused.problem;
	unused.problem = NULL;
	spf_answer_clear(&unused);
}

void
spf_costs_clear(struct spf_costs *costs)
{
	for (size_t i = 0; i < costs->count; i++)
		free(costs->terms[i].term);
	free(costs->terms);
	free(costs->problem);
	*costs = (struct spf_costs){0};
}
