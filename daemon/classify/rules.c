/* Rules: read from files, checked, compiled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/text/utf8.h"

enum { RULES_MAX = 50000, PATTERN_MAX = 2000 };

size_t
string_list_count(string_list list)
{
	size_t count = 0;

	while (list != NULL && list[count] != NULL)
		count++;
	return count;
}

static void
add_slice(string_list *list, struct slice text)
{
	size_t count = string_list_count(*list);
	string_list longer = reallocarray(*list, count + 2, sizeof(*longer));

	if (longer == NULL)
		return;
	longer[count] = strndup(text.at, text.len);
	longer[count + 1] = NULL;
	*list = longer;
}

void
string_list_add(string_list *list, const char *text)
{
	add_slice(list, slice_str(text));
}

void
string_list_add_split(string_list *list, const char *text)
{
	struct slice rest = slice_str(text);

	for (;;) {
		ptrdiff_t bar = slice_find(rest, SLICE(" | "));
		struct slice part = slice_trim(slice_first(rest, bar < 0 ? rest.len : (size_t)bar));

		if (!slice_is_empty(part))
			add_slice(list, part);
		if (bar < 0)
			return;
		rest = slice_skip(rest, (size_t)bar + 3);
	}
}

void
string_list_free(string_list list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void
clear_rule(struct rule *rule)
{
	size_t patterns = string_list_count(rule->patterns);

	for (size_t i = 0; rule->compiled != NULL && i < patterns; i++)
		pcre2_code_free(rule->compiled[i]);
	free(rule->compiled);
	free(rule->not_words);
	free(rule->name);
	free(rule->path);
	free(rule->summary);
	free(rule->customer);
	string_list lists[] = {rule->groups, rule->nots, rule->patterns, rule->codes,
	    rule->enhanced, rule->hosts, rule->routers, rule->transports, rule->error_numbers,
	    rule->domains, rule->advice, rule->samples, rule->unlikes};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		string_list_free(lists[i]);
}

void
rule_set_clear(struct rule_set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		clear_rule(&set->rules[i]);
	free(set->rules);
	literals_clear(&set->literals);
	free(set->use_of);
	free(set->word_length);
	free(set->uses);
	free(set->rule_of_group);
	*set = (struct rule_set){0};
}

struct reading {
	struct rule_set *set;
	const struct classifier *classifier;
	struct rule *rule; /* the section being read; NULL: its name was no good */
	uint32_t file_begin; /* rules before this one come from other files */
};

static void
begin_rule(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct rule_set *set = reading->set;

	reading->rule = NULL;
	for (uint32_t i = 0; i < set->count; i++) {
		if (strcmp(set->rules[i].name, entry->section) != 0)
			continue;
		if (strcmp(set->rules[i].path, entry->path) == 0) {
			ini_complain(errors, entry->path, entry->line,
			    "the rule %s stands in this file already, at line %u", entry->section,
			    set->rules[i].line);
			return;
		}
		/* An administrator's rule takes the place of the one shipped. */
		clear_rule(&set->rules[i]);
		reading->rule = &set->rules[i];
	}
	if (reading->rule == NULL) {
		if (set->count == RULES_MAX) {
			ini_complain(errors, entry->path, entry->line,
			    "there are more than %d rules", RULES_MAX);
			return;
		}
		if (set->count == set->size) {
			uint32_t size = set->size != 0 ? set->size * 2 : 256;
			struct rule *rules = reallocarray(set->rules, size, sizeof(*rules));

			if (rules == NULL)
				return;
			set->rules = rules;
			set->size = size;
		}
		reading->rule = &set->rules[set->count++];
	}
	*reading->rule = (struct rule){
	    .name = strdup(entry->section),
	    .path = strdup(entry->path),
	    .line = entry->line,
	    .class_index = -1,
	};
}

/* Splits "a | b", and takes plain "a|b" too where no literal could hold a bar. */
static void
add_choices(string_list *list, const char *value)
{
	struct slice rest = slice_str(value);

	while (!slice_is_empty(rest)) {
		struct slice part = slice_trim(slice_take_until(&rest, '|'));

		if (!slice_is_empty(part))
			add_slice(list, part);
	}
}

