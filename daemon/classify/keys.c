/* Keys of rules: what each may say, and what it is turned into. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/classify/advice.h"
#include "daemon/classify/classes.h"
#include "daemon/text/utf8.h"

enum { VALUES_MAX = 1000, LITERAL_MAX = 500 };

typedef void read_value_fn(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors);

static void
read_class(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	if (reading->rule->class_index >= 0)
		ini_complain(errors, entry->path, entry->line, "%s has a class already",
		    entry->section);
	reading->rule->class_index = classifier_find_class(reading->classifier,
	    slice_str(entry->value));
	if (reading->rule->class_index < 0)
		ini_complain(errors, entry->path, entry->line,
		    "there is no class \"%s\"; classes.conf lists them", entry->value);
}

static void
read_severity(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors)
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
read_priority(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors)
{
	struct number_range number;

	if (take_number_range(slice_str(entry->value), &number) && number.first >= -100 &&
	    number.first <= 100)
		reading->rule->priority = number.first;
	else
		ini_complain(errors, entry->path, entry->line,
		    "priority is a number from -100 to 100");
}

/* Adds a literal, as texts are prepared, to a list of words. */
static void
add_literal(struct rule_set *set, struct numbers *list, struct slice literal,
    const struct ini_entry *entry, struct ini_errors *errors)
{
	char folded[LITERAL_MAX * 2];
	size_t len = literal.len <= LITERAL_MAX ? text_fold(literal, folded, sizeof(folded)) : 0;

	if (len == 0)
		ini_complain(errors, entry->path, entry->line,
		    "a literal has 1 to %d bytes; this one cannot be found in any text",
		    LITERAL_MAX);
	else if (!numbers_add(list, words_add(&set->words, slice_of(folded, len))))
		ini_complain(errors, entry->path, entry->line, "memory is out");
}

/* The next of several literals with bars between them; empty behind the last one. */
static struct slice
take_literal(struct slice *rest)
{
	struct slice literal = slice_of("", 0);

	while (slice_is_empty(literal) && !slice_is_empty(*rest)) {
		ptrdiff_t bar = slice_find(*rest, SLICE(" | "));

		literal = slice_trim(slice_first(*rest, bar < 0 ? rest->len : (size_t)bar));
		*rest = slice_skip(*rest, bar < 0 ? rest->len : (size_t)bar + 3);
	}
	return literal;
}

static void
begin_group(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	if (numbers_add(&reading->set->first_group_word, reading->set->group_words.count))
		reading->rule->group_count++;
	else
		ini_complain(errors, entry->path, entry->line, "memory is out");
}

static void
read_text(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct rule_set *set = reading->set;

	begin_group(reading, entry, errors);
	add_literal(set, &set->group_words, slice_str(entry->value), entry, errors);
}

static void
read_any(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct rule_set *set = reading->set;
	struct slice rest = slice_str(entry->value), literal = take_literal(&rest);

	if (slice_is_empty(literal))
		return;
	begin_group(reading, entry, errors);
	for (; !slice_is_empty(literal); literal = take_literal(&rest))
		add_literal(set, &set->group_words, literal, entry, errors);
}

static void
read_not(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct rule_set *set = reading->set;
	struct slice rest = slice_str(entry->value), literal;

	while (!slice_is_empty(literal = take_literal(&rest)))
		add_literal(set, &set->not_words, literal, entry, errors);
	reading->rule->not_count = set->not_words.count - reading->rule->first_not;
}

static void
read_match(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct rule *rule = reading->rule;
	char reason[200];
	struct pattern pattern;

	if (!pattern_compile(&pattern, entry->value, reason, sizeof(reason))) {
		ini_complain(errors, entry->path, entry->line, "the pattern %.200s: %s",
		    entry->value, reason);
		return;
	}
	struct pattern *compiled = reallocarray(rule->compiled, rule->pattern_count + 1,
	    sizeof(*compiled));
	if (compiled == NULL) {
		pattern_clear(&pattern);
		return;
	}
	rule->compiled = compiled;
	rule->compiled[rule->pattern_count++] = pattern;
	string_list_add(&rule->patterns, slice_str(entry->value));
}

