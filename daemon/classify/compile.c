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

/* The list is grown whenever its count is a power of two. */
bool
numbers_add(struct numbers *numbers, uint32_t number)
{
	uint32_t count = numbers->count;

	if (number == UINT32_MAX)
		return false;
	if ((count & (count - 1)) == 0) {
		uint32_t *list = reallocarray(numbers->list, count != 0 ? (size_t)count * 2 : 1,
		    sizeof(*list));

		if (list == NULL)
			return false;
		numbers->list = list;
	}
	numbers->list[numbers->count++] = number;
	return true;
}

/* Where the words of a group begin among those of all groups; there those of the one before it end. */
static uint32_t
first_word(const struct rule_set *set, uint32_t group)
{
	return set->first_group_word.list[group];
}

/* Of all groups' words some that stand side by side. */
struct stretch {
	uint32_t from, to;
};

/* Of the groups of a rule the one whose words are said least: what many groups have is in most texts. */
static struct stretch
telling_group(const struct rule_set *set, const struct rule *rule, const uint32_t *groups_of_word)
{
	struct stretch telling = {0};
	uint32_t fewest = UINT32_MAX;

	for (uint32_t g = rule->first_group; g < rule->first_group + rule->group_count; g++) {
		uint32_t met = 0;

		for (uint32_t w = first_word(set, g); w < first_word(set, g + 1); w++)
			met += groups_of_word[set->group_words.list[w]];
		if (met < fewest) {
			fewest = met;
			telling = (struct stretch){first_word(set, g), first_word(set, g + 1)};
		}
	}
	return telling;
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
	static const struct slice words[] = {SLICE_INIT("banned"), SLICE_INIT("black"),
	    SLICE_INIT("block"), SLICE_INIT("disabled"), SLICE_INIT("expired"), SLICE_INIT("full"),
	    SLICE_INIT("grey"), SLICE_INIT("infected"), SLICE_INIT("listed"), SLICE_INIT("locked"),
	    SLICE_INIT("spam"), SLICE_INIT("suspended")};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].at[0] == literal.at[0] && slice_has_prefix(literal, words[i]))
			return true;
	return false;
}

static bool
add_marks(struct rule_set *set, struct numbers *marks)
{
	const char *mark;

	for (size_t i = 0; (mark = asides_mark(i)) != NULL; i++)
		if (!numbers_add(marks, words_add(&set->words, slice_str(mark))))
			return false;
	return true;
}

/* Notes what is to be known of each word. */
static void
describe_words(struct rule_set *set, const struct numbers *marks)
{
	for (uint32_t word = 0; word < set->words.count; word++) {
		struct slice text = words_get(&set->words, word);

		set->word_length[word] = (uint32_t)text.len;
		set->word_kind[word] = (uint8_t)((names_is_part(text) ? WORD_OF_NAME : 0) |
		    (is_deniable(text) ? WORD_DENIABLE : 0));
	}
	for (uint32_t i = 0; i < marks->count; i++)
		set->word_kind[marks->list[i]] |= WORD_MARKS_ASIDE;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rules[i];
		uint32_t last = first_word(set, rule->first_group + rule->group_count);

		for (uint32_t w = first_word(set, rule->first_group); w < last; w++)
			set->word_kind[set->group_words.list[w]] |= WORD_OF_RULE;
		for (uint32_t n = 0; n < rule->not_count; n++)
			set->word_kind[set->not_words.list[rule->first_not + n]] |= WORD_OF_RULE;
	}
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
	for (uint32_t group = 0; group + 1 < set->first_group_word.count; group++)
		qsort_r(set->group_words.list + first_word(set, group),
		    first_word(set, group + 1) - first_word(set, group), sizeof(uint32_t),
		    compare_lengths, set->word_length);
}

/* Of each rule the telling group, given room for them and for how many groups have each word. */
static void
choose_groups(const struct rule_set *set, struct stretch *telling, uint32_t *groups_of_word)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rules[i];
		uint32_t last = first_word(set, rule->first_group + rule->group_count);

		for (uint32_t w = first_word(set, rule->first_group); w < last; w++)
			groups_of_word[set->group_words.list[w]]++;
	}
	for (uint32_t i = 0; i < set->count; i++)
		telling[i] = telling_group(set, &set->rules[i], groups_of_word);
}

/* Lists by word the rules that it is telling of. */
static bool
list_uses(struct rule_set *set, const struct stretch *telling)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < set->count; i++)
		for (uint32_t w = telling[i].from; w < telling[i].to; w++)
			set->first_use[set->group_words.list[w]]++;
	for (uint32_t word = 0; word <= set->words.count; word++)
		set->first_use[word] = count += set->first_use[word];
	set->uses = calloc((size_t)count + 1, sizeof(*set->uses));
	if (set->uses == NULL)
		return false;
	/* From where a word's uses end down to where they begin. */
	for (uint32_t i = set->count; i-- > 0;)
		for (uint32_t w = telling[i].from; w < telling[i].to; w++)
			set->uses[--set->first_use[set->group_words.list[w]]] = i;
	return true;
}

static bool
link_words(struct rule_set *set)
{
	uint32_t *groups_of_word = calloc((size_t)set->words.count + 1, sizeof(*groups_of_word));
	struct stretch *telling = calloc((size_t)set->count + 1, sizeof(*telling));
	bool is_made = groups_of_word != NULL && telling != NULL;

	if (is_made) {
		choose_groups(set, telling, groups_of_word);
		is_made = list_uses(set, telling);
	}
	free(groups_of_word);
	free(telling);
	return is_made;
}

bool
rule_set_compile(struct rule_set *set)
{
	struct numbers marks = {0};
	/* Where the last group's words end. */
	bool is_made = numbers_add(&set->first_group_word, set->group_words.count) &&
	    add_marks(set, &marks);

	set->first_use = calloc((size_t)set->words.count + 1, sizeof(*set->first_use));
	set->word_length = calloc((size_t)set->words.count + 1, sizeof(*set->word_length));
	set->word_kind = calloc((size_t)set->words.count + 1, sizeof(*set->word_kind));
	is_made = is_made && set->first_use != NULL && set->word_length != NULL &&
	    set->word_kind != NULL && literals_build(&set->literals, &set->words);
	if (is_made) {
		describe_words(set, &marks);
		sort_groups(set);
		is_made = link_words(set);
	}
	free(marks.list);
	return is_made;
}
