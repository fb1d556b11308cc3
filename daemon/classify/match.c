/* Matching: one pass finds the literals, counting finds the candidates, structure and patterns decide. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/match.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/text/utf8.h"

enum {
	STRUCTURE_WEIGHT = 8, /* what a condition met adds to the specificity, in letters */
	HOST_WEIGHT = 24,
	MATCH_LIMIT = 10000,
	DEPTH_LIMIT = 250,
};

/*
 * Cuts the codes that begin the further lines of a reply, so that a sentence broken over lines is one: "550-5.7.1 Our system\n550
 * 5.7.1 has" reads "550-5.7.1 Our system has". People paste such replies with blanks where the line ends were.
 */
static size_t
join_lines(struct slice raw, char *joined, size_t size)
{
	bool is_reply_of_lines = raw.len > 4 && raw.at[3] == '-' && raw.at[0] >= '2' && raw.at[0] <= '5';
	size_t len = 0;

	while (raw.len != 0 && len + 1 < size) {
		bool is_line_end = raw.len > 1 && raw.at[0] == '\\' && raw.at[1] == 'n';
		bool is_break = is_line_end || raw.at[0] == '\n' ||
		    (is_reply_of_lines && raw.at[0] == ' ');
		struct slice rest = slice_skip(raw, is_line_end ? 2 : 1);
		struct reply code;

		if (is_break && rest.len > 3 && (rest.at[3] == '-' || rest.at[3] == ' ') &&
		    rest.at[0] >= '2' && rest.at[0] <= '5' && rest.at[1] >= '0' &&
		    rest.at[1] <= '9' && rest.at[2] >= '0' && rest.at[2] <= '9') {
			struct slice line = slice_first(rest, 16);

			reply_parse(line, &code);
			rest = slice_skip(rest, 4);
			if (code.enhanced.class != 0 && rest.len > 1 && rest.at[0] >= '2' &&
			    rest.at[0] <= '5' && rest.at[1] == '.') {
				while (rest.len != 0 && rest.at[0] != ' ' && rest.at[0] != '\\')
					rest = slice_skip(rest, 1);
			}
			joined[len++] = ' ';
			raw = rest;
			continue;
		}
		joined[len++] = is_line_end ? ' ' : raw.at[0];
		raw = rest;
	}
	return len;
}

void
prepare(const struct failure *failure, struct prepared *out)
{
	char joined[PREPARED_MAX];

	out->failure = failure;
	reply_parse(slice_first(failure->message, PREPARED_MAX), &out->reply);
	out->host = failure->host.len != 0 ? failure->host : out->reply.host;
	struct slice raw = out->reply.raw;
	/* Nothing but the time-out is left: then it is what there is to be judged. */
	if (slice_is_empty(raw) && out->reply.is_retry_timeout)
		raw = SLICE("retry timeout exceeded");
	size_t len = join_lines(raw, joined, sizeof(joined));
	out->len = text_fold(slice_of(joined, len), out->text, sizeof(out->text));
}

bool
matcher_init(struct matcher *matcher, const struct rule_set *set)
{
	*matcher = (struct matcher){.set = set};
	matcher->word_stamp = calloc(set->literals.count + 1, sizeof(uint32_t));
	matcher->group_stamp = calloc(set->group_count + 1, sizeof(uint32_t));
	matcher->group_length = calloc(set->group_count + 1, sizeof(uint32_t));
	matcher->rule_stamp = calloc(set->count + 1, sizeof(uint32_t));
	matcher->rule_groups = calloc(set->count + 1, sizeof(uint32_t));
	matcher->candidates = calloc(set->count + 1, sizeof(uint32_t));
	matcher->wordless = calloc(set->count + 1, sizeof(uint32_t));
	matcher->match_data = pcre2_match_data_create(1, NULL);
	matcher->match_context = pcre2_match_context_create(NULL);
	if (matcher->word_stamp == NULL || matcher->group_stamp == NULL ||
	    matcher->group_length == NULL || matcher->rule_stamp == NULL ||
	    matcher->rule_groups == NULL || matcher->candidates == NULL ||
	    matcher->wordless == NULL || matcher->match_data == NULL ||
	    matcher->match_context == NULL) {
		matcher_clear(matcher);
		return false;
	}
	pcre2_set_match_limit(matcher->match_context, MATCH_LIMIT);
	pcre2_set_depth_limit(matcher->match_context, DEPTH_LIMIT);
	for (uint32_t i = 0; i < set->count; i++)
		if (set->rules[i].group_count == 0)
			matcher->wordless[matcher->wordless_count++] = i;
	return true;
}

