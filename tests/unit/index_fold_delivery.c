/* What deliveries, failures and deferrals make of a message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/unit/folding.h"

static const struct story stories[] = {
    {"a local part, and the address it is of", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for someone@example.org\n" T
	"1VykzM-0005s5-La == someone@example.org R=virtual_user T=dovecot_virtual_delivery defer (-1): later\n" T
	"1VykzM-0005s5-La => someone <someone@example.org> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <someone@example.org> x Saved\"\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to someone@example.org=delivered*2"},
    {"a local part of somebody else", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for someone@example.org\n" T
	"1VykzM-0005s5-La == someone@example.org R=virtual_user T=dovecot_virtual_delivery defer (-1): later\n" T
	"1VykzM-0005s5-La => some <someone@example.org> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <someone@example.org> x Saved\"\n" T
	"1VykzM-0005s5-La => Someone <someone@example.net> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <someone@example.net> x Saved\"\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to someone@example.org=deferred*1 some@example.org<someone@example.org>=delivered*1 Someone@example.net=delivered*1"},
    {"delivered to one", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com H=h.example.com (helo) [192.0.2.7]:4471 P=esmtp S=449 id=x@example.com T=\"for sale for you\" for b@example.org\n" T
	"1VykzM-0005s5-La => b@example.org R=dkim_lookuphost T=dkim_remote_smtp H=mx.example.org [192.0.2.1] C=\"250 OK\"\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to b@example.org=delivered*1"},
    {"the new form of ids", ID,
	T ID " <= a@example.com U=root P=local S=300 T=\"x\" for b@example.org c@example.org\n" T ID
	     " ** b@example.org R=virtual_aliases: No Such User Here\n" T ID
	     " == c@example.org R=lookuphost T=remote_smtp defer (111): Connection refused\n",
	"deferred from a@example.com to b@example.org=bounced*1 c@example.org=deferred*1"},
    {"some of each", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org c@example.org\n" T
	"1VykzM-0005s5-La ** b@example.org R=virtual_aliases: No Such User Here\n" T
	"1VykzM-0005s5-La => c@example.org R=lookuphost T=remote_smtp H=mx.example.org [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"partial. from a@example.com to b@example.org=bounced*1 c@example.org=delivered*1"},
    {"an alias that leads to three", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for list@example.org\n" T
	"1VykzM-0005s5-La => x@example.net <list@example.org> R=lookuphost T=remote_smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La -> y@example.net <list@example.org> R=lookuphost T=remote_smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La => z <list@example.org> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to x@example.net<list@example.org>=delivered*1 y@example.net<list@example.org>=delivered*1 z@example.org<list@example.org>=delivered*1"},
    {"a local part alone is completed, and is no other address", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for marv@example.org\n" T
	  "1VykzM-0005s5-La => marv <marv@example.org> R=localuser T=local_delivery\n" T
	  "1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to marv@example.org=delivered*1"},
    {"an address has the letters of its delivery", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for Marv@Example.ORG Ed@example.net\n" T
	"1VykzM-0005s5-La => marv <Marv@Example.ORG> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La == ed@example.net <Ed@example.net> R=lookuphost T=remote_smtp defer (111): Connection refused\n",
	"deferred from a@example.com to marv@Example.ORG=delivered*1 ed@example.net=deferred*1"},
    {"deferred in routing, then delivered under another name", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for alias@example.org\n" T
	"1VykzM-0005s5-La == alias@example.org R=virtual_aliases defer (-1): cannot open file\n" T
	"1VykzM-0005s5-La => real@example.net <alias@example.org> R=lookuphost T=remote_smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to real@example.net<alias@example.org>=delivered*1"},
    {"deferred twice, then delivered", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (-44) H=mx.example.org [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<b@example.org>: 450 4.2.0 Greylisted\n" T
	"1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (-54): retry time not reached for any host\n" T
	"1VykzM-0005s5-La => b@example.org R=lookuphost T=remote_smtp H=mx.example.org [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to b@example.org=delivered*3"},
    {"a filter's /dev/null", "1W3TVL-003z0J-Lq",
	T
	"1W3TVL-003z0J-Lq H=(s.example.com) [192.0.2.9]:44151 Warning: \"SpamAssassin as server detected message as spam (26.2)\"\n" T
	"1W3TVL-003z0J-Lq <= a@example.com H=(s.example.com) [192.0.2.9]:44151 P=esmtp S=11026 T=\"Update\" for b@example.org\n" T
	"1W3TVL-003z0J-Lq => /dev/null <b@example.org> R=central_filter T=**bypassed**\n" T
	"1W3TVL-003z0J-Lq Completed\n",
	"discarded. from a@example.com to /dev/null<b@example.org>=discarded*1"},
    {"all that waits goes to a blackhole", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org c@example.org\n" T
	"1VykzM-0005s5-La => discarded (system filter)\n" T "1VykzM-0005s5-La Completed\n",
	"discarded. from a@example.com to b@example.org=discarded*1 c@example.org=discarded*1"},
    {"a command with blanks, brackets and fields", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for list@example.org\n" T
	"1VykzM-0005s5-La ** |/bin/sh -c 'cat <in >out R=x: y' <list@example.org> R=virtual_aliases T=address_pipe: returned 1\n",
	"bounced from a@example.com to |/bin/sh -c 'cat <in >out R=x: y'<list@example.org>=bounced*1"},
    {"an autoreply to somebody with a name", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La => >A <a@example.com> (c@example.org) <b@example.org> R=central_filter T=address_reply\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to >A <a@example.com><b@example.org>=delivered*1"},
    {"an alias of an alias waits in routing", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La == mid@example.org <b@example.org> R=virtual_aliases defer (-1): no\n" T
	"1VykzM-0005s5-La => c@example.net <b@example.org> R=lookuphost T=remote_smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to c@example.net<b@example.org>=delivered*1"},
    {"the sender of an arrival in an older file", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La => b@example.org F=<a@example.com> P=<a@example.com> R=lookuphost T=remote_smtp H=mx.example.org [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to b@example.org=delivered*1"},
    {"one router's blackhole", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La => :blackhole: <b@example.org> R=virtual_aliases\n" T
	  "1VykzM-0005s5-La Completed\n",
	"discarded. from a@example.com to :blackhole:<b@example.org>=discarded*1"},
    {"the words of local_scan() behind a blackhole", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La => blackhole dropped <by us> R=x\n" T "1VykzM-0005s5-La Completed\n",
	"discarded. from a@example.com to b@example.org=discarded*1"},
    {"a user whose name is blackhole", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La => blackhole <blackhole@example.org> R=localuser T=local_delivery\n",
	"delivered from  to blackhole@example.org=delivered*1"},
    {"files of all kinds stand as logged", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La => HOME/mail/inbox (c@example.org) <b@example.org> R=r0 T=t1\n" T
	  "1VykzM-0005s5-La ** save inbox <d@example.org> R=r1 T=t1: delivery to file forbidden\n" T
	  "1VykzM-0005s5-La => a/b <a/b@example.org> R=r0 T=t1\n" T
	  "1VykzM-0005s5-La => discarded <e@example.org> R=r2\n",
	"partial from  to HOME/mail/inbox<b@example.org>=delivered*1 save inbox<d@example.org>=bounced*1 a/b@example.org=delivered*1 discarded<e@example.org>=discarded*1"},
    {"mua_wrapper fails all at once", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La ** mua_wrapper is set but recipients cannot all be delivered in one transaction\n" T
	"1VykzM-0005s5-La Completed\n",
	"bounced. from a@example.com to b@example.org=bounced*1"},
    {"mua_wrapper fails all of whom nothing is known", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300\n" T
	"1VykzM-0005s5-La ** mua_wrapper is set but recipients cannot all be delivered in one transaction\n" T
	"1VykzM-0005s5-La Completed\n",
	"bounced. from a@example.com to =bounced*1"},
    {"failures without a colon", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La ** b@example.org routing yielded a local delivery\n" T
	  "1VykzM-0005s5-La ** c@example.org mua_wrapper forced failure for deferred delivery\n",
	"bounced from  to b@example.org=bounced*1 c@example.org=bounced*1"},
    {"a cutthrough delivery of an alias", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La >> b@example.net <list@example.org> R=all T=smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La <= s@example.com H=(x) [192.0.2.44] P=esmtp S=300 for list@example.org\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from s@example.com to b@example.net<list@example.org>=delivered*1"},
    {"retrying ends for an alias of an alias", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La == c@example.org <a@example.org> R=r T=t defer (-22): mailbox is full\n" T
	"1VykzM-0005s5-La ** c@example.org <b@example.org>: retry timeout exceeded\n",
	"bounced from  to c@example.org<a@example.org>=bounced*2"},
    {"a filter that answers and defers", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300\n" T
	  "1VykzM-0005s5-La == b@example.org R=filter defer (-1): held by the filter\n" T
	  "1VykzM-0005s5-La => >a@example.com <b@example.org> R=filter T=autoreply\n",
	"deferred from a@example.com to b@example.org=deferred*1 >a@example.com<b@example.org>=delivered*1"},
    {"a filter that answers later", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300\n" T
	  "1VykzM-0005s5-La == b@example.org R=filter defer (-17): error in filter file: x\n" T
	  "1VykzM-0005s5-La => >a@example.com <b@example.org> R=filter T=autoreply\n" T
	  "1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to >a@example.com<b@example.org>=delivered*1"},
    {"a deferral that is written when all is done", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La Completed\n" T
	  "1VykzM-0005s5-La <= a@example.com H=(x) [192.0.2.44] P=smtp S=300\n" T
	  "1VykzM-0005s5-La == b@example.org R=r T=t defer (0): SMTP delivery explicitly queued\n",
	"delivered. from a@example.com to b@example.org=delivered*2"},
};

START_TEST(lines_become_a_story)
{
	check_story(&stories[_i]);
}
END_TEST

START_TEST(the_end_of_retrying_leaves_the_last_error_to_speak)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct message_view view;
	struct message_id id;

	fold_text(index,
	    T
	    "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	    "1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (-44) H=mx.example.org [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<b@example.org>: 452 4.2.2 Mailbox full\n" T
	    "1VykzM-0005s5-La ** b@example.org: retry timeout exceeded\n");
	message_id_parse(SLICE("1VykzM-0005s5-La"), &id);
	ck_assert(index_find(index, id, &view));
	const struct recipient *recipient = segment_recipient(view.segment,
	    segment_next_recipient(view.segment, view.message, 0));
	struct room room;

	room_empty(&room);
	struct route route = segment_route(view.segment, recipient, &room);
	ck_assert_int_eq(recipient->outcome, OUTCOME_BOUNCED);
	ck_assert_int_eq(recipient->severity, SEVERITY_HARD);
	ck_assert_str_eq(classifier_class(classifier, recipient->class_index)->name,
	    "mailbox-full");
	ck_assert(slice_equal(route.router, SLICE("lookuphost")));
	ck_assert(slice_equal(route.ip, SLICE("192.0.2.1")));
	index_free(index);
}
END_TEST

START_TEST(a_message_to_many_keeps_one_entry_each)
{
	enum { MANY = 5000 };
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	size_t size = 64 + (size_t)MANY * 32;
	char *text = malloc(size);
	struct message_view view;
	struct message_id id;
	size_t len;

	len = (size_t)snprintf(text, size, T "%s <= a@example.com U=root P=local S=300 for", ID);
	for (int i = 0; i < MANY; i++)
		len += (size_t)snprintf(text + len, size - len, " u%d@example.org", i);
	fold_line(index, (struct position){1, 0}, slice_of(text, len));
	for (int i = MANY - 1; i >= 0; i--) {
		len = (size_t)snprintf(text, size,
		    T "%s => u%d@example.org R=l T=r H=mx.example.org [192.0.2.1]", ID, i);
		fold_line(index, (struct position){1, (uint64_t)(MANY - i) * 100},
		    slice_of(text, len));
	}
	message_id_parse(SLICE(ID), &id);
	ck_assert(index_find(index, id, &view));
	ck_assert_uint_eq(segment_recipient_count(view.segment, view.message, UINT32_MAX), MANY);
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;)
		ck_assert_int_eq(segment_recipient(view.segment, r)->outcome, OUTCOME_DELIVERED);
	free(text);
	index_free(index);
}
END_TEST

static const struct {
	const char *end, *host, *ip;
} remote_ends[] = {
    {"H=mx1.example.org [192.0.2.1]", "mx1.example.org", "192.0.2.1"},
    {"H=mx1.example.org [2001:db8::1]", "mx1.example.org", "2001:db8::1"},
    {"H=mx1.example.org [::1]", "mx1.example.org", "::1"},
    {"H=localhost [255.255.255.255]", "localhost", "255.255.255.255"},
    {"", "", ""},
};

/* How often the recipient's address stands in the text that is kept, as one byte. */
static int
count_placeholders(struct message_view view)
{
	const struct recipient_more *more = segment_more(view.segment, &view.message->first);
	struct slice kept = segment_string(view.segment, more->message);
	int count = 0;

	for (size_t i = 0; i < kept.len; i++)
		count += kept.at[i] == '\1';
	ck_assert_int_eq(more->has_placeholder, count != 0);
	return count;
}

