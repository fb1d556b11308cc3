/* The support cases: what the log shows, and the class and the person who must act that it leads to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/classify/classify.h"
#include "daemon/classify/sample.h"
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

#define REMOTE \
	"** x@example.net R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mail server "
#define HOST ": host mx.example.net [192.0.2.1]: "
#define DEFERRED "== x@example.net R=dkim_lookuphost T=dkim_remote_smtp defer "

static const struct {
	const char *what, *text, *classes, *who;
} cases[] = {
    /* the article's */
    {"refused before any command",
	REMOTE "after initial connection" HOST
	       "550 Your host is not allowed to connect to this server.",
	"reputation-blocked", "sender-reputation"},
    {"521 after the data, with a link",
	REMOTE "after end of data" HOST "521 5.2.1 : http://postmaster.example.net/errors/521.html",
	"reputation-blocked|policy-rejected", "sender-reputation|remote-admin"},
    {"service unavailable, one host's trouble",
	"2013-12-29 23:41:45 1VxPzN-3420m0-1p SMTP error from remote mail server after initial connection" HOST
	"421 mx.example.net Service unavailable - try again later",
	"remote-system-error", "remote-admin"},
    {"connection timed out", DEFERRED "(110): Connection timed out", "connection-timeout",
	"network"},
    {"one host timed out",
	"2013-12-29 23:41:45 1VxPzN-3420m0-1p H=mx.example.net [192.0.2.1] Connection timed out",
	"connection-timeout", "network"},
    {"IPv6 has no route", DEFERRED "(101): Network is unreachable", "network-unreachable",
	"network"},
    {"SPF of the HELO name",
	REMOTE
	"after HELO server.example.com" HOST
	"550-SPF HELO check failed (Fail):\\n550 See http://www.openspf.org/why.html?sender=postmaster%40server.example.com&ip=192.0.2.10",
	"domain-auth-failed", "local-admin"},
    {"DMARC at Gmail",
	REMOTE
	"after end of data" HOST
	"550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's\\n550 5.7.26 DMARC policy.",
	"domain-auth-failed", "local-admin"},
    {"DMARC at Microsoft",
	REMOTE
	"after end of data" HOST
	"550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.",
	"domain-auth-failed", "local-admin"},
    {"authentication at Yahoo",
	REMOTE
	"after end of data" HOST
	"554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes#authentication-failures",
	"domain-auth-failed|policy-rejected", "local-admin|remote-admin"},
    {"relay refused here",
	"2013-12-24 13:08:21 H=h.example.org (h.example.org) [192.0.2.9]:4471 F=<a@example.org> rejected RCPT <x@example.net>: Please turn on SMTP Authentication in your mail client. h.example.org (h.example.org) [192.0.2.9]:4471 is not permitted to relay through this server without authentication.",
	"relay-denied", "sender-user"},
    {"relay refused there",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550-Please turn on SMTP Authentication in your mail client.\\n550-h.example.org [192.0.2.9]:4471 is not permitted to relay through this\\n550 server without authentication.",
	"relay-denied", "sender-user"},
    {"unknown address",
	REMOTE "after RCPT TO:<x@example.net>" HOST "553 sorry, unknown email address;",
	"user-unknown", "sender-user"},
    {"no such user, from a router of ours", "** x@example.org R=virtual_aliases: No Such User Here",
	"user-unknown", "sender-user"},
    {"SpamAssassin's configuration",
	"spamd[17011]: config: score: requires a symbolic rule name and 1 or 4 scores",
	"local-config-error", "local-admin"},
    {"a score without a name",
	"spamd[17011]: config: SpamAssassin failed to parse line, no value provided for \"score\", skipping: score 2",
	"local-config-error", "local-admin"},
    {"discarded by the central filter",
	"=> /dev/null <x@example.org> R=central_filter T=**bypassed**", "discarded-by-filter",
	"recipient"},
    {"discarded by a mailbox's filter",
	"=> /dev/null <x@example.org> R=virtual_user_filter T=**bypassed**", "discarded-by-filter",
	"recipient"},
    {"Yahoo will never take it",
	REMOTE
	"after initial connection" HOST
	"421 4.7.1 [TS03] All messages from 192.0.2.10 will be permanently deferred; Retrying will NOT succeed. See http://postmaster.yahoo.com/421-ts03.html: retry timeout exceeded",
	"reputation-blocked", "sender-reputation"},
    {"Google's unusual rate",
	REMOTE
	"after end of data" HOST
	"550-5.7.1 [192.0.2.10 1] Our system has detected an unusual rate of\\n550-5.7.1 unsolicited mail originating from your IP address. To protect our\\n550-5.7.1 users from spam, mail sent from your IP address has been blocked.\\n550 5.7.1 our Bulk Email Senders Guidelines. xa2si10793227pab.345 - gsmtp",
	"reputation-throttled|reputation-blocked", "sender-reputation"},
    {"no reverse DNS",
	REMOTE "after RCPT TO:<x@example.net>" HOST
	       "550 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]",
	"no-ptr", "local-admin"},
    {"host lookup did not complete", DEFERRED "(-1): host lookup did not complete", "dns-failure",
	"local-admin"},
    {"sender verification failed there",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550-Verification failed for <a@example.org>\\n550-The mail server could not deliver mail to a@example.org. The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.\\n550 Sender verify failed",
	"sender-verify-failed", "sender-user"},
    {"the remote host is this one",
	"2013-12-24 13:08:21 H=mail.example.net [192.0.2.1]:56035 F=<a@example.org> temporarily rejected RCPT <x@example.net>: remote host address is the local host",
	"mx-points-to-self", "local-admin"},
    {"the mailbox is full", REMOTE "after RCPT TO:<x@example.net>" HOST "552 5.2.2 Quota exceeded",
	"mailbox-full", "recipient"},
    {"a mailbox here is full",
	"== x@example.org R=virtual_user T=dovecot_virtual_delivery defer (-22): mailbox is full",
	"mailbox-full", "recipient"},
    {"the router of full mailboxes",
	"** x@example.org R=virtual_user_overquota: Mailbox quota exceeded", "mailbox-full",
	"recipient"},
    {"a virus",
	"2013-12-24 13:08:21 1VvSpO-0006ga-QZ H=c.example.net [192.0.2.1]:3000 F=<a@example.net> rejected after DATA: This message contains a virus (Eicar-Test-Signature).",
	"virus-detected", "sender-user"},
    {"a wrong password",
	"2013-12-24 13:08:21 dovecot_login authenticator failed for (win) [192.0.2.1]:49152: 535 Incorrect authentication data (set_id=a@example.org)",
	"smtp-auth-failed", "sender-user"},
    {"greylisting",
	DEFERRED
	"(-44) H=mx.example.net [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<x@example.net>: 450 4.2.0 <x@example.net>: Recipient address rejected: Greylisted, see http://postgrey.example.net/help",
	"greylisted", "remote-admin"},
    /* from the same boxes */
    {"Unrouteable address", "** x@example.invalid: Unrouteable address", "bad-domain",
	"sender-user"},
    {"MX to nowhere",
	"** x@example.net R=dkim_lookuphost: all relevant MX records point to non-existent hosts",
	"bad-domain", "sender-user"},
    {"null MX", "** x@example.net R=dkim_lookuphost: an MX or SRV record indicated no SMTP service",
	"bad-domain", "sender-user"},
    {"lowest MX is this host",
	"== x@example.net R=dkim_lookuphost defer (-1): lowest numbered MX record points to local host",
	"mx-points-to-self", "local-admin"},
    {"retries ran out",
	"** x@example.net R=dkim_lookuphost T=dkim_remote_smtp: retry timeout exceeded",
	"delivery-expired", "network"},
    {"not yet time", DEFERRED "(-54): retry time not reached for any host for 'example.net'",
	"retry-pending", "network"},
    {"the hourly limit",
	"** x@example.net R=enforce_mail_permissions: Domain example.org has exceeded the max emails per hour (101/100 (101%)) allowed. Message discarded.",
	"hourly-limit-exceeded", "sender-user"},
    {"defers and failures",
	"** x@example.net R=enforce_mail_permissions: Domain example.org has exceeded the max defers and failures per hour (5/5 (100%)) allowed. Message discarded.",
	"hourly-limit-exceeded", "sender-user"},
    {"a suspended sender",
	"** x@example.net R=enforce_mail_permissions: User someuser is not allowed to send mail.",
	"sender-suspended", "local-admin"},
    {"a loop",
	"** x@example.net R=dkim_lookuphost: Too many \"Received\" headers - suspected mail loop",
	"routing-loop", "local-admin"},
    {"too big",
	REMOTE "after MAIL FROM:<a@example.org> SIZE=52428801" HOST
	       "552 5.3.4 Message size exceeds fixed limit",
	"message-too-large", "sender-user"},
    {"an expired certificate",
	DEFERRED
	"(-37) H=mx.example.net [192.0.2.1]: TLS session: (certificate verification failed): certificate has expired",
	"tls-failure", "remote-admin"},
    {"no shared cipher",
	DEFERRED
	"(-37) H=mx.example.net [192.0.2.1]: TLS session: (SSL_connect): error:0A000410:SSL routines::sslv3 alert handshake failure",
	"tls-failure", "remote-admin"},
    {"connection closed",
	DEFERRED
	"(-18) H=mx.example.net [192.0.2.1]: Remote host closed connection in response to EHLO server.example.com",
	"connection-lost", "remote-admin"},
    {"Spamhaus",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org",
	"ip-blocklisted", "sender-reputation"},
    {"Barracuda",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550 http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.10 blocked using b.barracudacentral.org",
	"ip-blocklisted", "sender-reputation"},
    {"SpamCop",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"554 Service unavailable; Client host [192.0.2.10] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.10",
	"ip-blocklisted", "sender-reputation"},
    {"Microsoft's own list",
	REMOTE
	"after MAIL FROM:<a@example.org>" HOST
	"550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
	"reputation-blocked", "sender-reputation"},
    {"Microsoft's banned address",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550 5.7.606 Access denied, banned sending IP [192.0.2.10]. To request removal from this list please forward this message to delist@microsoft.com.",
	"reputation-blocked", "sender-reputation"},
    {"Gmail slows down",
	REMOTE
	"after end of data" HOST
	"421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily\\n421 4.7.28 rate limited.",
	"reputation-throttled", "sender-reputation"},
    {"Gmail's disabled account",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550-5.2.1 The email account that you tried to reach is inactive. For more\\n550 5.2.1 information, go to https://support.google.com/mail/?p=DisabledUser - gsmtp",
	"mailbox-disabled", "recipient"},
    {"Gmail's unknown user",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550-5.1.1 The email account that you tried to reach does not exist. Please try\\n550 5.1.1 double-checking https://support.google.com/mail/?p=NoSuchUser - gsmtp",
	"user-unknown", "sender-user"},
    {"Gmail's full mailbox",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"452-4.2.2 The recipient's inbox is out of storage space. Please direct the\\n452 4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp - gsmtp",
	"mailbox-full", "recipient"},
    {"Yahoo's complaints",
	REMOTE
	"after MAIL FROM:<a@example.org>" HOST
	"421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1",
	"reputation-throttled", "sender-reputation"},
    {"iCloud's policy",
	REMOTE
	"after end of data" HOST
	"550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
	"policy-rejected", "remote-admin"},
    {"a group of authenticated senders",
	REMOTE "after end of data" HOST "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized",
	"recipient-refused|policy-rejected", "recipient|remote-admin"},
    {"Exchange Online's unknown recipient",
	REMOTE
	"after RCPT TO:<x@example.net>" HOST
	"550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [mail.prod.protection.outlook.com]",
	"user-unknown|policy-rejected", "sender-user|remote-admin"},
    {"Exchange's unknown recipient",
	REMOTE
	"after end of data" HOST
	"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
	"user-unknown", "sender-user"},
    {"Dovecot's unknown user",
	"** x@example.org R=virtual_user T=dovecot_virtual_delivery H=localhost [127.0.0.1]: LMTP error from remote mail server after RCPT TO:<x@example.org>: 550 5.1.1 <x@example.org> User doesn't exist: x@example.org",
	"user-unknown", "sender-user"},
    {"a pipe",
	"** |/usr/local/bin/handler <x@example.org> R=userforward T=virtual_address_pipe: Child process of virtual_address_pipe transport returned 77 (could mean permission denied) from command: /usr/local/bin/handler",
	"local-delivery-error", "local-admin"},
    {"cannot open the mailbox",
	"== x@example.org R=localuser T=local_delivery defer (13): Permission denied: unable to open mailbox /var/mail/x",
	"local-delivery-error|local-config-error", "local-admin"},
    {"a frozen message", "2013-12-14 02:01:58 1VrkAf-0007F8-30 Message is frozen", "message-frozen",
	"local-admin"},
    {"a mailing list",
	REMOTE "after RCPT TO:<x@example.net>" HOST
	       "550 5.7.1 Only subscribers may post to this mailing list",
	"recipient-refused", "recipient"},
    {"forwarded spam",
	REMOTE "after end of data" HOST
	       "550 5.7.1 Message contains spam or virus or sender is blocked : Spam",
	"spam-content|policy-rejected|virus-detected", "sender-user|remote-admin"},
    /* what other systems say, by their own codes */
    {"a bounce that could not be bounced",
	REMOTE "after RCPT TO:<x@example.net>" HOST "550 5.1.1 User unknown: error ignored",
	"message-frozen|user-unknown", "local-admin|sender-user"},
    {"BoxTrapper waits for a confirmation",
	REMOTE
	"after end of data" HOST
	"550 5.7.1 Your message was held by BoxTrapper: please confirm your message by replying",
	"recipient-refused", "recipient"},
    {"Orange has blocked the address",
	REMOTE "after initial connection" HOST
	       "550 mwinf5c04 ME Client host blocked for spamming issues. OFR006_102 [102]",
	"reputation-blocked", "sender-reputation"},
    {"Orange counts connections",
	DEFERRED "(0): SMTP error from remote mail server after initial connection" HOST
		 "421 mwinf5c04 ME Too many connections, slow down. OFR004_104 [104]",
	"rate-limited", "local-admin"},
    {"T-Online has blocked the address",
	REMOTE
	"after initial connection" HOST
	"554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)",
	"reputation-blocked", "sender-reputation"},
    {"Proofpoint's reputation",
	REMOTE "after initial connection" HOST
	       "554 5.7.1 Client host [192.0.2.1] blocked using Proofpoint Dynamic Reputation",
	"reputation-blocked", "sender-reputation"},
    {"Mimecast puts first contacts off",
	DEFERRED
	"(-44): SMTP error from remote mail server after RCPT TO:<x@example.net>" HOST
	"451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451",
	"greylisted", "remote-admin"},
    {"Cisco's limit of recipients",
	DEFERRED "(-44): SMTP error from remote mail server after RCPT TO:<x@example.net>" HOST
		 "452 #4.5.3 too many recipients",
	"rate-limited", "local-admin"},
    {"Cisco's reputation",
	REMOTE
	"after initial connection" HOST
	"554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
	"reputation-blocked", "sender-reputation"},
    {"an autoresponder answers itself",
	"** x@example.net R=virtual_user_filter T=virtual_address_reply: autoreply loop",
	"routing-loop", "local-admin"},
};