void
matcher_clear(struct matcher *matcher)
{
	free(matcher->word_stamp);
	free(matcher->group_stamp);
	free(matcher->group_length);
	free(matcher->rule_stamp);
	free(matcher->rule_groups);
	free(matcher->candidates);
	free(matcher->wordless);
	pcre2_match_data_free(matcher->match_data);
	pcre2_match_context_free(matcher->match_context);
	*matcher = (struct matcher){0};
}

static void
meet_group(struct matcher *matcher, uint32_t group, uint32_t length)
{
	uint32_t rule = matcher->set->rule_of_group[group];

	if (matcher->group_stamp[group] == matcher->turn) {
		if (length > matcher->group_length[group])
			matcher->group_length[group] = length;
		return;
	}
	matcher->group_stamp[group] = matcher->turn;
	matcher->group_length[group] = length;
	if (matcher->rule_stamp[rule] != matcher->turn) {
		matcher->rule_stamp[rule] = matcher->turn;
		matcher->rule_groups[rule] = 0;
	}
	if (++matcher->rule_groups[rule] == matcher->set->rules[rule].group_count)
		matcher->candidates[matcher->candidate_count++] = rule;
}

static void
found_word(void *context, uint32_t word)
{
	struct matcher *matcher = context;
	const struct rule_set *set = matcher->set;

	if (matcher->word_stamp[word] == matcher->turn)
		return;
	matcher->word_stamp[word] = matcher->turn;
	for (uint32_t use = set->use_of[word]; use != 0; use = set->uses[use - 1].next)
		meet_group(matcher, set->uses[use - 1].group, set->word_length[word]);
}

/* "550", "55x", "5xx". */
static bool
matches_code(const char *pattern, int code)
{
	char digits[8];

	if (code == 0)
		return false;
	snprintf(digits, sizeof(digits), "%03d", code);
	for (int i = 0; i < 3; i++)
		if (pattern[i] != 'x' && pattern[i] != digits[i])
			return false;
	return pattern[3] == '\0';
}

/* "5.7.1", "x.7.1", "5.7.x". */
static bool
matches_enhanced(const char *pattern, const struct enhanced_code *code)
{
	const unsigned parts[] = {code->class, code->subject, code->detail};

	if (code->class == 0)
		return false;
	for (int i = 0; i < 3; i++) {
		if (*pattern == 'x') {
			pattern++;
		} else {
			char *end;

			if (strtoul(pattern, &end, 10) != parts[i] || end == pattern)
				return false;
			pattern = end;
		}
		if (*pattern != (i < 2 ? '.' : '\0'))
			return false;
		pattern++;
	}
	return true;
}

static bool
matches_suffix(const char *suffix, struct slice name)
{
	struct slice end = slice_str(suffix);

	return name.len >= end.len && slice_equal_nocase(slice_skip(name, name.len - end.len), end);
}

/* Exact, or with one * at either end; "**bypassed**" is a transport's name. */
static bool
matches_name(const char *pattern, struct slice name)
{
	struct slice wanted = slice_str(pattern);

	if (slice_equal(wanted, name))
		return true;
	bool has_head = wanted.len != 0 && wanted.at[0] == '*';
	bool has_tail = wanted.len > 1 && wanted.at[wanted.len - 1] == '*';
	if (has_head)
		wanted = slice_skip(wanted, 1);
	if (has_tail)
		wanted.len--;
	if (has_head && has_tail)
		return slice_find(name, wanted) >= 0;
	return (has_head && slice_has_suffix(name, wanted)) ||
	    (has_tail && slice_has_prefix(name, wanted));
}

static bool
matches_domain(const char *pattern, struct slice domain)
{
	return slice_equal_nocase(slice_str(pattern), domain) ||
	    (pattern[0] == '.' && matches_suffix(pattern, domain));
}

/* Each list condition: the first choice that fits will do. */
#define ANY_OF(list, call)                                                                         \
	do {                                                                                       \
		bool is_met = (list) == NULL;                                                      \
		for (size_t i = 0; (list) != NULL && (list)[i] != NULL && !is_met; i++) {          \
			const char *choice = (list)[i];                                            \
			is_met = (call);                                                           \
		}                                                                                  \
		if (!is_met)                                                                       \
			return false;                                                              \
	} while (0)

