/* Tests of client/checks/dns/ip.c: addresses, as they are written and as DNS knows them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <string.h>
#include <sys/socket.h>

#include "client/checks/dns/ip.h"
#include "tests/unit/unit.h"

static const struct {
	const char *given, *text, *ptr_name;
	bool is_private;
} addresses[] = {
    {"192.0.2.1", "192.0.2.1", "1.2.0.192.in-addr.arpa", false},
    {"[192.0.2.255]", "192.0.2.255", "255.2.0.192.in-addr.arpa", false},
    {"::ffff:192.0.2.1", "192.0.2.1", "1.2.0.192.in-addr.arpa", false},
    {"::FFFF:c000:201", "192.0.2.1", "1.2.0.192.in-addr.arpa", false},
    {"2001:DB8:0:0::10", "2001:db8::10",
	"0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", false},
    {"[2001:db8:1234:5678:9abc:def0:1234:5678]", "2001:db8:1234:5678:9abc:def0:1234:5678",
	"8.7.6.5.4.3.2.1.0.f.e.d.c.b.a.9.8.7.6.5.4.3.2.1.8.b.d.0.1.0.0.2.ip6.arpa", false},
    {"0.0.0.0", "0.0.0.0", "0.0.0.0.in-addr.arpa", true},
    {"9.255.255.255", "9.255.255.255", "255.255.255.9.in-addr.arpa", false},
    {"10.0.0.0", "10.0.0.0", "0.0.0.10.in-addr.arpa", true},
    {"10.255.255.255", "10.255.255.255", "255.255.255.10.in-addr.arpa", true},
    {"11.0.0.0", "11.0.0.0", "0.0.0.11.in-addr.arpa", false},
    {"100.63.255.255", "100.63.255.255", "255.255.63.100.in-addr.arpa", false},
    {"100.64.0.0", "100.64.0.0", "0.0.64.100.in-addr.arpa", true},
    {"100.127.255.255", "100.127.255.255", "255.255.127.100.in-addr.arpa", true},
    {"100.128.0.0", "100.128.0.0", "0.0.128.100.in-addr.arpa", false},
    {"127.0.0.53", "127.0.0.53", "53.0.0.127.in-addr.arpa", true},
    {"169.254.1.1", "169.254.1.1", "1.1.254.169.in-addr.arpa", true},
    {"172.15.255.255", "172.15.255.255", "255.255.15.172.in-addr.arpa", false},
    {"172.16.0.0", "172.16.0.0", "0.0.16.172.in-addr.arpa", true},
    {"172.31.255.255", "172.31.255.255", "255.255.31.172.in-addr.arpa", true},
    {"172.32.0.0", "172.32.0.0", "0.0.32.172.in-addr.arpa", false},
    {"192.168.1.1", "192.168.1.1", "1.1.168.192.in-addr.arpa", true},
    {"223.255.255.255", "223.255.255.255", "255.255.255.223.in-addr.arpa", false},
    {"224.0.0.1", "224.0.0.1", "1.0.0.224.in-addr.arpa", true},
    {"255.255.255.255", "255.255.255.255", "255.255.255.255.in-addr.arpa", true},
    {"::", "::", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", true},
    {"::1", "::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
	true},
    {"::2", "::2", "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
	false},
    {"fd00::1", "fd00::1",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", true},
    {"fe80::1", "fe80::1",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa", true},
    {"ff02::1", "ff02::1",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.f.f.ip6.arpa", true},
    {"::ffff:10.0.0.1", "10.0.0.1", "1.0.0.10.in-addr.arpa", true},
};

START_TEST(an_address_is_written_in_one_way)
{
	char text[IP_TEXT_SIZE], name[IP_NAME_SIZE];
	struct ip ip, again;

	ck_assert(ip_parse(addresses[_i].given, &ip));
	ck_assert_str_eq(ip_text(&ip, text), addresses[_i].text);
	ck_assert_str_eq(ip_ptr_name(&ip, name), addresses[_i].ptr_name);
	ck_assert_int_eq(ip_is_private(&ip), addresses[_i].is_private);
	ck_assert(ip_parse(text, &again));
	ck_assert(ip_equal(&ip, &again));
}
END_TEST

static const char *const none[] = {"", "[]", "[", "192.0.2", "192.0.2.256", "192.0.2.1 ",
    " 192.0.2.1", "192.0.2.1/32", "192.0.2.01x", "1.2.3.4.5", "2001:db8", "2001:db8:::1",
    "fe80::1%eth0", "[192.0.2.1", "192.0.2.1]", "[[192.0.2.1]]", "example.com",
    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};

START_TEST(what_is_no_address_is_refused)
{
	struct ip ip;

	ck_assert_msg(!ip_parse(none[_i], &ip), "%s", none[_i]);
}
END_TEST

static const struct {
	const char *ip, *network;
	unsigned bits;
	bool is_within;
} networks[] = {
    {"192.0.2.1", "192.0.2.0", 24, true},
    {"192.0.3.1", "192.0.2.0", 24, false},
    {"192.0.3.1", "192.0.2.0", 23, true},
    {"192.0.2.127", "192.0.2.0", 25, true},
    {"192.0.2.128", "192.0.2.0", 25, false},
    {"192.0.2.1", "192.0.2.1", 32, true},
    {"192.0.2.2", "192.0.2.1", 32, false},
    {"192.0.2.2", "192.0.2.1", 33, false},
    {"203.0.113.1", "192.0.2.1", 0, true},
    {"2001:db8::1", "::", 0, true},
    {"2001:db8::1", "192.0.2.1", 0, false},
    {"2001:db8::1", "2001:db8::", 32, true},
    {"2001:db9::1", "2001:db8::", 32, false},
    {"2001:db9::1", "2001:db8::", 31, true},
    {"2001:db8::1", "2001:db8::1", 128, true},
    {"2001:db8::1", "2001:db8::1", 129, false},
};

START_TEST(a_network_is_its_first_bits)
{
	struct ip ip, network;

	ck_assert(ip_parse(networks[_i].ip, &ip) && ip_parse(networks[_i].network, &network));
	ck_assert_int_eq(ip_is_within(&ip, &network, networks[_i].bits), networks[_i].is_within);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/ip");
	TCase *tcase = tcase_create("ip");

	tcase_add_loop_test(tcase, an_address_is_written_in_one_way, 0,
	    sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_loop_test(tcase, what_is_no_address_is_refused, 0,
	    sizeof(none) / sizeof(none[0]));
	tcase_add_loop_test(tcase, a_network_is_its_first_bits, 0,
	    sizeof(networks) / sizeof(networks[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
