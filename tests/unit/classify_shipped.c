/* The rules and classes that are shipped keep their promises. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

static void
print_errors(const struct ini_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		fprintf(stderr, "%s\n", errors->messages[i]);
}

START_TEST(every_shipped_rule_wins_its_samples_and_no_rule_repeats_another)
{
	struct classifier *classifier = shipped_classifier();
	struct ini_errors errors = {0};

	classifier_run_samples(classifier, &errors);
	classifier_find_duplicates(classifier, &errors);
	print_errors(&errors);
	ck_assert_msg(errors.count == 0, "%zu complaints", errors.count);
	classifier_free(classifier);
}
END_TEST

START_TEST(every_shipped_rule_is_named_after_its_file)
{
	struct classifier *classifier = shipped_classifier();

	for (uint32_t i = 0; i < classifier->rules.count; i++) {
		const struct rule *rule = &classifier->rules.rules[i];
		const char *file = strrchr(rule->path, '/') + 1;
		size_t len = strlen(file) - strlen(".rules");

		ck_assert_msg(strncmp(rule->name, file, len) == 0 && rule->name[len] == '/' &&
			rule->name[len + 1] != '\0',
		    "%s:%u: %s", rule->path, rule->line, rule->name);
	}
	classifier_free(classifier);
}
END_TEST

START_TEST(every_class_has_a_rule)
{
	struct classifier *classifier = shipped_classifier();

	for (size_t i = 0; i < classifier_class_count(classifier); i++) {
		const char *name = classifier_class(classifier, i)->name;
		uint32_t rule = 0;

		/* Given by no text: by none that matches, and by evidence beyond it. */
		if (strcmp(name, "unclassified") == 0 ||
		    strcmp(name, "misrouted-local-domain") == 0)
			continue;
		while (rule < classifier->rules.count &&
		    classifier->rules.rules[rule].class_index != (int)i)
			rule++;
		ck_assert_msg(rule < classifier->rules.count, "%s", name);
	}
	classifier_free(classifier);
}
END_TEST

/* A step is short enough to be read on the telephone, and names commands that there are. */
static void
check_step(const char *name, const char *step)
{
	static const char *const commands[] = {"why", "recent", "find", "queue", "stats",
	    "incidents", "watch", "explain", "check", "classes", "status", NULL};

	ck_assert_msg(strlen(step) < 400, "%s: too long: %s", name, step);
	for (const char *at = step; (at = strstr(at, "bouncectl ")) != NULL;) {
		size_t i = 0;

		at += strlen("bouncectl ");
		while (commands[i] != NULL && strncmp(at, commands[i], strlen(commands[i])) != 0)
			i++;
		ck_assert_msg(commands[i] != NULL, "%s: no such command: %s", name, step);
	}
}

static void
check_steps(const char *name, const char *const *steps)
{
	size_t count = 0;

	while (steps != NULL && steps[count] != NULL)
		check_step(name, steps[count++]);
	ck_assert_msg(steps == NULL || (count >= 2 && count <= 5), "%s has %zu steps", name, count);
}

START_TEST(every_class_and_rule_has_two_to_five_steps)
{
	struct classifier *classifier = shipped_classifier();

	for (size_t i = 0; i < classifier_class_count(classifier); i++) {
		const struct class *class = classifier_class(classifier, i);
		const struct class_texts *texts[] = {&class->texts, &class->refused, &class->local};

		ck_assert_msg(class->texts.customer != NULL, "%s tells the customer nothing",
		    class->name);
		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
			check_steps(class->name, (const char *const *)texts[t]->advice);
	}
	for (uint32_t i = 0; i < classifier->rules.count; i++)
		check_steps(classifier->rules.rules[i].name,
		    (const char *const *)classifier->rules.rules[i].advice);
	classifier_free(classifier);
}
END_TEST

/* What the cache answers, for the first and for the second text of its form, is what the rules answer. */
START_TEST(the_cache_changes_no_answer)
{
	struct classifier *classifier = shipped_classifier();
	unsigned differ = 0;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < classifier->rules.count; i++) {
			const struct rule *rule = &classifier->rules.rules[i];

			for (size_t s = 0; rule->samples[s] != NULL; s++) {
				struct classification cached, uncached;
				struct sample sample;

				sample_parse(slice_str(rule->samples[s]), &sample);
				classifier_classify(classifier, &sample.failure, &cached);
				classifier_classify_uncached(classifier, &sample.failure,
				    &uncached);
				if (cached.rule_index == uncached.rule_index)
					continue;
				fprintf(stderr, "%s\n", rule->samples[s]);
				differ++;
			}
		}
	}
	ck_assert_uint_eq(differ, 0);
	struct classifier_counts counts;
	classifier_count(classifier, &counts);
	ck_assert_uint_gt(counts.cache_hits, counts.classified * 2 / 5);
	classifier_free(classifier);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify/shipped");
	TCase *tests = tcase_create("shipped");

	tcase_add_test(tests, every_shipped_rule_wins_its_samples_and_no_rule_repeats_another);
	tcase_add_test(tests, every_shipped_rule_is_named_after_its_file);
	tcase_add_test(tests, every_class_has_a_rule);
	tcase_add_test(tests, every_class_and_rule_has_two_to_five_steps);
	tcase_add_test(tests, the_cache_changes_no_answer);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
