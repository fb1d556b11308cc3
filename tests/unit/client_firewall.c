/* Tests of client/checks/: packet_rules, iptables_rules, nft_rules: what becomes of a connection to a mail port. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/firewall/iptables_rules.h"
#include "client/checks/firewall/nft_rules.h"
#include "tests/unit/unit.h"

enum { LINES_MAX = 64 };

/* What each is expected to say: "VERDICT names users TEXT" with what is so; and the partial rule behind "; ". */
static void
describe(const struct packet_outcome *outcome, char *out, size_t size)
{
	static const char *const names[] = {
	    [VERDICT_ACCEPT] = "accept",
	    [VERDICT_DROP] = "drop",
	    [VERDICT_REJECT] = "reject",
	    [VERDICT_REDIRECT] = "redirect",
	};
	const char *deciding = "";

	if (outcome->rule != NULL && outcome->verdict != VERDICT_ACCEPT)
		deciding = outcome->rule->text;
	else if (outcome->verdict != VERDICT_ACCEPT)
		deciding = "policy";
	snprintf(out, size, "%s%s%s%s%s%s%s", names[outcome->verdict],
	    outcome->verdict != VERDICT_ACCEPT && outcome->names_port ? " named" : "",
	    outcome->spares_users ? " users" : "", deciding[0] != '\0' ? ": " : "", deciding,
	    outcome->partial_rule != NULL ? "; " : "",
	    outcome->partial_rule != NULL ? outcome->partial_rule->text : "");
}

static size_t
cut(char *text, char *lines[LINES_MAX])
{
	size_t count = 0;

	for (char *line = strtok(text, "\n"); line != NULL && count < LINES_MAX;
	     line = strtok(NULL, "\n"))
		lines[count++] = line;
	return count;
}

struct sample {
	const char *rules;
	enum direction direction;
	enum packet_family family;
	int port;
	const char *outcome;
};

static void
judge(const struct sample *sample, bool is_nft)
{
	struct packet_rules rules = {0};
	char *text = strdup(sample->rules), *lines[LINES_MAX], shown[512];
	size_t count = cut(text, lines);

	if (is_nft)
		nft_rules_read(&rules, lines, count);
	else
		iptables_rules_read(&rules, lines, count, PACKET_IPV4);
	struct packet_outcome outcome = packet_rules_judge(&rules, sample->direction,
	    sample->family, sample->port);
	describe(&outcome, shown, sizeof(shown));
	ck_assert_msg(strcmp(shown, sample->outcome) == 0, "%s\nto %d: %s, not %s", sample->rules,
	    sample->port, shown, sample->outcome);
	packet_rules_clear(&rules);
	free(text);
}

#define OUT_25 DIRECTION_OUT, PACKET_IPV4, 25
#define IN_25 DIRECTION_IN, PACKET_IPV4, 25

