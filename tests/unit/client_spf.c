/* Tests of client/checks/policy/spf.c: what RFC 7208 says of a record, an address and a sender, section by section. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/policy/spf.h"
#include "tests/unit/spf_zone.h"
#include "tests/unit/unit.h"

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static const struct zone_row rows[] = {
    {"example.com", RECORD_A, "192.0.2.10"},
    {"example.com", RECORD_A, "192.0.2.11"},
    {"example.com", RECORD_AAAA, "2001:db8::10"},
    {"example.com", RECORD_MX, "mail-a.example.com"},
    {"example.com", RECORD_MX, "mail-b.example.com"},
    {"mail-a.example.com", RECORD_A, "192.0.2.129"},
    {"mail-b.example.com", RECORD_A, "192.0.2.130"},
    {"mail-b.example.com", RECORD_AAAA, "2001:db8::130"},
    {"amy.example.com", RECORD_A, "192.0.2.65"},
    {"bob.example.com", RECORD_A, "192.0.2.66"},
    {"example.org", RECORD_A, "198.51.100.5"},
    {"example.org", RECORD_MX, "mail-c.example.org"},
    {"mail-c.example.org", RECORD_A, "192.0.2.140"},
    {"only4.example.com", RECORD_A, "198.51.100.4"},
    {"only6.example.com", RECORD_AAAA, "2001:db8::6"},
    {"mail.example.xn--zckzah", RECORD_A, "198.51.100.7"},
    {"odd:name/with.example.com", RECORD_A, "198.51.100.8"},
    {"no-mail.example.com", RECORD_MX, ""},
    {"fails.example.com", RECORD_A, FAILS},
    {"fails.example.com", RECORD_AAAA, FAILS},
    {"fails.example.com", RECORD_MX, FAILS},
    {"fails.example.com", RECORD_TXT, FAILS},
    {"exchange-fails.example.com", RECORD_MX, "fails.example.com"},
    {"many.example.com", RECORD_MX, "example.com"},
    {"many.example.com", RECORD_MX, "1.example.com"},
    {"many.example.com", RECORD_MX, "2.example.com"},
    {"many.example.com", RECORD_MX, "3.example.com"},
    {"many.example.com", RECORD_MX, "4.example.com"},
    {"many.example.com", RECORD_MX, "5.example.com"},
    {"many.example.com", RECORD_MX, "6.example.com"},
    {"many.example.com", RECORD_MX, "7.example.com"},
    {"many.example.com", RECORD_MX, "8.example.com"},
    {"many.example.com", RECORD_MX, "9.example.com"},
    {"many.example.com", RECORD_MX, "10.example.com"},
    /* Names of addresses: 65 is amy, and says to be bob; 140 is mail-c; 10 has eleven names, of which the last is right. */
    {"65.2.0.192.in-addr.arpa", RECORD_PTR, "amy.example.com"},
    {"66.2.0.192.in-addr.arpa", RECORD_PTR, "amy.example.com"},
    {"140.2.0.192.in-addr.arpa", RECORD_PTR, "mail-c.example.org"},
    {"5.100.51.198.in-addr.arpa", RECORD_PTR, FAILS},
    {"7.100.51.198.in-addr.arpa", RECORD_PTR, "fails.example.com"},
    {"7.100.51.198.in-addr.arpa", RECORD_PTR, "MAIL.example.xn--zckzah"},
    {"0.3.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", RECORD_PTR,
	"mail-b.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "bob.example.com"},
    {"10.2.0.192.in-addr.arpa", RECORD_PTR, "example.com"},
    {"11.2.0.192.in-addr.arpa", RECORD_PTR, "other.example.org"},
    {"11.2.0.192.in-addr.arpa", RECORD_PTR, "sub.example.com"},
    {"11.2.0.192.in-addr.arpa", RECORD_PTR, "example.com"},
    {"13.2.0.192.in-addr.arpa", RECORD_PTR, "other.example.org"},
    {"13.2.0.192.in-addr.arpa", RECORD_PTR, "sub.example.com"},
    {"other.example.org", RECORD_A, "192.0.2.11"},
    {"other.example.org", RECORD_A, "192.0.2.13"},
    {"sub.example.com", RECORD_A, "192.0.2.11"},
    {"sub.example.com", RECORD_A, "192.0.2.13"},
    /* Records that others include or are redirected to. */
    {"passes.example.net", RECORD_TXT, "v=spf1 ip4:203.0.113.0/24 -all"},
    {"softens.example.net", RECORD_TXT, "v=spf1 ~all"},
    {"neutral.example.net", RECORD_TXT, "v=spf1 ip4:203.0.113.77"},
    {"includes.example.net", RECORD_TXT, "v=spf1 -ip4:203.0.113.9 include:passes.example.net ~all"},
    {"wrong.example.net", RECORD_TXT, "v=spf1 ipv4:203.0.113.1 -all"},
    {"two.example.net", RECORD_TXT, "v=spf1 -all"},
    {"two.example.net", RECORD_TXT, "v=spf1 ~all"},
    {"other.example.net", RECORD_TXT, "something else"},
    {"own.example.net", RECORD_TXT, "v=spf1 a -all exp=why.example.net"},
    {"own.example.net", RECORD_A, "198.51.100.44"},
    {"loop.example.net", RECORD_TXT, "v=spf1 include:loop.example.net -all"},
    {"circle.example.net", RECORD_TXT, "v=spf1 redirect=circle.example.net"},
    {"void.example.net", RECORD_TXT, "v=spf1 a:nowhere.example.net -all"},
    {"eight.example.net", RECORD_TXT, "v=spf1 a a a a a a a a"},
    {"eight.example.net", RECORD_A, "198.51.100.88"},
    {"why.example.net", RECORD_TXT,
	"Not from %{c}, %{s}: see https://example.net/why?l=%{L}&d=%{d}"},
    {"two-whys.example.net", RECORD_TXT, "one"},
    {"two-whys.example.net", RECORD_TXT, "two"},
    {"wrong-why.example.net", RECORD_TXT, "%{x}"},
    {"foreign-why.example.net", RECORD_TXT, "warum nicht \xc3\xbc"},
    {"dot-why.example.net", RECORD_TXT, "Ends in a dot."},
    /* What macros lead to. */
    {"198.51.100.1.exists.example.net", RECORD_A, "127.0.0.2"},
    {"1.100.51.198.in-addr.exists.example.net", RECORD_A, "127.0.0.2"},
    {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.exists.example.net",
	RECORD_A, "127.0.0.2"},
    {"strong.lp.example.net", RECORD_A, "127.0.0.2"},
    {"bad.strong.rl.example.net", RECORD_A, "127.0.0.2"},
    {"strong.r1.example.net", RECORD_A, "127.0.0.2"},
    {"x%y z%20.example.net", RECORD_A, "127.0.0.2"},
    {"mail.example.com.helo.example.net", RECORD_A, "127.0.0.2"},
    {"amy.example.com.p.example.net", RECORD_A, "127.0.0.2"},
    {"example.com.q.example.net", RECORD_A, "127.0.0.2"},
    {"sub.example.com.p.example.net", RECORD_A, "127.0.0.2"},
    {"unknown.p.example.net", RECORD_A, "127.0.0.2"},
};

