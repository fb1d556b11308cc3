/* Tests of what is read of cPanel's files about mail: aliases, filters, usage, sockets; and that no bytes in them do harm. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/alias.h"
#include "client/checks/box/box.h"
#include "client/checks/box/filter_file.h"
#include "client/checks/hosting/listening.h"
#include "client/checks/hosting/mailbox_usage.h"
#include "tests/unit/unit.h"

enum {
	LINES_MAX = 64,
	ROUNDS = 3000,
	TEXT_MAX = 600,
};

/* A file of the text's lines; text is cut. */
static struct box_file
file_of(char *text, char *lines[LINES_MAX])
{
	struct box_file file = {.path = "/file", .lines = lines};

	for (char *at = text; at != NULL && *at != '\0' && file.count < LINES_MAX;) {
		lines[file.count++] = at;
		at = strchr(at, '\n');
		if (at != NULL)
			*at++ = '\0';
	}
	return file;
}

static const struct {
	const char *targets, *words;
} aliases[] = {
    {"a@example.org", "is forwarded to a@example.org"},
    {" a@example.org ,b@example.org", "is forwarded to a@example.org, b@example.org"},
    {"\":fail: No Such User Here\"", "is refused with \"No Such User Here\""},
    {":FAIL:No, no", "is refused with \"No, no\""},
    {":fail:", "is refused with \"\""},
    {":defer: later", "is put off with \"later\""},
    {":blackhole:", "is thrown away, and nobody is told"},
    {"/dev/null", "is thrown away, and nobody is told"},
    {"\"|/bin/x a, b\", alice",
	"is given to the program /bin/x a, b and goes to the main mailbox of the account alice"},
    {"|/usr/local/cpanel/bin/autorespond x /y", "is answered by an autoresponder"},
    {"/var/mail/x", "is written to /var/mail/x"},
    {"", "has no place to go to"},
    {" , \" ,", "has no place to go to"},
    {":unknown:", "has no place to go to"},
};

START_TEST(an_alias_is_said_in_words)
{
	char *words = alias_words(aliases[_i].targets);

	ck_assert_str_eq(words, aliases[_i].words);
	free(words);
}
END_TEST

START_TEST(a_list_of_many_targets_is_cut)
{
	char targets[2000] = "";

	for (int i = 0; i < 50; i++)
		strcat(targets, "a@example.org,");
	char *words = alias_words(targets);
	ck_assert_int_lt((int)strlen(words), 500);
	ck_assert_ptr_nonnull(strstr(words, " and to more"));
	free(words);
}
END_TEST

/* A filter, and its rules: outcome, line and name of each. */
static const struct {
	const char *text, *rules;
} filters[] = {
    {"", ""},
    {"# Exim filter\nif not first_delivery and error_message then finish endif\n", ""},
    {"#One\nif $x is \"y\"\nthen\nsave \"/dev/null\" 660\nendif\n", "2:4:One|"},
    {"#One\nif $x is \"y\" then save /dev/null endif\n", "2:2:One|"},
    {"#One\nif $x is \"save /dev/null\" then finish endif\n", "0:2:One|"},
    {"#One\nif x then\nif y then seen finish endif\nendif\n#Two\nif z then fail endif\n",
	"2:3:One|1:6:Two|"},
    {"if x then save \"/dev/null\" endif", "2:1:|"},
    {"#One\nif x then\n# a remark: fail\nfinish\nendif", "0:2:One|"},
    {"#One\nif \"a\\\" fail\" is b then finish endif", "0:2:One|"},
    {"#One\nif x then seen\nfinish endif", "2:3:One|"},
    {"save \"/dev/null\"\nfail\nendif\nendif\n", ""},
    {"# SUSPEND RECEPTION OF NEW MESSAGES\nif true then fail endif",
	"3:1:|1:2:SUSPEND RECEPTION OF NEW MESSAGES|"},
};

START_TEST(a_filters_rules_are_known_by_what_they_do)
{
	struct filter_rule rules[FILTER_RULES_MAX];
	char text[TEXT_MAX], shown[TEXT_MAX] = "", *lines[LINES_MAX];
	struct box_file file = file_of(strcpy(text, filters[_i].text), lines);
	size_t count = filter_read(&file, rules);

	for (size_t i = 0; i < count; i++) {
		sprintf(shown + strlen(shown), "%d:%zu:%s|", (int)rules[i].outcome, rules[i].line,
		    rules[i].name);
		free(rules[i].name);
	}
	ck_assert_str_eq(shown, filters[_i].rules);
}
END_TEST

static const struct {
	const char *text;
	bool is_known;
	int64_t sum;
} usages[] = {
    {"", false, 0},
    {"1000S\n", true, 0},
    {"1000S,5C\n10 1\n 20 1\nx\n-5 -1\n", true, 25},
    {"1000S\n-5 -1\n", true, 0},
    {"1000S\n9223372036854775807 1\n1 1\n", false, 0},
    {"1000S\n99999999999999999999999 1\n7 1\n", true, 7},
};