static const struct sample iptables[] = {
    {"", OUT_25, "accept"},
    {"-A OUTPUT -p tcp --dport 25 -j DROP", OUT_25,
	"drop named: -A OUTPUT -p tcp --dport 25 -j DROP"},
    {"-A OUTPUT -p tcp --dport 25 -j DROP", IN_25, "accept"},
    {"-A OUTPUT -p tcp --dport 25 -j DROP", DIRECTION_OUT, PACKET_IPV6, 25, "accept"},
    {"-A OUTPUT -p tcp --dport 25 -j DROP", DIRECTION_OUT, PACKET_IPV4, 587, "accept"},
    {"-A OUTPUT -p tcp --dport smtp -j DROP", OUT_25,
	"drop named: -A OUTPUT -p tcp --dport smtp -j DROP"},
    {"-A OUTPUT -p tcp --dport urd -j DROP", DIRECTION_OUT, PACKET_IPV4, 465,
	"drop named: -A OUTPUT -p tcp --dport urd -j DROP"},
    {"-A OUTPUT -p tcp --dport 20:30 -j REJECT", OUT_25,
	"reject named: -A OUTPUT -p tcp --dport 20:30 -j REJECT"},
    {"-A OUTPUT -p tcp --dport :30 -j REJECT", OUT_25,
	"reject named: -A OUTPUT -p tcp --dport :30 -j REJECT"},
    {"-A OUTPUT -p tcp --dport 26: -j REJECT", OUT_25, "accept"},
    {"-A OUTPUT -p tcp ! --dport 25 -j REJECT", OUT_25, "accept"},
    {"-A OUTPUT -p tcp ! --dport 80 -j REJECT", OUT_25,
	"reject: -A OUTPUT -p tcp ! --dport 80 -j REJECT"},
    {"-A OUTPUT -p tcp -m multiport --dports 80,25,587 -j DROP", OUT_25,
	"drop named: -A OUTPUT -p tcp -m multiport --dports 80,25,587 -j DROP"},
    {"-A OUTPUT -p udp --dport 25 -j DROP", OUT_25, "accept"},
    {"-A OUTPUT -o lo -p tcp --dport 25 -j DROP", OUT_25, "accept"},
    {"-A OUTPUT ! -o lo -p tcp --dport 25 -j DROP", OUT_25,
	"drop named: -A OUTPUT ! -o lo -p tcp --dport 25 -j DROP"},
    {"-A OUTPUT -d 127.0.0.0/8 -p tcp --dport 25 -j DROP", OUT_25, "accept"},
    {"-A OUTPUT -d 192.0.2.0/24 -p tcp --dport 25 -j DROP", OUT_25,
	"accept; -A OUTPUT -d 192.0.2.0/24 -p tcp --dport 25 -j DROP"},
    {"-A OUTPUT ! -d 192.0.2.0/24 -p tcp --dport 25 -j DROP", OUT_25,
	"drop named: -A OUTPUT ! -d 192.0.2.0/24 -p tcp --dport 25 -j DROP"},
    {"-A OUTPUT -p tcp -m tcp --dport 25 -m limit --limit 5/min -j DROP", OUT_25,
	"accept; -A OUTPUT -p tcp -m tcp --dport 25 -m limit --limit 5/min -j DROP"},
    {"-A OUTPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A OUTPUT -p tcp --dport 25 -m state --state NEW -j DROP",
	OUT_25, "drop named: -A OUTPUT -p tcp --dport 25 -m state --state NEW -j DROP"},
    {"-A OUTPUT -p tcp --dport 25 -j ACCEPT\n-A OUTPUT -p tcp --dport 25 -j DROP", OUT_25,
	"accept"},
    {"-A OUTPUT -p tcp --sport 25 -j DROP", OUT_25, "accept"},
    {"-A OUTPUT -p tcp --dport 25 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP", OUT_25,
	"drop named: -A OUTPUT -p tcp --dport 25 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP"},
    {"-A OUTPUT -p tcp --tcp-flags SYN,RST SYN,RST -j DROP", OUT_25, "accept"},
    {"-A OUTPUT -p tcp --dport 25 -m comment --comment \"-j ACCEPT \\\" x\" -j DROP", OUT_25,
	"drop named: -A OUTPUT -p tcp --dport 25 -m comment --comment \"-j ACCEPT \\\" x\" -j DROP"},
    {"-A OUTPUT -p tcp --dport 25 -j LOG --log-prefix DROP", OUT_25, "accept"},
    {"[3:180] -A OUTPUT -p tcp --dport 25 -j DROP", OUT_25,
	"drop named: [3:180] -A OUTPUT -p tcp --dport 25 -j DROP"},
    {":OUTPUT DROP [0:0]", OUT_25, "drop: policy"},
    {":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -j ACCEPT", OUT_25, "accept"},
    {":OUTPUT DROP [0:0]\n-A OUTPUT -d 192.0.2.1 -j ACCEPT", OUT_25, "drop: policy"},
    {":INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT", IN_25,
	"reject: -A INPUT -j REJECT"},
    {":a - [0:0]\n-A OUTPUT -p tcp --dport 25 -j a\n-A a -j DROP", OUT_25,
	"drop named: -A a -j DROP"},
    {"-A OUTPUT -j a\n-A a -p tcp --dport 25 -j RETURN\n-A a -j DROP", OUT_25, "accept"},
    {"-A OUTPUT -g a\n-A OUTPUT -j DROP\n-A a -p udp -j DROP", OUT_25, "accept"},
    {"-A OUTPUT -j a\n-A a -j a\n-A OUTPUT -p tcp --dport 25 -j DROP", OUT_25,
	"drop named: -A OUTPUT -p tcp --dport 25 -j DROP"},
    {"-A INPUT -p tcp -m multiport --dports 25,465 -j f2b\n-A f2b -s 192.0.2.1/32 -j REJECT\n-A f2b -j RETURN",
	IN_25, "accept; -A f2b -s 192.0.2.1/32 -j REJECT"},
    {"*mangle\n-A PREROUTING -p tcp --dport 25 -j DROP\nCOMMIT\n*filter\n-A INPUT -j ACCEPT", IN_25,
	"drop named: -A PREROUTING -p tcp --dport 25 -j DROP"},
    {"*filter\n-A OUTPUT -j a\n*nat\n-A a -j DROP", OUT_25, "accept"},
    /* cPanel's SMTP Restrictions, csf's SMTP_BLOCK */
    {"*nat\n-A OUTPUT -p tcp -m multiport --dports 25,465,587 -m owner --gid-owner 12 -j RETURN\n"
     "-A OUTPUT -d 127.0.0.1/32 -p tcp -m multiport --dports 25,465,587 -m owner --uid-owner 202 -j RETURN\n"
     "-A OUTPUT -p tcp -m multiport --dports 25,465,587 -j REDIRECT",
	OUT_25,
	"redirect named users: -A OUTPUT -p tcp -m multiport --dports 25,465,587 -j REDIRECT"},
    {"-A OUTPUT -p tcp -m multiport --dports 25,465,587 -j SMTPOUTPUT\n-A SMTPOUTPUT -o lo -j ACCEPT\n"
     "-A SMTPOUTPUT -m owner --uid-owner 0 -j ACCEPT\n-A SMTPOUTPUT -j REJECT",
	OUT_25, "reject named users: -A SMTPOUTPUT -j REJECT"},
    {"-A OUTPUT -p tcp --dport 25 -m owner ! --uid-owner 0 -j DROP\n-A OUTPUT -d 192.0.2.1 -p tcp --dport 25 -j DROP",
	OUT_25, "accept; -A OUTPUT -d 192.0.2.1 -p tcp --dport 25 -j DROP"},
    /* cut off, or nonsense */
    {"-A", OUT_25, "accept"},
    {"-A OUTPUT -p tcp --dport", OUT_25, "accept"},
    {"-A OUTPUT -j", OUT_25, "accept"},
    {"-A OUTPUT -p tcp --dport 65561 -j DROP", OUT_25, "accept"},
    {"*\n:\n[\n\"\n! ! !", OUT_25, "accept"},
};

