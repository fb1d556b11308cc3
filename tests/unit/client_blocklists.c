/* Tests of client/checks/lists/blocklists_conf.c: a line of blocklists.conf, and the link that it makes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/lists/blocklists_conf.h"
#include "tests/unit/unit.h"

static const struct {
	const char *line, *zone, *link; /* the link of 192.0.2.1 */
	bool is_ipv4_only;
} lines[] = {
    {"bl.example.org", "bl.example.org", NULL, false},
    {"\t bl.example.org \t", "bl.example.org", NULL, false},
    {"bl.example.org # a comment", "bl.example.org", NULL, false},
    {"bl.example.org ipv4-only", "bl.example.org", NULL, true},
    {"bl.example.org IPv4-only https://example.org/", "bl.example.org", "https://example.org/",
	true},
    {"bl.example.org https://example.org/{ip}", "bl.example.org", "https://example.org/192.0.2.1",
	false},
    {"bl.example.org http://example.org/?{ip}&x # y", "bl.example.org",
	"http://example.org/?192.0.2.1&x", false},
    {"bl.example.org HTTPS://example.org/{ip}/{ip}", "bl.example.org",
	"HTTPS://example.org/192.0.2.1/{ip}", false},
    {"bl.example.org https://example.org/%s%n", "bl.example.org", "https://example.org/%s%n",
	false},
    {"a_b-c.1.example.org", "a_b-c.1.example.org", NULL, false},
};

START_TEST(a_line_names_a_list)
{
	struct blocklist list;

	ck_assert(blocklist_parse(lines[_i].line, &list));
	char *link = blocklist_link(&list, "192.0.2.1");
	ck_assert_str_eq(list.zone, lines[_i].zone);
	ck_assert_pstr_eq(link, lines[_i].link);
	ck_assert_int_eq(list.is_ipv4_only, lines[_i].is_ipv4_only);
	free(link);
	blocklist_clear(&list);
}
END_TEST

#define A50 "0123456789012345678901234567890123456789012345678x"

static const char *const wrong[] = {"", "localhost", ".", "bl..example.org", ".example.org",
    "bl.example.org.", "bl.example.org removal", "bl.example.org ipv4-only ipv4-only",
    "bl.example.org https://example.org/ more", "bl.example.org https://example.org/ ipv4-only",
    "bl.example.org ftp://example.org/", "bl.example.org https://example.org/\xc3\xa4",
    "b%l.example.org", "192.0.2.1 /", A50 A50 ".example.org",
    A50 "." A50 "." A50 "." A50 ".example.org"};

START_TEST(what_cannot_be_understood_is_refused)
{
	struct blocklist list;

	ck_assert_msg(!blocklist_parse(wrong[_i], &list), "%s", wrong[_i]);
	ck_assert_ptr_null(list.zone);
	ck_assert_ptr_null(list.link);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/blocklists");
	TCase *tcase = tcase_create("blocklists");

	tcase_add_loop_test(tcase, a_line_names_a_list, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(tcase, what_cannot_be_understood_is_refused, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
