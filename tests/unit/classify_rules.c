/* Rules: the better one wins, and whatever is wrong with one is said with its file and line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

/* A folder with a classes.conf and rules.d/t.rules, and another one for the administrator. */
struct box {
	char folder[32], classes[64], rules[64], more[64], file[80], more_file[80];
	struct ini_errors errors;
	struct classifier *classifier;
};

static void
write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	fclose(file);
}

#define CLASS(name) \
	"[" name "]\nseverity = hard\nwho = recipient\nmeaning = m\nsummary = s\nadvice = a\n"
static const char classes_text[] = CLASS("unclassified") CLASS("a") CLASS("b");

static void
fill_box(struct box *box, const char *classes, const char *rules, const char *more)
{
	*box = (struct box){.folder = "/tmp/bounced-rules-XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(box->folder));
	snprintf(box->classes, sizeof(box->classes), "%s/classes.conf", box->folder);
	snprintf(box->rules, sizeof(box->rules), "%s/rules.d", box->folder);
	snprintf(box->more, sizeof(box->more), "%s/more.d", box->folder);
	snprintf(box->file, sizeof(box->file), "%s/t.rules", box->rules);
	snprintf(box->more_file, sizeof(box->more_file), "%s/m.rules", box->more);
	write_file(box->classes, classes, strlen(classes));
	ck_assert_int_eq(mkdir(box->rules, 0700), 0);
	write_file(box->file, rules, strlen(rules));
	if (more != NULL) {
		ck_assert_int_eq(mkdir(box->more, 0700), 0);
		write_file(box->more_file, more, strlen(more));
	}
	box->classifier = classifier_load(box->classes,
	    (const char *[]){box->rules, box->more, NULL}, &box->errors);
}

static void
empty_box(struct box *box)
{
	classifier_free(box->classifier);
	ini_errors_clear(&box->errors);
	unlink(box->classes);
	unlink(box->file);
	unlink(box->more_file);
	rmdir(box->rules);
	rmdir(box->more);
	rmdir(box->folder);
}

#define GOOD "[t/x]\nclass = a\ntext = word\nsample = word\n"

static const struct {
	const char *rules;
	const char *complaint; /* behind the path of the rules file */
} wrongs[] = {
    {"[t/x]\nclass = c\ntext = word\nsample = word\n",
	":2: there is no class \"c\"; classes.conf lists them"},
    {"[t/x]\ntext = word\nsample = word\n", ":1: t/x has no class"},
    {"[t/x]\nclass = a\ntext = word\n", ":1: t/x has no sample"},
    {"[t/x]\nclass = a\nclass = b\ntext = word\nsample = word\n", ":3: t/x has a class already"},
    {GOOD "words = x\n", ":5: a rule has no key \"words\"; see bounced-rules(5)"},
    {GOOD GOOD, ":5: there is a rule t/x already"},
    {GOOD "match = (\n", ":5: the pattern (: a ( has no )"},
    {GOOD "match = a{2}[[:nope:]]\n", ":5: the pattern a{2}[[:nope:]]: unknown POSIX class name"},
    {GOOD "match = (a+)+b\n", ":5: the pattern (a+)+b: a repeated group"},
    {GOOD "match = .*x.*\n", ":5: the pattern .*x.*: there may be one .*"},
    {GOOD "match = \\S+\\.\\S+\n",
	":5: the pattern \\S+\\.\\S+: there may be one .*, \\S+ or the like"},
    {GOOD "match = [^a]+b[^a]+\n", ":5: the pattern [^a]+b[^a]+: there may be one .*"},
    {"[t/x]\nclass = a\nmatch = word\nsample = word\n",
	":1: t/x has a match but no text, any or enhanced"},
    {"[t/x]\nclass = a\nenhanced = 5.7.1\nmatch = word\nsample = 550 5.7.1 word\n", ""},
    {"[t/x]\nclass = a\nsample = word\n", ":1: t/x has no condition"},
    {GOOD "code = 5555\n", ":5: \"5555\" is no reply code"},
    {GOOD "code = x50\n", ":5: \"x50\" is no reply code"},
    {GOOD "code = 550 |\n", ""},
    {GOOD "code = 550 | | 551\n", ":5: \"\" is no reply code"},
    {GOOD "enhanced = 5.7\n", ":5: \"5.7\" is no enhanced code"},
    {GOOD "enhanced = 5.7.1.2\n", ":5: \"5.7.1.2\" is no enhanced code"},
    {GOOD "errno = eleven\n", ":5: \"eleven\" is no error number"},
    {GOOD "phase = hello\n", ":5: \"hello\" is no phase"},
    {GOOD "kind = bounce\n", ":5: \"bounce\" is no kind of line"},
    {GOOD "severity = mild\n", ":5: severity is hard, soft or other"},
    {GOOD "who = nobody\n", ":5: who is sender-user, sender-reputation, recipient"},
    {GOOD "priority = 101\n", ":5: priority is a number from -100 to 100"},
    {GOOD "priority = high\n", ":5: priority is a number from -100 to 100"},
    {GOOD "any =\n", ":5: any has no value"},
    {GOOD "text = \xcc\x81\n", ":5: a literal has 1 to 500 bytes"},
    {GOOD "advice = ask {hots}\n", ":5: there is no placeholder {hots}"},
    {GOOD "advice = awk '{print $2}' {host}\n", ""},
    {"class = a\n" GOOD, ":1: a [FILE/NAME] must come before its keys"},
    {GOOD "nonsense\n", ":5: this is neither [section] nor key = value"},
    {GOOD, ""},
};

START_TEST(what_is_wrong_with_a_rule_is_said_with_its_line)
{
	struct box box;
	char expected[400];

	fill_box(&box, classes_text, wrongs[_i].rules, NULL);
	snprintf(expected, sizeof(expected), "%s%s", box.file, wrongs[_i].complaint);
	bool is_wrong = wrongs[_i].complaint[0] != '\0';
	ck_assert_int_eq(box.classifier == NULL, is_wrong);
	ck_assert_int_eq(box.errors.count != 0, is_wrong);
	if (is_wrong)
		ck_assert_msg(strncmp(box.errors.messages[0], expected, strlen(expected)) == 0,
		    "found    %s\nexpected %s", box.errors.messages[0], expected);
	empty_box(&box);
}
END_TEST

static const struct {
	const char *classes;
	const char *complaint; /* behind the path of classes.conf */
} wrong_classes[] = {
    {CLASS("a") CLASS("b"), ": there is no class [unclassified]"},
    {CLASS("unclassified") CLASS("a") CLASS("a"), ":13: there is a class a already, at line 7"},
    {"[unclassified]\n", ":1: the class unclassified has no severity"},
    {CLASS("unclassified") CLASS("a") "who = nobody\n", ":13: who is "},
    {CLASS("unclassified") CLASS("a") "colour = red\n", ":13: a class has no key \"colour\""},
    {CLASS("unclassified") CLASS("a") "summary = {x}\n", ":13: there is no placeholder {x}"},
    {CLASS("unclassified") CLASS("a") "severity = bad\n", ":13: severity is"},
    {"who = recipient\n" CLASS("unclassified") CLASS("a"),
	":1: a [class] must come before its keys"},
};

START_TEST(what_is_wrong_with_a_class_is_said_with_its_line)
{
	struct box box;
	char expected[400];

	fill_box(&box, wrong_classes[_i].classes, GOOD, NULL);
	snprintf(expected, sizeof(expected), "%s%s", box.classes, wrong_classes[_i].complaint);
	ck_assert_ptr_null(box.classifier);
	ck_assert_uint_ne(box.errors.count, 0);
	ck_assert_msg(strncmp(box.errors.messages[0], expected, strlen(expected)) == 0,
	    "found    %s\nexpected %s", box.errors.messages[0], expected);
	empty_box(&box);
}
END_TEST

START_TEST(a_hundred_thousand_rules_are_refused_in_a_moment)
{
	enum { RULES = 100000 };
	char *rules = malloc(RULES * 80), *at = rules;
	struct box box;

	for (int i = 0; i < RULES; i++)
		at += sprintf(at, "[t/x%d]\nclass = a\ntext = word%d\nsample = word%d\n", i, i, i);
	alarm(20);
	fill_box(&box, classes_text, rules, NULL);
	ck_assert_ptr_null(box.classifier);
	ck_assert_ptr_nonnull(strstr(box.errors.messages[0], "there are more than 50000 rules"));
	empty_box(&box);
	free(rules);
}
END_TEST

START_TEST(a_folder_that_is_not_there_has_no_rules)
{
	struct box box;

	fill_box(&box, classes_text, "", NULL);
	ck_assert_ptr_null(box.classifier);
	ck_assert_uint_eq(box.errors.count, 1);
	ck_assert_ptr_nonnull(strstr(box.errors.messages[0], "there are no rules here"));
	empty_box(&box);
}
END_TEST

/* Which class the text goes to when the administrator has these rules beside those. */
static const struct {
	const char *rules, *more, *text, *rule;
} contests[] = {
    /* words beat structure beats codes */
    {"[t/w]\nclass = a\ntext = full\nsample = s\n[t/e]\nclass = a\nenhanced = 5.2.2\nsample = s\n[t/c]\nclass = a\ncode = 550\nsample = s\n",
	NULL, "550 5.2.2 full", "t/w"},
    {"[t/e]\nclass = a\nenhanced = 5.2.x\nsample = s\n[t/c]\nclass = a\ncode = 55x\nsample = s\n",
	NULL, "550 5.2.2 full", "t/e"},
    {"[t/e]\nclass = a\nenhanced = 4.x.x\nsample = s\n[t/c]\nclass = a\ncode = 5xx\nsample = s\n",
	NULL, "550 5.2.2 full", "t/c"},
    /* priority beats both */
    {"[t/w]\nclass = a\ntext = full\nsample = s\n[t/c]\nclass = a\npriority = 1\ncode = 550\nsample = s\n",
	NULL, "550 full", "t/c"},
    /* longer words, and the longest of an any */
    {"[t/1]\nclass = a\ntext = mailbox\nsample = s\n[t/2]\nclass = a\ntext = mailbox full\nsample = s\n",
	NULL, "550 mailbox full", "t/2"},
    {"[t/1]\nclass = a\ntext = box full\nsample = s\n[t/2]\nclass = a\nany = box | mailbox full\nsample = s\n",
	NULL, "550 mailbox full", "t/2"},
    {"[t/1]\nclass = a\ntext = mailbox\nsample = s\n[t/2]\nclass = a\ntext = mail\ncode = 550\nsample = s\n",
	NULL, "550 mailbox full", "t/2"},
    {"[t/1]\nclass = a\ntext = full\ncode = 5xx\nenhanced = 5.x.x\nphase = rcpt\nsample = s\n[t/2]\nclass = a\ntext = full\nhost = .example.org\nsample = s\n",
	NULL,
	"SMTP error from remote mail server after RCPT TO:<x@e>: host mx.example.org [192.0.2.1]: 550 5.2.2 full",
	"t/1"},
    {"[t/1]\nclass = a\ntext = full\ncode = 5xx\nenhanced = 5.x.x\nsample = s\n[t/2]\nclass = a\ntext = full\nhost = .example.org\nsample = s\n",
	NULL,
	"SMTP error from remote mail server after RCPT TO:<x@e>: host mx.Example.ORG [192.0.2.1]: 550 5.2.2 full",
	"t/2"},
    /* conditions that do not hold */
    {"[t/1]\nclass = a\ntext = full\nnot = inbox | mailbox\nsample = s\n", NULL, "550 mailbox full",
	NULL},
    {"[t/1]\nclass = a\ntext = mailbox\ntext = empty\nsample = s\n", NULL, "550 mailbox full",
	NULL},
    {"[t/1]\nclass = a\nany = mailbox\nany = empty | void\nsample = s\n", NULL, "550 mailbox full",
	NULL},
    {"[t/1]\nclass = a\ntext = mailbox\nmatch = box\\s+f\\w+\nsample = s\n", NULL,
	"550 MAILBOX   FULL", "t/1"},
    {"[t/1]\nclass = a\ntext = mailbox\nmatch = box\\s+e\\w+\nsample = s\n", NULL,
	"550 mailbox full", NULL},
    {"[t/1]\nclass = a\nerrno = 111\nsample = s\n", NULL, "R=r T=t defer (111): Connection refused",
	"t/1"},
    {"[t/1]\nclass = a\nerrno = -44 | 110\nsample = s\n", NULL,
	"R=r T=t defer (111): Connection refused", NULL},
    {"[t/1]\nclass = a\nrouter = virtual_*\nsample = s\n", NULL, "R=virtual_aliases: no", "t/1"},
    {"[t/1]\nclass = a\ntransport = **bypassed**\nsample = s\n", NULL,
	"=> /dev/null <x@e> R=f T=**bypassed**", "t/1"},
    {"[t/1]\nclass = a\nkind = deferred\nsample = s\n", NULL, "== x@e R=r T=t defer (-1): no",
	"t/1"},
    {"[t/1]\nclass = a\nkind = bounced\nsample = s\n", NULL, "== x@e R=r T=t defer (-1): no", NULL},
    /* a text with a code and one without */
    {"[t/1]\nclass = a\ntext = full\ncode = none\nsample = s\n", NULL, "full", "t/1"},
    {"[t/1]\nclass = a\ntext = full\ncode = none\nsample = s\n", NULL, "550 full", NULL},
    {"[t/1]\nclass = a\ntext = full\ncode = none | 552\nsample = s\n", NULL, "552 full", "t/1"},
    /* a sentence over lines is one; accents and cases do not matter */
    {"[t/1]\nclass = a\ntext = our system has detected\nsample = s\n", NULL,
	"550-5.7.1 Our system\\n550-5.7.1 has\\n550 5.7.1 detected", "t/1"},
    {"[t/1]\nclass = a\ntext = our system has detected\nsample = s\n", NULL,
	"550-5.7.1 Our system 550-5.7.1 has 550 5.7.1 detected", "t/1"},
    {"[t/1]\nclass = a\ntext = it has a file\nsample = s\n", NULL, "it has\\n\\t\\t a file", "t/1"},
    {"[t/1]\nclass = a\ntext = Bo\xc3\xaete pleine\nsample = s\n", NULL, "550 BO\xc3\x8eTE PLEINE",
	"t/1"},
    {"[t/1]\nclass = a\ntext = boite pleine\nsample = s\n", NULL, "550 bo\\303\\256te pleine",
	"t/1"},
    {"[t/1]\nclass = a\ntext = boite pleine\nsample = s\n", NULL, "550 bo\xeete pleine", "t/1"},
    {"[t/1]\nclass = a\ntext = doesn't exist\nsample = s\n", NULL, "550 doesn\xe2\x80\x99t exist",
	"t/1"},
    /* of equals the first; the administrator's before those */
    {"[t/1]\nclass = a\ntext = full\nsample = s\n[t/2]\nclass = a\ntext = mail\nsample = s\n", NULL,
	"550 full mail", "t/1"},
    {"[t/1]\nclass = a\ntext = full\nsample = s\n", "[m/1]\nclass = b\ntext = mail\nsample = s\n",
	"550 full mail", "m/1"},
    {"[t/1]\nclass = a\nenhanced = 5.1.1\nsample = s\n",
	"[m/1]\nclass = b\nenhanced = 5.1.x\nsample = s\n", "550 5.1.1 no", "m/1"},
    {"[t/1]\nclass = a\ntext = full\nsample = s\n", "[m/1]\nclass = b\ntext = mai\nsample = s\n",
	"550 full mail", "t/1"},
    /* and they replace rules of the same name */
    {"[t/1]\nclass = a\ntext = full\nsample = s\n", "[t/1]\nclass = b\ntext = empty\nsample = s\n",
	"550 full", NULL},
};

START_TEST(the_better_rule_wins)
{
	struct classification found;
	struct sample sample;
	struct box box;

	fill_box(&box, classes_text, contests[_i].rules, contests[_i].more);
	ck_assert_msg(box.classifier != NULL, "%s",
	    box.errors.count != 0 ? box.errors.messages[0] : "");
	sample_parse(slice_str(contests[_i].text), &sample);
	for (int round = 0; round < 2; round++) {
		classifier_classify(box.classifier, &sample.failure, &found);
		const char *rule = classifier_rule_name(box.classifier, found.rule_index);
		ck_assert_msg((rule == NULL) == (contests[_i].rule == NULL) &&
			(rule == NULL || strcmp(rule, contests[_i].rule) == 0),
		    "%s: %s", contests[_i].text, rule);
	}
	empty_box(&box);
}
END_TEST

/* The class of a text is the same whatever was classified before it, and comes from the cache the second time. */
static const struct {
	const char *text, *rule;
} same_forms[] = {
    {"550 <myspamhaus1@example.org>: unknown", "t/user"},
    {"550 <spamhaus@example.org>: unknown", "t/user"},
    {"550 <someone@example.org>: unknown", "t/user"},
    {"550 unknown, id 3f09a81cspamhaus77d10", "t/user"},
    {"550 unknown, id 3f09a81c2b6677d10", "t/user"},
    {"550 unknown, ask blocked@example.com", "t/asked"},
    {"550 unknown, ask nobody@example.com", "t/user"},
    {"550 unknown. CXBL0042", "t/code"},
    {"550 unknown. CXBL0043", "t/user"},
    {"550 unknown, listed.", "t/listed"},
    {"554 unknown exception:SendAsDeniedException.MapiExceptionSendAsDenied", "t/exception"},
};

START_TEST(the_class_hangs_on_the_text_alone)
{
	static const char rules[] =
	    "[t/user]\nclass = a\ntext = unknown\nsample = s\n"
	    "[t/list]\nclass = b\npriority = 5\ntext = spamhaus\nsample = s\n"
	    "[t/asked]\nclass = b\npriority = 5\ntext = blocked@example.com\nsample = s\n"
	    "[t/code]\nclass = b\npriority = 5\ntext = cxbl\nmatch = cxbl\\d\\d42\\b\nsample = s\n"
	    "[t/exception]\nclass = b\npriority = 5\ntext = sendasdenied\nsample = s\n"
	    "[t/listed]\nclass = b\npriority = 5\ntext = liste\nsample = s\n";
	const size_t count = sizeof(same_forms) / sizeof(same_forms[0]);
	struct classification found;
	struct box box;

	fill_box(&box, classes_text, rules, NULL);
	ck_assert_msg(box.classifier != NULL, "%s",
	    box.errors.count != 0 ? box.errors.messages[0] : "");
	for (size_t i = 0; i < 4 * count; i++) {
		/* Forwards and backwards, twice. */
		size_t at = i / count % 2 == 0 ? i % count : count - 1 - i % count;
		struct failure failure = {.message = slice_str(same_forms[at].text)};

		classifier_classify(box.classifier, &failure, &found);
		ck_assert_str_eq(classifier_rule_name(box.classifier, found.rule_index),
		    same_forms[at].rule);
		classifier_classify_uncached(box.classifier, &failure, &found);
		ck_assert_str_eq(classifier_rule_name(box.classifier, found.rule_index),
		    same_forms[at].rule);
	}
	struct classifier_counts counts;
	classifier_count(box.classifier, &counts);
	ck_assert_uint_eq(counts.classified - counts.cache_hits, 8);
	empty_box(&box);
}
END_TEST

/* The rules know "quota77x42y" no more: it counts as any other id does. */
START_TEST(what_a_replaced_rule_said_is_forgotten)
{
	static const char rules[] =
	    "[t/1]\nclass = a\nany = full | quota77x42y\nnot = inbox\nsample = s\n"
	    "[t/2]\nclass = a\ntext = mail\nsample = s\n";
	static const char more[] = "[t/1]\nclass = b\ntext = disk\nnot = mail\nsample = s\n";
	struct failure failure = {.message = SLICE("550 quota77x42y full inbox disk")};
	struct prepared plain;
	struct box box;

	fill_box(&box, classes_text, rules, more);
	ck_assert_msg(box.classifier != NULL, "%s",
	    box.errors.count != 0 ? box.errors.messages[0] : "");
	classifier_prepare(box.classifier, &failure, &plain);
	ck_assert_msg(slice_equal(slice_of(plain.text, plain.len), SLICE("550 x full inbox disk")),
	    "%.*s", (int)plain.len, plain.text);
	int winner = matcher_find(&box.classifier->matcher, &plain);
	ck_assert_int_ge(winner, 0);
	ck_assert_str_eq(box.classifier->rules.rules[winner].name, "t/1");
	ck_assert_int_eq(box.classifier->rules.rules[winner].class_index,
	    classifier_find_class(box.classifier, SLICE("b")));
	empty_box(&box);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify/rules");
	TCase *tests = tcase_create("rules");

	tcase_add_loop_test(tests, what_is_wrong_with_a_rule_is_said_with_its_line, 0,
	    sizeof(wrongs) / sizeof(wrongs[0]));
	tcase_add_loop_test(tests, what_is_wrong_with_a_class_is_said_with_its_line, 0,
	    sizeof(wrong_classes) / sizeof(wrong_classes[0]));
	tcase_add_test(tests, a_hundred_thousand_rules_are_refused_in_a_moment);
	tcase_add_test(tests, a_folder_that_is_not_there_has_no_rules);
	tcase_add_loop_test(tests, the_better_rule_wins, 0, sizeof(contests) / sizeof(contests[0]));
	tcase_add_test(tests, the_class_hangs_on_the_text_alone);
	tcase_add_test(tests, what_a_replaced_rule_said_is_forgotten);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
