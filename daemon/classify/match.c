/* Matching: one pass finds the literals, counting finds the candidates, structure and patterns decide. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/match.h"

#include <stdlib.h>

#include "daemon/classify/asides.h"

enum {
	MATCH_LIMIT = 10000,
	DEPTH_LIMIT = 250,
	PRIORITY_CLEAR = 10,  /* of rules that know whose words they are: also what is said aside */
	PRIORITY_VAGUE = -60, /* rules of that and below say less than what is said aside */
	PATTERN_TEXT_MAX =
	    1024, /* bytes of a text that patterns look at: a megabyte made for many of them at once must not take long */
};

static bool
has_code(const struct rule *rule, int code)
{
	for (uint32_t i = 0; i < rule->code_count; i++)
		if (number_range_holds(&rule->codes[i], code))
			return true;
	return rule->code_count == 0;
}

static bool
has_enhanced(const struct rule *rule, const struct enhanced_code *code)
{
	for (uint32_t i = 0; i < rule->enhanced_count; i++)
		if (enhanced_pattern_holds(&rule->enhanced[i], code))
			return true;
	return rule->enhanced_count == 0;
}

static bool
has_error_number(const struct rule *rule, const struct failure *failure)
{
	for (uint32_t i = 0; failure->has_error_number && i < rule->error_number_count; i++)
		if (number_range_holds(&rule->error_numbers[i], failure->error_number))
			return true;
	return rule->error_number_count == 0;
}

static bool
has_name(string_list choices, struct slice name, name_fits_fn *fits)
{
	for (size_t i = 0; choices != NULL && choices[i] != NULL; i++)
		if (fits(name, slice_str(choices[i])))
			return true;
	return choices == NULL;
}

/* What a rule's conditions ask for and a failure has or has not, a bit each. */
enum {
	NEEDS_CODE = 1,
	NEEDS_ENHANCED = 2,
	NEEDS_ERROR_NUMBER = 4,
	NEEDS_PHASE = 8,
	NEEDS_HOST = 16,
	NEEDS_DOMAIN = 32,
	NEEDS_ROUTER = 64,
	NEEDS_TRANSPORT = 128,
};

/* The conditions that nothing would not meet. */
static uint8_t
needs_of(const struct rule *rule)
{
	static const struct slice nothing = {"", 0};
	const struct enhanced_code no_enhanced = {0};

	return (uint8_t)((has_code(rule, 0) ? 0 : NEEDS_CODE) |
	    (has_enhanced(rule, &no_enhanced) ? 0 : NEEDS_ENHANCED) |
	    (rule->error_number_count == 0 ? 0 : NEEDS_ERROR_NUMBER) |
	    (rule->phases == 0 || (rule->phases & 1u << PHASE_NONE) != 0 ? 0 : NEEDS_PHASE) |
	    (has_name(rule->hosts, nothing, host_has_suffix) ? 0 : NEEDS_HOST) |
	    (has_name(rule->domains, nothing, domain_fits) ? 0 : NEEDS_DOMAIN) |
	    (has_name(rule->routers, nothing, name_fits) ? 0 : NEEDS_ROUTER) |
	    (has_name(rule->transports, nothing, name_fits) ? 0 : NEEDS_TRANSPORT));
}

static uint8_t
what_it_has(const struct prepared *prepared)
{
	const struct failure *failure = prepared->failure;

	return (uint8_t)((prepared->reply.code != 0 ? NEEDS_CODE : 0) |
	    (prepared->reply.enhanced.class != 0 ? NEEDS_ENHANCED : 0) |
	    (failure->has_error_number ? NEEDS_ERROR_NUMBER : 0) |
	    (prepared->reply.phase != PHASE_NONE ? NEEDS_PHASE : 0) |
	    (prepared->host.len != 0 ? NEEDS_HOST : 0) |
	    (failure->domain.len != 0 ? NEEDS_DOMAIN : 0) |
	    (failure->router.len != 0 ? NEEDS_ROUTER : 0) |
	    (failure->transport.len != 0 ? NEEDS_TRANSPORT : 0));
}