struct test_case {
	const char *record, *ip;
	enum spf_result result;
	const char *mechanism; /* NULL: none */
	const char *
	    says; /* a part of the problem, the explanation, or what an include found; NULL: nothing is said */
	const char *sender, *helo;
};

static struct spf_answer
check_case(struct zone *zone, const struct test_case *given)
{
	const char *sender = given->sender != NULL ? given->sender : "strong-bad@example.com";
	const char *at = strrchr(sender, '@');
	struct spf_question question = {
	    .domain = at != NULL ? at + 1 : sender,
	    .sender = sender,
	    .helo = given->helo != NULL ? given->helo : "mail.example.com",
	    .ask = zone_ask,
	    .context = zone,
	};
	struct spf_answer answer;

	*zone = (struct zone){rows, sizeof(rows) / sizeof(rows[0]), given->record, NULL, 0};
	ck_assert(ip_parse(given->ip, &question.ip));
	spf_check(&question, &answer);
	return answer;
}

static void
compare(const struct test_case *given)
{
	struct zone zone;
	struct spf_answer answer = check_case(&zone, given);
	const char *said = answer.problem != NULL ? answer.problem :
	    answer.explanation != NULL            ? answer.explanation :
						    answer.inner_mechanism;

	ck_assert_msg(answer.result == given->result && answer.lookups <= SPF_LOOKUPS_MAX,
	    "%s of %s: %s, not %s: %s", given->record, given->ip, spf_result_name(answer.result),
	    spf_result_name(given->result), said);
	ck_assert_pstr_eq(answer.mechanism, given->mechanism);
	ck_assert_msg(given->says == NULL ? said == NULL :
					    said != NULL && strstr(said, given->says) != NULL,
	    "%s of %s: %s", given->record, given->ip, said);
	/* An error says what it is about. */
	ck_assert((answer.problem != NULL) ==
	    (answer.result == SPF_PERMERROR || answer.result == SPF_TEMPERROR));
	spf_answer_clear(&answer);
	zone_clear(&zone);
}

/* 4.3 to 4.7: which record it is, and how it is read. */
static const struct test_case records[] = {
    {NULL, "192.0.2.1", SPF_NONE, NULL, NULL, "a@nowhere.example.com", NULL},
    {NULL, "192.0.2.1", SPF_NONE, NULL, NULL, "a@other.example.net", NULL},
    {NULL, "192.0.2.1", SPF_NONE, NULL, NULL, "a@" LABEL_63 "4.example.com", NULL},
    {NULL, "192.0.2.1", SPF_NONE, NULL, NULL, "a@b..example.com", NULL},
    {NULL, "192.0.2.1", SPF_NONE, NULL, NULL, "a@localhost", NULL},
    {NULL, "192.0.2.1", SPF_NONE, NULL, NULL, "a@[192.0.2.1]", NULL},
    {NULL, "192.0.2.1", SPF_TEMPERROR, NULL, "TXT records of fails.example.com",
	"a@fails.example.com", NULL},
    {NULL, "192.0.2.1", SPF_PERMERROR, NULL, "two.example.net has 2 SPF records",
	"a@two.example.net", NULL},
    {"v=spf1", "192.0.2.1", SPF_NEUTRAL, NULL, NULL, NULL, NULL},
    {"v=spf1 ", "192.0.2.1", SPF_NEUTRAL, NULL, NULL, NULL, NULL},
    {"V=sPf1 -ALL", "192.0.2.1", SPF_FAIL, "-ALL", NULL, NULL, NULL},
    {"v=spf10 -all", "192.0.2.1", SPF_NONE, NULL, NULL, NULL, NULL},
    {"v=spf1mx", "192.0.2.1", SPF_NONE, NULL, NULL, NULL, NULL},
    {" v=spf1 -all", "192.0.2.1", SPF_NONE, NULL, NULL, NULL, NULL},
    {"v=spf10\n\x96\nv=spf1 mx -all\ngoogle-site-verification=x", "192.0.2.129", SPF_PASS, "mx",
	NULL, NULL, NULL},
    {"v=spf1 -all\nv=spf1 +all", "192.0.2.1", SPF_PERMERROR, NULL, "2 SPF records", NULL, NULL},
    {"v=spf1 -all\nv=spf1 -all", "192.0.2.1", SPF_PERMERROR, NULL, "2 SPF records", NULL, NULL},
    {"v=spf1   ip4:192.0.2.1   -all  ", "192.0.2.1", SPF_PASS, "ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 ip4:192.0.2.1 -all moo", "192.0.2.1", SPF_PERMERROR, NULL, "\"moo\"", NULL, NULL},
    {"v=spf1 ip4:192.0.2.1\tptr -all", "192.0.2.1", SPF_PERMERROR, NULL, "ip4:", NULL, NULL},
    {"v=spf1 a:\xef\xbb\xbfmail.example.com -all", "192.0.2.1", SPF_PERMERROR, NULL, "ASCII", NULL,
	NULL},
    {"v=spf1 \x96"
     "all",
	"192.0.2.1", SPF_PERMERROR, NULL, "no such mechanism", NULL, NULL},
    {"v=spf1 ip4:192.0.2.2", "192.0.2.1", SPF_NEUTRAL, NULL, NULL, NULL, NULL},
    {"v=spf1 +ip4:192.0.2.1 -all", "192.0.2.1", SPF_PASS, "+ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 ?ip4:192.0.2.1 -all", "192.0.2.1", SPF_NEUTRAL, "?ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 ~ip4:192.0.2.1 -all", "192.0.2.1", SPF_SOFTFAIL, "~ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 -ip4:192.0.2.1 +all", "192.0.2.1", SPF_FAIL, "-ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 --all", "192.0.2.1", SPF_PERMERROR, NULL, "\"--all\"", NULL, NULL},
    {"v=spf1 a: -all", "192.0.2.1", SPF_PERMERROR, NULL, "a name is missing", NULL, NULL},
};