START_TEST(a_mailboxs_bytes_add_up)
{
	char text[TEXT_MAX], *lines[LINES_MAX];
	struct box_file file = file_of(strcpy(text, usages[_i].text), lines);
	int64_t sum;

	ck_assert_int_eq(mailbox_usage_sum(&file, &sum), usages[_i].is_known);
	if (usages[_i].is_known)
		ck_assert_int_eq(sum, usages[_i].sum);
}
END_TEST

static unsigned
next_random(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16 & 0x7fff;
}

static const char sockets[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    "   1: 00000000:01D1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    "   2: 0100007F:024B 0100007F:0019 01 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    "   3: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    "  10: 050200C0:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    "   5: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0\n"
    "   6: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 0:0\n"
    "   7: garbage:0001\n"
    "   8: 000000000000000000000000000000000000000000000000000000000:0002 0:0 0A\n";

static const struct {
	unsigned port;
	enum listening found;
	size_t line;
} listeners[] = {
    {25, LISTENING_LOCALLY, 2},
    {465, LISTENING_TO_ALL, 3},
    {587, LISTENING_NOWHERE, 0}, /* a connection, which is not listening */
    {22, LISTENING_TO_ALL, 6},
    {8080, LISTENING_TO_ALL, 7},
    {8081, LISTENING_LOCALLY, 8},
    {1, LISTENING_NOWHERE, 0},
    {2, LISTENING_NOWHERE, 0},
};

START_TEST(who_listens_is_read_of_the_kernels_table)
{
	char text[sizeof(sockets)], *lines[LINES_MAX];
	struct box_file file = file_of(strcpy(text, sockets), lines);
	size_t line;

	ck_assert_int_eq(listening_on(&file, listeners[_i].port, &line), listeners[_i].found);
	ck_assert_uint_eq(line, listeners[_i].line);
}
END_TEST

/* Texts out of pieces that mean something, in any order, with bytes changed. */
START_TEST(no_text_does_harm)
{
	static const char *const pieces[] = {"if", "endif", "then", "\"", "\\", "save", "/dev/null",
	    "seen", "finish", "fail", "#", "(", ")", "\n", " ", ":fail:", ":blackhole:", ",", "|",
	    "/", "@", "9223372036854775807", "-1", "%s%n", "\xff"};
	unsigned state = 1;

	for (int round = 0; round < ROUNDS; round++) {
		struct filter_rule rules[FILTER_RULES_MAX];
		char text[TEXT_MAX] = "", *lines[LINES_MAX];
		int64_t sum;

		for (int i = 0; i < 40; i++)
			strcat(
			    strcat(text,
				pieces[next_random(&state) % (sizeof(pieces) / sizeof(pieces[0]))]),
			    next_random(&state) % 3 == 0 ? " " : "");
		text[next_random(&state) % strlen(text)] = (char)(1 + next_random(&state) % 255);
		free(alias_words(text));
		struct box_file file = file_of(text, lines);
		size_t count = filter_read(&file, rules);
		for (size_t i = 0; i < count; i++) {
			ck_assert_uint_ge(rules[i].line, 1);
			ck_assert_uint_le(rules[i].line, file.count);
			free(rules[i].name);
		}
		mailbox_usage_sum(&file, &sum);
	}
}
END_TEST

START_TEST(a_filter_of_many_rules_is_cut)
{
	enum { COUNT = 2 * FILTER_RULES_MAX };
	static char rule[] = "if x then seen finish endif # if";
	struct filter_rule rules[FILTER_RULES_MAX];
	char *lines[COUNT];

	for (int i = 0; i < COUNT; i++)
		lines[i] = rule;
	struct box_file file = {.path = "/file", .lines = lines, .count = COUNT};
	ck_assert_uint_eq(filter_read(&file, rules), FILTER_RULES_MAX);
	for (size_t i = 0; i < FILTER_RULES_MAX; i++)
		free(rules[i].name);
}
END_TEST

#define COUNT_OF(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("client");
	TCase *cases = tcase_create("mail files");

	suite_add_tcase(suite, cases);
	tcase_add_loop_test(cases, an_alias_is_said_in_words, 0, COUNT_OF(aliases));
	tcase_add_test(cases, a_list_of_many_targets_is_cut);
	tcase_add_loop_test(cases, a_filters_rules_are_known_by_what_they_do, 0, COUNT_OF(filters));
	tcase_add_test(cases, a_filter_of_many_rules_is_cut);
	tcase_add_loop_test(cases, a_mailboxs_bytes_add_up, 0, COUNT_OF(usages));
	tcase_add_loop_test(cases, who_listens_is_read_of_the_kernels_table, 0,
	    COUNT_OF(listeners));
	tcase_add_test(cases, no_text_does_harm);
	return unit_run(suite);
}
