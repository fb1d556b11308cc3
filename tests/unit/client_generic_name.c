/* Tests of client/checks/names/generic_name.c: which names of addresses look like those of a line, not of a server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>

#include "client/checks/names/generic_name.h"
#include "tests/unit/unit.h"

static const struct {
	const char *ip, *name, *reason;
} names[] = {
    {"192.0.2.25", "mail.example.com", NULL},
    {"192.0.2.25", "server25.example.com", NULL},
    {"192.0.2.25", "mx2-25.example.com", NULL},
    {"192.0.2.25", "", NULL},
    {"192.0.2.25", "com", NULL},
    {"192.0.2.25", "dsl.example", NULL},
    {"192.0.2.25", "mail.dynamic.example", NULL},
    {"192.0.2.25", "poolside.example.com", NULL},
    {"192.0.2.25", "192-0-2-25.example.com", "holds the address itself"},
    {"192.0.2.25", "host192.0.2.25.example.com", "holds the address itself"},
    {"192.0.2.25", "ip-25-2-0-192.region.example.com", "holds the address itself"},
    {"192.0.2.25", "0-2-25.example.com", "holds the address itself"},
    {"192.0.2.25", "192.000.002.025.example.com", "holds the address itself"},
    {"192.0.2.25", "c0000219.example.com", "holds the address itself"},
    {"192.0.2.25", "ip192000002025.example.com", "holds the address itself"},
    {"192.0.2.25", "192-0-3-25.example.com", NULL},
    {"192.0.2.25", "dsl-25.example.com", "says \"dsl\""},
    {"192.0.2.25", "a25.pool.example.com", "says \"pool\""},
    {"192.0.2.25", "static-ip.customers.example.com", "says \"static\""},
    {"2001:db8::25", "mail.example.com", NULL},
    {"2001:db8::25", "2001-db8--25.example.com", "holds the address itself"},
    {"2001:db8::1:2:3:4", "h0001000200030004.example.com", "holds the address itself"},
    {"2001:db8::1:2:3:4", "4.3.2.1.example.com", NULL},
    {"2001:db8::", "x0000000000000000.example.com", NULL},
};

START_TEST(a_generic_name_is_known_by_its_words)
{
	struct ip ip;
	char out[64];

	ck_assert(ip_parse(names[_i].ip, &ip));
	const char *reason = generic_name_reason(names[_i].name, &ip, out, sizeof(out));
	if (names[_i].reason == NULL)
		ck_assert_msg(reason == NULL, "%s: %s", names[_i].name, reason);
	else
		ck_assert_pstr_eq(reason, names[_i].reason);
}
END_TEST

START_TEST(no_name_is_too_long)
{
	static char name[2000];
	struct ip ip;
	char out[64];

	for (size_t i = 0; i + 1 < sizeof(name); i++)
		name[i] = "1234567890.-"[i % 12];
	ck_assert(ip_parse("192.0.2.25", &ip));
	ck_assert_ptr_null(generic_name_reason(name, &ip, out, sizeof(out)));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/generic_name");
	TCase *tcase = tcase_create("generic_name");

	tcase_add_loop_test(tcase, a_generic_name_is_known_by_its_words, 0,
	    sizeof(names) / sizeof(names[0]));
	tcase_add_test(tcase, no_name_is_too_long);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
