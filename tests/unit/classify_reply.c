/* Replies: taken out of Exim's text of three generations, and out of what others write around them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/classify/reply.h"
#include "tests/unit/show.h"
#include "tests/unit/unit.h"

static const struct {
	const char *message;
	const char *shown;
} replies[] = {
    /* Exim before 4.83, with the host in the text */
    {"SMTP error from remote mailer after RCPT TO:<a@e>: host mx.e [192.0.2.1]: 553 sorry",
	"code{553} phase{rcpt} host{mx.e} ip{192.0.2.1} raw{553 sorry}"},
    {"SMTP error from remote mail server after initial connection: host mx.e [192.0.2.1]: 421 mx.e Service unavailable",
	"code{421} phase{connect} host{mx.e} ip{192.0.2.1} raw{421 mx.e Service unavailable}"},
    {"SMTP error from remote mail server after HELO a.example: host mx.e [192.0.2.1]: 550-SPF failed:\\n550 See",
	"code{550} phase{ehlo} host{mx.e} ip{192.0.2.1} raw{550-SPF failed:\\n550 See}"},
    {"host mx.e [192.0.2.1]: 450 4.7.1 no",
	"code{450} enhanced{4.7.1} host{mx.e} ip{192.0.2.1} raw{450 4.7.1 no}"},
    {"SMTP error from remote mail server after RCPT TO:<\": host f [198.51.100.9]: \"@e>: host mx.e [192.0.2.1]: 450 no",
	"code{450} phase{rcpt} host{mx.e} ip{192.0.2.1} raw{450 no}"},
    {"SMTP error from remote mail server after RCPT TO:<a@e>: host mx.e [2001:db8::1]: 450 no",
	"code{450} phase{rcpt} host{mx.e} ip{2001:db8::1} raw{450 no}"},
    /* since, with the host in H= */
    {"SMTP error from remote mail server after RCPT TO:<a@e>: 550 5.1.1 no",
	"code{550} enhanced{5.1.1} phase{rcpt} raw{550 5.1.1 no}"},
    {"SMTP error from remote mail server after MAIL FROM:<a@e> SIZE=4096: 452 full",
	"code{452} phase{mail} raw{452 full}"},
    {"SMTP error from remote mail server after pipelined MAIL FROM:<>: 550 no",
	"code{550} phase{mail} raw{550 no}"},
    {"SMTP error from remote mail server after pipelined RCPT TO:<a@e>: 550 no",
	"code{550} phase{rcpt} raw{550 no}"},
    {"SMTP error from remote mail server after (pipelined) DATA: 354 go",
	"phase{data} raw{354 go}"},
    {"SMTP error from remote mail server after DATA: 554 no", "code{554} phase{data} raw{554 no}"},
    {"SMTP error from remote mail server after end of data: 554 no",
	"code{554} phase{end-of-data} raw{554 no}"},
    {"SMTP error from remote mail server after pipelined end of data: 554 no",
	"code{554} phase{end-of-data} raw{554 no}"},
    {"SMTP error from remote mail server after sending data block: 554 no",
	"code{554} phase{end-of-data} raw{554 no}"},
    {"SMTP error from remote mail server after pipelined sending data block: 554 no",
	"code{554} phase{end-of-data} raw{554 no}"},
    {"SMTP error from remote mail server after EHLO a: 554 no",
	"code{554} phase{ehlo} raw{554 no}"},
    {"SMTP error from remote mail server after STARTTLS: 454 no",
	"code{454} phase{starttls} raw{454 no}"},
    {"SMTP error from remote mail server after AUTH PLAIN: 535 no",
	"code{535} phase{auth} raw{535 no}"},
    {"LMTP error from remote mail server after RCPT TO:<a@e>: 550 5.1.1 <a@e> User doesn't exist: a@e",
	"code{550} enhanced{5.1.1} phase{rcpt} raw{550 5.1.1 <a@e> User doesn't exist: a@e}"},
    {"SMTP timeout after end of data: Connection timed out",
	"phase{end-of-data} raw{SMTP timeout after end of data: Connection timed out}"},
    {"Remote host closed connection in response to EHLO a.example",
	"phase{ehlo} raw{Remote host closed connection in response to EHLO a.example}"},
    /* forms of codes */
    {"550", "code{550} raw{550}"},
    {"550-no\\n550 never", "code{550} raw{550-no\\n550 never}"},
    {"550-5.7.1 no\\n550 5.7.1 never",
	"code{550} enhanced{5.7.1} raw{550-5.7.1 no\\n550 5.7.1 never}"},
    {"550 #5.1.0 Address rejected.", "code{550} enhanced{5.1.0} raw{550 #5.1.0 Address rejected.}"},
    {"550 sorry, no mailbox here by that name. (#5.1.1)",
	"code{550} enhanced{5.1.1} raw{550 sorry, no mailbox here by that name. (#5.1.1)}"},
    {"550 Invalid HELO name (See RFC2821 4.1.3)",
	"code{550} raw{550 Invalid HELO name (See RFC2821 4.1.3)}"},
    {"550 see RFC 5321 section 4.5.3: 5.7.1 no",
	"code{550} enhanced{5.7.1} raw{550 see RFC 5321 section 4.5.3: 5.7.1 no}"},
    {"421 4.7.0 [TSS04] Messages deferred",
	"code{421} enhanced{4.7.0} raw{421 4.7.0 [TSS04] Messages deferred}"},
    {"5.2.2 <a@e>: over quota", "enhanced{5.2.2} raw{5.2.2 <a@e>: over quota}"},
    {"192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 no such user",
	"code{550} enhanced{5.1.1} phase{rcpt} raw{192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 no such user}"},
    {"Connected to 192.0.2.1 but my name was rejected. Remote host said: 501 no",
	"code{501} phase{ehlo} raw{Connected to 192.0.2.1 but my name was rejected. Remote host said: 501 no}"},
    /* 1&1's */
    {"SMTP error from remote server for RCPT TO command, host: mx.e (192.0.2.7) reason: 554 5.7.1 HELO no",
	"code{554} enhanced{5.7.1} phase{rcpt} host{mx.e} ip{192.0.2.7} raw{554 5.7.1 HELO no}"},
    {"SMTP error from remote server for GREETING command, host: mx.e (192.0.2.7) reason: 554 no",
	"code{554} phase{connect} host{mx.e} ip{192.0.2.7} raw{554 no}"},
    {"SMTP error from remote server for TEXT command: no reason: 554 no",
	"code{554} raw{SMTP error from remote server for TEXT command: no reason: 554 no}"},
    /* Postfix's frame, in its log and in its reports; not around what a reply quotes */
    {"host mx.example.org[192.0.2.7] said: 550 5.1.1 <x@e>: User unknown (in reply to RCPT TO command)",
	"code{550} enhanced{5.1.1} phase{rcpt} host{mx.example.org} ip{192.0.2.7} raw{550 5.1.1 <x@e>: User unknown}"},
    {"dsn=5.0.0, status=bounced (host mx.example.org[2001:db8::7] said: 554 no (in reply to end of DATA command))",
	"code{554} enhanced{5.0.0} phase{end-of-data} host{mx.example.org} ip{2001:db8::7} raw{554 no}"},
    /* its fields and sendmail's say nothing of the reason */
    {"Nov 25 10:00:00 mx postfix/error[9]: 4A7: to=<a@e>, relay=none, delay=9, delays=9/0/0/0, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx.e[192.0.2.7]:25: Connection refused)",
	"enhanced{4.4.1} raw{connect to mx.e[192.0.2.7]:25: Connection refused}"},
    {"4A7: to=<a@e>, relay=none, dsn=5.0.0, status=bounced", "enhanced{5.0.0}"},
    {"NOQUEUE: reject: RCPT from mx.e[192.0.2.7]: 554 5.7.1 <a@e>: Relay access denied; from=<b@e> to=<a@e> proto=ESMTP helo=<mx.e>",
	"code{554} enhanced{5.7.1} phase{rcpt} raw{554 5.7.1 <a@e>: Relay access denied}"},
    {"NOQUEUE: reject: RCPT from mx.e[192.0.2.7]: 550 <b@e>: rejected: host mx.f[192.0.2.8] said: 550 no (in reply to RCPT TO command); from=<b@e>",
	"code{550} phase{rcpt} raw{550 <b@e>: rejected: host mx.f[192.0.2.8] said: 550 no}"},
    {"postfix/postscreen[9]: NOQUEUE: reject: CONNECT from [192.0.2.7]:4711: all server ports busy",
	"phase{connect} raw{all server ports busy}"},
    {"NOQUEUE: reject: VRFY from mx.e[192.0.2.7]: 550 5.1.1 <a@e>: no; to=<a@e> proto=SMTP helo=<mx.e>",
	"code{550} enhanced{5.1.1} phase{rcpt} raw{550 5.1.1 <a@e>: no}"},
    {"NOQUEUE: reject: MAIL from mx.e[2001:db8::7]: 552 5.3.4 Message size exceeds fixed limit; proto=ESMTP helo=<mx.e>",
	"code{552} enhanced{5.3.4} phase{mail} raw{552 5.3.4 Message size exceeds fixed limit}"},
    {"4A7: milter-reject: END-OF-MESSAGE from mx.e[192.0.2.7]: 5.7.1 no; from=<b@e> to=<a@e> proto=ESMTP helo=<mx.e>",
	"enhanced{5.7.1} phase{end-of-data} raw{5.7.1 no}"},
    {"4A7: reject: header Subject: relay]: x from mx.e[192.0.2.7]; from=<b@e> to=<a@e> proto=SMTP helo=<mx.e>: 5.7.1 no",
	"enhanced{5.7.1} phase{end-of-data} raw{5.7.1 no}"},
    {"sendmail[9]: k3: to=<a@e>, delay=00:00:01, mailer=esmtp, relay=mx.e. [192.0.2.7], dsn=4.1.8, stat=Deferred: 450 4.1.8 no",
	"code{450} enhanced{4.1.8} raw{450 4.1.8 no}"},
    {"sendmail[9]: k3: to=<a@e>, relay=mx.e. [192.0.2.7], dsn=5.1.1, stat=User unknown",
	"enhanced{5.1.1} raw{User unknown}"},
    {"sendmail[9]: k3: to=<a@e>, relay=mx.e. [192.0.2.7], dsn=5.7.26, stat=Service unavailable",
	"enhanced{5.7.26}"},
    /* Cisco's name for a code says less than the reply in it */
    {"5.1.0 - Unknown address error 550-'5.7.1 <a@e>: no' (delivery attempts: 0)",
	"code{550} enhanced{5.7.1} raw{550-'5.7.1 <a@e>: no'}"},
    {"5.1.0 - Unknown address error 550-'5.7.1 <a@e>: no'",
	"code{550} enhanced{5.7.1} raw{550-'5.7.1 <a@e>: no'}"},
    {"5.x.0 - Message bounced by administrator (delivery attempts: 0)",
	"raw{5.x.0 - Message bounced by administrator (delivery attempts: 0)}"},
    {"sm-mta[9]: ruleset=check_relay, arg1=mx.e, arg2=192.0.2.7, relay=mx.e [192.0.2.7], reject=550 5.7.1 no",
	"code{550} enhanced{5.7.1} phase{connect} raw{550 5.7.1 no}"},
    {"550 said: NOQUEUE: reject: RCPT from mx.e[192.0.2.7]: no",
	"code{550} raw{550 said: NOQUEUE: reject: RCPT from mx.e[192.0.2.7]: no}"},
    {"host mx.example.org[192.0.2.7] refused to talk to me: 554 5.7.1 no",
	"code{554} enhanced{5.7.1} phase{connect} host{mx.example.org} ip{192.0.2.7} raw{554 5.7.1 no}"},
    {"554 5.7.1 no (in reply to MAIL FROM command)",
	"code{554} enhanced{5.7.1} phase{mail} raw{554 5.7.1 no}"},
    {"550 5.1.1 <x@e>: undeliverable: host a.example[192.0.2.7] said: 554 no (in reply to RCPT TO command)",
	"code{550} enhanced{5.1.1} raw{550 5.1.1 <x@e>: undeliverable: host a.example[192.0.2.7] said: 554 no}"},
    /* Gmail's */
    {"Google tried to deliver your message. The error that the other server returned was: 550 550 5.1.1 no (state 14).",
	"code{550} enhanced{5.1.1} raw{550 550 5.1.1 no (state 14).}"},
    {"smtp; 550 5.1.1 no", "code{550} enhanced{5.1.1} raw{smtp; 550 5.1.1 no}"},
    {"smtp;550 5.1.1 no", "code{550} enhanced{5.1.1} raw{smtp;550 5.1.1 no}"},
    {"the remote said:550 no", "code{550} raw{the remote said:550 no}"},
    {"H=mx.e [192.0.2.7]:587 no", "raw{H=mx.e [192.0.2.7]:587 no}"},
    {"2001:db8::550 no", "raw{2001:db8::550 no}"},
    {"250 2.0.0 OK 1388688538 jb8", "code{250} enhanced{2.0.0} raw{250 2.0.0 OK 1388688538 jb8}"},
    {"550 4.7.1 a code that contradicts the first digit",
	"code{550} enhanced{4.7.1} raw{550 4.7.1 a code that contradicts the first digit}"},
    /* numbers that are no codes */
    {"more than 500 messages an hour", "raw{more than 500 messages an hour}"},
    {"550mx is a host", "raw{550mx is a host}"},
    {"version 5.1.1a of mx550 at 192.0.2.1 and 5.1.1.7",
	"raw{version 5.1.1a of mx550 at 192.0.2.1 and 5.1.1.7}"},
    {"550 5.1.1.7 is an address", "code{550} raw{550 5.1.1.7 is an address}"},
    {"555555 5.5555.5 5.9.1", "raw{555555 5.5555.5 5.9.1}"},
    /* the end of a string of deferrals */
    {"SMTP error from remote mail server after RCPT TO:<a@e>: 451 later: retry timeout exceeded",
	"code{451} phase{rcpt} raw{451 later} retry-timeout"},
    {"retry timeout exceeded", "raw{retry timeout exceeded} retry-timeout"},
    {"host mx.b.example [192.0.2.1] SMTP error from remote mail server after RCPT TO:<a@b.example>: 550 no",
	"code{550} phase{rcpt} host{mx.b.example} ip{192.0.2.1} raw{550 no}"},
    {"User and password not set, continuing without authentication. 192.0.2.1 does not like recipient. Remote host said: 550 no",
	"code{550} phase{rcpt} raw{192.0.2.1 does not like recipient. Remote host said: 550 no}"},
    {"retry timeout exceeded for any host", "raw{retry timeout exceeded for any host}"},
    /* a reply that quotes another server's */
    {"550 SMTP error from remote mail server after end of data: host x [192.0.2.9]: 554 5.7.1 spam",
	"code{550} enhanced{5.7.1} raw{550 SMTP error from remote mail server after end of data: host x [192.0.2.9]: 554 5.7.1 spam}"},
    {"", ""},
    {"   ", ""},
    {":", "raw{:}"},
    {"SMTP error from remote mail server after", "raw{SMTP error from remote mail server after}"},
    {"SMTP error from remote mail server after RCPT TO:<",
	"phase{rcpt} raw{SMTP error from remote mail server after RCPT TO:<}"},
    {"SMTP error from remote mail server after RCPT TO:<a@e>: ", "phase{rcpt}"},
};

