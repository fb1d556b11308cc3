/* Addressees: a text says the same of whatever address it names, and the quick key leads to what the slow way finds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "daemon/classify/addressee.h"
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

/* What is told of an address at a glance is what is found of it word by word, or else it is no usual one. */
static void
check_known(const char *address)
{
	char message[512], small[ADDRESSEE_MAX], known[ADDRESSEE_MAX];
	struct addressee addressee;
	size_t len = strlen(address), at_signs = 0;
	bool is_usual = len <= ADDRESSEE_MAX;

	snprintf(message, sizeof(message), "550 <%s> unknown", address);
	struct failure failure = failure_of(message, address);
	addressee_find(&classifier->cache, &failure, &addressee);
	for (size_t i = 0; i < len && is_usual; i++) {
		char c = address[i];

		is_usual = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr("@.-_+=", c) != NULL;
		at_signs += c == '@';
		small[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	if (!is_usual || at_signs != 1) {
		ck_assert_msg(slice_is_empty(addressee.address), "%s", address);
		return;
	}
	size_t known_len = cache_simplify_address(&classifier->cache, slice_of(small, len), known);
	ck_assert_msg(slice_equal(addressee.address, slice_str(address)), "%s", address);
	ck_assert_msg(
	    slice_equal(slice_of(addressee.known, addressee.known_len), slice_of(known, known_len)),
	    "%s: %.*s, not %.*s", address, (int)addressee.known_len, addressee.known,
	    (int)known_len, known);
	ck_assert_uint_eq(addressee.first, 5);
}

/* Tokens that rules have, whole, cut and with more behind them, others, and all that may stand between them. */
START_TEST(an_address_is_known_at_a_glance_as_word_by_word)
{
	static const char *const others[] = {"@", "@", ".", ".", "-", "_", "+", "=", "..", "x",
	    "reader", "company", "extraordinary", "7", "42", "1234", "12345678", "a1", "Mixed9Case",
	    "!", "\xc3\xa9"};
	const struct words *tokens = &classifier->cache.tokens.all;
	char address[256];

	srand(1);
	for (int turn = 0; turn < 200000; turn++) {
		size_t len = 0;

		for (int i = rand() % 12; i >= 0; i--) {
			struct slice piece = rand() % 3 != 0 ?
			    slice_str(
				others[(size_t)rand() % (sizeof(others) / sizeof(others[0]))]) :
			    words_get(tokens, (uint32_t)rand() % tokens->count);

			piece = slice_first(piece, rand() % 4 != 0 ? 64 : (size_t)rand() % 10);
			len += (size_t)snprintf(address + len, 64, "%.*s", (int)piece.len,
			    piece.at);
			if (len > 150)
				break;
		}
		check_known(address);
	}
	for (uint32_t i = 0; i < tokens->count; i++) {
		struct slice token = words_get(tokens, i);

		snprintf(address, sizeof(address), "%.*s@%.*s.example.net", (int)token.len,
		    token.at, (int)token.len, token.at);
		check_known(address);
	}
}
END_TEST

static void
note_met(void *context, uint32_t number)
{
	*(uint64_t *)context |= (uint64_t)1 << (number - 1);
}

static void
check_met(const struct told_names *names, const char *name, name_fits_fn *fits)
{
	uint64_t met = 0, all = 0;

	told_names_meet(names, slice_str(name), fits, note_met, &met);
	for (uint32_t i = 0; i < names->count; i++)
		if (fits(slice_str(name), names->list[i].condition))
			all |= (uint64_t)1 << i;
	ck_assert_msg(met == all, "%s", name);
}

/* Of all conditions those that a name fits are met, wherever they are looked for. */
START_TEST(a_name_meets_what_it_fits)
{
	static char *conditions[] = {"", ".", "x", ".x", "de", ".de", ".ru", "q.de", ".q.de",
	    ".me.de", "qq.com", ".qq.com", "me.com", "gmail.com", ".yahoo.com", "yahoo.com", ".com",
	    "mx.example.net", ".mx.example.net", "MX.example.org", NULL};
	static const char *const fronts[] = {"", "a", "mx.", ".", "mail.a", "Q"};
	struct told_names names = {0};
	char name[64];

	ck_assert(told_names_add(&names, conditions) && told_names_add(&names, conditions));
	ck_assert_uint_eq(names.count, sizeof(conditions) / sizeof(conditions[0]) - 1);
	for (size_t i = 0; conditions[i] != NULL; i++)
		for (size_t f = 0; f < sizeof(fronts) / sizeof(fronts[0]); f++)
			for (size_t skip = 0; skip < 3 && skip <= strlen(conditions[i]); skip++)
				for (int is_large = 0; is_large < 2; is_large++) {
					snprintf(name, sizeof(name), "%s%s", fronts[f],
					    conditions[i] + skip);
					for (char *c = name; is_large && *c != '\0'; c++)
						*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
					check_met(&names, name, host_has_suffix);
					check_met(&names, name, domain_fits);
				}
	told_names_clear(&names);
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
	tcase_add_test(tests, an_address_is_known_at_a_glance_as_word_by_word);
	tcase_add_test(tests, a_name_meets_what_it_fits);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