/* The subjects that a rule's enhanced codes have, a bit each. */
static uint8_t
subjects_of(const struct rule *rule)
{
	unsigned subjects = rule->enhanced_count == 0 ? UINT8_MAX : 0;

	for (uint32_t i = 0; i < rule->enhanced_count; i++)
		if (rule->enhanced[i].subject == ENHANCED_ANY)
			subjects = UINT8_MAX;
		else if (rule->enhanced[i].subject <= ENHANCED_SUBJECT_MAX)
			subjects |= 1u << rule->enhanced[i].subject;
	return (uint8_t)subjects;
}

static uint8_t
subject_it_has(const struct enhanced_code *code)
{
	return (uint8_t)(code->class != 0 ? 1u << code->subject : UINT8_MAX);
}

/* Whether nothing that its brief says is against the rule. */
static bool
may_meet(const struct matcher *matcher, const struct rule_brief *brief)
{
	return (brief->needs & ~matcher->has) == 0 && (brief->subjects & matcher->subjects) != 0;
}

static int
compare_order(const void *left, const void *right, void *context)
{
	const struct rule_set *set = context;
	uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
	const struct rule *a = &set->rules[first], *b = &set->rules[second];

	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->tier != b->tier)
		return a->tier > b->tier ? -1 : 1;
	return (first > second) - (first < second);
}

static void
set_bit(uint64_t *bits, uint32_t place)
{
	bits[place / 64] |= UINT64_C(1) << place % 64;
}

static size_t
bits_size(const struct rule_set *set)
{
	return ((size_t)set->count / 64 + 1) * sizeof(uint64_t);
}

bool
matcher_init(struct matcher *matcher, const struct rule_set *set)
{
	*matcher = (struct matcher){.set = set};
	matcher->briefs = calloc(set->count + 1, sizeof(*matcher->briefs));
	matcher->word_stamp = calloc((size_t)set->words.count + 1, sizeof(uint32_t));
	matcher->order = calloc(set->count + 1, sizeof(*matcher->order));
	matcher->place = calloc(set->count + 1, sizeof(*matcher->place));
	matcher->candidates = calloc(1, bits_size(set));
	matcher->wordless = calloc(1, bits_size(set));
	matcher->match_data = pcre2_match_data_create(1, NULL);
	matcher->match_context = pcre2_match_context_create(NULL);
	if (matcher->briefs == NULL || matcher->word_stamp == NULL || matcher->order == NULL ||
	    matcher->place == NULL || matcher->candidates == NULL || matcher->wordless == NULL ||
	    matcher->match_data == NULL || matcher->match_context == NULL) {
		matcher_clear(matcher);
		return false;
	}
	pcre2_set_match_limit(matcher->match_context, MATCH_LIMIT);
	pcre2_set_depth_limit(matcher->match_context, DEPTH_LIMIT);
	for (uint32_t i = 0; i < set->count; i++)
		matcher->order[i] = i;
	qsort_r(matcher->order, set->count, sizeof(*matcher->order), compare_order, (void *)set);
	for (uint32_t place = 0; place < set->count; place++) {
		const struct rule *rule = &set->rules[matcher->order[place]];

		matcher->place[matcher->order[place]] = place;
		matcher->briefs[place] = (struct rule_brief){(int8_t)rule->priority,
		    (uint8_t)rule->tier, needs_of(rule), subjects_of(rule)};
		if (rule->group_count == 0)
			set_bit(matcher->wordless, place);
	}
	return true;
}

void
matcher_clear(struct matcher *matcher)
{
	free(matcher->briefs);
	free(matcher->word_stamp);
	free(matcher->order);
	free(matcher->place);
	free(matcher->candidates);
	free(matcher->wordless);
	pcre2_match_data_free(matcher->match_data);
	pcre2_match_context_free(matcher->match_context);
	*matcher = (struct matcher){0};
}

/* Places come in the order of their ends. */
static bool
is_in_name(struct matcher *matcher, size_t from, size_t to)
{
	const struct names *names = &matcher->names;

	while (matcher->name < names->count && names->list[matcher->name].to < to)
		matcher->name++;
	return matcher->name < names->count && names->list[matcher->name].from <= from;
}