static void
read_class(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	reading->rule->class_index =
	    classifier_find_class(reading->classifier, slice_str(entry->value));
	if (reading->rule->class_index < 0)
		ini_complain(errors, entry->path, entry->line,
		    "there is no class \"%s\"; classes.conf lists them", entry->value);
}

static void
read_severity(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	for (enum severity s = SEVERITY_HARD; s <= SEVERITY_OTHER; s++) {
		if (strcmp(entry->value, severity_name(s)) == 0) {
			reading->rule->severity = s;
			return;
		}
	}
	ini_complain(errors, entry->path, entry->line, "severity is hard, soft or other");
}

static void
read_priority(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	char *end;
	long priority = strtol(entry->value, &end, 10);

	if (*end != '\0' || end == entry->value || priority < -100 || priority > 100)
		ini_complain(errors, entry->path, entry->line, "priority is a number from -100 to 100");
	else
		reading->rule->priority = (int)priority;
}

static void
read_phases(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	string_list choices = NULL;

	add_choices(&choices, entry->value);
	for (size_t i = 0; choices != NULL && choices[i] != NULL; i++) {
		enum phase phase = PHASE_CONNECT;

		while (phase <= PHASE_END_OF_DATA && strcmp(choices[i], phase_name(phase)) != 0)
			phase++;
		if (phase > PHASE_END_OF_DATA)
			ini_complain(errors, entry->path, entry->line,
			    "\"%s\" is no phase: connect, ehlo, starttls, auth, mail, rcpt, data, end-of-data",
			    choices[i]);
		else
			reading->rule->phases |= 1u << phase;
	}
	string_list_free(choices);
}

static const char *const kind_names[] = {
    [FAILURE_TEXT] = "text",
    [FAILURE_BOUNCED] = "bounced",
    [FAILURE_DEFERRED] = "deferred",
    [FAILURE_REJECTED] = "rejected",
    [FAILURE_AUTH] = "auth",
    [FAILURE_DISCARDED] = "discarded",
    [FAILURE_FROZEN] = "frozen",
    [FAILURE_WARNING] = "warning",
};

static void
read_kinds(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	const size_t count = sizeof(kind_names) / sizeof(kind_names[0]);
	string_list choices = NULL;

	add_choices(&choices, entry->value);
	for (size_t i = 0; choices != NULL && choices[i] != NULL; i++) {
		size_t kind = 0;

		while (kind < count && strcmp(choices[i], kind_names[kind]) != 0)
			kind++;
		if (kind == count)
			ini_complain(errors, entry->path, entry->line,
			    "\"%s\" is no kind of line: bounced, deferred, rejected, discarded, frozen, warning, auth, text",
			    choices[i]);
		else
			reading->rule->kinds |= 1u << kind;
	}
	string_list_free(choices);
}

/* Keys whose values are lists, and how each value is taken. */
static const struct {
	const char *key;
	size_t list;
	enum { WHOLE, SPLIT, CHOICES } how;
} lists[] = {
    {"text", offsetof(struct rule, groups), WHOLE},
    {"any", offsetof(struct rule, groups), WHOLE},
    {"not", offsetof(struct rule, nots), SPLIT},
    {"match", offsetof(struct rule, patterns), WHOLE},
    {"code", offsetof(struct rule, codes), CHOICES},
    {"enhanced", offsetof(struct rule, enhanced), CHOICES},
    {"host", offsetof(struct rule, hosts), CHOICES},
    {"router", offsetof(struct rule, routers), CHOICES},
    {"transport", offsetof(struct rule, transports), CHOICES},
    {"errno", offsetof(struct rule, error_numbers), CHOICES},
    {"domain", offsetof(struct rule, domains), CHOICES},
    {"advice", offsetof(struct rule, advice), WHOLE},
    {"sample", offsetof(struct rule, samples), WHOLE},
    {"unlike", offsetof(struct rule, unlikes), WHOLE},
};

static const struct {
	const char *key;
	void (*read)(struct reading *, const struct ini_entry *, struct ini_errors *);
} values[] = {
    {"class", read_class},
    {"severity", read_severity},
    {"priority", read_priority},
    {"phase", read_phases},
    {"kind", read_kinds},
};

