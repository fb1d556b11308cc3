/* Lint: what a set of rules promises beyond being readable: each wins its own samples, and none repeats another. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <malloc.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/sample.h"

/* The rule that a sample goes to, or -1. */
static int
winner_of(struct classifier *classifier, const char *text)
{
	struct sample sample;
	struct prepared prepared;

	sample_parse(slice_str(text), &sample);
	classifier_prepare(classifier, &sample.failure, &prepared);
	return matcher_find(&classifier->matcher, &prepared);
}

void
classifier_run_samples(struct classifier *classifier, struct ini_errors *errors)
{
	for (uint32_t i = 0; i < classifier->rules.count; i++) {
		const struct rule *rule = &classifier->rules.rules[i];

		for (size_t s = 0; rule->samples != NULL && rule->samples[s] != NULL; s++) {
			int winner = winner_of(classifier, rule->samples[s]);

			if (winner != (int)i)
				ini_complain(errors, rule->path, rule->line,
				    "%s does not win its sample, %s does: %s", rule->name,
				    winner >= 0 ? classifier->rules.rules[winner].name : "nothing",
				    rule->samples[s]);
		}
		for (size_t s = 0; rule->unlikes != NULL && rule->unlikes[s] != NULL; s++)
			if (winner_of(classifier, rule->unlikes[s]) == (int)i)
				ini_complain(errors, rule->path, rule->line,
				    "%s wins what it must not: %s", rule->name, rule->unlikes[s]);
	}
}

void
classifier_forget_text(struct classifier *classifier)
{
	for (uint32_t i = 0; i < classifier->rules.count; i++)
		rule_forget_text(&classifier->rules.rules[i]);
	words_forget(&classifier->rules.words);
	/* Thousands of small pieces: only so do their pages go back. */
	malloc_trim(0);
}

static bool
same_lists(string_list a, string_list b)
{
	if (string_list_count(a) != string_list_count(b))
		return false;
	for (size_t i = 0; a != NULL && a[i] != NULL; i++)
		if (!string_list_holds(b, a[i]))
			return false;
	return true;
}

/* Whether two stretches of a list hold the same numbers, in any order. */
static bool
same_numbers(const struct numbers *numbers, uint32_t a, uint32_t b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = 0;

		while (other < count && numbers->list[a + i] != numbers->list[b + other])
			other++;
		if (other == count)
			return false;
	}
	return true;
}

static bool
same_group(const struct rule_set *set, uint32_t a, uint32_t b)
{
	const uint32_t *first = set->first_group_word.list;

	return first[a + 1] - first[a] == first[b + 1] - first[b] &&
	    same_numbers(&set->group_words, first[a], first[b], first[a + 1] - first[a]);
}

static bool
same_words(const struct rule_set *set, const struct rule *a, const struct rule *b)
{
	if (a->group_count != b->group_count)
		return false;
	for (uint32_t g = 0; g < a->group_count; g++) {
		uint32_t other = 0;

		while (other < b->group_count &&
		    !same_group(set, a->first_group + g, b->first_group + other))
			other++;
		if (other == b->group_count)
			return false;
	}
	return a->not_count == b->not_count &&
	    same_numbers(&set->not_words, a->first_not, b->first_not, a->not_count);
}

static bool
same_bytes(const void *a, uint32_t a_count, const void *b, uint32_t b_count, size_t size)
{
	return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * size) == 0);
}

static bool
same_conditions(const struct rule_set *set, const struct rule *a, const struct rule *b)
{
	return a->phases == b->phases && a->kinds == b->kinds && a->weight == b->weight &&
	    same_words(set, a, b) && same_lists(a->patterns, b->patterns) &&
	    same_lists(a->hosts, b->hosts) && same_lists(a->domains, b->domains) &&
	    same_lists(a->routers, b->routers) && same_lists(a->transports, b->transports) &&
	    same_bytes(a->codes, a->code_count, b->codes, b->code_count, sizeof(*a->codes)) &&
	    same_bytes(a->enhanced, a->enhanced_count, b->enhanced, b->enhanced_count,
		sizeof(*a->enhanced)) &&
	    same_bytes(a->error_numbers, a->error_number_count, b->error_numbers,
		b->error_number_count, sizeof(*a->error_numbers));
}

void
classifier_find_duplicates(const struct classifier *classifier, struct ini_errors *errors)
{
	const struct rule_set *set = &classifier->rules;

	for (uint32_t i = 0; i < set->count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (same_conditions(set, &set->rules[i], &set->rules[j]))
				ini_complain(errors, set->rules[i].path, set->rules[i].line,
				    "%s has the conditions of %s", set->rules[i].name,
				    set->rules[j].name);
}
