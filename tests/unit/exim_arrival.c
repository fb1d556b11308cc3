/* Arrival lines of many Exims, and what strangers put into them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/exim/arrival.h"
#include "tests/unit/show.h"
#include "tests/unit/unit.h"

static const struct {
	const char *line;
	const char *shown;
} arrivals[] = {
    /* 4.8x on cPanel */
    {"a@example.org H=localhost (onthisserver.example) [127.0.0.1]:53861 P=esmtpa A=dovecot_login:someuser S=853 "
     "id=f0b1@onthisserver.example T=\"test from cPanel - please ignore\" for b@example.net",
	"sender{a@example.org} host{localhost} helo{onthisserver.example} ip{127.0.0.1} port{53861} P{esmtpa} "
	"A{dovecot_login:someuser} S{853} id{f0b1@onthisserver.example} "
	"T{test from cPanel - please ignore} for{b@example.net}"},
    {"root@example.com U=root P=local-esmtp S=449 T=\"This is a test message with filters\" for marv@example.com",
	"sender{root@example.com} U{root} P{local-esmtp} S{449} T{This is a test message with filters} "
	"for{marv@example.com}"},
    {"root@example.com U=root P=local-smtp S=425 for a@example.com",
	"sender{root@example.com} U{root} P{local-smtp} S{425} for{a@example.com}"},
    /* bounces */
    {"<> R=1VrkAf-0007F8-30 U=mailnull P=local S=1853 T=\"Mail delivery failed: returning message to sender\" "
     "for a@example.com",
	"bounce of{1VrkAf-0007F8-30} U{mailnull} P{local} S{1853} "
	"T{Mail delivery failed: returning message to sender} for{a@example.com}"},
    {"<>", "bounce"},
    {"<> R=1xVamA-000000006sO-44KK", "bounce of{1xVamA-000000006sO-44KK}"},
    {"<> H=mx.example.net [192.0.2.1] P=esmtps S=99 id=R=x@example.net",
	"bounce host{mx.example.net} ip{192.0.2.1} P{esmtps} S{99} id{R=x@example.net}"},
    /* 4.94 and later: more fields than there were */
    {"a@example.org H=h.example.org [2001:db8::25]:40112 I=[2001:db8::1]:25 Ci=4711 P=esmtps L TFO* "
     "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no DN=\"C=US,O=Example for b@x, Inc. T=\" SNI=mx.example.com K S=4120 M8S=0 "
     "DKIM=example.org RT=0.2s Q=slow id=x@y.example T=\"s\" from <A@example.org> for b@example.com c@example.com",
	"sender{a@example.org} host{h.example.org} ip{2001:db8::25} port{40112} P{esmtps} "
	"X{TLS1.3:TLS_AES_256_GCM_SHA384:256} S{4120} id{x@y.example} T{s} from{A@example.org} "
	"for{b@example.com c@example.com}"},
    {"a@example.org H=h.example.org DS [192.0.2.7] P=esmtp S=1 id*=E1a-1@server.example",
	"sender{a@example.org} host{h.example.org} ip{192.0.2.7} P{esmtp} S{1} id{E1a-1@server.example}"},
    {"a@example.org H=(client) [192.0.2.7]:4471 U=nobody P=esmtpsa X=TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256 CV=no "
     "A=dovecot_plain:u@example.org:x@example.org S=2",
	"sender{a@example.org} helo{client} ip{192.0.2.7} port{4471} U{nobody} P{esmtpsa} "
	"X{TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256} A{dovecot_plain:u@example.org:x@example.org} S{2}"},
    {"a@example.org U=user P=local S=12 from <a@example.org> for x@example.com",
	"sender{a@example.org} U{user} P{local} S{12} from{a@example.org} for{x@example.com}"},
    /* senders */
    {"\"john doe\"@example.org H=[192.0.2.1] P=smtp S=7 for x@example.com",
	"sender{\"john doe\"@example.org} ip{192.0.2.1} P{smtp} S{7} for{x@example.com}"},
    {"\"a\\\" H=x [198.51.100.1]\"@example.org H=h [192.0.2.1] P=smtp S=7",
	"sender{\"a\\\" H=x [198.51.100.1]\"@example.org} host{h} ip{192.0.2.1} P{smtp} S{7}"},
    {"\"unclosed@example.org U=x P=local", "sender{\"unclosed@example.org} U{x} P{local}"},
    {"a@[192.0.2.9] U=x P=local", "sender{a@[192.0.2.9]} U{x} P{local}"},
    {"a=b@example.org U=x P=local", "sender{a=b@example.org} U{x} P{local}"},
    /* subjects */
    {"a@e U=x P=local S=1 T=\"\" for b@e", "sender{a@e} U{x} P{local} S{1} T{} for{b@e}"},
    {"a@e U=x P=local S=1 T=\"say \\\"hi\\\" for c@e\" for b@e",
	"sender{a@e} U{x} P{local} S{1} T{say \\\"hi\\\" for c@e} for{b@e}"},
    {"a@e U=x P=local S=1 T=\"\\\" T=\\\"fake\\\" for v@e\" for b@e",
	"sender{a@e} U{x} P{local} S{1} T{\\\" T=\\\"fake\\\" for v@e} for{b@e}"},
    {"a@e U=x P=local S=1 T=\"ends in a backslash \\\\\" for b@e",
	"sender{a@e} U{x} P{local} S{1} T{ends in a backslash \\\\} for{b@e}"},
    {"a@e U=x P=local S=1 T=\"2026-11-23 20:36:34 1VrkAf-0007F8-30 ** v@e R=x: 550\" for b@e",
	"sender{a@e} U{x} P{local} S{1} T{2026-11-23 20:36:34 1VrkAf-0007F8-30 ** v@e R=x: 550} for{b@e}"},
    {"a@e U=x P=local S=1 T=\"never closed for b@e",
	"sender{a@e} U{x} P{local} S{1} T{never closed for b@e}"},
    {"a@e U=x P=local S=1 T=\"s\" for \"q for r\"@e \"x T=\"@e",
	"sender{a@e} U{x} P{local} S{1} T{s} for{\"q for r\"@e \"x T=\"@e}"},
    {"\"a T=\"@e U=x P=local S=1 T=\"s\" from <\"a T=\"@e> for b@e",
	"sender{\"a T=\"@e} U{x} P{local} S{1} T{s} from{\"a T=\"@e} for{b@e}"},
    /* message ids */
    {"a@e U=x P=local S=1 id=\"odd for x T=1\"@client.example for b@e",
	"sender{a@e} U{x} P{local} S{1} id{\"odd for x T=1\"@client.example} for{b@e}"},
    {"a@e U=x P=local S=1 id=\"for v@e\"@c.example T=\"s\" for b@e",
	"sender{a@e} U{x} P{local} S{1} id{\"for v@e\"@c.example} T{s} for{b@e}"},
    {"a@e U=x P=local S=1 id=\"a T=\"@c.example T=\"s\" for b@e",
	"sender{a@e} U{x} P{local} S{1} id{\"a T=\"@c.example} T{s} for{b@e}"},
    {"a@e H=h [192.0.2.1] P=esmtp S=1 id=\"x) [198.51.100.9] A=y\"@c.example T=\"s\" for b@e",
	"sender{a@e} host{h} ip{192.0.2.1} P{esmtp} S{1} id{\"x) [198.51.100.9] A=y\"@c.example} T{s} for{b@e}"},
    {"a@e H=(c) [192.0.2.1] P=esmtp S=1 id=\"x) [198.51.100.9] A=y\"@c.example",
	"sender{a@e} helo{c} ip{192.0.2.1} P{esmtp} S{1} id{\"x) [198.51.100.9] A=y\"@c.example}"},
    {"a@e U=x P=local S=1 id=a+b=c@[192.0.2.1] for b@e",
	"sender{a@e} U{x} P{local} S{1} id{a+b=c@[192.0.2.1]} for{b@e}"},
    /* HELO names */
    {"a@e H=([10.0.0.1]) [192.0.2.1]:1234 P=esmtp S=1",
	"sender{a@e} helo{[10.0.0.1]} ip{192.0.2.1} port{1234} P{esmtp} S{1}"},
    {"a@e H=n.example ([10.0.0.1]) [192.0.2.1] P=esmtp S=1",
	"sender{a@e} host{n.example} helo{[10.0.0.1]} ip{192.0.2.1} P{esmtp} S{1}"},
    {"a@e H=(a b) [192.0.2.1]:1234 P=esmtp S=1",
	"sender{a@e} helo{a b} ip{192.0.2.1} port{1234} P{esmtp} S{1}"},
    {"a@e H=(x) [198.51.100.9]:25 (y) [192.0.2.1]:1234 P=esmtp S=1",
	"sender{a@e} helo{x) [198.51.100.9]:25 (y} ip{192.0.2.1} port{1234} P{esmtp} S{1}"},
    {"a@e H=(x) [198.51.100.9] P=esmtpa A=plain:ceo@e S=1 (y) [192.0.2.1]:1234 P=esmtp S=2 T=\"s\"",
	"sender{a@e} helo{x) [198.51.100.9] P=esmtpa A=plain:ceo@e S=1 (y} ip{192.0.2.1} port{1234} P{esmtp} S{2} T{s}"},
    {"a@e H=(x id=1) [192.0.2.1]:1234 P=esmtp S=2",
	"sender{a@e} helo{x id=1} ip{192.0.2.1} port{1234} P{esmtp} S{2}"},
    {"a@e H=(x id=1) [192.0.2.1]:1234 P=esmtp S=2 id=i@e T=\"s\"",
	"sender{a@e} helo{x id=1} ip{192.0.2.1} port{1234} P{esmtp} S{2} id{i@e} T{s}"},
    {"a@e H=(x for y) [192.0.2.1] P=esmtp S=2",
	"sender{a@e} helo{x for y} ip{192.0.2.1} P{esmtp} S{2}"},
    {"a@e H=(x for y) [192.0.2.1] P=esmtp S=2 for b@e",
	"sender{a@e} helo{x for y} ip{192.0.2.1} P{esmtp} S{2} for{b@e}"},
    {"a@e H=(x]: y) [192.0.2.1]:1234 P=esmtp S=2",
	"sender{a@e} helo{x]: y} ip{192.0.2.1} port{1234} P{esmtp} S{2}"},
    {"a@e H=(x T=\"f\" for v@e) [192.0.2.1] P=esmtp S=2 T=\"s\" for b@e",
	"sender{a@e} helo{x T=\"f\" for v@e} ip{192.0.2.1} P{esmtp} S{2} T{s} for{b@e}"},
    {"a@e H=() [192.0.2.1] P=smtp S=2", "sender{a@e} ip{192.0.2.1} P{smtp} S{2}"},
    {"a@e H=(unclosed [192.0.2.1] P=smtp S=2", "sender{a@e} P{smtp} S{2}"},
    {"a@e H=h.example P=smtp S=2", "sender{a@e} host{h.example} P{smtp} S{2}"},
    /* what a client's certificate or its server name says */
    {"a@e H=(c) [192.0.2.1] P=esmtps X=T:x:1 DN=\"O=\" A=plain:ceo@e Z=\" S=2",
	"sender{a@e} helo{c} ip{192.0.2.1} P{esmtps} X{T:x:1} S{2}"},
    {"a@e H=(c) [192.0.2.1] P=esmtpsa X=T:x:1 DN=\"O=\" P=local U=root H=h A=plain:ceo@e S=9\" A=plain:u@e S=2",
	"sender{a@e} helo{c} ip{192.0.2.1} P{esmtpsa} X{T:x:1} A{plain:u@e} S{2}"},
    {"a@e H=(c) [192.0.2.1] P=esmtpsa X=T:x:1 CV=yes A=tls:\"Ann Example\" S=2 id=x@e T=\"s\" for b@e",
	"sender{a@e} helo{c} ip{192.0.2.1} P{esmtpsa} X{T:x:1} A{tls:\"Ann Example\"} S{2} id{x@e} T{s} for{b@e}"},
    {"a@e H=(c) [192.0.2.1] P=esmtps X=T:x:1 DN=\"O=\" A=tls:\"Ann Example\" S=2",
	"sender{a@e} helo{c} ip{192.0.2.1} P{esmtps} X{T:x:1} S{2}"},
    {"a@e H=h [192.0.2.1]:PORT_D P=smtp S=2", "sender{a@e} host{h} ip{192.0.2.1} P{smtp} S{2}"},
    /* numbers */
    {"a@e U=x P=local S=99999999999999999999999999",
	"sender{a@e} U{x} P{local} S{999999999999999999}"},
    {"a@e U=x P=local S=-1", "sender{a@e} U{x} P{local}"},
    {"a@e H=h [192.0.2.1]:99999 P=smtp", "sender{a@e} host{h} ip{192.0.2.1} P{smtp}"},
};