static bool
is_among(const char *list, const char *name)
{
	struct slice rest = slice_str(list);

	while (!slice_is_empty(rest))
		if (slice_equal(slice_take_until(&rest, '|'), slice_str(name)))
			return true;
	return false;
}

START_TEST(a_case_is_told_for_what_it_is)
{
	static struct sample sample;
	struct classification found;

	sample_parse(slice_str(cases[_i].text), &sample);
	classifier_classify(classifier, &sample.failure, &found);
	const struct class *class = classifier_class(classifier, found.class_index);
	ck_assert_msg(is_among(cases[_i].classes, class->name) &&
		is_among(cases[_i].who, class->who),
	    "%s: got %s (%s) by %s, want %s (%s)", cases[_i].what, class->name, class->who,
	    classifier_rule_name(classifier, found.rule_index), cases[_i].classes, cases[_i].who);
	ck_assert_ptr_nonnull(class->advice[1]);
	ck_assert_ptr_nonnull(class->customer);
}
END_TEST

START_TEST(permanently_deferred_is_hard_although_it_is_a_4xx)
{
	static struct sample sample;
	struct classification found;

	sample_parse(
	    SLICE(DEFERRED
		"(-44) H=mx.example.net [192.0.2.1]: SMTP error from remote mail server after MAIL FROM:<a@example.org>: 421 4.7.1 [TS03] All messages from 192.0.2.10 will be permanently deferred; Retrying will NOT succeed."),
	    &sample);
	classifier_classify(classifier, &sample.failure, &found);
	ck_assert_int_eq(found.severity, SEVERITY_HARD);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("classify_cases");
	TCase *tests = tcase_create("classify_cases");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_case_is_told_for_what_it_is, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, permanently_deferred_is_hard_although_it_is_a_4xx);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