/* 5.1, 5.6 */
static const struct test_case networks[] = {
    {"v=spf1 all -all", "192.0.2.1", SPF_PASS, "all", NULL, NULL, NULL},
    {"v=spf1 -all.", "192.0.2.1", SPF_PERMERROR, NULL, "\"-all.\"", NULL, NULL},
    {"v=spf1 -all:example.com", "192.0.2.1", SPF_PERMERROR, NULL, "stands alone", NULL, NULL},
    {"v=spf1 -all/8", "192.0.2.1", SPF_PERMERROR, NULL, "\"-all/8\"", NULL, NULL},
    {"v=spf1 ip4:198.51.100.0/24 -all", "198.51.100.200", SPF_PASS, "ip4:198.51.100.0/24", NULL,
	NULL, NULL},
    {"v=spf1 ip4:198.51.100.0/24 -all", "198.51.101.0", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip4:198.51.100.200/25 -all", "198.51.100.128", SPF_PASS, "ip4:198.51.100.200/25", NULL,
	NULL, NULL},
    {"v=spf1 ip4:198.51.100.200/25 -all", "198.51.100.127", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip4:198.51.100.1/0 -all", "192.0.2.1", SPF_PASS, "ip4:198.51.100.1/0", NULL, NULL,
	NULL},
    {"v=spf1 ip4:198.51.100.1/0 -all", "2001:db8::1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip4:192.0.2.1/32 -all", "192.0.2.1", SPF_PASS, "ip4:192.0.2.1/32", NULL, NULL, NULL},
    {"v=spf1 ip4:192.0.2.1/33 -all", "192.0.2.1", SPF_PERMERROR, NULL, "from 0 to 32", NULL, NULL},
    {"v=spf1 ip4:192.0.2.1/032 -all", "192.0.2.1", SPF_PERMERROR, NULL, "from 0 to 32", NULL, NULL},
    {"v=spf1 ip4:192.0.2.1/4294967328", "192.0.2.1", SPF_PERMERROR, NULL, "from 0 to 32", NULL,
	NULL},
    {"v=spf1 ip4:192.0.2.1//32", "192.0.2.1", SPF_PERMERROR, NULL, "four numbers", NULL, NULL},
    {"v=spf1 ip4:192.0.2.1/", "192.0.2.1", SPF_PERMERROR, NULL, "four numbers", NULL, NULL},
    {"v=spf1 ip4", "192.0.2.1", SPF_PERMERROR, NULL, "a colon", NULL, NULL},
    {"v=spf1 ip4:", "192.0.2.1", SPF_PERMERROR, NULL, "four numbers", NULL, NULL},
    {"v=spf1 ip4:192.0.2.1:25", "192.0.2.1", SPF_PERMERROR, NULL, "four numbers", NULL, NULL},
    {"v=spf1 ip4:192.0.2", "192.0.2.1", SPF_PERMERROR, NULL, "four numbers", NULL, NULL},
    {"v=spf1 ip4:2001:db8::1 -all", "2001:db8::1", SPF_PERMERROR, NULL, "four numbers", NULL, NULL},
    {"v=spf1 -ip4:192.0.2.1 ip6:::ffff:192.0.2.1", "::ffff:192.0.2.1", SPF_FAIL, "-ip4:192.0.2.1",
	NULL, NULL, NULL},
    {"v=spf1 ip6:::ffff:192.0.2.1 -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip6:2001:DB8::/32 -all", "2001:db8:ffff::1", SPF_PASS, "ip6:2001:DB8::/32", NULL, NULL,
	NULL},
    {"v=spf1 ip6:2001:db8:8000::/33 -all", "2001:db8:7000::1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip6:::/0 -all", "2001:db8::1", SPF_PASS, "ip6:::/0", NULL, NULL, NULL},
    {"v=spf1 ip6:::/0 -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip6:2001:db8::1 -all", "2001:db8::1", SPF_PASS, "ip6:2001:db8::1", NULL, NULL, NULL},
    {"v=spf1 ip6:2001:db8::1/129", "2001:db8::1", SPF_PERMERROR, NULL, "from 0 to 128", NULL, NULL},
    {"v=spf1 ip6:2001:db8::1//64", "192.0.2.1", SPF_PERMERROR, NULL, "an IPv6 address", NULL, NULL},
    {"v=spf1 -all ip6", "192.0.2.1", SPF_PERMERROR, NULL, "\"ip6\"", NULL, NULL},
};