static void
show_arrival(const struct arrival *arrival, struct shown *shown)
{
	char id[MESSAGE_ID_TEXT_SIZE];

	show_slice(shown, "sender", arrival->sender);
	show_flag(shown, "bounce", arrival->is_bounce);
	if (!message_id_is_none(arrival->bounce_of)) {
		message_id_format(arrival->bounce_of, id);
		show(shown, " of{%s}", id);
	}
	show_host(shown, &arrival->host);
	show_slice(shown, "U", arrival->user);
	show_slice(shown, "P", arrival->protocol);
	show_slice(shown, "X", arrival->tls);
	show_slice(shown, "A", arrival->auth);
	show_number(shown, "S", arrival->size, -1);
	show_slice(shown, "id", arrival->header_id);
	if (arrival->has_subject)
		show(shown, " T{%.*s}", (int)arrival->subject.len, arrival->subject.at);
	show_slice(shown, "from", arrival->from);
	show_slice(shown, "for", arrival->recipients);
}

START_TEST(an_arrival_is_read)
{
	struct arrival arrival;
	struct shown shown = {.len = 0};

	ck_assert(arrival_parse(slice_str(arrivals[_i].line), &arrival));
	show_arrival(&arrival, &shown);
	ck_assert_msg(strcmp(shown.text, arrivals[_i].shown) == 0,
	    "<= %s\nfound    %s\nexpected %s", arrivals[_i].line, shown.text, arrivals[_i].shown);
}
END_TEST

