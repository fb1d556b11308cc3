/* What lines without a flag make of a message: refusals, freezing, removal and the like. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/unit/folding.h"

static const struct story stories[] = {
    {"a frozen bounce", "1VykzM-0005s5-Lb",
	T
	"1VykzM-0005s5-Lb <= <> R=1VykzM-0005s5-La U=exim P=local S=900 for a@example.com\n" T
	"1VykzM-0005s5-Lb ** a@example.com R=dkim_lookuphost T=dkim_remote_smtp: SMTP error from remote mail server after initial connection: host mx.example.com [192.0.2.1]: 550 Your host is not allowed to connect to this server.\n" T
	"1VykzM-0005s5-Lb Frozen (delivery error message)\n",
	"frozen from <> to a@example.com=bounced*1"},
    {"removed from the queue", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (111): Connection refused\n" T
	"1VykzM-0005s5-La removed by root\n" T "1VykzM-0005s5-La Completed\n",
	"removed. from a@example.com to b@example.org=removed*1"},
    {"rejected after DATA", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La H=c.example.com [192.0.2.44]:3000 F=<s@example.com> rejected after DATA: This message contains a virus (Eicar)\n",
	"rejected from s@example.com to =rejected*1"},
    {"marked as delivered by an administrator", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (111): Connection refused\n" T
	"1VykzM-0005s5-La address <b@example.org> marked delivered by root\n" T
	"1VykzM-0005s5-La Completed\n",
	"removed. from a@example.com to b@example.org=removed*1"},
    {"rejected, with fields of newer versions", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La H=(rejected after) [192.0.2.44]:3000 I=[192.0.2.1]:25 Ci=47 X=TLS1.3 CV=no DN=\"CN=a b F=<x>\" L.- F=<s@example.com> temporarily rejected after DATA: no\n",
	"rejected from s@example.com to =rejected*1"},
    {"too big, and refused", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La rejected from <s@example.com> H=h.example.com [192.0.2.44]: message too big: read=2 max=1\n",
	"rejected from s@example.com to =rejected*1"},
    {"refused by the host of a cutthrough delivery", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La H=(x) [192.0.2.44] b@example.org F=<s@example.com> rejected after DATA: R=all T=smtp H=mx.example.org [192.0.2.1] C=\"550 no\"\n",
	"rejected from s@example.com to b@example.org=rejected*1"},
    {"refused for now by the host of a cutthrough delivery, and queued", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La H=(x) [192.0.2.44] b@example.org F=<s@example.com> tmp-reject from cutthrough after DATA: R=all T=smtp H=mx.example.org [192.0.2.1] C=\"450 no\"\n" T
	"1VykzM-0005s5-La <= s@example.com H=(x) [192.0.2.44] P=esmtp S=300 for b@example.org\n" T
	"1VykzM-0005s5-La => b@example.org R=all T=smtp H=mx.example.org [192.0.2.1]\n",
	"delivered from s@example.com to b@example.org=delivered*1"},
    {"the connection is lost in the data", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La SMTP data timeout (message abandoned) on connection from h.example.com [192.0.2.44] F=<s@example.com> D=5m\n",
	"rejected from s@example.com to =rejected*1"},
    {"the connection is lost after the data", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La SMTP connection lost after final dot H=(x) [192.0.2.44] P=esmtp\n",
	"rejected from  to =rejected*1"},
    {"bad addresses among good ones", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La bad addresses found in headers\n" T
	  "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n",
	"in-transit from a@example.com to b@example.org=unknown*0"},
    {"an arrival that is taken back", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=esmtp S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La spoolfile error on close: No space left on device for b@example.org\n" T
	  "1VykzM-0005s5-La rescind the above message-accept for b@example.org\n",
	"rejected from a@example.com to b@example.org=rejected*0 =rejected*1"},
    {"recipients refused one by one, and no arrival logged", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La PRDR R=<b@example.org> refusal\n" T
	  "1VykzM-0005s5-La => c <c@example.org> R=localuser T=local_delivery\n" T
	  "1VykzM-0005s5-La Completed\n",
	"partial. from  to b@example.org=rejected*1 c@example.org=delivered*1"},
    {"trouble of a host before the recipient is known", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300\n" T
	  "1VykzM-0005s5-La H=mx.example.org [192.0.2.1] Connection refused\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx2.example.org [192.0.2.2]\n",
	"delivered from a@example.com to b@example.org=delivered*1"},
    {"recipients that a system filter ignores", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org c@example.org\n" T
	"1VykzM-0005s5-La original recipients ignored (system filter)\n" T
	"1VykzM-0005s5-La => d <system-filter> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La Completed\n",
	"partial. from a@example.com to b@example.org=discarded*1 c@example.org=discarded*1 d<system-filter>=delivered*1"},
    {"recipients that a system filter makes wait", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La Delivery deferred by system filter\n",
	"deferred from a@example.com to b@example.org=deferred*1"},
    {"recipients refused one by one after the data", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La PRDR R=<b@example.org> refusal\n" T
	"1VykzM-0005s5-La PRDR R=<c@example.org> acceptance\n" T
	"1VykzM-0005s5-La <= a@example.com H=(x) [192.0.2.44] P=esmtp PRDR S=300 for b@example.org c@example.org\n" T
	"1VykzM-0005s5-La => c <c@example.org> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La Completed\n",
	"partial. from a@example.com to b@example.org=rejected*1 c@example.org=delivered*1"},
    {"recipients refused one by one in the administrator's words", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La PRDR b@example.org not for you\n" T
	"1VykzM-0005s5-La PRDR d@example.org welcome\n" T
	"1VykzM-0005s5-La <= a@example.com H=(x) [192.0.2.44] P=esmtp PRDR S=300 for b@example.org d@example.org\n" T
	"1VykzM-0005s5-La => d <d@example.org> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La Completed\n",
	"partial. from a@example.com to b@example.org=rejected*1 d@example.org=delivered*2"},
};

START_TEST(lines_become_a_story)
{
	check_story(&stories[_i]);
}
END_TEST

static const struct {
	const char *log, *id;
	enum severity severity;
} refusals[] = {
    {T "1VykzM-0005s5-La H=c.example.com [192.0.2.44] F=<s@example.com> rejected after DATA: no reason\n",
	"1VykzM-0005s5-La", SEVERITY_HARD},
    {T "1VykzM-0005s5-La H=c.example.com [192.0.2.44] F=<s@example.com> temporarily rejected after DATA: no reason\n",
	"1VykzM-0005s5-La", SEVERITY_SOFT},
};

START_TEST(a_refusal_is_as_hard_as_exim_said_it)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct message_view view;
	struct message_id id;

	fold_text(index, refusals[_i].log);
	message_id_parse(slice_str(refusals[_i].id), &id);
	ck_assert(index_find(index, id, &view));
	ck_assert_int_eq(
	    segment_recipient(view.segment, segment_next_recipient(view.segment, view.message, 0))
		->severity,
	    refusals[_i].severity);
	index_free(index);
}
END_TEST

START_TEST(accounts_of_a_few_letters_are_told_apart)
{
	static const char *const ids[] = {"1VykzM-0005s5-La", "1VykzN-0005s5-La"};
	static const char *const accounts[] = {"ab", "abc"};
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct message_view view;
	struct message_id id;

	for (int i = 0; i < 2; i++) {
		char line[128];

		snprintf(line, sizeof(line), T "%s Sender identification U=%s D=d S=s\n", ids[i],
		    accounts[i]);
		fold_text(index, line);
	}
	for (int i = 0; i < 2; i++) {
		message_id_parse(slice_str(ids[i]), &id);
		ck_assert(index_find(index, id, &view));
		ck_assert(slice_equal(segment_string(view.segment, message_account(view.message)),
		    slice_str(accounts[i])));
	}
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_fold_notice");
	TCase *tests = tcase_create("index_fold_notice");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, lines_become_a_story, 0, sizeof(stories) / sizeof(stories[0]));
	tcase_add_loop_test(tests, a_refusal_is_as_hard_as_exim_said_it, 0,
	    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tests, accounts_of_a_few_letters_are_told_apart);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
