/* Addressees: a text says the same of whatever address it names, and the quick key leads to what the slow way finds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

static struct classifier *classifier;
static struct key_memo memo;

static void
setup(void)
{
	classifier = shipped_classifier();
	memo = (struct key_memo){0};
}

static void
teardown(void)
{
	classifier_free(classifier);
}

static struct failure
failure_of(const char *message, const char *address)
{
	return (struct failure){.kind = FAILURE_BOUNCED,
	    .message = slice_str(message),
	    .router = SLICE("dnslookup"),
	    .transport = SLICE("remote_smtp"),
	    .domain = slice_domain(slice_str(address)),
	    .address = slice_str(address)};
}

/* What each of these pretends to be stands in an address, and says nothing. */
static const char *const addresses[] = {
    "user1@remote.example.net",
    "User-2+x@remote.example.net",
    "timeout@remote.example.net",
    "550@remote.example.net",
    "550-5.7.1@remote.example.net",
    "4.2.2@remote.example.net",
    "host.mx.example.net@remote.example.net",
    "u=DATA@remote.example.net",
};

/* The address stands where # does. */
static const char *const frames[] = {
    "SMTP error from remote mail server after RCPT TO:<#>: 550 5.1.1 <#>: Recipient address rejected: User unknown",
    "SMTP error from remote mail server after end of data: host mx.example.net [192.0.2.1]: 452 4.2.2 # is over quota: #",
    "no answer, SMTP # and SMTP #",
    "#: (#) mailbox is disabled",
};

static void
put_addresses(const char *frame, const char *address, char *message)
{
	for (; *frame != '\0'; frame++) {
		if (*frame != '#') {
			*message++ = *frame;
			continue;
		}
		memcpy(message, address, strlen(address));
		message += strlen(address);
	}
	*message = '\0';
}

START_TEST(a_text_means_the_same_whatever_address_it_names)
{
	struct classification first, found;
	uint64_t key = 0;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char message[512];

		put_addresses(frames[_i], addresses[i], message);
		struct failure failure = failure_of(message, addresses[i]);
		uint64_t again = classifier_key(classifier, &memo, &failure);
		classifier_classify_uncached(classifier, &failure, i == 0 ? &first : &found);
		if (i == 0) {
			key = again;
			continue;
		}
		ck_assert_msg(again == key, "%s", message);
		ck_assert_uint_eq(found.rule_index, first.rule_index);
	}
}
END_TEST

/* Of two failures that differ in anything that counts, neither is given the other's key. */
START_TEST(the_key_of_another_failure_is_not_taken)
{
	struct failure failures[] = {
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 <a@example.net> unknown.", "a@example.net"),
	    failure_of("550 <a@example.net> is full", "a@example.net"),
	    failure_of("550 a@example.net a@example.net unknown", "a@example.net"),
	    failure_of("550 <a@gmail.com> unknown", "a@gmail.com"),
	    failure_of("550 <a@blocked.example.net> unknown", "a@blocked.example.net"),
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 <a@example.net> unknown", "a@example.net"),
	    failure_of("550 unknown", "a@example.net"),
	    failure_of("550 unknown", "a@gmail.com"),
	};
	const size_t count = sizeof(failures) / sizeof(failures[0]);

	failures[6].kind = FAILURE_DEFERRED;
	failures[7].router = SLICE("dnslookup2");
	failures[8].transport = SLICE("remote_smtp2");
	failures[9].has_error_number = true;
	failures[10].host = SLICE("mx..yahoodns.net");
	failures[11].host = SLICE("mx.example.net");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < count; i++) {
			struct key_memo empty = {0};

			ck_assert_msg(classifier_key(classifier, &memo, &failures[i]) ==
				classifier_key(classifier, &empty, &failures[i]),
			    "%zu", i);
		}
	}
}
END_TEST

/* Every sample of the rules, with a memo that has seen all others. */
START_TEST(the_quick_key_is_that_of_the_plain_text)
{
	unsigned named = 0;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < classifier->rules.count; i++) {
			const struct rule *rule = &classifier->rules.rules[i];

			for (size_t s = 0; rule->samples[s] != NULL; s++) {
				struct sample sample;
				struct prepared plain;

				sample_parse(slice_str(rule->samples[s]), &sample);
				named += slice_find_byte(sample.failure.address, '@') > 0;
				classifier_prepare(classifier, &sample.failure, &plain);
				ck_assert(classifier_key(classifier, &memo, &sample.failure) ==
				    cache_key(&classifier->cache, &plain));
			}
		}
	}
	ck_assert_uint_gt(named, 100);
}
END_TEST

/* What is no usual address, or stands in a text of more than usual length, is left where it is. */
START_TEST(other_addresses_stay_in_the_text)
{
	static const char *const others[] = {"\"a b\"@example.net", "a@b@example.net", "local",
	    "a<b@example.net"};
	char text[2 * TOLD_MAX], message[2 * TOLD_MAX + 64];
	struct prepared plain;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(message, sizeof(message), "550 %s", others[i]);
		struct failure failure = failure_of(message, others[i]);
		classifier_prepare(classifier, &failure, &plain);
		ck_assert_ptr_eq(plain.reply.raw.at, message);
	}
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	snprintf(message, sizeof(message), "550 user@example.net %s", text);
	struct failure failure = failure_of(message, "user@example.net");
	classifier_prepare(classifier, &failure, &plain);
	ck_assert_ptr_eq(plain.reply.raw.at, message);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify/addressee");
	TCase *tests = tcase_create("addressee");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_text_means_the_same_whatever_address_it_names, 0,
	    sizeof(frames) / sizeof(frames[0]));
	tcase_add_test(tests, the_key_of_another_failure_is_not_taken);
	tcase_add_test(tests, the_quick_key_is_that_of_the_plain_text);
	tcase_add_test(tests, other_addresses_stay_in_the_text);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
