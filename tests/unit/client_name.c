/* Tests of client/checks/dns/name.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <string.h>

#include "client/checks/dns/name.h"
#include "tests/unit/unit.h"

#define LABEL_63 "012345678901234567890123456789012345678901234567890123456789012"

static const struct {
	const char *name;
	bool is_possible;
} names[] = {
    {"example.com", true},
    {"example", true},
    {"", false},
    {".", false},
    {"..", false},
    {"example.com.", false},
    {".example.com", false},
    {"example..com", false},
    {LABEL_63 ".com", true},
    {LABEL_63 "x.com", false},
    {LABEL_63 "." LABEL_63 "." LABEL_63
	      ".0123456789012345678901234567890123456789012345678901234567890",
	true},
    {LABEL_63 "." LABEL_63 "." LABEL_63
	      ".01234567890123456789012345678901234567890123456789012345678901",
	false},
};

START_TEST(a_name_has_labels)
{
	ck_assert_msg(name_is_possible(names[_i].name) == names[_i].is_possible, "%s",
	    names[_i].name);
}
END_TEST

static const struct {
	const char *name, *domain;
	bool is_within;
} pairs[] = {
    {"example.com", "example.com", true},
    {"a.b.Example.com", "example.COM", true},
    {"example.com", "a.example.com", false},
    {"anexample.com", "example.com", false},
    {"example.com.org", "example.com", false},
    {"com", "example.com", false},
};

START_TEST(a_name_is_within_a_domain_by_whole_labels)
{
	ck_assert_msg(name_is_within(pairs[_i].name, pairs[_i].domain) == pairs[_i].is_within,
	    "%s %s", pairs[_i].name, pairs[_i].domain);
}
END_TEST

START_TEST(letters_of_ascii_become_lower_case)
{
	char name[] = "MAIL.I.\xc3\x84.Example-1_[.com";

	ck_assert_ptr_eq(name_make_lower(name), name);
	ck_assert_str_eq(name, "mail.i.\xc3\x84.example-1_[.com");
	ck_assert_ptr_null(name_make_lower(NULL));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/name");
	TCase *tcase = tcase_create("name");

	tcase_add_loop_test(tcase, a_name_has_labels, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_loop_test(tcase, a_name_is_within_a_domain_by_whole_labels, 0,
	    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tcase, letters_of_ascii_become_lower_case);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
