/* Tests of client/checks/policy/dmarc_record.c: what receivers take for a DMARC record, and where reports go. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/policy/dmarc_record.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	bool is_record, is_meant;
} texts[] = {
    {"v=DMARC1; p=none", true, true},
    {"v=DMARC1;p=none;", true, true},
    {"v=DMARC1", true, true},
    {"v = DMARC1 ;", true, true},
    {"v\t=\tDMARC1\t", true, true},
    {" v=DMARC1; p=none", false, true},
    {"V=DMARC1; p=none", false, true},
    {"v=dmarc1; p=none", false, true},
    {"v=DMARC1 p=none", false, true},
    {"v=DMARC1,p=none", false, true},
    {"v=DMARC12; p=none", false, true},
    {"v=DMARC1\\; p=none", false, true},
    {"\"v=DMARC1; p=none\"", false, true},
    {"p=none; v=DMARC1", false, true},
    {"v=DMARC", false, true},
    {"v=spf1 -all", false, false},
    {"v=", false, false},
    {"v", false, false},
    {"", false, false},
};

START_TEST(a_record_begins_as_the_grammar_has_it)
{
	ck_assert(dmarc_is_record(texts[_i].text) == texts[_i].is_record);
	ck_assert(dmarc_is_meant(texts[_i].text) == texts[_i].is_meant);
}
END_TEST

/* domain: NULL where the URI names none */
static const struct {
	const char *uri, *domain;
} uris[] = {
    {"mailto:a@example.com", "example.com"},
    {"MailTo:a@example.com", "example.com"},
    {"mailto:a@example.com!10m", "example.com"},
    {"mailto:a@example.com!10", "example.com"},
    {"mailto:a!b@example.com!1K", "example.com"},
    {"mailto:a@example.com?subject=x@y", "example.com"},
    {"mailto:a@b@example.com", "example.com"},
    {"mailto:a@x_1.example.com", "x_1.example.com"},
    {"mailto:a@example", "example"},
    {"mailto:a@example.com!", NULL},
    {"mailto:a@example.com!k", NULL},
    {"mailto:a@example.com!1x", NULL},
    {"mailto:a@example.com!1kk", NULL},
    {"mailto:@example.com", NULL},
    {"mailto:a@", NULL},
    {"mailto:a@?x", NULL},
    {"mailto:a@.example.com", NULL},
    {"mailto:a@example..com", NULL},
    {"mailto:a@exam ple.com", NULL},
    {"mailto:a@ex/ample.com", NULL},
    {"mailto:", NULL},
    {"mailto", NULL},
    {"mailto:?a@example.com", NULL},
    {"a@example.com", NULL},
    {"https://a@example.com", NULL},
    {"", NULL},
    {"!", NULL},
};

START_TEST(reports_go_to_the_domain_of_a_mailto)
{
	const char *domain;
	size_t len = strlen(uris[_i].uri), domain_len;
	/* Another byte stands behind it, as in the list that it was cut from. */
	char *uri = malloc(len + 1);

	memcpy(uri, uris[_i].uri, len);
	uri[len] = '9';
	bool has_domain = dmarc_uri_domain(uri, len, &domain, &domain_len);
	ck_assert(has_domain == (uris[_i].domain != NULL));
	if (has_domain) {
		ck_assert_uint_eq(domain_len, strlen(uris[_i].domain));
		ck_assert_mem_eq(domain, uris[_i].domain, domain_len);
	}
	free(uri);
}
END_TEST

static Suite *
dmarc_suite(void)
{
	Suite *suite = suite_create("client/checks/dmarc_record");
	TCase *tcase = tcase_create("records");

	tcase_add_loop_test(tcase, a_record_begins_as_the_grammar_has_it, 0,
	    sizeof(texts) / sizeof(*texts));
	tcase_add_loop_test(tcase, reports_go_to_the_domain_of_a_mailto, 0,
	    sizeof(uris) / sizeof(*uris));
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(dmarc_suite());
}