static bool
meets_structure(const struct rule *rule, const struct prepared *prepared, unsigned *weight)
{
	const struct failure *failure = prepared->failure;

	ANY_OF(rule->codes, matches_code(choice, prepared->reply.code));
	ANY_OF(rule->enhanced, matches_enhanced(choice, &prepared->reply.enhanced));
	ANY_OF(rule->hosts, matches_suffix(choice, prepared->host));
	ANY_OF(rule->routers, matches_name(choice, failure->router));
	ANY_OF(rule->transports, matches_name(choice, failure->transport));
	ANY_OF(rule->domains, matches_domain(choice, failure->domain));
	ANY_OF(rule->error_numbers,
	    failure->has_error_number && atoi(choice) == failure->error_number);
	if (rule->phases != 0 && (rule->phases & 1u << prepared->reply.phase) == 0)
		return false;
	if (rule->kinds != 0 && (rule->kinds & 1u << failure->kind) == 0)
		return false;
	*weight = STRUCTURE_WEIGHT *
		((rule->codes != NULL) + (rule->enhanced != NULL) + (rule->routers != NULL) +
		    (rule->transports != NULL) + (rule->error_numbers != NULL) +
		    (rule->phases != 0) + (rule->kinds != 0)) +
	    HOST_WEIGHT * ((rule->hosts != NULL) + (rule->domains != NULL));
	return true;
}

static bool
meets_patterns(struct matcher *matcher, const struct rule *rule, const struct prepared *prepared)
{
	for (size_t i = 0; rule->patterns != NULL && rule->patterns[i] != NULL; i++)
		if (rule->compiled[i] == NULL ||
		    pcre2_match(rule->compiled[i], (PCRE2_SPTR)prepared->text, prepared->len, 0, 0,
			matcher->match_data, matcher->match_context) < 0)
			return false;
	return true;
}

/* All but the patterns, which are tried only where they could change who wins. */
static bool
rank_rule(struct matcher *matcher, uint32_t number, const struct prepared *prepared,
    struct rank *rank)
{
	const struct rule *rule = &matcher->set->rules[number];

	for (uint32_t i = 0; i < rule->not_count; i++)
		if (matcher->word_stamp[rule->not_words[i]] == matcher->turn)
			return false;
	rank->priority = rule->priority;
	rank->tier = (int)rule->tier;
	if (!meets_structure(rule, prepared, &rank->specificity))
		return false;
	for (uint32_t g = 0; g < rule->group_count; g++)
		rank->specificity += matcher->group_length[rule->first_group + g];
	return true;
}

bool
rank_is_better(const struct rank *a, const struct rank *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->tier != b->tier)
		return a->tier > b->tier;
	return a->specificity > b->specificity;
}

static void
scan(struct matcher *matcher, const struct prepared *prepared)
{
	if (++matcher->turn == 0) {
		/* Once in four thousand million: no stamp may look like one of this turn. */
		memset(matcher->word_stamp, 0, matcher->set->literals.count * sizeof(uint32_t));
		memset(matcher->group_stamp, 0, matcher->set->group_count * sizeof(uint32_t));
		memset(matcher->rule_stamp, 0, matcher->set->count * sizeof(uint32_t));
		matcher->turn = 1;
	}
	matcher->candidate_count = 0;
	literals_scan(&matcher->set->literals, slice_of(prepared->text, prepared->len), found_word,
	    matcher);
	for (uint32_t i = 0; i < matcher->wordless_count; i++)
		matcher->candidates[matcher->candidate_count++] = matcher->wordless[i];
}

int
matcher_find(struct matcher *matcher, const struct prepared *prepared)
{
	struct rank best = {0};
	int winner = -1;

	scan(matcher, prepared);
	for (uint32_t i = 0; i < matcher->candidate_count; i++) {
		uint32_t number = matcher->candidates[i];
		struct rank rank;

		if (!rank_rule(matcher, number, prepared, &rank))
			continue;
		/* Of equals the one that was read first wins. */
		if (winner >= 0 &&
		    (rank_is_better(&best, &rank) ||
			(!rank_is_better(&rank, &best) && number > (uint32_t)winner)))
			continue;
		if (!meets_patterns(matcher, &matcher->set->rules[number], prepared))
			continue;
		best = rank;
		winner = (int)number;
	}
	return winner;
}

void
matcher_all(struct matcher *matcher, const struct prepared *prepared, matcher_all_fn *each,
    void *context)
{
	scan(matcher, prepared);
	for (uint32_t i = 0; i < matcher->candidate_count; i++) {
		struct rank rank;

		if (rank_rule(matcher, matcher->candidates[i], prepared, &rank) &&
		    meets_patterns(matcher, &matcher->set->rules[matcher->candidates[i]], prepared))
			each(context, matcher->candidates[i], &rank);
	}
}
