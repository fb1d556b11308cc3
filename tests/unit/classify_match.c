/* Matching: the automaton finds what a plain search finds, and the quick way to the winner the best of all rules that match. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

enum { WORDS = 400, TEXT_LEN = 300, TEXTS = 200 };

static uint32_t state;

/* The same numbers each time. */
static uint32_t
next_random(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static void
make_text(char *text, size_t len, const char *letters)
{
	for (size_t i = 0; i < len; i++)
		text[i] = letters[next_random((uint32_t)strlen(letters))];
	text[len] = '\0';
}

static unsigned found_ends[WORDS];

static void
count_end(void *context, uint32_t word, size_t end)
{
	(void)context;
	(void)end;
	found_ends[word]++;
}

static unsigned
count_plainly(const char *text, const char *word)
{
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		count++;
	return count;
}

/* Few letters: words begin and end like each other, and run from near the root to far below it. */
START_TEST(every_word_is_found_wherever_it_stands)
{
	static const char *const alphabets[] = {"ab", "abc ",
	    "abcdefghijklmnopqrstuvwxyz 0123456789\xc3\xa4"};
	struct literals literals = {0};
	struct words words = {0};
	char word[12], text[TEXT_LEN + 1];

	state = (uint32_t)_i;
	for (unsigned i = 0; i < WORDS; i++) {
		make_text(word, 1 + next_random(10), alphabets[_i]);
		ck_assert_uint_le(words_add(&words, slice_str(word)), i);
	}
	ck_assert(literals_build(&literals, &words));
	for (unsigned t = 0; t < TEXTS; t++) {
		make_text(text, next_random(TEXT_LEN), alphabets[_i]);
		/* A byte that no word holds. */
		if (t % 2 != 0 && text[0] != '\0')
			text[strlen(text) / 2] = '~';
		memset(found_ends, 0, sizeof(found_ends));
		literals_scan(&literals, slice_str(text), count_end, NULL);
		for (uint32_t i = 0; i < words.count; i++) {
			struct slice found = words_get(&words, i);

			snprintf(word, sizeof(word), "%.*s", (int)found.len, found.at);
			ck_assert_msg(found_ends[i] == count_plainly(text, word),
			    "\"%s\" in \"%s\"", word, text);
		}
	}
	words_clear(&words);
	literals_clear(&literals);
}
END_TEST

struct best {
	struct rank rank;
	int rule;
};

static void
keep_best(void *context, uint32_t rule, const struct rank *rank)
{
	struct best *best = context;

	if (best->rule < 0 || rank_is_better(rank, &best->rank) ||
	    (!rank_is_better(&best->rank, rank) && (int)rule < best->rule))
		*best = (struct best){*rank, (int)rule};
}

static void
compare_ways(struct classifier *classifier, const char *text)
{
	struct best best = {.rule = -1};
	struct sample sample;
	struct prepared prepared;

	sample_parse(slice_str(text), &sample);
	classifier_prepare(classifier, &sample.failure, &prepared);
	matcher_all(&classifier->matcher, &prepared, keep_best, &best);
	ck_assert_msg(matcher_find(&classifier->matcher, &prepared) == best.rule, "%s", text);
}

/* Also of halves of samples: there fewer words and other rules are left. */
START_TEST(the_winner_is_the_best_of_all_rules_that_match)
{
	struct classifier *classifier = shipped_classifier();
	const struct rule_set *set = &classifier->rules;

	for (uint32_t i = 0; i < set->count; i++) {
		for (size_t s = 0; set->rules[i].samples[s] != NULL; s++) {
			const char *text = set->rules[i].samples[s];
			char *half = strndup(text, strlen(text) / 2);

			compare_ways(classifier, text);
			compare_ways(classifier, half);
			compare_ways(classifier, text + strlen(text) / 2);
			free(half);
		}
	}
	classifier_free(classifier);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify/match");
	TCase *tests = tcase_create("match");

	tcase_add_loop_test(tests, every_word_is_found_wherever_it_stands, 0, 3);
	tcase_add_test(tests, the_winner_is_the_best_of_all_rules_that_match);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
