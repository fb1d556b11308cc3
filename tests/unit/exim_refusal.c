/* Lines without an id: what is a refusal, of what, by whom, why. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/exim/refusal.h"
#include "tests/unit/show.h"
#include "tests/unit/unit.h"

static const char *const kinds[] = {
    [REFUSAL_NONE] = "none",
    [REFUSAL_RCPT] = "RCPT",
    [REFUSAL_MAIL] = "MAIL",
    [REFUSAL_CONNECT] = "CONNECT",
    [REFUSAL_HELO] = "HELO",
    [REFUSAL_DATA] = "DATA",
    [REFUSAL_AUTH] = "AUTH",
    [REFUSAL_VERIFY] = "VERIFY",
    [REFUSAL_OTHER_COMMAND] = "OTHER",
    [REFUSAL_LOST] = "LOST",
    [REFUSAL_PROGRAM] = "PROGRAM",
};

static const struct {
	const char *line;
	const char *shown;
} refusals[] = {
    /* RCPT */
    {"H=mail.example.net [192.0.2.1]:56035 F=<s@example.net> temporarily rejected RCPT <x@example.com>: remote host address is "
     "the local host",
	"RCPT temporary host{mail.example.net} ip{192.0.2.1} port{56035} F{s@example.net} to{x@example.com} "
	"message{remote host address is the local host}"},
    {"H=(client) [192.0.2.1]:4471 F=<s@example.net> A=dovecot_login:u rejected RCPT <x@example.com>: No Such User Here",
	"RCPT helo{client} ip{192.0.2.1} port{4471} F{s@example.net} A{dovecot_login:u} to{x@example.com} "
	"message{No Such User Here}"},
    {"H=h (h) [192.0.2.1]:4471 F=<s@e> rejected RCPT <x@e>: Please turn on SMTP Authentication in your mail client.  h (h) "
     "[192.0.2.1]:4471 is not permitted to relay through this server without authentication.",
	"RCPT host{h} helo{h} ip{192.0.2.1} port{4471} F{s@e} to{x@e} message{Please turn on SMTP Authentication in your mail "
	"client.  h (h) [192.0.2.1]:4471 is not permitted to relay through this server without authentication.}"},
    {"H=h [192.0.2.1] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no DN=\"O=x F=<no@e> y\" SNI=mx.e F=<> rejected RCPT <x@e>: no",
	"RCPT host{h} ip{192.0.2.1} F{<>} to{x@e} message{no}"},
    {"H=h [192.0.2.1]:4471 I=[192.0.2.10]:25 Ci=4711 U=nobody F=<s@e> SPF=pass DMARC=pass rejected RCPT <x@e>: no: really",
	"RCPT host{h} ip{192.0.2.1} port{4471} U{nobody} F{s@e} to{x@e} message{no: really}"},
    {"U=user F=<s@e> rejected RCPT <x@e>: no", "RCPT U{user} F{s@e} to{x@e} message{no}"},
    {" DS H=h [192.0.2.1] F=<s@e> rejected RCPT <x@e>: no",
	"RCPT host{h} ip{192.0.2.1} F{s@e} to{x@e} message{no}"},
    {"H=h [192.0.2.1] F=<\"a> rejected RCPT <v@e>: x\"@e> rejected RCPT <\"b>: y\"@e>: no",
	"RCPT host{h} ip{192.0.2.1} F{\"a> rejected RCPT <v@e>: x\"@e} to{\"b>: y\"@e} message{no}"},
    {"H=([10.0.0.1]) [192.0.2.1] F=<s@e> rejected RCPT <x@e>",
	"RCPT helo{[10.0.0.1]} ip{192.0.2.1} F{s@e} to{x@e}"},
    {"H=(x) [198.51.100.9] (y) [192.0.2.1]:25 F=<s@e> rejected RCPT <x@e>: no",
	"RCPT helo{x) [198.51.100.9] (y} ip{192.0.2.1} port{25} F{s@e} to{x@e} message{no}"},
    {"H=h [192.0.2.1] F=<s@e> RCPT <x@e>: discarded by RCPT ACL: spam",
	"OTHER host{h} ip{192.0.2.1} F{s@e} to{x@e} message{RCPT <x@e>: discarded by RCPT ACL: spam}"},
    {"H=h [192.0.2.1] F=<s@e> rejected RCPT x@e: no",
	"RCPT host{h} ip{192.0.2.1} F{s@e} to{x@e} message{no}"},
    {"U=user F=<s@e> rejected RCPT \"x: y\"@e", "RCPT U{user} F{s@e} to{\"x: y\"@e}"},
    {"H=h [192.0.2.1] F=<s@e> rejected RCPT <x@e: no",
	"RCPT host{h} ip{192.0.2.1} F{s@e} message{no}"},
    /* MAIL, HELO, connection, DATA, AUTH, others */
    {"H=h [192.0.2.1] rejected MAIL <s@e>: no", "MAIL host{h} ip{192.0.2.1} F{s@e} message{no}"},
    {"H=h [192.0.2.1] rejected MAIL <>: no", "MAIL host{h} ip{192.0.2.1} F{<>} message{no}"},
    {"H=h [192.0.2.1] rejected EHLO or HELO x y: bad", "HELO host{h} ip{192.0.2.1} message{bad}"},
    {"rejected EHLO from [192.0.2.1]: syntactically invalid argument(s): a b",
	"HELO ip{192.0.2.1} message{syntactically invalid argument(s): a b}"},
    {"rejected HELO from (x) [192.0.2.1]:99: syntactically invalid argument(s): a from [198.51.100.9]",
	"HELO helo{x} ip{192.0.2.1} port{99} message{syntactically invalid argument(s): a from [198.51.100.9]}"},
    {"H=[192.0.2.1]:4471 rejected connection in \"connect\" ACL: listed",
	"CONNECT ip{192.0.2.1} port{4471} message{listed}"},
    {"H=h [192.0.2.1] temporarily rejected connection in \"connect\" ACL",
	"CONNECT temporary host{h} ip{192.0.2.1} message{connection in \"connect\" ACL}"},
    {"H=h [192.0.2.1] F=<s@e> rejected DATA: no", "DATA host{h} ip{192.0.2.1} F{s@e} message{no}"},
    {"H=h [192.0.2.1] F=<s@e> rejected after DATA: no",
	"DATA host{h} ip{192.0.2.1} F{s@e} message{no}"},
    {"rejected from <s@e> H=h (x) [192.0.2.1]:99: message too big: read=9 max=8",
	"DATA host{h} helo{x} ip{192.0.2.1} port{99} F{s@e} message{message too big: read=9 max=8}"},
    {"rejected from <> U=user: message too big: read=9 max=8",
	"DATA F{<>} message{message too big: read=9 max=8}"},
    {"H=h [192.0.2.1] rejected AUTH PLAIN: no", "AUTH host{h} ip{192.0.2.1} message{no}"},
    {"H=h [192.0.2.1] rejected VRFY x@e", "OTHER host{h} ip{192.0.2.1} message{VRFY x@e}"},
    {"H=h [192.0.2.1] rejected STARTTLS: no", "OTHER host{h} ip{192.0.2.1} message{no}"},
    /* verification */
    {"H=h [192.0.2.1] sender verify fail for <s@e>: Unrouteable address",
	"VERIFY host{h} ip{192.0.2.1} F{s@e} message{sender verify fail for <s@e>: Unrouteable address}"},
    {"H=h [192.0.2.1]:99 sender verify defer for <s@e>: host lookup did not complete",
	"VERIFY temporary host{h} ip{192.0.2.1} port{99} F{s@e} message{sender verify defer for <s@e>: host lookup did not complete}"},
    /* logging in */
    {"dovecot_login authenticator failed for (helo) [192.0.2.1]:4471: 535 Incorrect authentication data (set_id=user@example.com)",
	"AUTH helo{helo} ip{192.0.2.1} port{4471} login{user@example.com} "
	"message{535 Incorrect authentication data (set_id=user@example.com)}"},
    {"dovecot_plain authenticator failed for H=h.example (x y) [192.0.2.1]: 535 Incorrect authentication data",
	"AUTH host{h.example} helo{x y} ip{192.0.2.1} message{535 Incorrect authentication data}"},
    {"fixed_login authenticator failed for h [192.0.2.1]:9 I=[192.0.2.10]:587: 535 Incorrect authentication data (set_id=a)b)",
	"AUTH host{h} ip{192.0.2.1} port{9} login{a)b} message{535 Incorrect authentication data (set_id=a)b)}"},
    {"dovecot_login authenticator failed for (x: y) [192.0.2.1]: 435 Unable to authenticate at present (set_id=u): socket",
	"AUTH temporary helo{x: y} ip{192.0.2.1} login{u} message{435 Unable to authenticate at present (set_id=u): socket}"},
    /* lost connections */
    {"SMTP command timeout on connection from h (x) [192.0.2.1]:4471 D=5m",
	"LOST host{h} helo{x} ip{192.0.2.1} port{4471} message{SMTP command timeout on connection from h (x) [192.0.2.1]:4471 D=5m}"},
    {"SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.1]:9 "
     "input=\"GET / from [198.51.100.9]\"",
	"LOST ip{192.0.2.1} port{9} message{SMTP protocol synchronization error (input sent without waiting for greeting): "
	"rejected connection from H=[192.0.2.1]:9 input=\"GET / from [198.51.100.9]\"}"},
    {"unexpected disconnection while reading SMTP command from (1VrkAf-0007F8-30 Completed) [192.0.2.1] D=1s",
	"LOST helo{1VrkAf-0007F8-30 Completed} ip{192.0.2.1} "
	"message{unexpected disconnection while reading SMTP command from (1VrkAf-0007F8-30 Completed) [192.0.2.1] D=1s}"},
    {"TLS error on connection from h [192.0.2.1]:99 (SSL_accept): error:1408F10B",
	"LOST host{h} ip{192.0.2.1} port{99} message{TLS error on connection from h [192.0.2.1]:99 (SSL_accept): error:1408F10B}"},
    {"SMTP connection from h [192.0.2.1]:99 lost while reading message data (header)",
	"LOST host{h} ip{192.0.2.1} port{99} "
	"message{SMTP connection from h [192.0.2.1]:99 lost while reading message data (header)}"},
    {"SMTP connection Ci=7 from h [192.0.2.1]:99 I=[192.0.2.2]:25 lost D=3s",
	"LOST host{h} ip{192.0.2.1} port{99} message{SMTP connection Ci=7 from h [192.0.2.1]:99 I=[192.0.2.2]:25 lost D=3s}"},
    {"SMTP connection Ci=7 from (lost) [192.0.2.1]:99 D=3s closed by QUIT", "none"},
    {"SMTP connection from (x) [192.0.2.1] lost",
	"LOST helo{x} ip{192.0.2.1} message{SMTP connection from (x) [192.0.2.1] lost}"},
    {"SMTP connection from [192.0.2.1] closed by DROP in ACL",
	"LOST ip{192.0.2.1} message{SMTP connection from [192.0.2.1] closed by DROP in ACL}"},
    {"SMTP syntax error in \"MAIL FROM:<from [198.51.100.9]>\" H=(x) [192.0.2.1]:99 malformed address",
	"LOST helo{x} ip{192.0.2.1} port{99} "
	"message{SMTP syntax error in \"MAIL FROM:<from [198.51.100.9]>\" H=(x) [192.0.2.1]:99 malformed address}"},
    {"SMTP call from [192.0.2.1]:9 dropped: too many nonmail commands (last was \"RSET\")",
	"LOST ip{192.0.2.1} port{9} "
	"message{SMTP call from [192.0.2.1]:9 dropped: too many nonmail commands (last was \"RSET\")}"},
    {"H=(x) [192.0.2.1]:9 incomplete transaction (connection lost) from <s@e> for x@e",
	"LOST helo{x} ip{192.0.2.1} port{9} message{incomplete transaction (connection lost) from <s@e> for x@e}"},
    {"Connection from [192.0.2.1]:9 refused: too many connections",
	"CONNECT ip{192.0.2.1} port{9} message{Connection from [192.0.2.1]:9 refused: too many connections}"},
    {"refused: too many connections", "CONNECT message{refused: too many connections}"},
    /* other programs */
    {"spamd[17011]: config: score: requires a symbolic rule name and 1 or 4 scores",
	"PROGRAM message{spamd[17011]: config: score: requires a symbolic rule name and 1 or 4 scores}"},
    {"spamd[17011]: config: SpamAssassin failed to parse line, no value provided for \"score\", skipping: score 2",
	"PROGRAM message{spamd[17011]: config: SpamAssassin failed to parse line, no value provided for \"score\", skipping: score "
	"2}"},
    /* no refusals */
    {"SMTP connection from [192.0.2.1]:4471 (TCP/IP connection count = 3)", "none"},
    {"SMTP connection from (lost) [192.0.2.1]:4471 closed by QUIT", "none"},
    {"SMTP connection from ( lost) [192.0.2.1]:4471 closed by QUIT", "none"},
    {"SMTP connection from h [192.0.2.1]:4471 D=3s closed by QUIT", "none"},
    {"Start queue run: pid=4711", "none"},
    {"End queue run: pid=4711", "none"},
    {"exim 4.98 daemon started: pid=4711, -q1h, listening for SMTP on port 25 (IPv6 and IPv4)",
	"none"},
    {"no host name found for IP address 192.0.2.1", "none"},
    {"no MAIL in SMTP connection from (x) [192.0.2.1] D=1s C=EHLO,QUIT", "none"},
    {"SIGHUP received: re-exec daemon", "none"},
    {"H=(x) [192.0.2.1] Warning: rejected RCPT <x@e>: by nobody", "none"},
    {"", "none"},
    {"rejected", "none"},
};