/* Splits "a|b" at every bar, and asks take for what each part is. */
static void
read_choices(const struct ini_entry *entry, struct ini_errors *errors, const char *what,
    bool (*take)(struct rule *, struct slice), struct rule *rule)
{
	struct slice rest = slice_str(entry->value);

	while (!slice_is_empty(rest)) {
		struct slice part = slice_trim(slice_take_until(&rest, '|'));

		if (!take(rule, part))
			ini_complain(errors, entry->path, entry->line, "\"%.*s\" is no %s",
			    (int)part.len, part.at, what);
	}
}

static bool
add_range(struct number_range **list, uint32_t *count, const struct number_range *range)
{
	struct number_range *longer = reallocarray(*list, *count + 1, sizeof(*longer));

	if (longer == NULL)
		return false;
	*list = longer;
	longer[(*count)++] = *range;
	return true;
}

static bool
take_code(struct rule *rule, struct slice part)
{
	struct number_range range;

	return take_code_range(part, &range) && add_range(&rule->codes, &rule->code_count, &range);
}

static bool
take_error_number(struct rule *rule, struct slice part)
{
	struct number_range range;

	return take_number_range(part, &range) &&
	    add_range(&rule->error_numbers, &rule->error_number_count, &range);
}

static bool
take_enhanced(struct rule *rule, struct slice part)
{
	struct enhanced_pattern pattern, *longer;

	if (!take_enhanced_pattern(part, &pattern))
		return false;
	longer = reallocarray(rule->enhanced, rule->enhanced_count + 1, sizeof(*longer));
	if (longer == NULL)
		return false;
	rule->enhanced = longer;
	longer[rule->enhanced_count++] = pattern;
	return true;
}

static bool
take_phase(struct rule *rule, struct slice part)
{
	for (enum phase phase = PHASE_CONNECT; phase <= PHASE_END_OF_DATA; phase++) {
		if (slice_equal(part, slice_str(phase_name(phase)))) {
			rule->phases |= 1u << phase;
			return true;
		}
	}
	return false;
}

static bool
take_kind(struct rule *rule, struct slice part)
{
	static const char *const names[] = {
	    [FAILURE_TEXT] = "text",
	    [FAILURE_BOUNCED] = "bounced",
	    [FAILURE_DEFERRED] = "deferred",
	    [FAILURE_REJECTED] = "rejected",
	    [FAILURE_AUTH] = "auth",
	    [FAILURE_DISCARDED] = "discarded",
	    [FAILURE_FROZEN] = "frozen",
	    [FAILURE_WARNING] = "warning",
	};

	for (size_t kind = 0; kind < sizeof(names) / sizeof(names[0]); kind++) {
		if (slice_equal(part, slice_str(names[kind]))) {
			rule->kinds |= 1u << kind;
			return true;
		}
	}
	return false;
}

static void
read_codes(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	read_choices(entry, errors, "reply code: 421, 55x, 4xx", take_code, reading->rule);
}

static void
read_error_numbers(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors)
{
	read_choices(entry, errors, "error number: 111, -44", take_error_number, reading->rule);
}

static void
read_enhanced(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors)
{
	read_choices(entry, errors, "enhanced code: 5.7.1, x.7.1, 5.7.x", take_enhanced,
	    reading->rule);
}

static void
read_phases(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	read_choices(entry, errors,
	    "phase: connect, ehlo, starttls, auth, mail, rcpt, data, end-of-data", take_phase,
	    reading->rule);
}

static void
read_kinds(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	read_choices(entry, errors,
	    "kind of line: bounced, deferred, rejected, discarded, frozen, warning, auth, text",
	    take_kind, reading->rule);
}