/* 5.2 */
static const struct test_case includes[] = {
    {"v=spf1 include:passes.example.net ~all", "203.0.113.1", SPF_PASS,
	"include:passes.example.net", "ip4:203.0.113.0/24", NULL, NULL},
    {"v=spf1 -include:passes.example.net ~all", "203.0.113.1", SPF_FAIL,
	"-include:passes.example.net", "ip4:203.0.113.0/24", NULL, NULL},
    {"v=spf1 include:passes.example.net ~all", "192.0.2.1", SPF_SOFTFAIL, "~all", NULL, NULL, NULL},
    {"v=spf1 include:softens.example.net ?all", "192.0.2.1", SPF_NEUTRAL, "?all", NULL, NULL, NULL},
    {"v=spf1 include:softens.example.net", "192.0.2.1", SPF_NEUTRAL, NULL, NULL, NULL, NULL},
    {"v=spf1 include:neutral.example.net -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 include:includes.example.net -all", "203.0.113.1", SPF_PASS,
	"include:includes.example.net", "ip4:203.0.113.0/24", NULL, NULL},
    {"v=spf1 include:includes.example.net ?all", "203.0.113.9", SPF_NEUTRAL, "?all", NULL, NULL,
	NULL},
    {"v=spf1 include:own.example.net ~all", "198.51.100.44", SPF_PASS, "include:own.example.net",
	"a", NULL, NULL},
    {"v=spf1 include:own.example.net ~all", "192.0.2.10", SPF_SOFTFAIL, "~all", NULL, NULL, NULL},
    {"v=spf1 include:fails.example.com -all", "192.0.2.1", SPF_TEMPERROR, NULL,
	"TXT records of fails.example.com", NULL, NULL},
    {"v=spf1 include:wrong.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"in the SPF record of wrong.example.net, \"ipv4:203.0.113.1\"", NULL, NULL},
    {"v=spf1 include:two.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"two.example.net has 2 SPF records", NULL, NULL},
    {"v=spf1 include:nowhere.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"nowhere.example.net has no SPF record", NULL, NULL},
    {"v=spf1 include:other.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"other.example.net has no SPF record", NULL, NULL},
    {"v=spf1 ip4:192.0.2.1 include:nowhere.example.net -all", "192.0.2.1", SPF_PASS,
	"ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 include -all", "192.0.2.1", SPF_PERMERROR, NULL, "\"include\"", NULL, NULL},
    {"v=spf1 include: -all", "192.0.2.1", SPF_PERMERROR, NULL, "a name is missing", NULL, NULL},
    {"v=spf1 include:passes.example.net/24", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL,
	NULL},
};

/* 5.3, 5.4, 4.8, 7.1: names and the lengths behind them. */
static const struct test_case names[] = {
    {"v=spf1 a -all", "192.0.2.10", SPF_PASS, "a", NULL, NULL, NULL},
    {"v=spf1 a -all", "192.0.2.11", SPF_PASS, "a", NULL, NULL, NULL},
    {"v=spf1 a -all", "192.0.2.12", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a -all", "2001:db8::10", SPF_PASS, "a", NULL, NULL, NULL},
    {"v=spf1 a:example.org -all", "198.51.100.5", SPF_PASS, "a:example.org", NULL, NULL, NULL},
    {"v=spf1 a:example.org. -all", "198.51.100.5", SPF_PASS, "a:example.org.", NULL, NULL, NULL},
    {"v=spf1 a/24 -all", "192.0.2.250", SPF_PASS, "a/24", NULL, NULL, NULL},
    {"v=spf1 a/24 -all", "2001:db8::11", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a//64 -all", "2001:db8::11", SPF_PASS, "a//64", NULL, NULL, NULL},
    {"v=spf1 a//64 -all", "192.0.2.250", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a/24//64 -all", "192.0.2.250", SPF_PASS, "a/24//64", NULL, NULL, NULL},
    {"v=spf1 a:example.com/24//64 -all", "2001:db8::11", SPF_PASS, "a:example.com/24//64", NULL,
	NULL, NULL},
    {"v=spf1 a/24/64 -all", "192.0.2.250", SPF_PERMERROR, NULL, "\"a/24/64\"", NULL, NULL},
    {"v=spf1 a/33 -all", "192.0.2.10", SPF_PERMERROR, NULL, "from 0 to 32", NULL, NULL},
    {"v=spf1 a//33 -all", "192.0.2.12", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a//129 -all", "192.0.2.10", SPF_PERMERROR, NULL, "from 0 to 128", NULL, NULL},
    {"v=spf1 a:only4.example.com/0 -all", "192.0.2.1", SPF_PASS, "a:only4.example.com/0", NULL,
	NULL, NULL},
    {"v=spf1 a:only4.example.com/0 -all", "2001:db8::1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a:only6.example.com//0 -all", "2001:db8:1::", SPF_PASS, "a:only6.example.com//0", NULL,
	NULL, NULL},
    {"v=spf1 a:only6.example.com//0 -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a:nowhere.example.com/0 -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a:fails.example.com -all", "192.0.2.1", SPF_TEMPERROR, NULL,
	"fails.example.com A, and DNS", NULL, NULL},
    {"v=spf1 a:fails.example.com -all", "2001:db8::1", SPF_TEMPERROR, NULL,
	"fails.example.com AAAA, and DNS: the nameserver failed", NULL, NULL},
    {"v=spf1 a:mail.example.xn--zckzah -all", "198.51.100.7", SPF_PASS, "a:mail.example.xn--zckzah",
	NULL, NULL, NULL},
    {"v=spf1 a:odd:name/with.example.com -all", "198.51.100.8", SPF_PASS,
	"a:odd:name/with.example.com", NULL, NULL, NULL},
    {"v=spf1 a:b...example.com -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a:" LABEL_63 "4.example.com -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a:%{H}.example.com -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL,
	"%%%%%%%%%%%%%%%%%%%%%%"},
    {"v=spf1 a:museum -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:museum. -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:. -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:example.123 -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:example.-com -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:example.com- -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:example.com:25 -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 a:192.0.2.1 -all", "192.0.2.1", SPF_PERMERROR, NULL, "written with ip4:", NULL, NULL},
    {"v=spf1 mx:2001:db8::1 -all", "192.0.2.1", SPF_PERMERROR, NULL, "written with ip6:", NULL,
	NULL},
    {"v=spf1 mx -all", "192.0.2.130", SPF_PASS, "mx", NULL, NULL, NULL},
    {"v=spf1 mx -all", "2001:db8::130", SPF_PASS, "mx", NULL, NULL, NULL},
    {"v=spf1 mx -all", "192.0.2.10", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", SPF_PASS, "mx/30", NULL, NULL, NULL},
    {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", SPF_PASS, "mx:example.org/30", NULL,
	NULL, NULL},
    {"v=spf1 mx/0//0 -all", "2001:db9::", SPF_PASS, "mx/0//0", NULL, NULL, NULL},
    {"v=spf1 mx:amy.example.com -all", "192.0.2.65", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 mx:no-mail.example.com -all", "192.0.2.65", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 mx:fails.example.com -all", "192.0.2.1", SPF_TEMPERROR, NULL, "fails.example.com MX",
	NULL, NULL},
    {"v=spf1 mx:exchange-fails.example.com -all", "192.0.2.1", SPF_TEMPERROR, NULL,
	"fails.example.com A", NULL, NULL},
};

/* 5.5, 5.7 */
static const struct test_case pointers[] = {
    {"v=spf1 ptr -all", "192.0.2.65", SPF_PASS, "ptr", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "192.0.2.66", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "192.0.2.140", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ptr:Example.ORG -all", "192.0.2.140", SPF_PASS, "ptr:Example.ORG", NULL, NULL, NULL},
    {"v=spf1 ptr:ample.org -all", "192.0.2.140", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "2001:db8::130", SPF_PASS, "ptr", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "192.0.2.10", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "198.51.100.5", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ptr:xn--zckzah.example.com -all", "198.51.100.7", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ptr:example.xn--zckzah -all", "198.51.100.7", SPF_PASS, "ptr:example.xn--zckzah", NULL,
	NULL, NULL},
    {"v=spf1 ptr/0 -all", "192.0.2.65", SPF_PERMERROR, NULL, "\"ptr/0\"", NULL, NULL},
    {"v=spf1 ptr: -all", "192.0.2.65", SPF_PERMERROR, NULL, "a name is missing", NULL, NULL},
    {"v=spf1 exists:example.org -all", "192.0.2.1", SPF_PASS, "exists:example.org", NULL, NULL,
	NULL},
    {"v=spf1 exists:example.org -all", "2001:db8::1", SPF_PASS, "exists:example.org", NULL, NULL,
	NULL},
    {"v=spf1 exists:only6.example.com -all", "2001:db8::1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exists:fails.example.com -all", "192.0.2.1", SPF_TEMPERROR, NULL,
	"fails.example.com A", NULL, NULL},
    {"v=spf1 exists -all", "192.0.2.1", SPF_PERMERROR, NULL, "\"exists\"", NULL, NULL},
    {"v=spf1 exists: -all", "192.0.2.1", SPF_PERMERROR, NULL, "a name is missing", NULL, NULL},
    {"v=spf1 exists:example.org/24 -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL,
	NULL},
};

/* 6 */
static const struct test_case modifiers[] = {
    {"v=spf1 redirect=passes.example.net", "203.0.113.1", SPF_PASS, "ip4:203.0.113.0/24", NULL,
	NULL, NULL},
    {"v=spf1 redirect=passes.example.net ip4:192.0.2.1", "192.0.2.1", SPF_PASS, "ip4:192.0.2.1",
	NULL, NULL, NULL},
    {"v=spf1 redirect=passes.example.net ?all", "203.0.113.1", SPF_NEUTRAL, "?all", NULL, NULL,
	NULL},
    {"v=spf1 redirect=own.example.net", "198.51.100.44", SPF_PASS, "a", NULL, NULL, NULL},
    {"v=spf1 redirect=includes.example.net", "203.0.113.2", SPF_PASS, "include:passes.example.net",
	"ip4:203.0.113.0/24", NULL, NULL},
    {"v=spf1 redirect=nowhere.example.net", "192.0.2.1", SPF_PERMERROR, NULL,
	"nowhere.example.net has no SPF record", NULL, NULL},
    {"v=spf1 redirect=fails.example.com", "192.0.2.1", SPF_TEMPERROR, NULL, "fails.example.com",
	NULL, NULL},
    {"v=spf1 redirect:passes.example.net", "192.0.2.1", SPF_PERMERROR, NULL, "equals sign", NULL,
	NULL},
    {"v=spf1 redirect=a.example.net ?all redirect=b.example.net", "192.0.2.1", SPF_PERMERROR, NULL,
	"second time", NULL, NULL},
    {"v=spf1 ?all redirect=", "192.0.2.1", SPF_PERMERROR, NULL, "a name is missing", NULL, NULL},
    {"v=spf1 redirect=-all ?all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 exp=why.example.net -all", "192.0.2.1", SPF_FAIL, "-all",
	"Not from 192.0.2.1, strong-bad@example.com: see https://example.net/why?l=strong-bad&d=example.com",
	NULL, NULL},
    {"v=spf1 exp=why.example.net -all", "2001:db8::1", SPF_FAIL, "-all", "l=a%26b%3D~c",
	"a&b=~c@example.com", NULL},
    {"v=spf1 exp=why.example.net -all", "192.0.2.1", SPF_FAIL, "-all", "l=postmaster",
	"@example.com", NULL},
    {"v=spf1 exp=why.example.net ~all", "192.0.2.1", SPF_SOFTFAIL, "~all", NULL, NULL, NULL},
    {"v=spf1 exp=dot-why.example.net. -all", "192.0.2.1", SPF_FAIL, "-all", "Ends in a dot.", NULL,
	NULL},
    {"v=spf1 exp=two-whys.example.net -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exp=wrong-why.example.net -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exp=foreign-why.example.net -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exp=fails.example.com -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exp=nowhere.example.com -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exp=why.example.net redirect=passes.example.net", "192.0.2.1", SPF_FAIL, "-all", NULL,
	NULL, NULL},
    {"v=spf1 exp=dot-why.example.net redirect=own.example.net", "192.0.2.1", SPF_FAIL, "-all",
	"d=own.example.net", NULL, NULL},
    {"v=spf1 include:own.example.net -all exp=dot-why.example.net", "192.0.2.1", SPF_FAIL, "-all",
	"Ends in a dot.", NULL, NULL},
    {"v=spf1 exp= -all", "192.0.2.1", SPF_PERMERROR, NULL, "a name is missing", NULL, NULL},
    {"v=spf1 exp=-all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 exp=%{r}.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL, "only in explanations",
	NULL, NULL},
    {"v=spf1 exp=why.example.net exp=why.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"second time", NULL, NULL},
    {"v=spf1 moo.Cow-far_out=man:dog/cat ip4:192.0.2.1 -all", "192.0.2.1", SPF_PASS,
	"ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 empty= default=+all ip4:192.0.2.1", "192.0.2.2", SPF_NEUTRAL, NULL, NULL, NULL, NULL},
    {"v=spf1 moo/cow=x -all", "192.0.2.1", SPF_PERMERROR, NULL, "\"moo/cow=x\"", NULL, NULL},
    {"v=spf1 1up=x -all", "192.0.2.1", SPF_PERMERROR, NULL, "\"1up=x\"", NULL, NULL},
    {"v=spf1 =all", "192.0.2.1", SPF_PERMERROR, NULL, "\"=all\"", NULL, NULL},
    {"v=spf1 -moo=x", "192.0.2.1", SPF_PERMERROR, NULL, "\"-moo=x\"", NULL, NULL},
    {"v=spf1 moo=%x -all", "192.0.2.1", SPF_PERMERROR, NULL, "% begins a macro", NULL, NULL},
};

/* 7 */
static const struct test_case macros[] = {
    {"v=spf1 exists:%{i}.exists.example.net -all", "198.51.100.1", SPF_PASS,
	"exists:%{i}.exists.example.net", NULL, NULL, NULL},
    {"v=spf1 exists:%{ir}.%{v}.exists.example.net -all", "198.51.100.1", SPF_PASS,
	"exists:%{ir}.%{v}.exists.example.net", NULL, NULL, NULL},
    {"v=spf1 exists:%{ir}.%{v}.exists.example.net -all", "2001:db8::1", SPF_PASS,
	"exists:%{ir}.%{v}.exists.example.net", NULL, NULL, NULL},
    {"v=spf1 exists:%{l1-}.lp.%{d2}.net -all", "192.0.2.1", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 exists:%{l1r-}.lp.example.net -all", "192.0.2.1", SPF_PASS,
	"exists:%{l1r-}.lp.example.net", NULL, NULL, NULL},
    {"v=spf1 exists:%{lr-}.rl.example.net -all", "192.0.2.1", SPF_PASS,
	"exists:%{lr-}.rl.example.net", NULL, NULL, NULL},
    {"v=spf1 exists:%{l2R+-}.rl.example.net -all", "192.0.2.1", SPF_PASS,
	"exists:%{l2R+-}.rl.example.net", NULL, "strong+bad@example.com", NULL},
    {"v=spf1 exists:%{l1r+}.r1.example.net -all", "192.0.2.1", SPF_PASS,
	"exists:%{l1r+}.r1.example.net", NULL, "strong+bad+more@example.com", NULL},
    {"v=spf1 exists:x%%y%_z%-.example.net -all", "192.0.2.1", SPF_PASS,
	"exists:x%%y%_z%-.example.net", NULL, NULL, NULL},
    {"v=spf1 exists:%{h}.helo.example.net -all", "192.0.2.1", SPF_PASS,
	"exists:%{h}.helo.example.net", NULL, NULL, NULL},
    {"v=spf1 a:%{H} -all", "192.0.2.129", SPF_PASS, "a:%{H}", NULL, NULL, "mail-a.example.com"},
    {"v=spf1 a:%{H} -all", "192.0.2.129", SPF_FAIL, "-all", NULL, NULL, "JUMPIN' JUPITER"},
    {"v=spf1 a:%{H} -all", "192.0.2.129", SPF_FAIL, "-all", NULL, NULL, "[192.0.2.129]"},
    {"v=spf1 exists:%{p}.p.example.net -all", "192.0.2.65", SPF_PASS, "exists:%{p}.p.example.net",
	NULL, NULL, NULL},
    {"v=spf1 exists:%{p}.p.example.net -all", "192.0.2.66", SPF_PASS, "exists:%{p}.p.example.net",
	NULL, NULL, NULL},
    {"v=spf1 exists:%{p}.q.example.net -all", "192.0.2.11", SPF_PASS, "exists:%{p}.q.example.net",
	NULL, NULL, NULL},
    {"v=spf1 exists:%{p}.p.example.net -all", "192.0.2.13", SPF_PASS, "exists:%{p}.p.example.net",
	NULL, NULL, NULL},
    {"v=spf1 a:%{o} -all", "192.0.2.10", SPF_PASS, "a:%{o}", NULL, NULL, NULL},
    {"v=spf1 a:%{d1r}.example.com -all", "192.0.2.10", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 include:%{d2r}.%{o} a:%{d999} -all", "192.0.2.10", SPF_PERMERROR, NULL,
	"com.example.example.com has no SPF record", NULL, NULL},
    {"v=spf1 redirect=passes.%{d1r}.net", "203.0.113.1", SPF_PASS, "ip4:203.0.113.0/24", NULL, NULL,
	NULL},
    {"v=spf1 exists:%{d0} -all", "192.0.2.1", SPF_PERMERROR, NULL, "0 parts", NULL, NULL},
    {"v=spf1 exists:%(ir).example.net -all", "192.0.2.1", SPF_PERMERROR, NULL, "% begins a macro",
	NULL, NULL},
    {"v=spf1 exists:x%.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL, "% begins a macro",
	NULL, NULL},
    {"v=spf1 exists:%{a}.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL, "letters of macros",
	NULL, NULL},
    {"v=spf1 exists:%{c}.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"only in explanations", NULL, NULL},
    {"v=spf1 exists:%{", "192.0.2.1", SPF_PERMERROR, NULL, "letters of macros", NULL, NULL},
    {"v=spf1 exists:%{i", "192.0.2.1", SPF_PERMERROR, NULL, "a macro is %{", NULL, NULL},
    {"v=spf1 exists:%{ir2}.example.net", "192.0.2.1", SPF_PERMERROR, NULL, "a macro is %{", NULL,
	NULL},
    {"v=spf1 exists:%{d}x -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
    {"v=spf1 exists:%{d.}com -all", "192.0.2.1", SPF_PERMERROR, NULL, "top-level", NULL, NULL},
};

/* 4.6.4; example.com's A, MX and PTR records exist, and nothing there is 192.0.2.1. */
static const struct test_case limits[] = {
    {"v=spf1 a mx a mx a mx a mx a mx ip4:192.0.2.1 -all", "192.0.2.1", SPF_PASS, "ip4:192.0.2.1",
	NULL, NULL, NULL},
    {"v=spf1 a mx a mx a mx a mx a mx a:example.org ip4:192.0.2.1 -all", "192.0.2.1", SPF_PERMERROR,
	NULL, "\"a:example.org\" in the SPF record of example.com would be DNS lookup 11", NULL,
	NULL},
    {"v=spf1 ip4:192.0.2.1 a mx a mx a mx a mx a mx a a a -all", "192.0.2.1", SPF_PASS,
	"ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 a include:eight.example.net ip4:192.0.2.1 a -all", "192.0.2.1", SPF_PASS,
	"ip4:192.0.2.1", NULL, NULL, NULL},
    {"v=spf1 a include:eight.example.net a:example.org -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"\"a:example.org\"", NULL, NULL},
    {"v=spf1 a a a include:eight.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"\"a\" in the SPF record of eight.example.net", NULL, NULL},
    {"v=spf1 include:loop.example.net -all", "192.0.2.1", SPF_PERMERROR, NULL,
	"\"include:loop.example.net\" in the SPF record of loop.example.net", NULL, NULL},
    {"v=spf1 redirect=circle.example.net", "192.0.2.1", SPF_PERMERROR, NULL,
	"\"redirect=circle.example.net\"", NULL, NULL},
    {"v=spf1 mx:many.example.com -all", "192.0.2.10", SPF_PERMERROR, NULL,
	"many.example.com has 11 MX records", NULL, NULL},
    {"v=spf1 a:1.example.net a:2.example.net ~all", "192.0.2.1", SPF_SOFTFAIL, "~all", NULL, NULL,
	NULL},
    {"v=spf1 a:1.example.net a:2.example.net exp=3.example.net -all", "192.0.2.1", SPF_FAIL, "-all",
	NULL, NULL, NULL},
    {"v=spf1 a:1.example.net mx:2.example.net exists:3.example.net ~all", "192.0.2.1",
	SPF_PERMERROR, NULL,
	"\"exists:3.example.net\" in the SPF record of example.com is term 3 whose name does not",
	NULL, NULL},
    {"v=spf1 a:1.example.net a:2.example.net a:example.org mx ~all", "192.0.2.1", SPF_SOFTFAIL,
	"~all", NULL, NULL, NULL},
    {"v=spf1 include:void.example.net include:void.example.net ~all", "192.0.2.1", SPF_SOFTFAIL,
	"~all", NULL, NULL, NULL},
    {"v=spf1 include:void.example.net include:void.example.net include:void.example.net ~all",
	"192.0.2.1", SPF_PERMERROR, NULL, "in the SPF record of void.example.net is term 3", NULL,
	NULL},
    {"v=spf1 a:only4.example.com a:only4.example.com a:only4.example.com ~all", "2001:db8::1",
	SPF_PERMERROR, NULL, "is term 3", NULL, NULL},
    {"v=spf1 a:b..example.com a:c..example.com a:d..example.com ~all", "192.0.2.1", SPF_SOFTFAIL,
	"~all", NULL, NULL, NULL},
};

/* Appendix A, with what it says of the hosts of its own zone. */
static const struct test_case examples[] = {
    {"v=spf1 +all", "203.0.113.1", SPF_PASS, "+all", NULL, NULL, NULL},
    {"v=spf1 a -all", "192.0.2.10", SPF_PASS, "a", NULL, NULL, NULL},
    {"v=spf1 a -all", "192.0.2.65", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 a:example.org -all", "192.0.2.10", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 mx -all", "192.0.2.129", SPF_PASS, "mx", NULL, NULL, NULL},
    {"v=spf1 mx:example.org -all", "192.0.2.140", SPF_PASS, "mx:example.org", NULL, NULL, NULL},
    {"v=spf1 mx mx:example.org -all", "192.0.2.140", SPF_PASS, "mx:example.org", NULL, NULL, NULL},
    {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.128", SPF_PASS, "mx/30", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "192.0.2.65", SPF_PASS, "ptr", NULL, NULL, NULL},
    {"v=spf1 ptr -all", "192.0.2.140", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", SPF_FAIL, "-all", NULL, NULL, NULL},
    {"v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", SPF_PASS, "ip4:192.0.2.128/28", NULL, NULL,
	NULL},
    {"v=spf1 -ip4:192.0.2.0/24 +all", "192.0.2.9", SPF_FAIL, "-ip4:192.0.2.0/24", NULL, NULL, NULL},
    {"v=spf1 -ptr:example.com +all", "192.0.2.65", SPF_FAIL, "-ptr:example.com", NULL, NULL, NULL},
    {"v=spf1 mx -exists:%{ir}.%{v}.exists.example.net +all", "198.51.100.1", SPF_FAIL,
	"-exists:%{ir}.%{v}.exists.example.net", NULL, NULL, NULL},
};

#define TABLE_TEST(name, table)      \
	START_TEST(name)             \
	{                            \
		compare(&table[_i]); \
	}                            \
	END_TEST

TABLE_TEST(one_record_counts_and_all_of_it_must_be_right, records)
TABLE_TEST(all_ip4_and_ip6_match_networks, networks)
TABLE_TEST(an_include_matches_what_passes_there, includes)
TABLE_TEST(a_and_mx_match_the_addresses_of_names, names)
TABLE_TEST(ptr_needs_a_validated_name_and_exists_an_a_record, pointers)
TABLE_TEST(redirect_leads_on_and_exp_explains, modifiers)
TABLE_TEST(macros_are_expanded_as_section_7_says, macros)
TABLE_TEST(a_check_has_limits, limits)
TABLE_TEST(the_examples_of_appendix_a_come_true, examples)

START_TEST(the_answer_says_where_it_was_found)
{
	const struct test_case given = {.record = "v=spf1 mx redirect=includes.example.net",
	    .ip = "203.0.113.2"};
	struct zone zone;
	struct spf_answer answer = check_case(&zone, &given);

	ck_assert_str_eq(answer.domain, "includes.example.net");
	ck_assert_str_eq(answer.inner_domain, "passes.example.net");
	ck_assert_uint_eq(answer.lookups, 3);
	ck_assert_uint_eq(answer.record_count, 3);
	ck_assert_str_eq(answer.records[0].domain, "example.com");
	ck_assert_str_eq(answer.records[0].text, given.record);
	ck_assert_str_eq(answer.records[2].domain, "passes.example.net");
	spf_answer_clear(&answer);
	zone_clear(&zone);
}
END_TEST

START_TEST(too_many_lookups_are_told_apart)
{
	static const struct test_case given[] = {
	    {.record = "v=spf1 include:two.example.net", .ip = "192.0.2.1"},
	    {.record = "v=spf1 include:loop.example.net", .ip = "192.0.2.1"},
	};
	struct zone zone;

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		struct spf_answer answer = check_case(&zone, &given[i]);

		ck_assert_int_eq(answer.result, SPF_PERMERROR);
		ck_assert_int_eq(answer.has_too_many_lookups, i == 1);
		spf_answer_clear(&answer);
		zone_clear(&zone);
	}
}
END_TEST

static const struct {
	const char *record;
	unsigned total;
	size_t terms;
	unsigned first;
	bool is_cut;
	const char *problem; /* a part of it; NULL: there is none */
} costs[] = {
    {"v=spf1 ip4:192.0.2.1 -all", 0, 0, 0, false, NULL},
    {"v=spf1 a mx ptr exists:x.example.net -all", 4, 4, 1, false, NULL},
    {"v=spf1 include:eight.example.net a -all", 10, 2, 9, false, NULL},
    {"v=spf1 include:includes.example.net redirect=eight.example.net", 11, 2, 2, false, NULL},
    {"v=spf1 redirect=eight.example.net -all", 0, 0, 0, false, NULL},
    {"v=spf1 include:nowhere.example.net moo", 0, 0, 0, false, "of example.com, \"moo\""},
    {"v=spf1 -all\nv=spf1 -all", 0, 0, 0, false, "example.com has 2 SPF records"},
    {"v=spf1 include:nowhere.example.net a -all", 2, 2, 1, false, "nowhere.example.net has no"},
    {"v=spf1 include:wrong.example.net a -all", 2, 2, 1, false, "of wrong.example.net, \"ipv4:"},
    {"v=spf1 include:fails.example.com a -all", 2, 2, 1, false, NULL},
    {"v=spf1 include:loop.example.net -all", 10, 1, 10, true, NULL},
    {"v=spf1 include:eight.example.net include:eight.example.net include:eight.example.net "
     "include:eight.example.net include:eight.example.net -all",
	SPF_COSTS_MAX, 5, 9, true, NULL},
};

START_TEST(what_a_record_costs_is_counted_term_by_term)
{
	struct zone zone = {rows, sizeof(rows) / sizeof(rows[0]), costs[_i].record, NULL, 0};
	const struct spf_question question = {.domain = "example.com",
	    .sender = "postmaster@example.com",
	    .ip = {.family = AF_INET},
	    .ask = zone_ask,
	    .context = &zone};
	struct spf_costs counted;

	spf_count(&question, &counted);
	ck_assert_uint_eq(counted.total, costs[_i].total);
	ck_assert_uint_eq(counted.count, costs[_i].terms);
	ck_assert_int_eq(counted.is_cut, costs[_i].is_cut);
	ck_assert((counted.problem == NULL) == (costs[_i].problem == NULL));
	if (counted.problem != NULL)
		ck_assert_msg(strstr(counted.problem, costs[_i].problem) != NULL, "%s",
		    counted.problem);
	if (counted.count != 0)
		ck_assert_uint_eq(counted.terms[0].lookups, costs[_i].first);
	spf_costs_clear(&counted);
	zone_clear(&zone);
}
END_TEST

START_TEST(a_long_name_loses_labels_on_the_left)
{
	/* 4 times 63 and their dots, before the domain: only the last three fit into 253 bytes. */
	char record[1024], name[512];
	struct zone_row row = {name, RECORD_A, "127.0.0.2"};
	struct zone zone = {&row, 1, record, NULL, 0};
	const struct spf_question question = {.domain = "example.com",
	    .sender = "postmaster@example.com",
	    .ip = {.family = AF_INET},
	    .ask = zone_ask,
	    .context = &zone};
	struct spf_answer answer;

	strcpy(name, LABEL_63 "." LABEL_63 "." LABEL_63 ".example.com");
	strcpy(record,
	    "v=spf1 exists:" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".%{d} -all");
	spf_check(&question, &answer);
	ck_assert_int_eq(answer.result, SPF_PASS);
	spf_answer_clear(&answer);
	zone_clear(&zone);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("client_spf");
	TCase *tcase = tcase_create("check_host");

	tcase_add_loop_test(tcase, one_record_counts_and_all_of_it_must_be_right, 0,
	    COUNT(records));
	tcase_add_loop_test(tcase, all_ip4_and_ip6_match_networks, 0, COUNT(networks));
	tcase_add_loop_test(tcase, an_include_matches_what_passes_there, 0, COUNT(includes));
	tcase_add_loop_test(tcase, a_and_mx_match_the_addresses_of_names, 0, COUNT(names));
	tcase_add_loop_test(tcase, ptr_needs_a_validated_name_and_exists_an_a_record, 0,
	    COUNT(pointers));
	tcase_add_loop_test(tcase, redirect_leads_on_and_exp_explains, 0, COUNT(modifiers));
	tcase_add_loop_test(tcase, macros_are_expanded_as_section_7_says, 0, COUNT(macros));
	tcase_add_loop_test(tcase, a_check_has_limits, 0, COUNT(limits));
	tcase_add_loop_test(tcase, the_examples_of_appendix_a_come_true, 0, COUNT(examples));
	tcase_add_test(tcase, the_answer_says_where_it_was_found);
	tcase_add_test(tcase, too_many_lookups_are_told_apart);
	tcase_add_loop_test(tcase, what_a_record_costs_is_counted_term_by_term, 0, COUNT(costs));
	tcase_add_test(tcase, a_long_name_loses_labels_on_the_left);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