static void
show_refusal(const struct refusal *refusal, struct shown *shown)
{
	show(shown, "%s", kinds[refusal->kind]);
	if (refusal->kind == REFUSAL_NONE)
		return;
	show_flag(shown, "temporary", refusal->is_temporary);
	show_host(shown, &refusal->host);
	show_slice(shown, "U", refusal->user);
	show_slice(shown, "F", refusal->sender);
	show_slice(shown, "A", refusal->auth);
	show_slice(shown, "to", refusal->recipient);
	show_slice(shown, "login", refusal->login);
	show_slice(shown, "message", refusal->message);
}

START_TEST(a_refusal_is_read)
{
	struct refusal refusal;
	struct shown shown = {.len = 0};

	refusal_parse(slice_str(refusals[_i].line), &refusal);
	show_refusal(&refusal, &shown);
	ck_assert_msg(strcmp(shown.text, refusals[_i].shown) == 0, "%s\nfound    %s\nexpected %s",
	    refusals[_i].line, shown.text, refusals[_i].shown);
}
END_TEST

static const struct {
	const char *line;
	const char *shown;
} commands[] = {
    {"cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1Vykza-0005s5-La",
	"directory{/var/spool/exim} arguments{/usr/sbin/exim -Mc 1Vykza-0005s5-La} id{1Vykza-0005s5-La}"},
    {"cwd=/home/user/public_html/a b 4 args: /usr/sbin/sendmail -t -i -fs@e",
	"directory{/home/user/public_html/a b} arguments{/usr/sbin/sendmail -t -i -fs@e}"},
    {"cwd=/ 1 args: exim", "directory{/} arguments{exim}"},
    {"cwd=/x 9 args: y 3 args: /usr/sbin/exim -Mc 1Vykza-0005s5-La",
	"directory{/x} arguments{y 3 args: /usr/sbin/exim -Mc 1Vykza-0005s5-La} id{1Vykza-0005s5-La}"},
    {"cwd=/ 2 args: exim -Mc", "directory{/} arguments{exim -Mc}"},
};

