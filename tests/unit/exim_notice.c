/* Lines with an id and no flag: what they tell of the message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/exim/notice.h"
#include "tests/unit/show.h"
#include "tests/unit/unit.h"

static const char *const kinds[] = {
    [NOTICE_OTHER] = "other",
    [NOTICE_HOST_TROUBLE] = "trouble",
    [NOTICE_OUTBOUND] = "outbound",
    [NOTICE_SENDER_IDENTITY] = "identity",
    [NOTICE_SPAM_SCORE] = "spam",
    [NOTICE_REJECTED] = "rejected",
    [NOTICE_TEMPORARILY_REJECTED] = "temporarily rejected",
    [NOTICE_ABANDONED] = "abandoned",
    [NOTICE_RESCINDED] = "rescinded",
    [NOTICE_RECIPIENT_REFUSED] = "recipient refused",
    [NOTICE_FROZEN] = "frozen",
    [NOTICE_UNFROZEN] = "unfrozen",
    [NOTICE_HELD] = "held",
    [NOTICE_IGNORED] = "ignored",
    [NOTICE_REMOVED] = "removed",
    [NOTICE_MARKED] = "marked",
    [NOTICE_ADDED] = "added",
    [NOTICE_ROUTING_FAILED] = "routing failed",
    [NOTICE_RETRY_WAIT] = "wait",
};

static const struct {
	const char *line;
	const char *shown;
} notices[] = {
    /* one host's trouble, 2013 and since */
    {"SMTP error from remote mail server after initial connection: host mx.example.net [192.0.2.1]: 421 mx.example.net Service "
     "unavailable - try again later",
	"trouble host{mx.example.net} ip{192.0.2.1} message{SMTP error from remote mail server after initial connection: host "
	"mx.example.net [192.0.2.1]: 421 mx.example.net Service unavailable - try again later}"},
    {"SMTP error from remote mailer after RCPT TO:<\": host f [198.51.100.9]: \"@e>: host mx.e [192.0.2.1]: 450 no",
	"trouble host{mx.e} ip{192.0.2.1} message{SMTP error from remote mailer after RCPT TO:<\": host f [198.51.100.9]: \"@e>: "
	"host mx.e [192.0.2.1]: 450 no}"},
    {"H=mx.e [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<a@e>: 450 later",
	"trouble host{mx.e} ip{192.0.2.1} message{SMTP error from remote mail server after RCPT TO:<a@e>: 450 later}"},
    {"H=mx.e [2001:db8::1]:25 Connection timed out",
	"trouble host{mx.e} ip{2001:db8::1} port{25} message{Connection timed out}"},
    {"H=mx.e [2001:db8::1] Network is unreachable",
	"trouble host{mx.e} ip{2001:db8::1} message{Network is unreachable}"},
    {"H=mx.e [192.0.2.1]: Remote host closed connection in response to initial connection",
	"trouble host{mx.e} ip{192.0.2.1} message{Remote host closed connection in response to initial connection}"},
    {"H=mx.e [192.0.2.1]: SMTP timeout after pipelined DATA: Connection timed out",
	"trouble host{mx.e} ip{192.0.2.1} message{SMTP timeout after pipelined DATA: Connection timed out}"},
    {"mx.e [192.0.2.1]: Connection refused",
	"trouble host{mx.e} ip{192.0.2.1} message{Connection refused}"},
    {"mx.e [192.0.2.1] Connection timed out",
	"trouble host{mx.e} ip{192.0.2.1} message{Connection timed out}"},
    {"host mx.e [192.0.2.1]: 450 no",
	"trouble host{mx.e} ip{192.0.2.1} message{host mx.e [192.0.2.1]: 450 no}"},
    {"Remote host mx.e [192.0.2.1] closed connection in response to initial connection",
	"trouble host{mx.e} ip{192.0.2.1} message{Remote host mx.e [192.0.2.1] closed connection in response to initial connection}"},
    {"H=mx.e [192.0.2.1] TLS error on connection (SSL_connect): error",
	"trouble host{mx.e} ip{192.0.2.1} "
	"message{TLS error on connection (SSL_connect): error}"},
    {"TLS error on connection to mx.e [192.0.2.1] (SSL_connect): error:14077410",
	"trouble host{mx.e} ip{192.0.2.1} message{TLS error on connection to mx.e [192.0.2.1] (SSL_connect): error:14077410}"},
    /* what came of a message while it was received */
    {"SMTP connection Ci=14402 from (a.example) [192.0.2.1]:39940 lost while reading message data",
	"abandoned helo{a.example} ip{192.0.2.1} port{39940} "
	"message{SMTP connection Ci=14402 from (a.example) [192.0.2.1]:39940 lost while reading message data}"},
    {"PRDR R=<a@example.net> temporary refusal",
	"recipient refused address{a@example.net} message{PRDR R=<a@example.net> temporary refusal}"},
    {"PRDR \"a b\"@example.net no spam here",
	"recipient refused address{\"a b\"@example.net} message{PRDR \"a b\"@example.net no spam here}"},
    {"PRDR R=<a@example.net> acceptance", "other"},
    {"PRDR example", "other"},
    /* cPanel */
    {"SMTP connection outbound 1386852295 1Vr5dP-0004RG-6a sender.example a@example.net",
	"outbound "
	"message{SMTP connection outbound 1386852295 1Vr5dP-0004RG-6a sender.example a@example.net}"},
    {"Sender identification U=user D=sender.example S=a@sender.example",
	"identity U{user} "
	"message{Sender identification U=user D=sender.example S=a@sender.example}"},
    {"H=(server.example) [192.0.2.1]:44151 Warning: \"SpamAssassin as server detected message as spam (26.2)\"",
	"spam helo{server.example} ip{192.0.2.1} port{44151} U{server} score{26.2} is_spam"},
    {"H=h.example [192.0.2.1]:44151 Warning: \"SpamAssassin as user detected message as NOT spam (-0.1)\"",
	"spam host{h.example} ip{192.0.2.1} port{44151} U{user} score{-0.1}"},
    {"H=(SpamAssassin as x detected message as spam (99)) [192.0.2.1]:9 Warning: \"SpamAssassin as u detected message as NOT spam "
     "(0.1)\"",
	"spam helo{SpamAssassin as x detected message as spam (99)} ip{192.0.2.1} port{9} U{u} score{0.1}"},
    {"H=h [192.0.2.1] Warning: \"Message has been scanned: no virus or other harmful content was found\"",
	"other"},
    /* refused with an id */
    {"H=(x) [192.0.2.1]:9 F=<s@e> rejected after DATA: This message contains a virus: <= x@y",
	"rejected helo{x} ip{192.0.2.1} port{9} F{s@e} message{This message contains a virus: <= x@y}"},
    {"H=h [192.0.2.1] X=TLS1.3:x:1 CV=no DN=\"O=a F=<no@e> b\" F=<> A=dovecot_login:u temporarily rejected after DATA: later",
	"temporarily rejected host{h} ip{192.0.2.1} F{<>} A{dovecot_login:u} message{later}"},
    {"H=h [192.0.2.1] F=<s@e> rejected during MIME ACL checks: no",
	"rejected host{h} ip{192.0.2.1} F{s@e} message{no}"},
    {"F=s@e H=h [192.0.2.1] P=esmtp rejected by local_scan(): no",
	"rejected host{h} ip{192.0.2.1} F{s@e} message{no}"},
    {"F=<> U=user P=local temporarily rejected by local_scan(): no",
	"temporarily rejected F{<>} U{user} message{no}"},
    {"U=user F=<s@e> rejected by non-SMTP ACL: no", "rejected F{s@e} U{user} message{no}"},
    {"H=h [192.0.2.1] F=<s@e> rejected after DATA",
	"rejected host{h} ip{192.0.2.1} F{s@e} message{rejected after DATA}"},
    {"rejected from <s@e> H=h [192.0.2.1]: message too big: read=53 max=52",
	"rejected host{h} ip{192.0.2.1} F{s@e} message{message too big: read=53 max=52}"},
    {"rejected from <s@e> U=user: message too big: read=53 max=52",
	"rejected F{s@e} U{user} message{message too big: read=53 max=52}"},
    {"H=(x) [192.0.2.1] Warning: F=<s@e> rejected after DATA: no", "other"},
    {"H=(rejected after DATA: x) [192.0.2.1] Warning: y", "other"},
    /* the queue */
    {"Frozen", "frozen message{Frozen}"},
    {"Frozen (delivery error message)", "frozen message{Frozen (delivery error message)}"},
    {"*** Frozen (message created with -f <>)",
	"frozen message{*** Frozen (message created with -f <>)}"},
    {"Message is frozen", "frozen message{Message is frozen}"},
    {"frozen by root", "frozen message{frozen by root}"},
    {"Unfrozen by errmsg timer", "unfrozen message{Unfrozen by errmsg timer}"},
    {"unfrozen by root", "unfrozen message{unfrozen by root}"},
    {"Delivery deferred by system filter", "held message{Delivery deferred by system filter}"},
    {"original recipients ignored (system filter)",
	"ignored message{original recipients ignored (system filter)}"},
    {"removed by root", "removed message{removed by root}"},
    {"cancelled by root", "removed message{cancelled by root}"},
    {"cancelled by timeout_frozen_after", "removed message{cancelled by timeout_frozen_after}"},
    {"Message removed because older than 3d",
	"removed message{Message removed because older than 3d}"},
    {"address <a@e> marked delivered by root",
	"marked address{a@e} message{address <a@e> marked delivered by root}"},
    {"address <\"x> y\"@e> marked delivered by root",
	"marked address{\"x> y\"@e} message{address <\"x> y\"@e> marked delivered by root}"},
    {"all addresses marked delivered by root",
	"marked message{all addresses marked delivered by root}"},
    {"recipient <a@e> added by root", "added address{a@e} message{recipient <a@e> added by root}"},
    {"routing failed for a@e: x", "routing failed message{routing failed for a@e: x}"},
    {"no immediate delivery: more than 10 messages received in one connection",
	"wait message{no immediate delivery: more than 10 messages received in one connection}"},
    {"queued by ACL", "wait message{queued by ACL}"},
    {"Spool file is locked (another process is handling this message)",
	"wait message{Spool file is locked (another process is handling this message)}"},
    /* nothing that changes the story */
    {"a@e: error ignored", "other"},
    {"DKIM: d=example.net s=x c=relaxed/relaxed a=rsa-sha256 b=2048 [verification succeeded]",
	"other"},
    {"SMTP error", "other"},
    {"Completedly", "other"},
    {"", "other"},
};

