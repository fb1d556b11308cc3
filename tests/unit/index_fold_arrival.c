/* What arrivals make of a message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/unit/folding.h"

static const struct story stories[] = {
    {"not yet delivered", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n",
	"in-transit from a@example.com to b@example.org=unknown*0"},
    {"a quoted local part is logged without its quotes", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 T=\"x\" for \"R=x for y\"@example.net\n" T
	"1VykzM-0005s5-La == R=x for y@example.net <\"R=x for y\"@example.net> R=lookuphost T=remote_smtp defer (-44): 450\n" T
	"1VykzM-0005s5-La => R=x for y@example.net <\"R=x for y\"@example.net> R=lookuphost T=remote_smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to \"R=x for y\"@example.net=delivered*2"},
    {"recipients without a subject before them", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 id=\"a for b\"@example.com for \"c for d\"@example.net e@example.net\n",
	"in-transit from a@example.com to \"c for d\"@example.net=unknown*0 e@example.net=unknown*0"},
    {"recipients without a domain", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b c d\n" T
	"1VykzM-0005s5-La ** b@example.com R=r T=t: Connection refused\n" T
	"1VykzM-0005s5-La => c <c@example.com> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La => e@example.org <d@example.com> R=r T=t H=mx.example.org [192.0.2.2]\n" T
	"1VykzM-0005s5-La Completed\n",
	"partial. from a@example.com to b@example.com=bounced*1 c@example.com=delivered*1 e@example.org<d@example.com>=delivered*1"},
};

START_TEST(lines_become_a_story)
{
	check_story(&stories[_i]);
}
END_TEST

START_TEST(a_report_about_a_message_that_did_not_fail_is_no_bounce)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct message_view view;
	struct message_id cause;

	fold_text(index,
	    T
	    "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	    "1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (111): Connection refused\n" T
	    "1VykzM-0005s5-Lb <= <> R=1VykzM-0005s5-La U=exim P=local S=900 T=\"Warning: message delayed\" for a@example.com\n");
	message_id_parse(SLICE("1VykzM-0005s5-La"), &cause);
	ck_assert(index_find(index, cause, &view));
	const struct message_extra *extra = segment_extra(view.segment, view.message);
	ck_assert(extra == NULL || message_id_is_none(extra->bounced_by));
	index_free(index);
}
END_TEST

START_TEST(a_bounce_and_its_cause_know_each_other)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct message_view view;
	struct message_id cause, bounce;

	fold_text(index,
	    T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	      "1VykzM-0005s5-La ** b@example.org: Unrouteable address\n" T
	      "1VykzM-0005s5-Lb <= <> R=1VykzM-0005s5-La U=exim P=local S=900 for a@example.com\n" T
	      "1VykzM-0005s5-La Completed\n");
	message_id_parse(SLICE("1VykzM-0005s5-La"), &cause);
	message_id_parse(SLICE("1VykzM-0005s5-Lb"), &bounce);
	ck_assert(index_find(index, cause, &view));
	ck_assert(message_id_equal(segment_extra(view.segment, view.message)->bounced_by, bounce));
	ck_assert(index_find(index, bounce, &view));
	ck_assert(message_id_equal(segment_extra(view.segment, view.message)->bounce_of, cause));
	index_free(index);
}
END_TEST

/* Who handed a message over: logins and local users, the account behind them, the folder of the script. */
static const struct {
	const char *what, *text, *expected;
} origins[] = {
    {"a login",
	T
	"1VykzM-0005s5-La <= a@example.com H=(c) [192.0.2.9] P=esmtpsa A=dovecot_login:web@example.com S=300 for b@example.org\n",
	"login web@example.com account  folder "},
    {"a helo that pretends to have logged in",
	T
	"1VykzM-0005s5-La <= a@example.com H=(c A=dovecot_login:victim) [192.0.2.9] P=esmtp S=300 for b@example.org\n",
	"user  account  folder "},
    {"a local user", T "1VykzM-0005s5-La <= a@example.com U=web P=local S=300 for b@example.org\n",
	"user web account  folder "},
    {"a script in the user's home",
	T "cwd=/home/web/public_html/shop 4 args: /usr/sbin/sendmail -t -i -fa@example.com\n" T
	  "cwd=/home/other/public_html 3 args: /usr/sbin/sendmail -t -i\n" T
	  "1VykzM-0005s5-La <= a@example.com U=web P=local S=300 for b@example.org\n",
	"user web account  folder /home/web/public_html/shop"},
    {"two scripts that belong to nobody are not guessed between",
	T "cwd=/srv/one 3 args: /usr/sbin/sendmail -t\n" T
	  "cwd=/srv/two 3 args: /usr/sbin/sendmail -t\n" T
	  "1VykzM-0005s5-La <= a@example.com U=web P=local S=300 for b@example.org\n",
	"user web account  folder "},
    {"a delivery's command line is no script",
	T "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1VykzM-0005s5-Lc\n" T
	  "1VykzM-0005s5-La <= a@example.com U=web P=local S=300 for b@example.org\n",
	"user web account  folder "},
    {"cPanel's word for the account",
	T
	"1VykzM-0005s5-La <= a@example.com H=(c) [192.0.2.9] P=esmtpsa A=dovecot_login:web@example.com S=300 for b@example.org\n" T
	"1VykzM-0005s5-La Sender identification U=shopacct D=example.com S=web@example.com\n",
	"login web@example.com account shopacct folder "},
};

START_TEST(a_message_knows_who_handed_it_over)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct message_view view;
	struct message_id id;
	char text[512];

	fold_text(index, origins[_i].text);
	ck_assert(message_id_parse(SLICE("1VykzM-0005s5-La"), &id) && index_find(index, id, &view));
	const struct message_extra *extra = segment_extra(view.segment, view.message);
	struct room room;

	room_empty(&room);
	struct slice origin = segment_name(view.segment,
	    segment_message_origin(view.segment, view.message), &room);
	struct slice account = segment_string(view.segment, message_account(view.message));
	struct slice folder = segment_string(view.segment, extra != NULL ? extra->folder : 0);
	snprintf(text, sizeof(text), "%s %.*s account %.*s folder %.*s",
	    view.message->flags & MESSAGE_HAS_LOGIN ? "login" : "user", (int)origin.len, origin.at,
	    (int)account.len, account.at, (int)folder.len, folder.at);
	ck_assert_msg(strcmp(text, origins[_i].expected) == 0, "%s:\n got  %s\n want %s",
	    origins[_i].what, text, origins[_i].expected);
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_fold_arrival");
	TCase *tests = tcase_create("index_fold_arrival");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, lines_become_a_story, 0, sizeof(stories) / sizeof(stories[0]));
	tcase_add_test(tests, a_report_about_a_message_that_did_not_fail_is_no_bounce);
	tcase_add_test(tests, a_bounce_and_its_cause_know_each_other);
	tcase_add_loop_test(tests, a_message_knows_who_handed_it_over, 0,
	    sizeof(origins) / sizeof(origins[0]));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