START_TEST(a_command_is_read)
{
	struct command command;
	struct shown shown = {.len = 0};

	ck_assert(command_parse(slice_str(commands[_i].line), &command));
	show_slice(&shown, "directory", command.directory);
	show_slice(&shown, "arguments", command.arguments);
	show_slice(&shown, "id", command.message_id);
	ck_assert_str_eq(shown.text, commands[_i].shown);
}
END_TEST

/* Whatever command line came before it. */
START_TEST(a_command_is_read_the_same_with_a_memo)
{
	static const char *const more[] = {
	    "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1xWvS6-00000004A9H-00dA",
	    "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1VrkAf-0007F8-30",
	    "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc ",
	    "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc  1VrkAf-0007F8-30",
	    "cwd=/var/spool/exim 4 args: /usr/sbin/exim -Mc 1VrkAf-0007F8-30 -v",
	    "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1VrkAf-0007F8-30 args: -Mc x",
	    "cwd=/var/spool/exim4 3 args: /usr/sbin/exim4 -Mc 1VrkAf-0007F8-30",
	    "cwd=/a: b 2 args: x -bd -Mc 1VrkAf-0007F8-30",
	    "cwd=/a: b 2 args: x args: -Mc 1VrkAf-0007F8-30",
	    "cwd=/var/spool/exim/a/rather/long/name/of/a/folder 3 args: /usr/sbin/exim -Mc 1VrkAf-0007F8-30",
	    "cwd=/var/spool/exim",
	};
	const int rows = sizeof(commands) / sizeof(commands[0]);
	const int all = rows + (int)(sizeof(more) / sizeof(more[0]));

	for (int i = 0; i < all * all; i++) {
		int before = i / all, now = i % all;
		struct slice first = slice_str(
				 before < rows ? commands[before].line : more[before - rows]),
			     text = slice_str(now < rows ? commands[now].line : more[now - rows]);
		struct command_memo memo = {0};
		struct command careful, again;

		command_parse_again(&memo, first, &again);
		bool is_command = command_parse(text, &careful);
		ck_assert(command_parse_again(&memo, text, &again) == is_command);
		if (!is_command)
			continue;
		ck_assert_ptr_eq(again.directory.at, careful.directory.at);
		ck_assert(slice_equal(again.directory, careful.directory));
		ck_assert_ptr_eq(again.arguments.at, careful.arguments.at);
		ck_assert(slice_equal(again.arguments, careful.arguments));
		ck_assert(slice_equal(again.message_id, careful.message_id));
	}
}
END_TEST

START_TEST(others_are_no_commands)
{
	struct command command;

	ck_assert(!command_parse(SLICE(""), &command));
	ck_assert(!command_parse(SLICE("cwd="), &command));
	ck_assert(!command_parse(SLICE("cwd=/ 3 arguments"), &command));
	ck_assert(!command_parse(SLICE("args: x"), &command));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/refusal");
	TCase *tests = tcase_create("refusal");

	tcase_add_loop_test(tests, a_refusal_is_read, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_loop_test(tests, a_command_is_read, 0, sizeof(commands) / sizeof(commands[0]));
	tcase_add_test(tests, a_command_is_read_the_same_with_a_memo);
	tcase_add_test(tests, others_are_no_commands);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
