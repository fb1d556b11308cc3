/* The classifier: classes and rules as one, with a cache in front, for most replies have been seen before. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/classifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "daemon/classify/sample.h"

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

static struct class *
last_class(struct classifier *classifier)
{
	return &classifier->classes[classifier->class_count - 1];
}

static void
begin_class(struct classifier *classifier, const struct ini_entry *entry,
    struct ini_errors *errors)
{
	if (classifier_find_class(classifier, slice_str(entry->section)) >= 0) {
		ini_complain(errors, entry->path, entry->line, "the class %s stands here twice",
		    entry->section);
		return;
	}
	if (classifier->class_count == CLASSES_MAX) {
		ini_complain(errors, entry->path, entry->line, "there are more than %d classes",
		    CLASSES_MAX);
		return;
	}
	classifier->class_count++;
	*last_class(classifier) = (struct class){.name = strdup(entry->section)};
}

static void
set_text(const char **field, const char *value)
{
	free((char *)*field);
	*field = strdup(value);
}

static void
read_class_entry(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct classifier *classifier = context;

	if (entry->key == NULL) {
		begin_class(classifier, entry, errors);
		return;
	}
	if (classifier->class_count == 0) {
		ini_complain(errors, entry->path, entry->line, "a [class] must come before its keys");
		return;
	}
	struct class *class = last_class(classifier);
	if (strcmp(entry->key, "severity") == 0) {
		for (enum severity s = SEVERITY_HARD; s <= SEVERITY_OTHER; s++)
			if (strcmp(entry->value, severity_name(s)) == 0)
				class->severity = s;
		if (class->severity == SEVERITY_NONE)
			ini_complain(errors, entry->path, entry->line,
			    "severity is hard, soft or other");
	} else if (strcmp(entry->key, "who") == 0) {
		set_text(&class->who, entry->value);
	} else if (strcmp(entry->key, "meaning") == 0) {
		set_text(&class->meaning, entry->value);
	} else if (strcmp(entry->key, "summary") == 0) {
		set_text(&class->summary, entry->value);
	} else if (strcmp(entry->key, "customer") == 0) {
		set_text(&class->customer, entry->value);
	} else if (strcmp(entry->key, "advice") == 0) {
		string_list list = (string_list)class->advice;

		string_list_add(&list, entry->value);
		class->advice = (const char **)list;
	} else {
		ini_complain(errors, entry->path, entry->line,
		    "a class has no key \"%s\"; see bounced-rules(5)", entry->key);
	}
}

static void
check_classes(struct classifier *classifier, const char *path, struct ini_errors *errors)
{
	for (size_t i = 0; i < classifier->class_count; i++) {
		const struct class *class = &classifier->classes[i];

		if (class->severity == SEVERITY_NONE || class->who == NULL ||
		    class->meaning == NULL || class->summary == NULL || class->advice == NULL)
			ini_complain(errors, path, 0,
			    "the class %s lacks severity, who, meaning, summary or advice",
			    class->name);
	}
	if (errors->count == 0 &&
	    classifier_find_class(classifier, SLICE(CLASS_UNCLASSIFIED_NAME)) < 0)
		ini_complain(errors, path, 0, "there must be a class " CLASS_UNCLASSIFIED_NAME);
}

/* What rules tell apart of hosts and domains: all else of a name may be left out of the cache's key. */
static void
collect_names(struct classifier *classifier)
{
	for (uint32_t i = 0; i < classifier->rules.count; i++) {
		const struct rule *rule = &classifier->rules.rules[i];

		for (size_t h = 0; rule->hosts != NULL && rule->hosts[h] != NULL; h++)
			string_list_add(&classifier->host_suffixes, rule->hosts[h]);
		for (size_t d = 0; rule->domains != NULL && rule->domains[d] != NULL; d++)
			string_list_add(&classifier->domains, rule->domains[d]);
	}
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
	if (getrandom(&classifier->key, sizeof(classifier->key), GRND_NONBLOCK) !=
	    sizeof(classifier->key))
		classifier->key = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15;
	ini_read(classes_path, read_class_entry, classifier, errors);
	check_classes(classifier, classes_path, errors);
	for (size_t i = 0; rules_dirs[i] != NULL; i++)
		rule_set_read(&classifier->rules, rules_dirs[i], classifier, errors);
	rule_set_compile(&classifier->rules, errors);
	collect_names(classifier);
	if (errors->count == before && classifier->rules.count == 0)
		ini_complain(errors, rules_dirs[0] != NULL ? rules_dirs[0] : "rules", 0,
		    "there are no rules here; is bounced installed?");
	if (errors->count != before || !matcher_init(&classifier->matcher, &classifier->rules)) {
		classifier_free(classifier);
		return NULL;
	}
	int unclassified = classifier_find_class(classifier, SLICE(CLASS_UNCLASSIFIED_NAME));
	classifier->unclassified = (uint16_t)unclassified;
	classifier->loaded = time(NULL);
	return classifier;
}

void
classifier_free(struct classifier *classifier)
{
	if (classifier == NULL)
		return;
	for (size_t i = 0; i < classifier->class_count; i++) {
		struct class *class = &classifier->classes[i];

		free((char *)class->name);
		free((char *)class->who);
		free((char *)class->meaning);
		free((char *)class->summary);
		free((char *)class->customer);
		string_list_free((string_list)class->advice);
	}
	string_list_free(classifier->host_suffixes);
	string_list_free(classifier->domains);
	matcher_clear(&classifier->matcher);
	rule_set_clear(&classifier->rules);
	free(classifier);
}

