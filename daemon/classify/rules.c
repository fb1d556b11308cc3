/* Rules: read from files. Everything that is wrong is complained about where it stands. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/classify/keys.h"

enum { RULES_MAX = 50000, FIRST_SIZE = 256 };

void
rule_forget_text(struct rule *rule)
{
	string_list *const lists[] = {&rule->patterns, &rule->samples, &rule->unlikes};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		string_list_free(*lists[i]);
		*lists[i] = NULL;
	}
}

static void
clear_rule(struct rule *rule)
{
	rule_forget_text(rule);
	for (uint32_t i = 0; i < rule->pattern_count; i++)
		pattern_clear(&rule->compiled[i]);
	void *const memory[] = {rule->compiled, rule->name, rule->path, rule->who, rule->summary,
	    rule->customer, rule->codes, rule->error_numbers, rule->enhanced};
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		free(memory[i]);
	const string_list lists[] = {rule->hosts, rule->routers, rule->transports, rule->domains,
	    rule->advice};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		string_list_free(lists[i]);
}

void
rule_set_clear(struct rule_set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		clear_rule(&set->rules[i]);
	free(set->rules);
	free(set->slots);
	words_clear(&set->words);
	literals_clear(&set->literals);
	free(set->group_words.list);
	free(set->first_group_word.list);
	free(set->not_words.list);
	free(set->word_length);
	free(set->word_kind);
	free(set->first_use);
	free(set->uses);
	*set = (struct rule_set){0};
}

/* The slot of a name: it holds the rule of that name, or nothing. */
static uint32_t *
slot_of(const struct rule_set *set, const char *name)
{
	uint32_t at = 0x811c9dc5;

	for (const char *c = name; *c != '\0'; c++)
		at = (at ^ (uint8_t)*c) * 0x01000193;
	for (;; at++) {
		uint32_t *slot = &set->slots[at & set->slot_mask];

		if (*slot == 0 || strcmp(set->rules[*slot - 1].name, name) == 0)
			return slot;
	}
}

/* Room for one more rule. */
static bool
grow(struct rule_set *set)
{
	if (set->count < set->size)
		return true;
	uint32_t size = set->size != 0 ? set->size * 2 : FIRST_SIZE;
	struct rule *rules = reallocarray(set->rules, size, sizeof(*rules));
	if (rules == NULL)
		return false;
	set->rules = rules;
	uint32_t *slots = calloc(size * 2, sizeof(*slots));
	if (slots == NULL)
		return false;
	free(set->slots);
	set->slots = slots;
	set->slot_mask = size * 2 - 1;
	set->size = size;
	for (uint32_t i = 0; i < set->count; i++)
		*slot_of(set, set->rules[i].name) = i + 1;
	return true;
}

struct reading {
	struct rule_set *set;
	const struct classifier *classifier;
	struct rule *rule; /* the section being read; NULL: there is none, or it was no good */
	bool has_section;
};

static void
begin_rule(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct rule_set *set = reading->set;

	reading->rule = NULL;
	reading->has_section = true;
	if (set->count == RULES_MAX || !grow(set)) {
		ini_complain(errors, entry->path, entry->line, "there are more than %d rules",
		    RULES_MAX);
		return;
	}
	uint32_t *slot = slot_of(set, entry->section);
	struct rule *rule = *slot != 0 ? &set->rules[*slot - 1] : &set->rules[set->count];
	if (*slot != 0 && rule->directory == set->directories) {
		ini_complain(errors, entry->path, entry->line,
		    "there is a rule %s already, at %s:%u", entry->section, rule->path, rule->line);
		return;
	}
	char *name = strdup(entry->section), *path = strdup(entry->path);
	if (name == NULL || path == NULL) {
		free(name);
		free(path);
		return;
	}
	if (*slot != 0)
		clear_rule(rule); /* the administrator's takes the place of the one shipped */
	else
		*slot = ++set->count;
	*rule = (struct rule){
	    .name = name,
	    .path = path,
	    .line = entry->line,
	    .directory = set->directories,
	    .class_index = -1,
	    .first_group = set->first_group_word.count,
	    .first_not = set->not_words.count,
	};
	reading->rule = rule;
}

static void
read_entry(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct reading *reading = context;

	if (entry->key == NULL) {
		begin_rule(reading, entry, errors);
		return;
	}
	if (!reading->has_section)
		ini_complain(errors, entry->path, entry->line,
		    "a [FILE/NAME] must come before its keys");
	if (reading->rule == NULL)
		return;
	struct rule_reading value = {reading->rule, reading->set, reading->classifier};
	if (!rule_read_value(&value, entry, errors))
		reading->rule = NULL;
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
	struct dirent **entries;
	int count = scandir(directory, &entries, is_rules_file, alphasort);

	set->directories++;
	if (count < 0) {
		/* The administrator's directory need not be there. */
		if (errno != ENOENT)
			ini_complain(errors, directory, 0, "cannot read it: %s", strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		struct reading reading = {.set = set, .classifier = classifier};
		char *path = NULL;

		if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) >= 0) {
			if (ini_read(path, read_entry, &reading, errors))
				set->files++;
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
}
