/* The classifier: classes and rules as one, with a cache in front, for most replies have been seen before. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/classifier.h"

#include "daemon/classify/addressee.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {
	    [SEVERITY_NONE] = "other",
	    [SEVERITY_HARD] = "hard",
	    [SEVERITY_SOFT] = "soft",
	    [SEVERITY_OTHER] = "other",
	};

	return names[severity];
}

struct classifier *
classifier_load(const char *classes_path, const char *const *rules_dirs, struct ini_errors *errors)
{
	struct classifier *classifier = calloc(1, sizeof(*classifier));
	size_t before = errors->count;

	if (classifier == NULL) {
		ini_complain(errors, classes_path, 0, "memory is out");
		return NULL;
	}
	class_set_read(&classifier->classes, classes_path, errors);
	/* Without classes every rule would be complained about. */
	for (size_t i = 0; classifier->classes.count != 0 && rules_dirs[i] != NULL; i++)
		rule_set_read(&classifier->rules, rules_dirs[i], classifier, errors);
	rule_set_check(&classifier->rules, errors);
	if (errors->count == before && classifier->rules.count == 0)
		ini_complain(errors, rules_dirs[0] != NULL ? rules_dirs[0] : "rules", 0,
		    "there are no rules here; is bounced installed?");
	if (errors->count != before) {
		classifier_free(classifier);
		return NULL;
	}
	if (!rule_set_compile(&classifier->rules) ||
	    !matcher_init(&classifier->matcher, &classifier->rules) ||
	    !cache_init(&classifier->cache, &classifier->rules)) {
		ini_complain(errors, classes_path, 0, "memory is out");
		classifier_free(classifier);
		return NULL;
	}
	classifier->unclassified = (uint16_t)class_set_find(&classifier->classes,
	    SLICE(CLASS_UNCLASSIFIED_NAME));
	classifier->loaded = time(NULL);
	return classifier;
}

void
classifier_free(struct classifier *classifier)
{
	if (classifier == NULL)
		return;
	class_set_clear(&classifier->classes);
	cache_clear(&classifier->cache);
	matcher_clear(&classifier->matcher);
	rule_set_clear(&classifier->rules);
	free(classifier);
}

/* What rules look at: the failure in its plain form, so that the class hangs on what is said, and not on whose address or id stands in it. */
static void
prepare_plain(const struct classifier *classifier, const struct failure *failure,
    const struct addressee *addressee, struct prepared *plain)
{
	struct failure told = *failure;
	struct prepared prepared;

	told.message = addressee_replace(addressee, failure->message, plain->told);
	prepare(&told, &prepared);
	prepared.failure = failure;
	cache_simplify(&classifier->cache, &prepared, plain);
}

void
classifier_prepare(const struct classifier *classifier, const struct failure *failure,
    struct prepared *plain)
{
	struct addressee addressee;

	addressee_find(&classifier->cache, failure, &addressee);
	prepare_plain(classifier, failure, &addressee, plain);
}

static void
classify_prepared(struct classifier *classifier, const struct prepared *plain,
    struct classification *out)
{
	int winner = matcher_find(&classifier->matcher, plain);

	if (winner < 0) {
		*out = (struct classification){classifier->unclassified, CLASSIFY_NO_RULE,
		    SEVERITY_NONE};
		return;
	}
	const struct rule *rule = &classifier->rules.rules[winner];
	*out = (struct classification){(uint16_t)rule->class_index, (uint16_t)winner,
	    rule->severity};
}

void
classifier_classify_uncached(struct classifier *classifier, const struct failure *failure,
    struct classification *out)
{
	struct prepared plain;

	classifier_prepare(classifier, failure, &plain);
	classify_prepared(classifier, &plain, out);
}

uint64_t
classifier_key(const struct classifier *classifier, struct key_memo *memo,
    const struct failure *failure)
{
	const struct cache *cache = &classifier->cache;
	struct addressee addressee;

	addressee_find(cache, failure, &addressee);
	uint64_t first = cache_first_key(cache, failure, &addressee);
	struct known_key *known = memo->known[first % KEY_MEMO];
	for (int way = 0; way < 2; way++)
		if (known[way].first == first)
			return known[way].key;
	struct prepared plain;
	prepare_plain(classifier, failure, &addressee, &plain);
	known[1] = known[0];
	known[0] = (struct known_key){first, cache_key(cache, &plain)};
	return known[0].key;
}

void
classifier_classify_keyed(struct classifier *classifier, const struct failure *failure,
    uint64_t key, struct classification *out)
{
	if (key == 0)
		key = classifier_key(classifier, &classifier->keys, failure);
	classifier->classified++;
	if (cache_find(&classifier->cache, key, out)) {
		classifier->cache_hits++;
		return;
	}
	classifier_classify_uncached(classifier, failure, out);
	cache_put(&classifier->cache, key, out);
}

void
classifier_classify(struct classifier *classifier, const struct failure *failure,
    struct classification *out)
{
	classifier_classify_keyed(classifier, failure, 0, out);
}

size_t
classifier_class_count(const struct classifier *classifier)
{
	return classifier->classes.count;
}

const struct class *
classifier_class(const struct classifier *classifier, size_t index)
{
	return &classifier->classes.classes[index];
}

int
classifier_find_class(const struct classifier *classifier, struct slice name)
{
	return class_set_find(&classifier->classes, name);
}

const char *
classifier_rule_name(const struct classifier *classifier, uint16_t rule_index)
{
	return rule_index < classifier->rules.count ? classifier->rules.rules[rule_index].name :
						      NULL;
}

void
classifier_count(const struct classifier *classifier, struct classifier_counts *out)
{
	*out = (struct classifier_counts){
	    .rules = classifier->rules.count,
	    .files = classifier->rules.files,
	    .loaded = classifier->loaded,
	    .classified = classifier->classified,
	    .cache_hits = classifier->cache_hits,
	};
}

/* --debug: the rules that matched, in the order in which they stand. */
struct ranked {
	uint32_t rule;
	struct rank rank;
};

struct ranking {
	struct ranked *list;
	size_t count, size;
};

static void
add_ranked(void *context, uint32_t rule, const struct rank *rank)
{
	struct ranking *ranking = context;

	if (ranking->count < ranking->size)
		ranking->list[ranking->count++] = (struct ranked){rule, *rank};
}

static int
compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (rank_is_better(&a->rank, &b->rank))
		return -1;
	if (rank_is_better(&b->rank, &a->rank))
		return 1;
	return (a->rule > b->rule) - (a->rule < b->rule);
}

void
classifier_debug(struct classifier *classifier, const struct failure *failure,
    classifier_debug_fn *emit, void *context)
{
	static const char *const tiers[] = {"codes alone", "structure", "words"};
	struct ranking ranking = {.size = classifier->rules.count};
	struct prepared prepared;
	char why[160];

	ranking.list = calloc(ranking.size, sizeof(*ranking.list));
	if (ranking.list == NULL)
		return;
	classifier_prepare(classifier, failure, &prepared);
	matcher_all(&classifier->matcher, &prepared, add_ranked, &ranking);
	qsort(ranking.list, ranking.count, sizeof(*ranking.list), compare_ranked);
	for (size_t i = 0; i < ranking.count; i++) {
		const struct rule *rule = &classifier->rules.rules[ranking.list[i].rule];

		snprintf(why, sizeof(why), "priority %d, %s, specificity %u",
		    ranking.list[i].rank.priority, tiers[ranking.list[i].rank.tier],
		    ranking.list[i].rank.specificity);
		emit(context, rule->name, classifier->classes.classes[rule->class_index].name, why);
	}
	free(ranking.list);
}