static void
classify_prepared(struct classifier *classifier, const struct prepared *prepared,
    struct classification *out)
{
	int winner = matcher_find(&classifier->matcher, prepared);

	if (winner < 0) {
		*out = (struct classification){classifier->unclassified, CLASSIFY_NO_RULE, SEVERITY_NONE};
		return;
	}
	const struct rule *rule = &classifier->rules.rules[winner];
	*out = (struct classification){
	    (uint16_t)rule->class_index, (uint16_t)winner, rule->severity};
}

void
classifier_classify_uncached(struct classifier *classifier, const struct failure *failure,
    struct classification *out)
{
	struct prepared prepared;

	prepare(failure, &prepared);
	classify_prepared(classifier, &prepared, out);
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '@' ||
	    c == '.' || c == '_' || c == '-' || (c & 0x80) != 0;
}

/*
 * A word as rules see it: addresses, IP addresses, long numbers and long mixtures of letters and digits (queue ids, hashes) are no
 * more than that. Codes (5.7.1, TSS04, OFR_416) are short and stay.
 */
static uint64_t
word_hash(struct slice word, uint64_t hash)
{
	enum { LONG_NUMBER = 5, LONG_MIXTURE = 12 };
	size_t digits = 0, dots = 0, letters = 0;

	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (c == '@')
			return mix(hash, 1);
		if (c >= '0' && c <= '9')
			digits++;
		else if (c == '.')
			dots++;
		else
			letters++;
	}
	if (letters == 0 && dots == 3 && digits >= 4)
		return mix(hash, 2);
	if (letters == 0 && dots == 0 && digits >= LONG_NUMBER)
		return mix(hash, 3);
	if (letters != 0 && digits >= 2 && word.len >= LONG_MIXTURE)
		return mix(hash, 4);
	for (size_t i = 0; i < word.len; i++)
		hash = mix(hash, (uint8_t)((uint8_t)word.at[i] >= 'A' && word.at[i] <= 'Z' ?
			word.at[i] | 0x20 : word.at[i]));
	return hash;
}

static uint64_t
slice_hash(struct slice text, uint64_t hash)
{
	for (size_t i = 0; i < text.len; i++)
		hash = mix(hash, (uint8_t)text.at[i]);
	return mix(hash, text.len);
}

static uint64_t
name_hash(string_list known, struct slice name, uint64_t hash)
{
	for (size_t i = 0; known != NULL && known[i] != NULL; i++) {
		struct slice suffix = slice_str(known[i]);

		if (name.len >= suffix.len &&
		    slice_equal_nocase(slice_skip(name, name.len - suffix.len), suffix))
			hash = mix(hash, i + 1);
	}
	return hash;
}

/* What two failures must share to be surely of one class. */
static uint64_t
cache_key(const struct classifier *classifier, const struct failure *failure)
{
	struct slice rest = slice_first(failure->message, PREPARED_MAX);
	uint64_t hash = mix(classifier->key, (uint64_t)failure->kind);

	hash = mix(hash, failure->has_error_number ? (uint64_t)failure->error_number + 1 : 0);
	hash = slice_hash(failure->router, hash);
	hash = slice_hash(failure->transport, hash);
	hash = name_hash(classifier->host_suffixes, failure->host, hash);
	hash = name_hash(classifier->domains, failure->domain, hash);
	/* The remote's name stands inside the text before 4.83, where rules about hosts look too. */
	while (!slice_is_empty(rest)) {
		size_t len = 0;

		while (len < rest.len && is_word(rest.at[len]))
			len++;
		if (len == 0) {
			hash = mix(hash, (uint8_t)rest.at[0]);
			rest = slice_skip(rest, 1);
			continue;
		}
		hash = word_hash(slice_first(rest, len), hash);
		rest = slice_skip(rest, len);
	}
	return hash != 0 ? hash : 1;
}

void
classifier_classify(struct classifier *classifier, const struct failure *failure,
    struct classification *out)
{
	uint64_t key = cache_key(classifier, failure);
	struct cache_entry *entry = &classifier->cache[key % CACHE_ENTRIES];

	classifier->classified++;
	if (entry->key == key) {
		classifier->cache_hits++;
		*out = entry->found;
		return;
	}
	classifier_classify_uncached(classifier, failure, out);
	entry->key = key;
	entry->found = *out;
}

size_t
classifier_class_count(const struct classifier *classifier)
{
	return classifier->class_count;
}

const struct class *
classifier_class(const struct classifier *classifier, size_t index)
{
	return &classifier->classes[index];
}

int
classifier_find_class(const struct classifier *classifier, struct slice name)
{
	for (size_t i = 0; i < classifier->class_count; i++)
		if (slice_equal(name, slice_str(classifier->classes[i].name)))
			return (int)i;
	return -1;
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
	prepare(failure, &prepared);
	matcher_all(&classifier->matcher, &prepared, add_ranked, &ranking);
	qsort(ranking.list, ranking.count, sizeof(*ranking.list), compare_ranked);
	for (size_t i = 0; i < ranking.count; i++) {
		const struct rule *rule = &classifier->rules.rules[ranking.list[i].rule];

		snprintf(why, sizeof(why), "priority %d, %s, specificity %u",
		    ranking.list[i].rank.priority, tiers[ranking.list[i].rank.tier],
		    ranking.list[i].rank.specificity);
		emit(context, rule->name, classifier->classes[rule->class_index].name, why);
	}
	free(ranking.list);
}

/* The rule that a sample goes to, or -1. */
static int
winner_of(struct classifier *classifier, const char *text)
{
	struct sample sample;
	struct prepared prepared;

	sample_parse(slice_str(text), &sample);
	prepare(&sample.failure, &prepared);
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