/* "not blocked", "isn't full", "not a spam source" */
static bool
is_denied(struct slice text, size_t from)
{
	struct slice before = slice_first(text, from);

	return slice_has_suffix(before, SLICE(" not ")) ||
	    slice_has_suffix(before, SLICE("n't ")) || slice_has_suffix(before, SLICE(" not a "));
}

static __attribute__((noinline)) void
take_word(struct matcher *matcher, uint32_t word, size_t end)
{
	const struct rule_set *set = matcher->set;
	size_t from = end - set->word_length[word];

	if ((set->word_kind[word] & WORD_OF_NAME) == 0 && is_in_name(matcher, from, end))
		return;
	if ((set->word_kind[word] & WORD_DENIABLE) != 0 && is_denied(matcher->text, from))
		return;
	if ((set->word_kind[word] & WORD_MARKS_ASIDE) != 0)
		matcher->may_have_asides = true;
	matcher->word_stamp[word] = matcher->turn;
	for (uint32_t i = set->first_use[word]; i < set->first_use[word + 1]; i++)
		set_bit(matcher->candidates, matcher->place[set->uses[i]]);
}

/* Half of what is found was found before, which shall cost no more than a look. */
static void
found_word(void *context, uint32_t word, size_t end)
{
	struct matcher *matcher = context;

	if (matcher->word_stamp[word] != matcher->turn)
		take_word(matcher, word, end);
}

static bool
meets_structure(const struct rule *rule, const struct prepared *prepared)
{
	const struct failure *failure = prepared->failure;

	return (rule->phases == 0 || (rule->phases & 1u << prepared->reply.phase) != 0) &&
	    (rule->kinds == 0 || (rule->kinds & 1u << failure->kind) != 0) &&
	    has_code(rule, prepared->reply.code) && has_enhanced(rule, &prepared->reply.enhanced) &&
	    has_error_number(rule, failure) &&
	    has_name(rule->hosts, prepared->host, host_has_suffix) &&
	    has_name(rule->domains, failure->domain, domain_fits) &&
	    has_name(rule->routers, failure->router, name_fits) &&
	    has_name(rule->transports, failure->transport, name_fits);
}

static bool
meets_patterns(struct matcher *matcher, const struct rule *rule, const struct prepared *prepared)
{
	size_t len = prepared->len < PATTERN_TEXT_MAX ? prepared->len : PATTERN_TEXT_MAX;

	for (uint32_t i = 0; i < rule->pattern_count; i++)
		if (!pattern_fits(&rule->compiled[i], prepared->text, len, matcher->match_data,
			matcher->match_context))
			return false;
	return true;
}

/* Adds the longest word of each group to the specificity. False where none was found of one. */
static bool
meets_words(const struct matcher *matcher, const struct rule *rule, unsigned *specificity)
{
	const struct rule_set *set = matcher->set;

	for (uint32_t group = rule->first_group; group < rule->first_group + rule->group_count;
	     group++) {
		uint32_t i = set->first_group_word.list[group],
			 end = set->first_group_word.list[group + 1];

		while (i < end && matcher->word_stamp[set->group_words.list[i]] != matcher->turn)
			i++;
		if (i == end)
			return false;
		*specificity += set->word_length[set->group_words.list[i]];
	}
	return true;
}

/* All but the patterns, which are tried only where they could change who wins. */
static bool
rank_rule(struct matcher *matcher, uint32_t number, const struct prepared *prepared,
    struct rank *rank)
{
	const struct rule_set *set = matcher->set;
	const struct rule *rule = &set->rules[number];

	*rank = (struct rank){rule->priority, rule->tier, rule->weight, rule->directory};
	if (!meets_words(matcher, rule, &rank->specificity))
		return false;
	for (uint32_t i = rule->first_not; i < rule->first_not + rule->not_count; i++)
		if (matcher->word_stamp[set->not_words.list[i]] == matcher->turn)
			return false;
	return meets_structure(rule, prepared);
}

bool
rank_is_better(const struct rank *a, const struct rank *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->tier != b->tier)
		return a->tier > b->tier;
	if (a->specificity != b->specificity)
		return a->specificity > b->specificity;
	return a->directory > b->directory;
}