START_TEST(a_failure_keeps_its_words_and_the_remote_end)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	char log[1024];
	struct message_view view;
	struct message_id id;
	struct failure failure;
	struct room room;

	snprintf(log, sizeof(log),
	    T
	    "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	    "1VykzM-0005s5-La ** b@example.org R=r T=t %s: SMTP error after RCPT TO:<b@example.org>: 550 @b@example.com: no bb@example.org, @ here\n",
	    remote_ends[_i].end);
	fold_text(index, log);
	message_id_parse(SLICE("1VykzM-0005s5-La"), &id);
	ck_assert(index_find(index, id, &view));
	room_empty(&room);
	index_failure(view.segment, &view.message->first, &room, &failure);
	ck_assert(slice_equal(failure.message,
	    SLICE(
		"SMTP error after RCPT TO:<b@example.org>: 550 @b@example.com: no bb@example.org, @ here")));
	ck_assert_int_eq(count_placeholders(view), 2);
	ck_assert(slice_equal(failure.host, slice_str(remote_ends[_i].host)));
	ck_assert(slice_equal(failure.ip, slice_str(remote_ends[_i].ip)));
	index_free(index);
}
END_TEST

static unsigned
chance(unsigned below)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(state >> 33) % below;
}

/* Nearly always an address of IPv4, or what looks like one. */
static void
make_address(char *text, size_t size)
{
	size_t len = 0, wanted = 1 + chance(17);

	if (chance(4) != 0) {
		snprintf(text, size, "%s%u.%u.%s%u.%u", chance(16) == 0 ? "0" : "", chance(260),
		    chance(12), chance(16) == 0 ? "0" : "", chance(120), chance(300));
		return;
	}
	while (len < wanted)
		text[len++] = "0129..5:f"[chance(9)];
	text[len] = '\0';
}