START_TEST(a_rule_of_iptables_is_judged)
{
	judge(&iptables[_i], false);
}
END_TEST

#define OUTPUT(rules)                                                                                \
	"table inet f {\nchain o {\ntype filter hook output priority filter; policy accept;\n" rules \
	"\n}\n}"
#define INPUT(rules)                                                                          \
	"table ip f {\nchain i {\ntype filter hook input priority 0 + 5\npolicy drop\n" rules \
	"\n}\n}"

static const struct sample nft[] = {
    {"", OUT_25, "accept"},
    {OUTPUT("tcp dport 25 drop"), OUT_25, "drop named: tcp dport 25 drop"},
    {OUTPUT("tcp dport 25 drop"), DIRECTION_OUT, PACKET_IPV6, 25, "drop named: tcp dport 25 drop"},
    {OUTPUT("tcp dport 25 drop"), IN_25, "accept"},
    {OUTPUT("tcp dport smtp counter packets 3 bytes 5 drop comment \"accept\""), OUT_25,
	"drop named: tcp dport smtp counter packets 3 bytes 5 drop comment \"accept\""},
    {OUTPUT("tcp dport { 25, 465 } reject with icmpx admin-prohibited"), OUT_25,
	"reject named: tcp dport { 25, 465 } reject with icmpx admin-prohibited"},
    {OUTPUT("tcp dport { 80,\n20-30 } reject"), OUT_25, "reject named: tcp dport { 80,"},
    {OUTPUT("tcp dport != 25 drop"), OUT_25, "accept"},
    {OUTPUT("tcp dport != { 80, 443 } drop"), OUT_25, "drop: tcp dport != { 80, 443 } drop"},
    {OUTPUT("udp dport 25 drop"), OUT_25, "accept"},
    {OUTPUT("meta l4proto { tcp, udp } th dport 25 drop"), OUT_25,
	"drop named: meta l4proto { tcp, udp } th dport 25 drop"},
    {OUTPUT("ip6 daddr != ::1 tcp dport 25 drop"), OUT_25, "accept"},
    {OUTPUT("ip6 daddr != ::1 tcp dport 25 drop"), DIRECTION_OUT, PACKET_IPV6, 25,
	"drop named: ip6 daddr != ::1 tcp dport 25 drop"},
    {OUTPUT("meta nfproto ipv6 tcp dport 25 drop"), OUT_25, "accept"},
    {OUTPUT("meta nfproto != ipv6 tcp dport 25 drop"), OUT_25,
	"drop named: meta nfproto != ipv6 tcp dport 25 drop"},
    {OUTPUT("ip daddr 192.0.2.0/24 tcp dport 25 drop"), OUT_25,
	"accept; ip daddr 192.0.2.0/24 tcp dport 25 drop"},
    {OUTPUT("ip daddr != 192.0.2.0/24 tcp dport 25 drop"), OUT_25,
	"drop named: ip daddr != 192.0.2.0/24 tcp dport 25 drop"},
    {OUTPUT("ip daddr 0.0.0.0/0 tcp dport 25 drop"), OUT_25,
	"drop named: ip daddr 0.0.0.0/0 tcp dport 25 drop"},
    {OUTPUT("ip daddr . tcp dport { 192.0.2.1 . 25 } drop"), OUT_25,
	"accept; ip daddr . tcp dport { 192.0.2.1 . 25 } drop"},
    {OUTPUT("oifname \"lo\" accept\noif \"eth0\" tcp dport 25 drop"), OUT_25,
	"drop named: oif \"eth0\" tcp dport 25 drop"},
    {OUTPUT("ct state established,related accept\ntcp dport 25 ct state new drop"), OUT_25,
	"drop named: tcp dport 25 ct state new drop"},
    {OUTPUT("tcp dport 25 log prefix \"x \" level warn flags all drop"), OUT_25,
	"drop named: tcp dport 25 log prefix \"x \" level warn flags all drop"},
    {OUTPUT("tcp dport 25 limit rate 5/minute burst 5 packets drop"), OUT_25,
	"accept; tcp dport 25 limit rate 5/minute burst 5 packets drop"},
    {OUTPUT("ct status dnat accept\ntcp dport 25 drop"), OUT_25, "drop named: tcp dport 25 drop"},
    {OUTPUT("meta skuid != 0 tcp dport 25 drop"), OUT_25,
	"accept; meta skuid != 0 tcp dport 25 drop"},
    {OUTPUT("meta skgid { 12, 990 } accept; tcp dport 25 drop"), OUT_25,
	"drop named users: tcp dport 25 drop"},
    {OUTPUT("tcp dport vmap { 22 : accept, 25 : drop, 80-90 : accept }"), OUT_25,
	"drop named: tcp dport vmap { 22 : accept, 25 : drop, 80-90 : accept }"},
    {OUTPUT("tcp dport vmap @m"), OUT_25, "accept"},
    {OUTPUT("# tcp dport 25 drop"), OUT_25, "accept"},
    {OUTPUT("tcp dport 25 \\\ndrop"), OUT_25, "drop named: tcp dport 25"},
    {"define mail = { 25, 587 }\n" OUTPUT("tcp dport $mail drop"), OUT_25,
	"drop named: tcp dport $mail drop"},
    {OUTPUT("tcp dport $mail drop"), OUT_25, "accept"},
    {"table inet f {\nset s {\ntype inet_service\nflags interval\nelements = { 20-30,\n465 }\n}\nchain o {\n"
     "type filter hook output priority 0; policy accept;\ntcp dport @s drop\n}\n}",
	OUT_25, "drop named: tcp dport @s drop"},
    {"table inet f {\nset s {\ntype ipv4_addr\nelements = { 192.0.2.1 }\n}\nchain o {\n"
     "type filter hook output priority 0; policy accept;\nip daddr @s tcp dport 25 drop\n}\n}",
	OUT_25, "accept; ip daddr @s tcp dport 25 drop"},
    {"table ip f {\nset s {\ntype ipv4_addr; elements = { 127.0.0.1 }\n}\nchain o {\n"
     "type filter hook output priority 0; policy accept;\nip daddr @s drop\nip daddr != @s tcp dport 25 drop\n}\n}",
	OUT_25, "drop named: ip daddr != @s tcp dport 25 drop"},
    {INPUT("tcp dport 22 accept"), IN_25, "drop: policy"},
    {INPUT("tcp dport 22 accept"), DIRECTION_IN, PACKET_IPV6, 25, "accept"},
    {INPUT("tcp dport { 22, 25 } accept"), IN_25, "accept"},
    {INPUT(
	 "ct state vmap { established : accept, new : jump n }\n}\nchain n {\niifname vmap { lo : accept, eth0 : goto p }\n}\nchain p {\ntcp dport 25 accept"),
	IN_25, "accept"},
    {"table ip f {\nchain o {\ntype filter hook output priority 0; policy accept;\njump a\n}\nchain a {\ntcp dport 25 drop\n}\n}",
	OUT_25, "drop named: tcp dport 25 drop"},
    {"table ip n {\nchain o {\ntype nat hook output priority -100; policy accept;\ntcp dport 25 redirect to :25\n}\n}",
	OUT_25, "redirect named: tcp dport 25 redirect to :25"},
    {"table bridge f {\nchain o {\ntype filter hook output priority 0; policy drop;\n}\n}", OUT_25,
	"accept"},
    {"table netdev f {\nchain o {\ntype filter hook egress device eth0 priority 0; policy drop;\n}\n}",
	OUT_25, "accept"},
    /* cut off, or nonsense */
    {"table", OUT_25, "accept"},
    {"table inet f {\nchain o {\ntype filter hook output", OUT_25, "accept"},
    {OUTPUT("tcp dport"), OUT_25, "accept"},
    {OUTPUT("tcp dport {"), OUT_25, "accept"},
    {OUTPUT("tcp dport vmap { 25 : ; : : , drop"), OUT_25, "accept"},
    {"}}} { } ; , \"", OUT_25, "accept"},
};