static void
read_entry(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct reading *reading = context;

	if (entry->key == NULL) {
		begin_rule(reading, entry, errors);
		return;
	}
	if (reading->rule == NULL)
		return;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(entry->key, values[i].key) == 0) {
			values[i].read(reading, entry, errors);
			return;
		}
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(entry->key, lists[i].key) != 0)
			continue;
		string_list *list = (string_list *)((char *)reading->rule + lists[i].list);

		if (lists[i].how == SPLIT)
			string_list_add_split(list, entry->value);
		else if (lists[i].how == CHOICES)
			add_choices(list, entry->value);
		else
			string_list_add(list, entry->value);
		return;
	}
	if (strcmp(entry->key, "summary") == 0 || strcmp(entry->key, "customer") == 0) {
		char **text =
		    entry->key[0] == 's' ? &reading->rule->summary : &reading->rule->customer;

		free(*text);
		*text = strdup(entry->value);
		return;
	}
	ini_complain(errors, entry->path, entry->line, "a rule has no key \"%s\"; see bounced-rules(5)",
	    entry->key);
}

static int
is_rules_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	    slice_has_suffix(slice_str(entry->d_name), SLICE(".rules"));
}

void
rule_set_read(struct rule_set *set, const char *directory, const struct classifier *classifier,
    struct ini_errors *errors)
{
	struct dirent **names;
	int count = scandir(directory, &names, is_rules_file, alphasort);