static void
scan(struct matcher *matcher, const struct prepared *prepared)
{
	if (++matcher->turn == 0) {
		/* Once in four thousand million: no stamp may look like one of this turn. */
		memset(matcher->word_stamp, 0, matcher->set->words.count * sizeof(uint32_t));
		matcher->turn = 1;
	}
	memcpy(matcher->candidates, matcher->wordless, bits_size(matcher->set));
	matcher->has = what_it_has(prepared);
	matcher->subjects = subject_it_has(&prepared->reply.enhanced);
	matcher->may_have_asides = false;
	matcher->name = 0;
	matcher->text = slice_of(prepared->text, prepared->len);
	literals_scan(&matcher->set->literals, matcher->text, found_word, matcher);
}

/* The best rule so far; of equals the one that was read first. */
struct best {
	struct rank rank;
	int winner;
};

static void
try_rule(struct matcher *matcher, uint32_t number, const struct prepared *prepared,
    struct best *best)
{
	const struct rule *rule = &matcher->set->rules[number];
	struct rank rank;

	if (!rank_rule(matcher, number, prepared, &rank))
		return;
	if (best->winner >= 0 &&
	    (rank_is_better(&best->rank, &rank) ||
		(!rank_is_better(&rank, &best->rank) && number > (uint32_t)best->winner)))
		return;
	if (meets_patterns(matcher, rule, prepared))
		*best = (struct best){rank, (int)number};
}

/* The next place from there on that has a candidate; the number of rules where there is none. */
static uint32_t
next_candidate(const struct matcher *matcher, uint32_t place)
{
	uint32_t end = matcher->set->count;

	while (place < end) {
		uint64_t ahead = matcher->candidates[place / 64] >> place % 64;

		if (ahead != 0)
			return place + (uint32_t)__builtin_ctzll(ahead);
		place = (place / 64 + 1) * 64;
	}
	return end;
}

/* Whether a rule cannot win whatever its specificity. */
static bool
comes_too_late(const struct rule_brief *brief, const struct rank *best)
{
	return brief->priority != best->priority ? brief->priority < best->priority :
						   brief->tier < best->tier;
}

static struct best
find_best(struct matcher *matcher, const struct prepared *prepared)
{
	struct best best = {.winner = -1};

	scan(matcher, prepared);
	/* From the highest priority and tier down: the first that comes too late ends the search. */
	for (uint32_t place = 0; (place = next_candidate(matcher, place)) < matcher->set->count;
	     place++) {
		const struct rule_brief *brief = &matcher->briefs[place];

		if (best.winner >= 0 && comes_too_late(brief, &best.rank))
			break;
		if (may_meet(matcher, brief))
			try_rule(matcher, matcher->order[place], prepared, &best);
	}
	return best;
}

/* Whether what is said beside the asides says the cause. */
static bool
is_cause(const struct best *best)
{
	return best->winner >= 0 && best->rank.priority > PRIORITY_VAGUE;
}

/* What is found stays that of the reading which decided. */
int
matcher_find(struct matcher *matcher, const struct prepared *prepared)
{
	struct slice text = slice_of(prepared->text, prepared->len);
	struct names names;

	names_find(text, &matcher->names);
	struct best best = find_best(matcher, prepared);
	if (best.winner < 0 || best.rank.priority >= PRIORITY_CLEAR || !matcher->may_have_asides ||
	    !asides_find(text, &matcher->names, &names))
		return best.winner;
	struct names all = matcher->names;
	matcher->names = names;
	struct best without = find_best(matcher, prepared);
	if (is_cause(&without))
		return without.winner;
	matcher->names = all;
	scan(matcher, prepared);
	return best.winner;
}

void
matcher_all(struct matcher *matcher, const struct prepared *prepared, matcher_all_fn *each,
    void *context)
{
	matcher_find(matcher, prepared);
	for (uint32_t place = 0; (place = next_candidate(matcher, place)) < matcher->set->count;
	     place++) {
		uint32_t number = matcher->order[place];
		struct rank rank;

		if (rank_rule(matcher, number, prepared, &rank) &&
		    meets_patterns(matcher, &matcher->set->rules[number], prepared))
			each(context, number, &rank);
	}
}