/* Lines that a quick reading could take for others. */
static const char *const envelopes[] = {
    "a@e PRDR id=x H=h (a b) [2001:db8::25]:26 P=esmtps A=plain:a@e S=1 for b@e",
    "a@e H=h (id=x) [192.0.2.1]:26 P=esmtpsa A=plain:a@e S=1 id=y@h for b@e",
    "a@e H=h id=x (h) [192.0.2.1]:26 P=esmtpsa A=plain:a@e S=1 for b@e",
    "a@e H=h[x (h id=x) [192.0.2.1] P=esmtpsa A=plain:a@e S=1 for b@e",
    "a@e H=(h id=x) [h!] P=esmtpsa A=plain:a@e S=1 for b@e",
    "a@e H=(h) [192.0.2.1] id=x] A=plain:a@e S=1 for b@e",
    "a@e H=(h) [192.0.2.1] I=[192.0.2.2]:25 P=esmtpsa A=plain:a@e S=1 for b@e",
    "a@e H=() [192.0.2.1] A=plain:a@e A=login:b@e S=1 for b@e",
    "a@e H=h [192.0.2.1]A=x P=esmtpsa \tA=plain:a@e S=1 for b@e",
    "a@e H=h DS (h) [192.0.2.1] P=esmtpsa A=plain:a@e S=1 for b@e",
    "a@e H=h P=esmtpsa A=plain:a@e S=1 for b@e",
    "a@e A=plain:a@e",
    "a@e H=(A=x) [192.0.2.1] DN=\"A=y\" A=plain:a@e S=1 for b@e",
};

