/* Names in texts: found where they stand, and no evidence of anything. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "daemon/classify/names.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

/* Texts with < and > around their names; they have none of their own. */
static const char *const marked[] = {
    "see {http<://www.example.org/spam/blocked?policy=abuse>}.",
    "see http{<://www.example.org/blocked>}, or http{<://spam.example>}",
    "contact [<abuse@spam.example.net>] or (<quota@x.example>)",
    "<mx.blocked.example.net> said so",
    "<mx.spam.example.jp> <5.7.1> and <spam.com>",
    "user unknown.please check",
    "user <unknown.com>",
    "at <www.example.org/policy.html>, and file=/home/x/domains/example.org/quota/maildir",
    "<x@example.net>...user unknown",
    "storedrv.deliver; exception:quotaexceededexception",
    "a. b .. c ... @ : <://>",
    "",
};

START_TEST(names_are_found_where_they_stand)
{
	struct names names;
	char text[512], got[512];
	size_t len = 0, at = 0;

	for (const char *c = marked[_i]; *c != '\0'; c++)
		if (*c != '<' && *c != '>')
			text[len++] = *c;
	text[len] = '\0';
	len = 0;
	names_find(slice_str(text), &names);
	for (unsigned n = 0; n < names.count; n++) {
		for (; at < names.list[n].from; at++)
			got[len++] = text[at];
		got[len++] = '<';
		for (; at < names.list[n].to; at++)
			got[len++] = text[at];
		got[len++] = '>';
	}
	strcpy(got + len, text + at);
	ck_assert_str_eq(got, marked[_i]);
}
END_TEST

START_TEST(so_many_names_end_the_search)
{
	char text[NAMES_MAX * 8 + 64];
	struct names names;
	size_t len = 0;

	for (unsigned i = 0; i < NAMES_MAX + 4; i++)
		len += (size_t)sprintf(text + len, "a@b.c ");
	names_find(slice_of(text, len), &names);
	ck_assert_uint_eq(names.count, NAMES_MAX);
}
END_TEST

START_TEST(what_is_written_as_a_part_of_a_name_is_told_from_words)
{
	ck_assert(names_is_part(SLICE(".example.org")));
	ck_assert(names_is_part(SLICE("?p=blocked")));
	ck_assert(names_is_part(SLICE("ib212")));
	ck_assert(!names_is_part(SLICE("blocked")));
	ck_assert(!names_is_part(SLICE("e-mail blocked")));
}
END_TEST

/* Replies, and the same with names that are full of words; %s is the recipient. */
static const struct {
	const char *reply, *class;
} said[] = {
    {"550 5.1.1 <%s>: no such user", "user-unknown"},
    {"552 5.2.2 <%s> mailbox full", "mailbox-full"},
    {"550 relaying to %s is denied", "relay-denied"},
    {"550 5.7.1 <%s> message considered as spam", "spam-content"},
    {"450 4.2.0 <%s>: greylisted, try again later", "greylisted"},
    {"451 <%s> later", "remote-system-error"},
    {"521 <%s>", "reputation-blocked"},
};

static const char *
class_of(struct classifier *classifier, const char *text)
{
	static struct sample sample;
	struct classification found;

	sample_parse(slice_str(text), &sample);
	classifier_classify_uncached(classifier, &sample.failure, &found);
	return classifier_class(classifier, found.class_index)->name;
}

START_TEST(words_in_names_do_not_decide)
{
	static const char *const addresses[] = {"joe@example.org", "spam@virus.example.net",
	    "policy@spf.example.com", "unknown.user@quota-exceeded.example.org",
	    "blocked@blacklist.example"};
	static const char *const tails[] = {"", " - see https://www.example.net/spam/blacklist",
	    " (http://example.com/mailbox-full-quota-exceeded.html)",
	    " Contact abuse@reputation.example.net", " www.example.org/policy/relaying-denied"};
	struct classifier *classifier = shipped_classifier();
	char text[512];

	for (size_t s = 0; s < sizeof(said) / sizeof(said[0]); s++)
		for (size_t a = 0; a < sizeof(addresses) / sizeof(addresses[0]); a++)
			for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
				size_t len = (size_t)(strstr(said[s].reply, "%s") - said[s].reply);

				sprintf(text, "%.*s%s%s%s", (int)len, said[s].reply, addresses[a],
				    said[s].reply + len + 2, tails[t]);
				ck_assert_msg(strcmp(class_of(classifier, text), said[s].class) ==
					0,
				    "%s: %s", text, class_of(classifier, text));
			}
	classifier_free(classifier);
}
END_TEST

/* A list's host is as good as its name. */
START_TEST(names_that_rules_know_decide)
{
	struct classifier *classifier = shipped_classifier();

	ck_assert_str_eq(class_of(classifier, "554 refused - http://www.spamhaus.org"),
	    "ip-blocklisted");
	ck_assert_str_eq(class_of(classifier, "550 see https://dnsbl.example.org/?192.0.2.1"),
	    "ip-blocklisted");
	ck_assert_str_eq(class_of(classifier, "550 see http://njabl.org/lookup?192.0.2.9"),
	    "ip-blocklisted");
	classifier_free(classifier);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify_names");
	TCase *tests = tcase_create("classify_names");

	tcase_add_loop_test(tests, names_are_found_where_they_stand, 0,
	    sizeof(marked) / sizeof(marked[0]));
	tcase_add_test(tests, so_many_names_end_the_search);
	tcase_add_test(tests, what_is_written_as_a_part_of_a_name_is_told_from_words);
	tcase_add_test(tests, words_in_names_do_not_decide);
	tcase_add_test(tests, names_that_rules_know_decide);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