static void
show_notice(const struct notice *notice, struct shown *shown)
{
	show(shown, "%s", kinds[notice->kind]);
	if (notice->kind == NOTICE_OTHER)
		return;
	show_host(shown, &notice->host);
	show_slice(shown, "F", notice->sender);
	show_slice(shown, "A", notice->auth);
	show_slice(shown, "U", notice->user);
	show_slice(shown, "score", notice->score);
	show_flag(shown, "is_spam", notice->is_spam);
	show_slice(shown, "address", notice->address);
	if (notice->kind != NOTICE_SPAM_SCORE)
		show_slice(shown, "message", notice->message);
}

START_TEST(a_notice_is_read)
{
	struct notice notice;
	struct shown shown = {.len = 0};

	notice_parse(slice_str(notices[_i].line), &notice);
	show_notice(&notice, &shown);
	ck_assert_msg(strcmp(shown.text, notices[_i].shown) == 0, "%s\nfound    %s\nexpected %s",
	    notices[_i].line, shown.text, notices[_i].shown);
}
END_TEST

START_TEST(what_the_index_keeps_of_a_notice_is_the_same)
{
	struct notice whole, kept;
	struct shown shown = {.len = 0};

	notice_parse(slice_str(notices[_i].line), &whole);
	notice_parse_kept(slice_str(notices[_i].line), &kept);
	ck_assert_int_eq(kept.kind, whole.kind);
	if (kept.kind == NOTICE_SENDER_IDENTITY)
		ck_assert(slice_equal(kept.user, whole.user));
	else if (kept.kind != NOTICE_OUTBOUND) {
		show_notice(&kept, &shown);
		ck_assert_str_eq(shown.text, notices[_i].shown);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/notice");
	TCase *tests = tcase_create("notice");

	tcase_add_loop_test(tests, a_notice_is_read, 0, sizeof(notices) / sizeof(notices[0]));
	tcase_add_loop_test(tests, what_the_index_keeps_of_a_notice_is_the_same, 0,
	    sizeof(notices) / sizeof(notices[0]));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
