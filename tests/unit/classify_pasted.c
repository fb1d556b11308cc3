/* What people paste: bounces of many systems, log with the accidents of copying. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/classify/pasted.h"
#include "tests/shipped.h"
#include "tests/unit/unit.h"

static struct classifier *classifier;

static void
setup(void)
{
	setenv("TZ", "UTC", 1);
	classifier = shipped_classifier();
}

static void
teardown(void)
{
	classifier_free(classifier);
}

struct told {
	char text[1024];
	size_t len;
};

static void
tell(void *context, const struct sample *sample)
{
	struct told *told = context;
	struct classification found;

	classifier_classify(classifier, &sample->failure, &found);
	told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
	    "%s%s %.*s", told->len != 0 ? "; " : "",
	    classifier_class(classifier, found.class_index)->name, (int)sample->address.len,
	    sample->address.at != NULL ? sample->address.at : "");
}

static const struct {
	const char *what, *text, *expected;
} pastes[] = {
    {"a reply of several lines",
	"550-5.7.1 [192.0.2.10 1] Our system has detected an unusual rate of\n"
	"550-5.7.1 unsolicited mail originating from your IP address. To protect our\n"
	"550 5.7.1 users from spam, mail sent from your IP address has been blocked.\n",
	"reputation-blocked "},
    {"entries that run together",
	"2014-01-15 11:39:48 1W3TVL-003z0J-Lq H=(s.example.com) [192.0.2.9]:44151 Warning: \"SpamAssassin as server detected message as spam (26.2)\" "
	"2014-01-15 11:39:48 1W3TVL-003z0J-Lq <= [email protected] H=(s.example.com) [192.0.2.9]:44151 P=esmtp S=11026 T=\"Update\" for [email protected] "
	"2014-01-15 11:39:48 1W3TVL-003z0J-Lq => /dev/null <[email protected]> R=central_filter T=**bypassed** "
	"2014-01-15 11:39:48 1W3TVL-003z0J-Lq Completed",
	"discarded-by-filter "},
    {"an entry without its beginning, wrapped and quoted",
	"> Code:\n"
	"> [email protected] <[email protected]> R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mail server\n"
	"> after initial connection: host mx.example.com [192.0.2.1]: 550 Your host is not allowed to connect to this server. Frozen (delivery error message)\n",
	"reputation-blocked "},
    {"a delivery status report",
	"This is the mail system at host mx.example.org.\n\n"
	"--boundary\nContent-Type: message/delivery-status\n\n"
	"Reporting-MTA: dns; mx.example.org\n\n"
	"Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n"
	"Remote-MTA: dns; mx.example.net\n"
	"Diagnostic-Code: smtp; 550 5.1.1 <a@example.net>: Recipient address\n    rejected: User unknown in virtual mailbox table\n\n"
	"Final-Recipient: rfc822; b@example.net\nAction: failed\nStatus: 5.2.2\n"
	"Diagnostic-Code: smtp; 552 mailbox is full\n",
	"user-unknown a@example.net; mailbox-full b@example.net"},
    {"Exim's bounce",
	"This message was created automatically by mail delivery software.\n\n"
	"A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
	"  a@example.net\n    host mx.example.net [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<a@example.net>:\n    552 5.2.2 Mailbox full / over quota\n\n"
	"  b@example.com\n    Unrouteable address\n\n"
	"------ This is a copy of the message, including all the headers. ------\n",
	"mailbox-full a@example.net; bad-domain b@example.com"},
    {"qmail's bounce",
	"Hi. This is the qmail-send program at mail.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
	"<a@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n",
	"user-unknown a@example.net"},
    {"Postfix's bounce",
	"I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n"
	"<a@example.net>: host mx.example.net[192.0.2.1] said: 550 5.7.1 Message rejected due\n    to SPF policy (in reply to MAIL FROM command)\n",
	"domain-auth-failed a@example.net"},
    {"Exchange's bounce",
	"Delivery has failed to these recipients or groups:\n\na@example.net\nThe email address you entered couldn't be found.\n\n"
	"Diagnostic information for administrators:\nGenerating server: mail.example.com\na@example.net\n"
	"Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'\nOriginal message headers:\n",
	"user-unknown a@example.net"},
    {"Exchange's bounce of two recipients",
	"Diagnostic information for administrators:\nGenerating server: EX01.example.net\n\na@example.net\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\n"
	"b@example.net\nmx.example.net #<mx.example.net #5.2.2 smtp;552 5.2.2 mailbox full> #SMTP#\n\nOriginal message headers:\n",
	"user-unknown a@example.net; mailbox-full b@example.net"},
    {"Gmail's bounce",
	"Address not found\n\nYour message wasn't delivered to a@example.net because the address couldn't be found, or is unable to receive mail.\n\n"
	"The response was:\n\n550 5.1.1 The email account that you tried to reach does not exist. g7-20020a05 - gsmtp\n",
	"user-unknown a@example.net"},
    {"a delivery status report in base64",
	"--b\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
	"RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZXhhbXBsZS5uZXQKQWN0aW9uOiBmYWlsZWQKU3Rh\ndHVzOiA1LjIuMgpEaWFnbm9zdGljLUNvZGU6IHNtdHA7IDU1MiBtYWlsYm94IGlzIGZ1bGwK\n--b--\n",
	"mailbox-full a@example.net"},
    {"HTML",
	"<html><body><p>Diagnostic information for administrators:</p><p>Generating server: x</p><p><a href=\"mailto:a@example.net\">a@example.net</a><br>#552 5.2.2 STOREDRV.Deliver; mailbox full ##</p></body></html>\n",
	"mailbox-full a@example.net"},
    {"an article about the log: what is written between the entries is no entry",
	"Take a look at this error, greylisting perhaps...\n\nCode:\n2013-12-24 17:19:25 1VvSpO-0006ga-QZ SMTP error from remote mail server after initial connection: host mx.example.com [192.0.2.1]: 421 mx.example.com Service unavailable - try again later\n\n"
	"Not permitted to relay errors\n\nCode:\nPlease turn on SMTP Authentication in your mail client. h (h) [192.0.2.9]:4471 is not permitted to relay through this server without authentication.\n",
	"remote-system-error ; relay-denied "},
    {"a screenful of log",
	"2013-12-12 12:44:55 1Vr5dP-0004RG-6a SMTP connection outbound 1386852295 1Vr5dP-0004RG-6a example.com a@example.net\n"
	"2013-12-12 12:44:56 1Vr5dP-0004RG-6a ** a@example.net R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mail\n"
	"server after RCPT TO:<a@example.net>: host mx.example.net [192.0.2.1]: 553 sorry, unknown email address;\n"
	"2013-12-12 12:44:56 1Vr5dP-0004RG-6a Completed\n",
	"user-unknown a@example.net"},
    {"the blank of a web page in a hidden address, and a sentence right under the entry",
	"2013-12-12 12:44:56 1Vr5dP-0004RG-6a ** [email\xc2\xa0protected] R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mail server after RCPT TO:<[email\xc2\xa0protected]>: host mail.example.com [xx.xx.xxx.x]: 553 sorry, unknown email address;\n"
	"In this case, the person had no mailbox, which was full.\n",
	"user-unknown "},
    {"a terminal's lines, cut in the middle of words",
	"2013-12-12 12:44:56 1Vr5dP-0004RG-6a ** a@example.net R=x T=y: SMTP error from r\n"
	"emote mail server after RCPT TO:<a@example.net>: host mx.example.net [192.0.2.1]\n"
	": 552 5.2.2 mailb\n",
	"mailbox-full a@example.net"},
    {"entries without their times, in one line",
	"1VrkAf-0007F8-30 <= a@example.com P=local S=853 for b@example.net 1VrkAf-0007F8-30 ** b@example.net R=virtual_aliases: No Such User Here 1VrkAf-0007F8-30 Completed\n",
	"user-unknown b@example.net"},
    {"a report whose fields stand in Exim's order, and say less than the words above",
	"The following address(es) failed:\n\n  a@example.net\n    Unrouteable address\n\n  b@example.net\n    mailbox is full\n\n--b\n"
	"Content-type: message/delivery-status\n\nAction: failed\nFinal-Recipient: rfc822;a@example.net\nStatus: 5.0.0\n\n"
	"Action: failed\nFinal-Recipient: rfc822;b@example.net\nStatus: 5.0.0\n",
	"bad-domain a@example.net; mailbox-full b@example.net"},
    {"whom a report names as the sender has not failed",
	"A message sent by\n\n  <a@example.com>\n\ncould not be delivered to one or more of its recipients. The following\naddresses failed:\n\n  <b@example.net>\n    mailbox is full\n",
	"mailbox-full b@example.net"},
    {"a letter with an address in it is no bounce",
	"Hello,\n\nplease write to\n\na@example.net\n\ninstead.\n", "unclassified "},
    {"an entry out of syslog, which has the time",
	"Oct 14 00:23:54 mail exim[1500]: 1e37Qw-0000OA-O8 ** a@example.org R=dnslookup T=remote_smtp: retry timeout exceeded",
	"delivery-expired a@example.org"},
    {"an entry with dots for its beginning",
	".... R=dnslookup T=remote_smtp defer (110): Connection timed out", "connection-timeout "},
    {"blanks", " \n\t\n", ""},
    {"control bytes and broken UTF-8", "550 \x1b[31muser\xff unknown\x01\n", "user-unknown "},
    {"a byte of broken UTF-8 for the blank", "550 user\xffunknown\n", "user-unknown "},
    {"qmail's log",
	"2021-03-04 05:06:07.123456500 delivery 17: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_5.2.2_Mailbox_full_for_<a_b@example.net>/Giving_up_on_192.0.2.1./\n",
	"mailbox-full "},
    {"Gmail's headline between asterisks",
	"** Message not delivered **\n\nThere was a problem delivering your message to a@example.net. See the technical details below.\n\n"
	"The response was:\n\n552 5.2.2 The mailbox is full\n",
	"mailbox-full a@example.net"},
    {"the log of a container, with Exim's process id before the entry",
	"mail-1  |   276   ** a@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<a@example.net>: 550 5.1.1 no such user\n"
	"mail-1  |   276   Completed\n",
	"user-unknown a@example.net"},
    {"a verification of the sender, wrapped",
	"2020-02-03 04:05:06 H=mx.example.org (mx.example.org) [192.0.2.9] sender\n"
	"verify fail for <b@example.org>: The mail server could not deliver mail to\n"
	"b@example.org. The account or domain may not exist.\n",
	"sender-verify-failed "},
    {"a forum's tags",
	"2013-12-12 12:44:56 1Vr5dP-0004RG-6a ** [email]a@example.net[/email] <[email=\"a@example.net\"]a@example.net[/email]> R=x T=y: [b]552 mailbox is full[/b]\n",
	"mailbox-full a@example.net"},
    {"a string out of a program, with its lines' ends written out",
	"{\"text\": \"Message not sent.\\r\\n\\r\\n<a@example.net>: host mx.example.net[192.0.2.1]\\r\\nsaid: 552 5.2.2 mailbox is full\\r\\n(in reply to RCPT TO command)\\r\\n\"}\n",
	"mailbox-full a@example.net"},
    {"joined lines that begin inside an entry",
	"a@example.net>: host mx.example.net [192.0.2.1]: 550 5.1.1 no such user 2013-12-12 12:44:56 1Vr5dP-0004RG-6a Completed\n",
	"user-unknown "},
    {"an id that was made unrecognizable",
	"2013-12-12 12:44:56 XXXXXX-XXXXXX-XX ** a@example.net R=x T=y: 552 mailbox is full\n",
	"mailbox-full a@example.net"},
    {"the field of a report alone, with an address in brackets",
	"Diagnostic-Code: smtp;550 <a@example.net> No such user\n", "user-unknown "},
};

START_TEST(the_failures_in_a_paste_are_found)
{
	struct told told = {.text = ""};

	pasted_each(slice_str(pastes[_i].text), tell, &told);
	ck_assert_msg(strcmp(told.text, pastes[_i].expected) == 0, "%s:\n got  %s\n want %s",
	    pastes[_i].what, told.text, pastes[_i].expected);
}
END_TEST

START_TEST(a_megabyte_is_answered)
{
	size_t size = 1 << 20;
	char *text = malloc(size);
	struct told told = {.text = ""};

	for (size_t i = 0; i < size; i++)
		text[i] = i % 80 == 79 ? '\n' : (char)('a' + i % 26);
	ck_assert_uint_le(pasted_each(slice_of(text, size), tell, &told), PASTED_FOUND_MAX);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify_pasted");
	TCase *tests = tcase_create("classify_pasted");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, the_failures_in_a_paste_are_found, 0,
	    sizeof(pastes) / sizeof(pastes[0]));
	tcase_add_test(tests, a_megabyte_is_answered);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
