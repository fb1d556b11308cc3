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

/* All that an arrival leaves behind, whether or not it is the first line about the message. */
static void
describe_arrival(const struct index *index, char *text, size_t size)
{
	struct message_view view;
	struct message_id id;
	struct room room;

	describe(index, "1VykzM-0005s5-La", text, size);
	ck_assert(message_id_parse(SLICE("1VykzM-0005s5-La"), &id));
	size_t len = strlen(text);
	if (!index_find(index, id, &view))
		return;
	room_empty(&room);
	struct slice origin = segment_name(view.segment,
	    segment_message_origin(view.segment, view.message), &room);
	struct slice account = segment_string(view.segment, message_account(view.message));
	struct sending_host host = sending_hosts_at(view.segment, view.index);
	unsigned flags = view.message->flags &
	    ~(unsigned)(MESSAGE_IS_BY_SENDER | MESSAGE_OWNER_IS_ORIGIN);
	snprintf(text + len, size - len, " by %.*s account %.*s host %x %x flags %x at %u %d",
	    (int)origin.len, origin.at, (int)account.len, account.at, host.name, host.ip, flags,
	    view.message->arrived, view.message->utc_offset);
}

static const char *const arrivals[] = {
    "<= a@example.com U=root P=local S=300 T=\"x\" for b@example.org",
    "<= a@example.com H=mx.example.net (helo) [192.0.2.1]:25 P=esmtpsa X=TLS1.3:x:256 CV=no A=dovecot_login:a@example.com S=1 id=x@y T=\"for you\" for b@example.org",
    "<= a@example.com H=(c) [192.0.2.9] P=esmtpsa A=dovecot_plain:web:a@example.com S=300 for b@example.org c@example.org",
    "<= a@example.com H=(c) [2001:db8::9] P=esmtpa A=login:Web S=300 from <a@example.com> for b",
    "(= a@example.com H=(c) [192.0.2.9] P=smtp S=300 for b@example.org rejected by local_scan()",
    "<= <> R=1VykzM-0005s5-Lb U=mailnull P=local S=2204 T=\"x\" for a@example.com",
};

/* Changes a few bytes. */
static void
mutate(char *line, unsigned *state)
{
	static const char bytes[] = " :@<>=[](),\"\\AUHTRfor.ab1-";
	size_t len = strlen(line);

	for (unsigned turn = *state % 4; turn != 0; turn--) {
		*state = *state * 1103515245 + 12345;
		size_t at = (*state >> 8) % len;
		*state = *state * 1103515245 + 12345;
		line[at] = bytes[(*state >> 8) % (sizeof(bytes) - 1)];
	}
}

START_TEST(an_arrival_is_the_same_first_or_later)
{
	enum { TURNS = 400 };
	char log[1024], line[512], first[1024], later[1024];
	unsigned state = 7;

	for (int turn = 0; turn < TURNS; turn++) {
		struct index *index = index_new(&(struct index_options){.classifier = classifier});

		snprintf(line, sizeof(line), "%s", arrivals[_i]);
		state = state * 1103515245 + 12345 + (unsigned)turn;
		mutate(line, &state);
		snprintf(log, sizeof(log), T "1VykzM-0005s5-La %s\n", line);
		fold_text(index, log);
		describe_arrival(index, first, sizeof(first));
		index_free(index);
		index = index_new(&(struct index_options){.classifier = classifier});
		/* A message that has an extra part is no plain one. */
		snprintf(log, sizeof(log),
		    T
		    "1VykzM-0005s5-La H=(c) [192.0.2.1]:44151 Warning: \"SpamAssassin as server detected message as spam (26.2)\"\n" T
		    "1VykzM-0005s5-La %s\n",
		    line);
		fold_text(index, log);
		describe_arrival(index, later, sizeof(later));
		index_free(index);
		/* A line that is none of the kinds with an id leaves nothing behind. */
		if (strcmp(first, "nothing") != 0)
			ck_assert_msg(strcmp(first, later) == 0, "%s:\n first %s\n later %s", line,
			    first, later);
	}
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
	tcase_add_loop_test(tests, an_arrival_is_the_same_first_or_later, 0,
	    sizeof(arrivals) / sizeof(arrivals[0]));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