START_TEST(the_address_of_a_remote_end_comes_back_as_it_was_written)
{
	enum { ADDRESSES = 20000 };
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	char line[256], address[32];
	struct message_view view;
	struct message_id id;
	struct room room;

	message_id_parse(SLICE(ID), &id);
	fold_text(index, T ID " <= a@example.com U=root P=local S=300 for b@example.org\n");
	for (int i = 0; i < ADDRESSES; i++) {
		make_address(address, sizeof(address));
		snprintf(line, sizeof(line),
		    T ID " => b@example.org R=l T=r H=mx.example.org [%s] C=\"250 ok\"", address);
		fold_line(index, (struct position){1, 100}, slice_str(line));
		ck_assert(index_find(index, id, &view));
		room_empty(&room);
		struct route route = segment_route(view.segment, &view.message->first, &room);
		ck_assert_msg(slice_equal(route.ip, slice_str(address)), "%s is %.*s", address,
		    (int)route.ip.len, route.ip.at);
	}
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_fold_delivery");
	TCase *tests = tcase_create("index_fold_delivery");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, lines_become_a_story, 0, sizeof(stories) / sizeof(stories[0]));
	tcase_add_test(tests, the_end_of_retrying_leaves_the_last_error_to_speak);
	tcase_add_test(tests, a_message_to_many_keeps_one_entry_each);
	tcase_add_loop_test(tests, a_failure_keeps_its_words_and_the_remote_end, 0,
	    sizeof(remote_ends) / sizeof(remote_ends[0]));
	tcase_add_test(tests, the_address_of_a_remote_end_comes_back_as_it_was_written);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