START_TEST(the_envelope_is_that_of_the_whole_arrival)
{
	struct slice line = slice_str(envelopes[_i]);
	struct arrival whole, envelope;

	ck_assert(arrival_parse(line, &whole) && arrival_parse_envelope(line, &envelope));
	ck_assert(slice_equal(whole.sender, envelope.sender));
	ck_assert(slice_equal(whole.recipients, envelope.recipients));
	ck_assert_msg(slice_equal(whole.auth, envelope.auth), "<= %s\nfound    %.*s\nexpected %.*s",
	    envelopes[_i], (int)envelope.auth.len, envelope.auth.at, (int)whole.auth.len,
	    whole.auth.at);
	ck_assert(slice_equal(whole.host.name, envelope.host.name));
	ck_assert(slice_equal(whole.host.ip, envelope.host.ip));
}
END_TEST

START_TEST(what_an_ident_server_says_is_nobodys_name_here)
{
	static const char *const lines[] = {
	    "a@e H=h [192.0.2.1]:26 U=root P=esmtps S=1 for b@e",
	    "a@example.org H=h.example.org [192.0.2.1]:2634 U=root P=esmtps X=TLS1.3:x:256 CV=no S=5112 id=x@y.example T=\"s\" for b@example.com",
	    "a@example.org H=h.example.org [192.0.2.1]:2634 U=root P=esmtps X=TLS1.3:x:256 CV=yes DN=\"CN=h\" S=5112 id=x@y.example T=\"s\" for b@example.com",
	};
	struct arrival arrival;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert(arrival_parse_envelope(slice_str(lines[i]), &arrival));
		ck_assert_uint_eq(arrival.user.len, 0);
	}
	ck_assert(arrival_parse_envelope(SLICE("a@e U=root P=local H=h [192.0.2.1]"), &arrival));
	ck_assert(slice_equal(arrival.user, SLICE("root")));
}
END_TEST

