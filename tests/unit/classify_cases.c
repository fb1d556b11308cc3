/* The support cases: what the log shows, the class and the person who must act that it leads to, and what the answer says. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/answer/judgement.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

/* tests/data/cases/ *.cases hold them: [what it is about], text, class, who, severity, and what must occur in the answer. */
enum { CASES_MAX = 200, SAYS_MAX = 12, TEXT_MAX = 32 * 1024 };

struct support_case {
	char *what, *text, *classes, *who, *severity, *says[SAYS_MAX];
	unsigned says_count;
};

static struct support_case cases[CASES_MAX];
static unsigned case_count;
static struct classifier *classifier;

static void
read_entry(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	(void)context;
	if (entry->key == NULL) {
		if (case_count < CASES_MAX)
			cases[case_count++].what = strdup(entry->section);
		return;
	}
	struct support_case *this = &cases[case_count - 1];
	const struct {
		const char *key;
		char **field;
	} fields[] = {
	    {"text", &this->text},
	    {"class", &this->classes},
	    {"who", &this->who},
	    {"severity", &this->severity},
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(entry->key, fields[i].key) == 0) {
			*fields[i].field = strdup(entry->value);
			return;
		}
	}
	if (strcmp(entry->key, "says") == 0 && this->says_count < SAYS_MAX)
		this->says[this->says_count++] = strdup(entry->value);
	else
		ini_complain(errors, entry->path, entry->line, "what is \"%s\"?", entry->key);
}

static void
setup(void)
{
	setenv("TZ", "UTC", 1);
	classifier = shipped_classifier();
}

static void
teardown(void)
{
	classifier_free(classifier);
}

/* "a | b" */
static bool
is_among(const char *list, const char *name)
{
	struct slice rest = slice_str(list);

	while (!slice_is_empty(rest))
		if (slice_equal(slice_trim(slice_take_until(&rest, '|')), slice_str(name)))
			return true;
	return false;
}

struct told {
	char text[TEXT_MAX];
	size_t len;
	unsigned steps;
};

static void
add_step(void *context, const char *text)
{
	struct told *told = context;

	told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
	    "%s\n", text);
	told->steps++;
}

/* All that a person is told of one case, without what the rest of a log adds. */
static void
tell(const struct sample *sample, const struct classification *found, struct told *told)
{
	struct facts facts = {0};
	char customer[2048], id[MESSAGE_ID_TEXT_SIZE];

	*told = (struct told){.len = 0};
	facts_extract(&sample->failure, &facts);
	facts_name(&facts, sample->address, sample->sender);
	if (facts.domain.len == 0)
		facts.domain = sample->failure.domain;
	facts.login = sample->login;
	if (!message_id_is_none(sample->id))
		facts_identify(&facts, slice_of(id, message_id_format(sample->id, id)), false);
	told->len = advice_summary(classifier, found, &sample->failure, &facts, told->text,
	    sizeof(told->text) / 2);
	told->text[told->len++] = '\n';
	advice_steps(classifier, found, &facts, add_step, told);
	ck_assert_uint_ne(advice_customer(classifier, found, &facts, customer, sizeof(customer)),
	    0);
	snprintf(told->text + told->len, sizeof(told->text) - told->len, "%s\n", customer);
}

/* By the words of the table in any case, the first of them that stands there; else by what stands behind "listed in" and its like. */
START_TEST(a_blocklist_is_named)
{
	static const struct {
		const char *text, *list;
	} texts[] = {
	    {"550 refused, see https://check.spamhaus.org/query/domain/example.org",
		"Spamhaus DBL"},
	    {"550 blocked using ZEN.SpamHaus.org", "Spamhaus ZEN"},
	    {"550 Client host rejected: Spamhaus and SPAMCOP", "Spamhaus"},
	    {"554 listed at b.barracudacentral.org", "Barracuda BRBL"},
	    {"554 0SPAM", "0spam"},
	    {"550 uribl", "URIBL"},
	    {"550 refused by blocklist.DE; ask them", "blocklist.de"},
	    {"550 blocked using bl.example.net; sorry", "bl.example.net"},
	    {"550 no such user", ""},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct failure failure = {.message = slice_str(texts[i].text)};
		struct facts facts = {0};

		facts_extract(&failure, &facts);
		ck_assert_msg(slice_equal(facts.list, slice_str(texts[i].list)), "%s: %.*s",
		    texts[i].text, (int)facts.list.len, facts.list.at);
	}
}
END_TEST

START_TEST(a_case_is_told_for_what_it_is)
{
	const struct support_case *this = &cases[_i];
	static struct sample sample;
	static struct told told;
	struct classification found;

	sample_parse(slice_str(this->text), &sample);
	classifier_classify(classifier, &sample.failure, &found);
	const char *class = classifier_class(classifier, found.class_index)->name;
	struct facts facts = {0};

	facts_extract(&sample.failure, &facts);
	const char *who = advice_who(classifier, &found, &facts);
	enum severity severity = found.severity != SEVERITY_NONE ?
	    found.severity :
	    judgement_severity(classifier, &sample.failure, &found);
	ck_assert_msg(is_among(this->classes, class) && is_among(this->who, who),
	    "%s: got %s (%s) by %s, want %s (%s)", this->what, class, who,
	    classifier_rule_name(classifier, found.rule_index), this->classes, this->who);
	if (this->severity != NULL)
		ck_assert_msg(strcmp(severity_name(severity), this->severity) == 0,
		    "%s: got %s, want %s", this->what, severity_name(severity), this->severity);
	tell(&sample, &found, &told);
	ck_assert_msg(told.steps >= 2 && told.steps <= 5, "%s: %u steps", this->what, told.steps);
	for (unsigned i = 0; i < this->says_count; i++)
		ck_assert_msg(strstr(told.text, this->says[i]) != NULL,
		    "%s: \"%s\" is not said in\n%s", this->what, this->says[i], told.text);
}
END_TEST

int
main(void)
{
	struct ini_errors errors = {0};
	Suite *suite = suite_create("classify_cases");
	TCase *tests = tcase_create("classify_cases");

	for (size_t i = 0; shipped_cases[i] != NULL; i++)
		ini_read(shipped_cases[i], read_entry, NULL, &errors);
	if (errors.count != 0 || case_count == 0) {
		fprintf(stderr, "%s\n", errors.count != 0 ? errors.messages[0] : "no cases");
		return 1;
	}
	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_blocklist_is_named);
	tcase_add_loop_test(tests, a_case_is_told_for_what_it_is, 0, (int)case_count);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
