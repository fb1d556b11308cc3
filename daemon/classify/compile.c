/* Compiling: the literals of all rules become one automaton, and rules that could not work are complained about. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>

#include "daemon/classify/asides.h"
#include "daemon/classify/names.h"
#include "daemon/classify/rules.h"

enum {
	CONDITION_WEIGHT = 8, /* what a condition adds to the specificity, in letters */
	HOST_WEIGHT = 24,
};

/* Room for one more in an array that is grown whenever its count is a power of two. */
static bool
grow(void **array, uint32_t count, size_t size)
{
	if (count != 0 && (count & (count - 1)) != 0)
		return true;
	void *longer = reallocarray(*array, count != 0 ? (size_t)count * 2 : 1, size);
	if (longer == NULL)
		return false;
	*array = longer;
	return true;
}

static bool
add_number(uint32_t **list, uint32_t *count, uint32_t number)
{
	if (number == UINT32_MAX || !grow((void **)list, *count, sizeof(**list)))
		return false;
	(*list)[(*count)++] = number;
	return true;
}

static bool
add_words(struct rule_set *set, uint32_t number)
{
	struct rule *rule = &set->rules[number];

	rule->first_group = set->group_count;
	for (uint32_t g = 0; g < rule->group_count; g++) {
		if (!add_number(&set->first_group_word, &set->group_count, set->group_word_count))
			return false;
		for (size_t i = 0; rule->groups[g][i] != NULL; i++)
			if (!add_number(&set->group_words, &set->group_word_count,
				literals_add(&set->literals, rule->groups[g][i])))
				return false;
	}
	rule->not_count = (uint32_t)string_list_count(rule->nots);
	rule->not_words = calloc(rule->not_count + 1, sizeof(*rule->not_words));
	for (uint32_t i = 0; rule->not_words != NULL && i < rule->not_count; i++)
		rule->not_words[i] = literals_add(&set->literals, rule->nots[i]);
	return rule->not_words != NULL;
}

/* Of the groups of a rule the one whose words are said least: what many groups have is in most texts. */
static uint32_t
telling_group(const struct rule_set *set, const struct rule *rule, const uint32_t *groups_of_word)
{
	uint32_t telling = rule->first_group, fewest = UINT32_MAX;

	for (uint32_t g = 0; g < rule->group_count; g++) {
		uint32_t group = rule->first_group + g, met = 0;

		for (uint32_t i = set->first_group_word[group];
		     i < set->first_group_word[group + 1]; i++)
			met += groups_of_word[set->group_words[i]];
		if (met < fewest) {
			fewest = met;
			telling = group;
		}
	}
	return telling;
}

static bool
add_uses(struct rule_set *set, uint32_t number, const uint32_t *groups_of_word)
{
	const struct rule *rule = &set->rules[number];

	if (rule->group_count == 0)
		return true;
	uint32_t group = telling_group(set, rule, groups_of_word);
	for (uint32_t i = set->first_group_word[group]; i < set->first_group_word[group + 1]; i++) {
		if (!grow((void **)&set->uses, set->use_count, sizeof(*set->uses)))
			return false;
		set->uses[set->use_count++] = (struct literal_use){set->group_words[i], number};
	}
	return true;
}

static void
weigh(struct rule *rule)
{
	bool has_names = rule->hosts != NULL || rule->domains != NULL || rule->routers != NULL ||
	    rule->transports != NULL;

	rule->tier = rule->group_count != 0 ? TIER_WORDS :
	    rule->enhanced_count != 0 || rule->error_number_count != 0 || has_names ?
					      TIER_STRUCTURE :
					      TIER_CODE;
	rule->weight = CONDITION_WEIGHT *
		(unsigned)((rule->code_count != 0) + (rule->enhanced_count != 0) +
		    (rule->error_number_count != 0) + (rule->routers != NULL) +
		    (rule->transports != NULL) + (rule->phases != 0) + (rule->kinds != 0)) +
	    HOST_WEIGHT * (unsigned)((rule->hosts != NULL) + (rule->domains != NULL));
}