static void
show_reply(const struct reply *reply, struct shown *shown)
{
	show_number(shown, "code", reply->code, 0);
	if (reply->enhanced.class != 0)
		show(shown, "%senhanced{%u.%u.%u}", shown->len != 0 ? " " : "",
		    reply->enhanced.class, reply->enhanced.subject, reply->enhanced.detail);
	show_slice(shown, "phase", slice_str(phase_name(reply->phase)));
	show_slice(shown, "host", reply->host);
	show_slice(shown, "ip", reply->ip);
	show_slice(shown, "raw", reply->raw);
	show_flag(shown, "retry-timeout", reply->is_retry_timeout);
}

START_TEST(a_reply_is_taken_apart)
{
	struct shown shown = {0};
	struct reply reply;

	reply_parse(slice_str(replies[_i].message), &reply);
	show_reply(&reply, &shown);
	ck_assert_msg(strcmp(shown.text, replies[_i].shown) == 0, "%s\nfound    %s\nexpected %s",
	    replies[_i].message, shown.text, replies[_i].shown);
}
END_TEST

static const struct {
	const char *message;
	const char *text;
} texts[] = {
    {"550-5.7.1 Our system has\\n550-5.7.1 detected\\n550 5.7.1 spam. id - gsmtp",
	"Our system has\ndetected\nspam. id - gsmtp"},
    {"550 5.1.1 <a@e>: unknown", "<a@e>: unknown"},
    {"it has\\n\\t\\t a file", "it has\na file"},
    {"550-Verification failed\\n550 Sender verify failed",
	"Verification failed\nSender verify failed"},
    {"550 #5.1.0 Address rejected.", "Address rejected."},
    {"521 5.2.1 : http://postmaster.example/521.html", "http://postmaster.example/521.html"},
    {"No Such User Here", "No Such User Here"},
    {"5.2.2 over quota", "over quota"},
    {"550", ""},
    {"", ""},
    {"550 a\tb\x1b[31mc", "a b [31mc"},
    {"550 caf\xc3\xa9 caf\xe9", "caf\xc3\xa9 caf\xef\xbf\xbd"},
    {"550 caf\\303\\251 caf\\351 \\033", "caf\xc3\xa9 caf\xef\xbf\xbd \\033"},
    {"550 \xc2\x9b[2J \\302\\233[2J \xe2\x80\xae"
     "abc",
	" [2J  [2J  abc"},
};