START_TEST(a_rule_of_nftables_is_judged)
{
	judge(&nft[_i], true);
}
END_TEST

/* Each of sixteen chains jumps four times to the next: four billion ways, of which only so many are gone. */
START_TEST(jumps_to_jumps_end)
{
	static const char end[] = "-A c16 -p udp -j DROP";
	struct packet_rules rules = {0};
	char text[64][32], *lines[65];

	for (int i = 0; i < 64; i++) {
		if (i < 4)
			snprintf(text[i], sizeof(text[i]), "-A OUTPUT -j c1");
		else
			snprintf(text[i], sizeof(text[i]), "-A c%d -j c%d", i / 4, i / 4 + 1);
		lines[i] = text[i];
	}
	lines[64] = (char *)end;
	iptables_rules_read(&rules, lines, 65, PACKET_IPV4);
	struct packet_outcome outcome = packet_rules_judge(&rules, OUT_25);
	ck_assert_int_eq(outcome.verdict, VERDICT_ACCEPT);
	packet_rules_clear(&rules);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/firewall");
	TCase *rules = tcase_create("rules");

	tcase_add_loop_test(rules, a_rule_of_iptables_is_judged, 0,
	    sizeof(iptables) / sizeof(iptables[0]));
	tcase_add_loop_test(rules, a_rule_of_nftables_is_judged, 0, sizeof(nft) / sizeof(nft[0]));
	tcase_add_test(rules, jumps_to_jumps_end);
	suite_add_tcase(suite, rules);
	return unit_run(suite);
}
