/* Delivery lines of many Exims: deliveries, failures and deferrals of three generations, and forgeries. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/exim/delivery.h"
#include "tests/unit/show.h"
#include "tests/unit/unit.h"

struct row {
	const char *line;
	const char *shown;
};

static const struct row deliveries[] = {
    /* 2013 */
    {"a@example.net R=dkim_lookuphost T=dkim_remote_smtp H=mx.example.net [192.0.2.27] "
     "X=UNKNOWN:ECDHE-RSA-AES128-GCM-SHA256:128 C=\"250 2.0.0 OK 1388688538 jb8si45146276obb.27 - gsmtp\"",
	"final{a@example.net} R{dkim_lookuphost} T{dkim_remote_smtp} host{mx.example.net} ip{192.0.2.27} "
	"X{UNKNOWN:ECDHE-RSA-AES128-GCM-SHA256:128} C{250 2.0.0 OK 1388688538 jb8si45146276obb.27 - gsmtp}"},
    {"/dev/null <a@example.com> R=virtual_user_filter T=**bypassed**",
	"final{/dev/null} of{a@example.com} R{virtual_user_filter} T{**bypassed**} discarded"},
    {"marv <marv@example.com> R=localuser T=local_delivery",
	"final{marv} of{marv@example.com} R{localuser} T{local_delivery}"},
    {"marv <marv@example.com> F=<a@example.org> P=<b@example.org> R=virtual_user T=dovecot_virtual_delivery S=4120 "
     "C=\"250 2.0.0 <marv@example.com> AbC Saved\" QT=1m3s DT=0.1s",
	"final{marv} of{marv@example.com} F{a@example.org} P{b@example.org} R{virtual_user} T{dovecot_virtual_delivery} "
	"C{250 2.0.0 <marv@example.com> AbC Saved} S{4120}"},
    /* newer fields */
    {"a@e F=<> P=<> R=dnslookup T=remote_smtp S=10 H=mx.e DS [2001:db8::1]:25* PRX=[192.0.2.3] I=[192.0.2.10]:40000 TFO* "
     "X=TLS1.3:TLS_AES_256_GCM_SHA384:256* CV=dane DN=\"C=US,O=x R=y T=z,CN=mx\" A=plain L* PRDR K C=\"250 ok\" QT=2s DT=1s",
	"final{a@e} R{dnslookup} T{remote_smtp} host{mx.e} ip{2001:db8::1} port{25} X{TLS1.3:TLS_AES_256_GCM_SHA384:256*} "
	"C{250 ok} S{10}"},
    {"a@e R=r T=t H=mx.e [192.0.2.1]* C=\"250 \\\"quoted\\\" H=x [192.0.2.99] R=no\"",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} C{250 \\\"quoted\\\" H=x [192.0.2.99] R=no}"},
    {"a@e R=r T=t H=mx.e [192.0.2.1] C=\"250 cut sh",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} C{250 cut sh}"},
    {"a@e R=r T=t H=mx.e [192.0.2.1] X=T:x:1 DN=\"O=\" R=no T=no H=no C=\"no\" \" C=\"250 yes\"",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} X{T:x:1} C{250 yes}"},
    {"a@e Q=slow R=r T=t ST=copy", "final{a@e} R{r} T{t} ST{copy}"},
    {"a@e R=lmtp T=lmtp H=/run/dovecot/lmtp C=\"250 ok\"",
	"final{a@e} R{lmtp} T{lmtp} host{/run/dovecot/lmtp} C{250 ok}"},
    /* parents */
    {"c@e (b@e) <a@e> R=r T=t", "final{c@e} by{(b@e)} of{a@e} R{r} T{t}"},
    {"c@e (b@e, bb@e) <a@e> R=r T=t", "final{c@e} by{(b@e, bb@e)} of{a@e} R{r} T{t}"},
    {"d@e (c@e) (b@e) <a@e> R=r T=t", "final{d@e} by{(c@e) (b@e)} of{a@e} R{r} T{t}"},
    {"c@e (\"x) <y\"@e) <a@e> R=r T=t", "final{c@e} by{(\"x) <y\"@e)} of{a@e} R{r} T{t}"},
    /* files, pipes, autoreplies */
    {"|/usr/bin/procmail -a x (u@e) <a@e> R=userforward T=address_pipe",
	"final{|/usr/bin/procmail -a x} by{(u@e)} of{a@e} R{userforward} T{address_pipe}"},
    {"|/bin/sh -c \"echo <b> (c) R=x T=y\" <a@e> R=virtual_aliases T=virtual_address_pipe",
	"final{|/bin/sh -c \"echo <b> (c) R=x T=y\"} of{a@e} R{virtual_aliases} T{virtual_address_pipe}"},
    {"/home/u/mail/My Folder/new <a@e> R=r T=address_file",
	"final{/home/u/mail/My Folder/new} of{a@e} R{r} T{address_file}"},
    {"save Folder <a@e> R=r T=address_file", "final{save Folder} of{a@e} R{r} T{address_file}"},
    {">b@example.org <a@e> R=virtual_user_filter T=virtual_address_reply",
	"final{>b@example.org} of{a@e} R{virtual_user_filter} T{virtual_address_reply}"},
    {">b@example.org, c@example.org <a@e> R=r T=t",
	"final{>b@example.org, c@example.org} of{a@e} R{r} T{t}"},
    /* nobody gets it */
    {":blackhole: <a@e> R=virtual_aliases",
	"final{:blackhole:} of{a@e} R{virtual_aliases} discarded"},
    {"discarded <a@e> R=central_filter", "final{discarded} of{a@e} R{central_filter} discarded"},
    {"discarded <discarded@e> R=localuser T=local_delivery",
	"final{discarded} of{discarded@e} R{localuser} T{local_delivery}"},
    {"discarded (system filter)", "discarded"},
    {"blackhole (DATA ACL discarded recipients): spam", "discarded"},
    {":blackhole: <\":blackhole:\"@e> R=virtual_aliases",
	"final{:blackhole:} of{\":blackhole:\"@e} R{virtual_aliases} discarded"},
    {":blackhole: <\":blackhole:\"@e> R=localuser T=local_delivery",
	"final{:blackhole:} of{\":blackhole:\"@e} R{localuser} T{local_delivery}"},
    /* local parts with blanks that are no address's own */
    {"a+b - c d (\"a+b - C d\"@e, a@e) <a@e> R=virtual_user T=t",
	"final{a+b - c d} by{(\"a+b - C d\"@e, a@e)} of{a@e} R{virtual_user} T{t}"},
    {" b@e <\" a\"@e> R=r T=t", "final{b@e} of{\" a\"@e} R{r} T{t}"},
    {" b@e R=r T=t", "final{b@e} R{r} T{t}"},
    /* quoted local parts, logged without their quotes */
    {" a@e <\" a\"@e> R=r T=t", "final{\" a\"@e} R{r} T{t}"},
    {"a b@e <\"a b\"@e> R=r T=t", "final{\"a b\"@e} R{r} T{t}"},
    {"a b <\"a b\"@e> R=r T=t", "final{\"a b\"@e} R{r} T{t}"},
    {"x> r=y t=z ** @e <\"x> R=y T=z ** \"@E> R=r T=t", "final{\"x> R=y T=z ** \"@E} R{r} T{t}"},
    /* what begins like any other line */
    {"a@e R=x T=y@e <\"a@e R=x T=y\"@e> R=r T=t", "final{\"a@e R=x T=y\"@e} R{r} T{t}"},
    {"a@e <a@e> R=x@e <\"a@e <a@e> R=x\"@e> R=r T=t", "final{\"a@e <a@e> R=x\"@e} R{r} T{t}"},
    {"a@e <a@e> R=r T=t", "final{a@e} of{a@e} R{r} T{t}"},
    {"<a>@e <<a>@e> R=r T=t", "final{<a>@e} of{<a} R{r} T{t}"},
    {"a>@e <a>@e> R=r T=t", "final{a>@e} of{a} R{r} T{t}"},
    {"a\"b@e <\"a\\\"b\"@e> R=r T=t", "final{\"a\\\"b\"@e} R{r} T{t}"},
    /* hosts */
    {"a@e R=r T=t H=mx.e [fe80::1%eth0] C=\"250\"",
	"final{a@e} R{r} T{t} host{mx.e} ip{fe80::1%eth0} C{250}"},
};