START_TEST(without_a_sender_there_is_no_arrival)
{
	struct arrival arrival;

	ck_assert(!arrival_parse(SLICE(""), &arrival));
	ck_assert(!arrival_parse(SLICE(" H=h [192.0.2.1]"), &arrival));
}
END_TEST

START_TEST(recipients_are_taken_one_by_one)
{
	struct slice list = SLICE("a@e  \"b c\"@e \"d\\\" e\"@e f@[IPv6:2001:db8::1] \"g");
	static const char *const expected[] = {"a@e", "\"b c\"@e", "\"d\\\" e\"@e",
	    "f@[IPv6:2001:db8::1]", "\"g"};
	struct slice address;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		ck_assert(arrival_take_recipient(&list, &address));
		ck_assert_msg(slice_equal(address, slice_str(expected[i])), "%.*s is not %s",
		    (int)address.len, address.at, expected[i]);
	}
	ck_assert(!arrival_take_recipient(&list, &address));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/arrival");
	TCase *tests = tcase_create("arrival");

	tcase_add_loop_test(tests, an_arrival_is_read, 0, sizeof(arrivals) / sizeof(arrivals[0]));
	tcase_add_loop_test(tests, the_envelope_is_that_of_the_whole_arrival, 0,
	    sizeof(envelopes) / sizeof(envelopes[0]));
	tcase_add_test(tests, what_an_ident_server_says_is_nobodys_name_here);
	tcase_add_test(tests, without_a_sender_there_is_no_arrival);
	tcase_add_test(tests, recipients_are_taken_one_by_one);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