static void
check_template(const struct ini_entry *entry, struct ini_errors *errors)
{
	struct slice name;

	if (!template_check(entry->value, &name))
		ini_complain(errors, entry->path, entry->line,
		    "there is no placeholder {%.*s}; bounced-rules(5) lists them", (int)name.len,
		    name.at);
}

static void
set_text(char **text, const struct ini_entry *entry, struct ini_errors *errors)
{
	check_template(entry, errors);
	free(*text);
	*text = strdup(entry->value);
}

static void
read_who(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	class_check_who(entry, errors);
	free(reading->rule->who);
	reading->rule->who = strdup(entry->value);
}

static void
read_summary(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	set_text(&reading->rule->summary, entry, errors);
}

static void
read_customer(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors)
{
	set_text(&reading->rule->customer, entry, errors);
}

static void
read_advice(struct rule_reading *reading, const struct ini_entry *entry, struct ini_errors *errors)
{
	check_template(entry, errors);
	string_list_add(&reading->rule->advice, slice_str(entry->value));
}

static const struct {
	const char *key;
	read_value_fn *read;
} values[] = {
    {"class", read_class},
    {"severity", read_severity},
    {"who", read_who},
    {"priority", read_priority},
    {"text", read_text},
    {"any", read_any},
    {"not", read_not},
    {"match", read_match},
    {"code", read_codes},
    {"enhanced", read_enhanced},
    {"errno", read_error_numbers},
    {"phase", read_phases},
    {"kind", read_kinds},
    {"summary", read_summary},
    {"customer", read_customer},
    {"advice", read_advice},
};

/* Keys whose values are names, kept as they are. */
static const struct {
	const char *key;
	size_t list;
	bool is_split;
} names[] = {
    {"host", offsetof(struct rule, hosts), true},
    {"domain", offsetof(struct rule, domains), true},
    {"router", offsetof(struct rule, routers), true},
    {"transport", offsetof(struct rule, transports), true},
    {"sample", offsetof(struct rule, samples), false},
    {"unlike", offsetof(struct rule, unlikes), false},
};

/* Most differ in their first letter. */
static bool
is_same_key(const char *a, const char *b)
{
	return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool
read_name(struct rule *rule, const struct ini_entry *entry)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_same_key(entry->key, names[i].key))
			continue;
		string_list *list = (string_list *)((char *)rule + names[i].list);

		if (names[i].is_split)
			string_list_add_split(list, slice_str(entry->value), SLICE("|"));
		else
			string_list_add(list, slice_str(entry->value));
		return true;
	}
	return false;
}

static bool
is_crowded(const struct rule *rule)
{
	return rule->group_count + rule->pattern_count + rule->code_count + rule->enhanced_count +
	    rule->error_number_count + rule->not_count + string_list_count(rule->hosts) +
	    string_list_count(rule->domains) + string_list_count(rule->routers) +
	    string_list_count(rule->transports) + string_list_count(rule->advice) +
	    string_list_count(rule->samples) + string_list_count(rule->unlikes) >
	    VALUES_MAX;
}

bool
rule_read_value(struct rule_reading *reading, const struct ini_entry *entry,
    struct ini_errors *errors)
{
	if (entry->value[0] == '\0') {
		ini_complain(errors, entry->path, entry->line, "%s has no value", entry->key);
		return true;
	}
	if (is_crowded(reading->rule)) {
		ini_complain(errors, entry->path, entry->line,
		    "%s has more than %d values: make several rules of it", entry->section,
		    VALUES_MAX);
		return false;
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (is_same_key(entry->key, values[i].key)) {
			values[i].read(reading, entry, errors);
			return true;
		}
	}
	if (!read_name(reading->rule, entry))
		ini_complain(errors, entry->path, entry->line,
		    "a rule has no key \"%s\"; see bounced-rules(5)", entry->key);
	return true;
}