static void
check_rule(const struct rule *rule, struct ini_errors *errors)
{
	if (rule->class_index < 0)
		ini_complain(errors, rule->path, rule->line, "%s has no class", rule->name);
	if (rule->samples == NULL)
		ini_complain(errors, rule->path, rule->line,
		    "%s has no sample: write down a reply that it is for", rule->name);
	if (rule->pattern_count != 0 && rule->group_count == 0 && rule->enhanced_count == 0)
		ini_complain(errors, rule->path, rule->line,
		    "%s has a match but no text, any or enhanced: a pattern is tried only where one of these was found",
		    rule->name);
	if (rule->tier == TIER_CODE && rule->weight == 0)
		ini_complain(errors, rule->path, rule->line, "%s has no condition", rule->name);
}

void
rule_set_check(struct rule_set *set, struct ini_errors *errors)
{
	for (uint32_t i = 0; i < set->count; i++) {
		weigh(&set->rules[i]);
		check_rule(&set->rules[i], errors);
	}
}

/* What is said of a host, a message or a mailbox, and may be said not to be so. */
static bool
is_deniable(struct slice literal)
{
	static const char *const words[] = {"banned", "black", "block", "disabled", "expired",
	    "full", "grey", "infected", "listed", "locked", "spam", "suspended"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_has_prefix(literal, slice_str(words[i])))
			return true;
	return false;
}

static uint8_t
kind_of(struct slice literal)
{
	return (uint8_t)((names_is_part(literal) ? WORD_OF_NAME : 0) |
	    (is_deniable(literal) ? WORD_DENIABLE : 0) |
	    (asides_is_mark(literal) ? WORD_MARKS_ASIDE : 0));
}

/* By their words. */
static int
compare_uses(const void *left, const void *right)
{
	const struct literal_use *a = left, *b = right;

	return a->word != b->word ? (a->word > b->word) - (a->word < b->word) :
				    (a->rule > b->rule) - (a->rule < b->rule);
}

static int
compare_lengths(const void *left, const void *right, void *context)
{
	const uint32_t *length_of = context;
	uint32_t a = length_of[*(const uint32_t *)left], b = length_of[*(const uint32_t *)right];

	return (a < b) - (a > b);
}

/* So that the first one that is found is the longest. */
static void
sort_groups(struct rule_set *set)
{
	for (uint32_t group = 0; group < set->group_count; group++) {
		uint32_t first = set->first_group_word[group];

		qsort_r(set->group_words + first, set->first_group_word[group + 1] - first,
		    sizeof(*set->group_words), compare_lengths, set->word_length);
	}
}

/* Lists by word the rules that it may be telling of. */
static bool
link_words(struct rule_set *set)
{
	uint32_t *groups_of_word = calloc(set->literals.count + 1, sizeof(*groups_of_word));
	bool is_made = groups_of_word != NULL;

	for (uint32_t i = 0; is_made && i < set->group_word_count; i++)
		groups_of_word[set->group_words[i]]++;
	for (uint32_t i = 0; is_made && i < set->count; i++)
		is_made = add_uses(set, i, groups_of_word);
	free(groups_of_word);
	if (!is_made)
		return false;
	if (set->use_count != 0)
		qsort(set->uses, set->use_count, sizeof(*set->uses), compare_uses);
	for (uint32_t word = 0, use = 0; word <= set->literals.count; word++) {
		while (use < set->use_count && set->uses[use].word < word)
			use++;
		set->first_use[word] = use;
	}
	return true;
}

static bool
add_marks(struct literals *literals)
{
	const char *words;

	for (size_t i = 0; (words = asides_mark(i)) != NULL; i++)
		if (literals_add(literals, words) == UINT32_MAX)
			return false;
	return true;
}

bool
rule_set_compile(struct rule_set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (!add_words(set, i))
			return false;
	uint32_t groups = set->group_count;
	/* The end of the last one's words. */
	if (!add_number(&set->first_group_word, &groups, set->group_word_count))
		return false;
	set->word_count = set->literals.count;
	if (!add_marks(&set->literals))
		return false;
	set->first_use = calloc(set->literals.count + 1, sizeof(*set->first_use));
	set->word_length = calloc(set->literals.count + 1, sizeof(*set->word_length));
	set->word_kind = calloc(set->literals.count + 1, sizeof(*set->word_kind));
	if (set->first_use == NULL || set->word_length == NULL || set->word_kind == NULL ||
	    !literals_build(&set->literals))
		return false;
	for (uint32_t i = 0; i < set->literals.count; i++) {
		set->word_length[i] = (uint32_t)strlen(set->literals.words[i]);
		set->word_kind[i] = kind_of(slice_str(set->literals.words[i]));
	}
	sort_groups(set);
	return link_words(set);
}
