/* Classes: what each means, who must act, and the words for people, read from classes.conf. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/classes.h"

#include <stdlib.h>

#include "daemon/classify/advice.h"
#include "daemon/classify/string_list.h"

struct reading {
	struct class_set *set;
	struct class *class; /* the section being read; NULL: there is none, or it was no good */
	unsigned lines[CLASSES_MAX];
	bool has_section;
};

int
class_set_find(const struct class_set *set, struct slice name)
{
	for (size_t i = 0; i < set->count; i++)
		if (slice_equal(name, slice_str(set->classes[i].name)))
			return (int)i;
	return -1;
}

static void
begin_class(struct reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct class_set *set = reading->set;
	int known = class_set_find(set, slice_str(entry->section));

	reading->class = NULL;
	reading->has_section = true;
	if (known >= 0) {
		ini_complain(errors, entry->path, entry->line,
		    "there is a class %s already, at line %u", entry->section,
		    reading->lines[known]);
		return;
	}
	if (set->count == CLASSES_MAX) {
		ini_complain(errors, entry->path, entry->line, "there are more than %d classes",
		    CLASSES_MAX);
		return;
	}
	char *name = strdup(entry->section);
	if (name == NULL)
		return;
	reading->lines[set->count] = entry->line;
	reading->class = &set->classes[set->count++];
	*reading->class = (struct class){.name = name};
}

void
class_check_who(const struct ini_entry *entry, struct ini_errors *errors)
{
	static const char *const parties[] = {"sender-user", "sender-reputation", "recipient",
	    "local-admin", "remote-admin", "network"};

	for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++)
		if (strcmp(entry->value, parties[i]) == 0)
			return;
	ini_complain(errors, entry->path, entry->line,
	    "who is sender-user, sender-reputation, recipient, local-admin, remote-admin or network");
}

static void
read_severity(struct class *class, const struct ini_entry *entry, struct ini_errors *errors)
{
	class->severity = SEVERITY_NONE;
	for (enum severity s = SEVERITY_HARD; s <= SEVERITY_OTHER; s++)
		if (strcmp(entry->value, severity_name(s)) == 0)
			class->severity = s;
	if (class->severity == SEVERITY_NONE)
		ini_complain(errors, entry->path, entry->line, "severity is hard, soft or other");
}

static void
read_text(struct class *class, const struct ini_entry *entry, struct ini_errors *errors)
{
	static const struct {
		const char *key;
		size_t field;
		bool is_template;
	} texts[] = {
	    {"who", offsetof(struct class, who), false},
	    {"meaning", offsetof(struct class, meaning), false},
	    {"summary", offsetof(struct class, texts.summary), true},
	    {"customer", offsetof(struct class, texts.customer), true},
	    {"advice", offsetof(struct class, texts.advice), true},
	    {"refused-who", offsetof(struct class, refused.who), false},
	    {"local-who", offsetof(struct class, local.who), false},
	    {"bare-who", offsetof(struct class, bare.who), false},
	    {"many-who", offsetof(struct class, many.who), false},
	    {"many-summary", offsetof(struct class, many.summary), true},
	    {"many-customer", offsetof(struct class, many.customer), true},
	    {"many-advice", offsetof(struct class, many.advice), true},
	    {"bounce-who", offsetof(struct class, bounce.who), false},
	    {"bounce-summary", offsetof(struct class, bounce.summary), true},
	    {"bounce-customer", offsetof(struct class, bounce.customer), true},
	    {"bounce-advice", offsetof(struct class, bounce.advice), true},
	    {"bare-summary", offsetof(struct class, bare.summary), true},
	    {"bare-customer", offsetof(struct class, bare.customer), true},
	    {"bare-advice", offsetof(struct class, bare.advice), true},
	    {"refused-summary", offsetof(struct class, refused.summary), true},
	    {"refused-customer", offsetof(struct class, refused.customer), true},
	    {"refused-advice", offsetof(struct class, refused.advice), true},
	    {"local-summary", offsetof(struct class, local.summary), true},
	    {"local-customer", offsetof(struct class, local.customer), true},
	    {"local-advice", offsetof(struct class, local.advice), true},
	};
	size_t i = 0, count = sizeof(texts) / sizeof(texts[0]);
	struct slice name;

	while (i < count && strcmp(entry->key, texts[i].key) != 0)
		i++;
	if (i == count) {
		ini_complain(errors, entry->path, entry->line,
		    "a class has no key \"%s\"; see bounced-rules(5)", entry->key);
		return;
	}
	if (texts[i].is_template && !template_check(entry->value, &name))
		ini_complain(errors, entry->path, entry->line,
		    "there is no placeholder {%.*s}; bounced-rules(5) lists them", (int)name.len,
		    name.at);
	if (slice_has_suffix(slice_str(entry->key), SLICE("advice"))) {
		const char ***advice = (const char ***)((char *)class + texts[i].field);
		string_list steps = (string_list)*advice;

		string_list_add(&steps, slice_str(entry->value));
		*advice = (const char **)steps;
		return;
	}
	if (slice_has_suffix(slice_str(entry->key), SLICE("who")))
		class_check_who(entry, errors);
	char **text = (char **)((char *)class + texts[i].field);
	free(*text);
	*text = strdup(entry->value);
}

static void
read_entry(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct reading *reading = context;

	if (entry->key == NULL) {
		begin_class(reading, entry, errors);
		return;
	}
	if (!reading->has_section)
		ini_complain(errors, entry->path, entry->line,
		    "a [class] must come before its keys");
	if (reading->class == NULL)
		return;
	if (entry->value[0] == '\0')
		ini_complain(errors, entry->path, entry->line, "%s has no value", entry->key);
	else if (strcmp(entry->key, "severity") == 0)
		read_severity(reading->class, entry, errors);
	else
		read_text(reading->class, entry, errors);
}

static void
check_class(const struct class *class, const char *path, unsigned line, struct ini_errors *errors)
{
	const struct {
		const char *key;
		bool is_there;
	} keys[] = {
	    {"severity", class->severity != SEVERITY_NONE},
	    {"who", class->who != NULL},
	    {"meaning", class->meaning != NULL},
	    {"summary", class->texts.summary != NULL},
	    {"advice", class->texts.advice != NULL},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!keys[i].is_there)
			ini_complain(errors, path, line, "the class %s has no %s", class->name,
			    keys[i].key);
}

void
class_set_read(struct class_set *set, const char *path, struct ini_errors *errors)
{
	struct reading reading = {.set = set};

	if (!ini_read(path, read_entry, &reading, errors))
		return;
	for (size_t i = 0; i < set->count; i++)
		check_class(&set->classes[i], path, reading.lines[i], errors);
	if (class_set_find(set, SLICE(CLASS_UNCLASSIFIED_NAME)) < 0)
		ini_complain(errors, path, 0,
		    "there is no class [" CLASS_UNCLASSIFIED_NAME
		    "], which is for all that no rule knows");
}

static void
clear_texts(const struct class_texts *texts)
{
	free((char *)texts->who);
	free((char *)texts->summary);
	free((char *)texts->customer);
	string_list_free((string_list)texts->advice);
}

void
class_set_clear(struct class_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct class *class = &set->classes[i];

		free((char *)class->name);
		free((char *)class->who);
		free((char *)class->meaning);
		clear_texts(&class->texts);
		clear_texts(&class->refused);
		clear_texts(&class->local);
		clear_texts(&class->bare);
		clear_texts(&class->many);
		clear_texts(&class->bounce);
	}
	set->count = 0;
}
