/* Classifications a second: without the cache over every sample of the shipped rules, and with it over a log of a busy day's shape. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/sample.h"

/* Linux 6.3; older headers lack them. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

enum {
	ROUNDS = 40,
	CACHED_ROUNDS = 20,
	WORST_ROUNDS = 5,
	HOSTILE_LEN = 1 << 20,
	HOSTILE_SEEN = 8192
};

struct corpus {
	struct sample *samples;
	size_t count;
};

/* Of the processor, for others may use the machine too. */
static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
collect(const struct classifier *classifier, struct corpus *corpus)
{
	const struct rule_set *set = &classifier->rules;
	size_t count = 0;

	for (uint32_t i = 0; i < set->count; i++)
		count += string_list_count(set->rules[i].samples);
	corpus->samples = calloc(count, sizeof(*corpus->samples));
	if (corpus->samples == NULL)
		abort();
	for (uint32_t i = 0; i < set->count; i++)
		for (size_t s = 0; set->rules[i].samples[s] != NULL; s++)
			sample_parse(slice_str(set->rules[i].samples[s]),
			    &corpus->samples[corpus->count++]);
}

static void
measure_uncached(struct classifier *classifier, const struct corpus *corpus, const char *condition)
{
	struct classification found;
	double begin = now();

	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < corpus->count; i++)
			classifier_classify_uncached(classifier, &corpus->samples[i].failure,
			    &found);
	double seconds = now() - begin;
	printf("uncached%s: %.0f classifications/s (%zu texts, %zu rules)\n", condition,
	    ROUNDS * (double)corpus->count / seconds, corpus->count,
	    (size_t)classifier->rules.count);
}

/* Replies repeat, with another address, host and queue id each time. */
static void
measure_cached(struct classifier *classifier, const struct corpus *corpus, const char *condition)
{
	struct classifier_counts before, after;
	struct classification found;
	char text[8192];
	unsigned serial = 0;

	classifier_count(classifier, &before);
	double begin = now();
	for (int round = 0; round < CACHED_ROUNDS; round++) {
		for (size_t i = 0; i < corpus->count; i++) {
			struct failure failure = corpus->samples[i].failure;
			int len = snprintf(text, sizeof(text),
			    "%.*s <user%u@example.org> id %08xq%u",
			    (int)(failure.message.len < 4000 ? failure.message.len : 4000),
			    failure.message.at, serial, serial * 2654435761u, serial);

			serial++;
			failure.message = slice_of(text, (size_t)len);
			classifier_classify(classifier, &failure, &found);
		}
	}
	double seconds = now() - begin;
	classifier_count(classifier, &after);
	printf("cached%s: %.0f classifications/s, %.1f %% from the cache\n", condition,
	    (double)serial / seconds,
	    100.0 * (double)(after.cache_hits - before.cache_hits) / (double)serial);
}

struct worst {
	double seconds;
	struct slice name;
};

/* The front of the text is what rules see. */
static void
time_hostile(struct classifier *classifier, const char *text, struct slice name,
    struct worst *worst)
{
	struct failure failure = {.kind = FAILURE_BOUNCED, .message = slice_of(text, HOSTILE_LEN)};
	struct classification found;
	double best = 1;

	for (int round = 0; round < WORST_ROUNDS; round++) {
		double begin = now();

		classifier_classify(classifier, &failure, &found);
		classifier_classify_uncached(classifier, &failure, &found);
		double seconds = (now() - begin) / 2;
		best = seconds < best ? seconds : best;
	}
	if (best > worst->seconds)
		*worst = (struct worst){best, name};
}

/* Words of the rules that have patterns, from one rule on: as many patterns as can be are tried. */
static void
mix_words(const struct rule_set *set, uint32_t first, char *text)
{
	size_t len = 0;

	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rules[(first + i) % set->count];

		for (uint32_t g = 0; rule->pattern_count != 0 && g < rule->group_count; g++) {
			uint32_t at = set->first_group_word.list[rule->first_group + g];
			struct slice word = words_get(&set->words, set->group_words.list[at]);

			if (len + word.len + 1 > HOSTILE_SEEN)
				return;
			len += (size_t)sprintf(text + len, "%.*s ", (int)word.len, word.at);
		}
	}
}

/* The slowest text of a megabyte that can be made of the rules' own words: one of them again and again, or many of them. */
static void
measure_worst(struct classifier *classifier, const char *condition)
{
	const struct rule_set *set = &classifier->rules;
	char *text = malloc(HOSTILE_LEN);
	struct worst worst = {0};

	if (text == NULL)
		abort();
	memset(text, 'x', HOSTILE_LEN);
	for (uint32_t i = 0; i < set->words.count; i++) {
		struct slice word = words_get(&set->words, i);

		for (size_t at = 0; at < HOSTILE_SEEN; at++)
			text[at] = word.at[at % word.len];
		time_hostile(classifier, text, word, &worst);
	}
	for (uint32_t i = 0; i < set->count; i++) {
		if (set->rules[i].pattern_count == 0)
			continue;
		mix_words(set, i, text);
		time_hostile(classifier, text, slice_str(set->rules[i].name), &worst);
	}
	printf("worst%s: %.0f microseconds, for a megabyte of \"%.*s\"\n", condition,
	    worst.seconds * 1e6, (int)worst.name.len, worst.name.at);
	free(text);
}

static struct classifier *
load(const char *etc)
{
	char classes[4096], rules[4096];
	struct ini_errors errors = {0};

	snprintf(classes, sizeof(classes), "%s/classes.conf", etc);
	snprintf(rules, sizeof(rules), "%s/rules.d", etc);
	struct classifier *classifier = classifier_load(classes, (const char *[]){rules, NULL},
	    &errors);
	for (size_t i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.messages[i]);
	ini_errors_clear(&errors);
	return classifier;
}

static bool
measure(const char *etc, const char *condition)
{
	struct classifier *classifier = load(etc);
	struct corpus corpus = {0};

	if (classifier == NULL)
		return false;
	collect(classifier, &corpus);
	measure_uncached(classifier, &corpus, condition);
	measure_cached(classifier, &corpus, condition);
	measure_worst(classifier, condition);
	free(corpus.samples);
	classifier_free(classifier);
	return true;
}

/* As the service runs it: what may be written may not be executed, so PCRE2 has its interpreter only (MemoryDenyWriteExecute). */
static bool
forbid_compiled_patterns(void)
{
	return prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0;
}

int
main(int argc, char **argv)
{
	const char *etc = argc > 1 ? argv[1] : TOP_SRCDIR "/etc";

	if (!measure(etc, ""))
		return 1;
	if (forbid_compiled_patterns() && !measure(etc, ", without JIT"))
		return 1;
	return 0;
}