	if (count < 0) {
		/* The administrator's directory need not be there. */
		if (errno != ENOENT)
			ini_complain(errors, directory, 0, "cannot read it: %s", strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		struct reading reading = {.set = set, .classifier = classifier};
		char *path = NULL;

		if (asprintf(&path, "%s/%s", directory, names[i]->d_name) >= 0) {
			if (ini_read(path, read_entry, &reading, errors))
				set->files++;
			free(path);
		}
		free(names[i]);
	}
	free(names);
}

/*
 * Patterns run on what strangers write. A repeated group that holds a repetition can take exponential time, and two unbounded
 * repetitions of anything side by side quadratic time: both are refused, whatever limits the engine has.
 */
static bool
is_linear(const char *pattern)
{
	unsigned depth = 0, inner = 0, stars = 0;
	bool had_repeat[32] = {false};

	for (const char *c = pattern; *c != '\0'; c++) {
		if (*c == '\\' && c[1] != '\0') {
			c++;
			continue;
		}
		if (*c == '[') {
			for (c += c[1] == ']' ? 2 : 1; *c != '\0' && *c != ']'; c++)
				if (*c == '\\' && c[1] != '\0')
					c++;
			if (*c == '\0')
				return false;
			continue;
		}
		if (*c == '(' && depth < 31)
			had_repeat[++depth] = false;
		if (*c == '.' && (c[1] == '*' || c[1] == '+'))
			stars++;
		bool is_repeat = *c == '*' || *c == '+' || (*c == '{' && strchr(c, ',') != NULL);
		if (is_repeat)
			had_repeat[depth] = true;
		if (*c == ')' && depth != 0) {
			bool is_repeated = c[1] == '*' || c[1] == '+' || c[1] == '{';

			if (is_repeated && had_repeat[depth])
				inner++;
			had_repeat[depth - 1] |= had_repeat[depth];
			depth--;
		}
	}
	return inner == 0 && stars <= 1;
}

static void
compile_patterns(struct rule *rule, struct ini_errors *errors)
{
	size_t count = string_list_count(rule->patterns);

	rule->compiled = calloc(count + 1, sizeof(pcre2_code *));
	for (size_t i = 0; rule->compiled != NULL && i < count; i++) {
		PCRE2_UCHAR reason[160];
		PCRE2_SIZE offset;
		int code;

		if (strlen(rule->patterns[i]) > PATTERN_MAX || !is_linear(rule->patterns[i])) {
			ini_complain(errors, rule->path, rule->line,
			    "%s: the pattern %s could take too long: no repetition inside a repeated group, at most one .* and %d characters",
			    rule->name, rule->patterns[i], PATTERN_MAX);
			continue;
		}
		rule->compiled[i] = pcre2_compile((PCRE2_SPTR)rule->patterns[i], PCRE2_ZERO_TERMINATED,
		    PCRE2_CASELESS, &code, &offset, NULL);
		if (rule->compiled[i] == NULL) {
			pcre2_get_error_message(code, reason, sizeof(reason));
			ini_complain(errors, rule->path, rule->line, "%s: the pattern %s: %s at %zu",
			    rule->name, rule->patterns[i], (const char *)reason, (size_t)offset);
			continue;
		}
		/* Without JIT (no writable and executable memory) the interpreter does it. */
		pcre2_jit_compile(rule->compiled[i], PCRE2_JIT_COMPLETE);
	}
}

static uint32_t
add_literal(struct rule_set *set, const char *text)
{
	char folded[1024];

	text_fold(slice_str(text), folded, sizeof(folded));
	return literals_add(&set->literals, folded);
}

static bool
add_use(struct rule_set *set, uint32_t word, uint32_t group)
{
	struct literal_use *uses = reallocarray(set->uses, set->use_count + 1, sizeof(*uses));

	if (uses == NULL || word == UINT32_MAX)
		return false;
	set->uses = uses;
	/* use_of is filled when all words are known; until then `next` holds the word. */
	uses[set->use_count++] = (struct literal_use){.group = group, .next = word};
	return true;
}

static void
compile_rule(struct rule_set *set, uint32_t number, struct ini_errors *errors)
{
	struct rule *rule = &set->rules[number];

	rule->first_group = set->group_count;
	rule->group_count = (uint32_t)string_list_count(rule->groups);
	for (uint32_t g = 0; g < rule->group_count; g++) {
		string_list words = NULL;
		uint32_t group = set->group_count++;
		uint32_t *owners =
		    reallocarray(set->rule_of_group, set->group_count, sizeof(*owners));

		if (owners == NULL)
			return;
		set->rule_of_group = owners;
		owners[group] = number;
		string_list_add_split(&words, rule->groups[g]);
		for (size_t i = 0; words != NULL && words[i] != NULL; i++)
			add_use(set, add_literal(set, words[i]), group);
		string_list_free(words);
	}
	rule->not_count = (uint32_t)string_list_count(rule->nots);
	rule->not_words = calloc(rule->not_count + 1, sizeof(*rule->not_words));
	for (uint32_t i = 0; rule->not_words != NULL && i < rule->not_count; i++)
		rule->not_words[i] = add_literal(set, rule->nots[i]);
	compile_patterns(rule, errors);
	rule->tier = rule->group_count != 0                                ? TIER_WORDS :
	    rule->enhanced != NULL || rule->error_numbers != NULL || rule->routers != NULL ||
		rule->transports != NULL || rule->hosts != NULL || rule->domains != NULL ?
									     TIER_STRUCTURE :
									     TIER_CODE;
	if (rule->class_index < 0)
		ini_complain(errors, rule->path, rule->line, "%s has no class", rule->name);
	if (rule->samples == NULL)
		ini_complain(errors, rule->path, rule->line, "%s has no sample", rule->name);
	if (rule->patterns != NULL && rule->group_count == 0)
		ini_complain(errors, rule->path, rule->line,
		    "%s has a match but neither text nor any: a pattern is tried only where a literal was found",
		    rule->name);
	if (rule->group_count == 0 && rule->tier == TIER_CODE && rule->codes == NULL &&
	    rule->phases == 0 && rule->kinds == 0)
		ini_complain(errors, rule->path, rule->line, "%s has no condition", rule->name);
}

void
rule_set_compile(struct rule_set *set, struct ini_errors *errors)
{
	for (uint32_t i = 0; i < set->count; i++)
		compile_rule(set, i, errors);
	set->use_of = calloc(set->literals.count + 1, sizeof(*set->use_of));
	set->word_length = calloc(set->literals.count + 1, sizeof(*set->word_length));
	if (set->use_of == NULL || set->word_length == NULL || !literals_build(&set->literals)) {
		ini_complain(errors, "rules", 0, "memory is out");
		return;
	}
	for (uint32_t i = 0; i < set->literals.count; i++)
		set->word_length[i] = (uint32_t)strlen(set->literals.words[i]);
	for (uint32_t i = 0; i < set->use_count; i++) {
		uint32_t word = set->uses[i].next;

		set->uses[i].next = set->use_of[word];
		set->use_of[word] = i + 1;
	}
}