START_TEST(its_words_are_written_without_codes)
{
	struct reply reply;
	char text[256];

	reply_parse(slice_str(texts[_i].message), &reply);
	size_t len = reply_text(&reply, text, sizeof(text));
	const char *expected = texts[_i].text;
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(len, strlen(expected));
}
END_TEST

START_TEST(a_text_longer_than_the_buffer_is_cut_between_characters)
{
	struct reply reply;
	char text[16];

	reply_parse(
	    SLICE(
		"550 \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"),
	    &reply);
	size_t len = reply_text(&reply, text, sizeof(text));
	ck_assert_uint_eq(len % 2, 0);
	ck_assert_uint_lt(len, sizeof(text));
	ck_assert_uint_eq(strlen(text), len);
}
END_TEST

START_TEST(phases_have_names)
{
	for (enum phase phase = PHASE_CONNECT; phase <= PHASE_END_OF_DATA; phase++)
		ck_assert_ptr_nonnull(phase_name(phase));
	ck_assert_ptr_null(phase_name(PHASE_NONE));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify/reply");
	TCase *tests = tcase_create("reply");

	tcase_add_loop_test(tests, a_reply_is_taken_apart, 0, sizeof(replies) / sizeof(replies[0]));
	tcase_add_loop_test(tests, its_words_are_written_without_codes, 0,
	    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tests, a_text_longer_than_the_buffer_is_cut_between_characters);
	tcase_add_test(tests, phases_have_names);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