static const struct row failures[] = {
    /* three generations */
    {"a@b.example R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mail server after RCPT TO:<a@b.example>: "
     "host mx.b.example [192.0.2.1]: 553 sorry, unknown email address;",
	"final{a@b.example} R{dkim_lookuphost} T{dkim_remote_smtp} host{mx.b.example} ip{192.0.2.1} message{SMTP error from "
	"remote mail server after RCPT TO:<a@b.example>: host mx.b.example [192.0.2.1]: 553 sorry, unknown email address;}"},
    {"a@b.example R=dnslookup T=remote_smtp H=mx.b.example [192.0.2.1] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes: "
     "SMTP error from remote mail server after RCPT TO:<a@b.example>: 553 sorry",
	"final{a@b.example} R{dnslookup} T{remote_smtp} host{mx.b.example} ip{192.0.2.1} "
	"X{TLS1.3:TLS_AES_256_GCM_SHA384:256} "
	"message{SMTP error from remote mail server after RCPT TO:<a@b.example>: 553 sorry}"},
    {"a@b.example R=dnslookup T=remote_smtp H=mx.b.example [192.0.2.1] : SMTP error from remote mail server after end of "
     "data: 553 sorry DT=0.1s",
	"final{a@b.example} R{dnslookup} T{remote_smtp} host{mx.b.example} ip{192.0.2.1} "
	"message{SMTP error from remote mail server after end of data: 553 sorry}"},
    {"a@b.example P=<s@e> R=dnslookup T=remote_smtp H=mx.b.example [192.0.2.1]:25 I=[192.0.2.10]:4711 X=T:x:1 CV=no "
     "DN=\"CN=mx: x, O=y\": SMTP error from remote mail server after pipelined MAIL FROM:<s@e> SIZE=9: 550 no QT=3s DT=1m1s",
	"final{a@b.example} P{s@e} R{dnslookup} T{remote_smtp} host{mx.b.example} ip{192.0.2.1} port{25} X{T:x:1} "
	"message{SMTP error from remote mail server after pipelined MAIL FROM:<s@e> SIZE=9: 550 no}"},
    {"a@b.example R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mailer after initial connection: "
     "host mx.b.example [2001:db8::1]: 550 Your host is not allowed",
	"final{a@b.example} R{dkim_lookuphost} T{dkim_remote_smtp} host{mx.b.example} ip{2001:db8::1} message{SMTP error from "
	"remote mailer after initial connection: host mx.b.example [2001:db8::1]: 550 Your host is not allowed}"},
    {"a@b.example R=r T=t: host mx.b.example [192.0.2.1]: 550 no",
	"final{a@b.example} R{r} T{t} host{mx.b.example} ip{192.0.2.1} message{host mx.b.example [192.0.2.1]: 550 no}"},
    {"\"x: host f [198.51.100.9]: \"@e R=r T=t: SMTP error from remote mail server after RCPT TO:<\"x: host f "
     "[198.51.100.9]: \"@e>: host mx.e [192.0.2.1]: 550 no",
	"final{\"x: host f [198.51.100.9]: \"@e} R{r} T{t} host{mx.e} ip{192.0.2.1} message{SMTP error from remote mail server "
	"after RCPT TO:<\"x: host f [198.51.100.9]: \"@e>: host mx.e [192.0.2.1]: 550 no}"},
    /* no fields at all */
    {"x@y.example: Unrouteable address", "final{x@y.example} message{Unrouteable address}"},
    {"x@y.example: Unrouteable address <b> (c) R=d",
	"final{x@y.example} message{Unrouteable address <b> (c) R=d}"},
    {"x@y.example F=<a@e>: Unrouteable address",
	"final{x@y.example} F{a@e} message{Unrouteable address}"},
    {"x@y.example <o@e>: Unrouteable address",
	"final{x@y.example} of{o@e} message{Unrouteable address}"},
    {"x@y.example (p@e) <o@e>: retry timeout exceeded",
	"final{x@y.example} by{(p@e)} of{o@e} message{retry timeout exceeded}"},
    {"x@[IPv6:2001:db8::1]: all relevant MX records point to non-existent hosts",
	"final{x@[IPv6:2001:db8::1]} message{all relevant MX records point to non-existent hosts}"},
    {"a b@y.example <\"a b\"@y.example>: Unrouteable address",
	"final{\"a b\"@y.example} message{Unrouteable address}"},
    {"\"a b\"@y.example: malformed address: x may not follow y",
	"final{\"a b\"@y.example} message{malformed address: x may not follow y}"},
    {"x@yahoo.example R=virtual_aliases: No Such User Here",
	"final{x@yahoo.example} R{virtual_aliases} message{No Such User Here}"},
    {"x@y.example R=r:", "final{x@y.example} R{r}"},
    {"x@y.example R=r T=t", "final{x@y.example} R{r} T{t}"},
    /* local failures */
    {"|/usr/local/bin/x -y <a@e> R=virtual_aliases T=virtual_address_pipe: Child process of virtual_address_pipe transport "
     "returned 77 (could mean permission denied) from command: /usr/local/bin/x",
	"final{|/usr/local/bin/x -y} of{a@e} R{virtual_aliases} T{virtual_address_pipe} message{Child process of "
	"virtual_address_pipe transport returned 77 (could mean permission denied) from command: /usr/local/bin/x}"},
    {"/home/u/mail <a@e> R=r T=address_file: Permission denied: failed to open mailbox",
	"final{/home/u/mail} of{a@e} R{r} T{address_file} message{Permission denied: failed to open mailbox}"},
    {"a@e R=r T=t: 421 4.7.1 permanently deferred: retry timeout exceeded",
	"final{a@e} R{r} T{t} message{421 4.7.1 permanently deferred: retry timeout exceeded}"},
    {"a@e R=r T=t: 550 no: error ignored",
	"final{a@e} R{r} T{t} message{550 no: error ignored} ignored"},
    /* replies that imitate the log */
    {"a@e R=r T=t H=mx.e [192.0.2.1]: SMTP error from remote mail server after end of data: 550 => b@e R=x T=y H=z "
     "[198.51.100.9]: host f [198.51.100.9]: 250",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} message{SMTP error from remote mail server after end of data: 550 => "
	"b@e R=x T=y H=z [198.51.100.9]: host f [198.51.100.9]: 250}"},
    {"a@e R=r T=t: Remote host mx.e [192.0.2.1] closed connection in response to initial connection",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} "
	"message{Remote host mx.e [192.0.2.1] closed connection in response to initial connection}"},
};

static const struct row deferrals[] = {
    {"a@e R=dkim_lookuphost defer (-1): host lookup did not complete",
	"final{a@e} R{dkim_lookuphost} errno{-1} message{host lookup did not complete}"},
    {"a@e R=r T=t defer (-54): retry time not reached for any host for 'e'",
	"final{a@e} R{r} T{t} errno{-54} message{retry time not reached for any host for 'e'} wait"},
    {"a@e R=r T=t defer (-53): retry time not reached for any host",
	"final{a@e} R{r} T{t} errno{-53} message{retry time not reached for any host} wait"},
    {"a@e routing defer (-51): retry time not reached",
	"final{a@e} errno{-51} message{retry time not reached} wait"},
    {"a@e <o@e> R=r T=t defer (-52): Retry time not yet reached",
	"final{a@e} of{o@e} R{r} T{t} errno{-52} message{Retry time not yet reached} wait"},
    /* since 4.93 the numbers mean something else */
    {"a@e R=r defer (-53): mailbox is moving",
	"final{a@e} R{r} errno{-53} message{mailbox is moving}"},
    {"a@e R=r T=t defer (111): Connection refused",
	"final{a@e} R{r} T{t} errno{111} message{Connection refused}"},
    {"a@e R=r T=t defer (111): Connection refused H=mx.e [192.0.2.1]",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{111} message{Connection refused}"},
    {"a@e R=r T=t defer (110): Connection timed out H=mx.e DS [192.0.2.1]:25 I=[192.0.2.9] DT=30s",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} port{25} errno{110} message{Connection timed out}"},
    {"a@e R=r T=t defer (110): Connection timed out H=mx.e [192.0.2.1] DT=30s: SMTP timeout after initial connection",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{110} message{SMTP timeout after initial connection}"},
    {"a@e R=r T=t defer (110): Connection timed out: SMTP timeout while connected to mx.e [192.0.2.1] after EHLO h",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{110} "
	"message{Connection timed out: SMTP timeout while connected to mx.e [192.0.2.1] after EHLO h}"},
    {"a@e R=r T=t defer (dd): Connection timed out H=mx.e [192.0.2.1]: SMTP timeout after EHLO h",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{0} message{SMTP timeout after EHLO h}"},
    {"a@e R=r T=t defer (-44) H=mx.e [192.0.2.1]:PORT: SMTP error from remote mail server after RCPT TO:<a@e>: 450 later",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{-44} "
	"message{SMTP error from remote mail server after RCPT TO:<a@e>: 450 later}"},
    {"a@e R=r T=t defer (13): Permission denied DT=0s: failed to open mailbox",
	"final{a@e} R{r} T{t} errno{13} message{failed to open mailbox}"},
    {"a@e R=r T=t defer (13): Permission denied: failed to open H=x",
	"final{a@e} R{r} T{t} errno{13} message{Permission denied: failed to open H=x}"},
    {"a@e R=r T=t defer (-44) H=mx.e [192.0.2.1] DT=1s: SMTP error from remote mail server after RCPT TO:<a@e>: 450 later",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{-44} "
	"message{SMTP error from remote mail server after RCPT TO:<a@e>: 450 later}"},
    {"a@e R=r T=t H=mx.e [192.0.2.1] defer (-44): SMTP error from remote mail server after RCPT TO:<a@e>: 450 later",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{-44} "
	"message{SMTP error from remote mail server after RCPT TO:<a@e>: 450 later}"},
    {"a@e R=r T=t defer (-44): SMTP error from remote mail server after RCPT TO:<a@e>: host mx.e [192.0.2.1]: 450 later",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{-44} "
	"message{SMTP error from remote mail server after RCPT TO:<a@e>: host mx.e [192.0.2.1]: 450 later}"},
    {"a@e R=r T=t defer (-22): mailbox is full (MTA-imposed quota exceeded while writing to file /home/x)",
	"final{a@e} R{r} T{t} errno{-22} "
	"message{mailbox is full (MTA-imposed quota exceeded while writing to file /home/x)}"},
    {"a@e R=r T=t defer (-18) H=mx.e [192.0.2.1]: Remote host closed connection in response to initial connection",
	"final{a@e} R{r} T{t} host{mx.e} ip{192.0.2.1} errno{-18} "
	"message{Remote host closed connection in response to initial connection}"},
    {"a@e R=r defer (0)", "final{a@e} R{r} errno{0}"},
    {"a@e R=r defer (99999999999999): x", "final{a@e} R{r} message{x}"},
    {"a@e R=r T=t defer (-45) DT=0.2s: x: retry time not reached",
	"final{a@e} R{r} T{t} errno{-45} message{x: retry time not reached}"},
};

static void
show_delivery(const struct delivery *delivery, struct shown *shown)
{
	show_slice(shown, "final", delivery->final);
	show_slice(shown, "by", delivery->parents);
	show_slice(shown, "of", delivery->original);
	show_slice(shown, "F", delivery->sender);
	show_slice(shown, "P", delivery->return_path);
	show_slice(shown, "R", delivery->router);
	show_slice(shown, "T", delivery->transport);
	show_host(shown, &delivery->host);
	show_slice(shown, "X", delivery->tls);
	show_slice(shown, "C", delivery->confirmation);
	show_slice(shown, "ST", delivery->shadow);
	show_number(shown, "S", delivery->size, -1);
	if (delivery->has_error_number)
		show(shown, " errno{%d}", delivery->error_number);
	show_slice(shown, "message", delivery->message);
	show_flag(shown, "discarded", delivery->is_discarded);
	show_flag(shown, "ignored", delivery->is_error_ignored);
	show_flag(shown, "wait", delivery->is_retry_wait);
}

static void
check_row(const char *flag, const struct row *row, bool is_failure)
{
	struct delivery delivery;
	struct shown shown = {.len = 0};

	ck_assert_msg(delivery_parse(slice_str(row->line), is_failure, &delivery), "%s %s", flag,
	    row->line);
	show_delivery(&delivery, &shown);
	ck_assert_msg(strcmp(shown.text, row->shown) == 0, "%s %s\nfound    %s\nexpected %s", flag,
	    row->line, shown.text, row->shown);
}

START_TEST(a_delivery_is_read)
{
	check_row("=>", &deliveries[_i], false);
}
END_TEST

START_TEST(a_failure_is_read)
{
	check_row("**", &failures[_i], true);
}
END_TEST

START_TEST(a_deferral_is_read)
{
	check_row("==", &deferrals[_i], true);
}
END_TEST

static const struct {
	const char *line;
	const char *address;
} addresses[] = {
    {"marv <marv@example.com> R=localuser T=local_delivery", "marv@example.com"},
    {"marv <\"m x\"@example.com> R=localuser T=local_delivery", "marv@example.com"},
    {"a@e <b@f> R=r", "a@e"},
    {"marv R=localuser", "marv"},
    {"|/bin/x <b@f> R=r", "|/bin/x"},
    {"/dev/null <b@f> R=r", "/dev/null"},
    {">c@e <b@f> R=r", ">c@e"},
    {":blackhole: <b@f> R=r", ":blackhole:"},
};

START_TEST(a_local_part_gets_its_domain)
{
	char buffer[64];
	struct delivery delivery;

	ck_assert(delivery_parse(slice_str(addresses[_i].line), false, &delivery));
	struct slice address = delivery_final_address(&delivery, buffer, sizeof(buffer));
	ck_assert_msg(slice_equal(address, slice_str(addresses[_i].address)), "%.*s is not %s",
	    (int)address.len, address.at, addresses[_i].address);
}
END_TEST

START_TEST(an_address_that_is_too_long_is_cut)
{
	char buffer[8];
	struct delivery delivery;

	ck_assert(delivery_parse(SLICE("marvin <m@example.com> R=r"), false, &delivery));
	ck_assert_uint_eq(delivery_final_address(&delivery, buffer, sizeof(buffer)).len,
	    sizeof(buffer) - 1);
}
END_TEST

START_TEST(nothing_is_no_delivery)
{
	struct delivery delivery;

	ck_assert(!delivery_parse(SLICE(""), false, &delivery));
	ck_assert(!delivery_parse(SLICE(" "), false, &delivery));
	ck_assert(!delivery_parse(SLICE(" R=x"), true, &delivery));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/delivery");
	TCase *tests = tcase_create("delivery");

	tcase_add_loop_test(tests, a_delivery_is_read, 0,
	    sizeof(deliveries) / sizeof(deliveries[0]));
	tcase_add_loop_test(tests, a_failure_is_read, 0, sizeof(failures) / sizeof(failures[0]));
	tcase_add_loop_test(tests, a_deferral_is_read, 0, sizeof(deferrals) / sizeof(deferrals[0]));
	tcase_add_loop_test(tests, a_local_part_gets_its_domain, 0,
	    sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_test(tests, an_address_that_is_too_long_is_cut);
	tcase_add_test(tests, nothing_is_no_delivery);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
