/* What the lines of a log make of a message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/index/index.h"
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

static void
fold_line(struct index *index, struct position position, struct slice text)
{
	index_lines(index, &(struct tail_line){position, text, false}, 1);
}

/* Folds text, a line after the other, at offsets as in a file. */
static void
fold_text(struct index *index, const char *text)
{
	struct slice rest = slice_str(text);

	while (!slice_is_empty(rest)) {
		struct position position = {1, (uint64_t)(rest.at - text)};

		fold_line(index, position, slice_take_until(&rest, '\n'));
	}
}

/* "delivered from a@example.com to b@example.org=delivered*1 c@example.org<d@example.org>=bounced*2" */
static void
describe(const struct index *index, const char *id_text, char *text, size_t size)
{
	struct message_view view;
	struct message_id id;

	ck_assert(message_id_parse(slice_str(id_text), &id));
	if (!index_find(index, id, &view)) {
		snprintf(text, size, "nothing");
		return;
	}
	struct room room;

	room_empty(&room);
	struct slice sender = segment_name(view.segment, view.message->sender, &room);
	int len = snprintf(text, size, "%s%s from %.*s to",
	    verdict_name(segment_verdict(view.segment, view.message)),
	    view.message->flags & MESSAGE_IS_COMPLETED ? "." : "", (int)sender.len, sender.at);
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);
		room_empty(&room);
		struct slice address = segment_name(view.segment, recipient->address, &room);
		struct slice original = segment_name(view.segment,
		    segment_original(view.segment, recipient), &room);

		len += snprintf(text + len, size - (size_t)len, " %.*s%s%.*s%s=%s*%u",
		    (int)address.len, address.at, original.len != 0 ? "<" : "", (int)original.len,
		    original.at, original.len != 0 ? ">" : "", outcome_name(recipient->outcome),
		    recipient->attempts);
	}
}

#define T "2026-11-23 20:36:34 "
#define ID "1xVamA-000000006sO-44KK"

static const struct {
	const char *what, *id, *log, *expected;
} stories[] = {
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
    {"no arrival in the log", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La => b@example.org R=lookuphost T=remote_smtp H=mx.example.org [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from  to b@example.org=delivered*1"},
    {"an id in a subject is nobody's", "1VykzM-0005s5-Lz",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 T=\"2026-11-23 20:36:34 1VykzM-0005s5-Lz ** v@example.org R=x: 550\" for b@example.org\n",
	"nothing"},
    {"a command line makes no message", "1VykzM-0005s5-Lz",
	T "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1VykzM-0005s5-Lz\n", "nothing"},
    {"not yet delivered", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n",
	"in-transit from a@example.com to b@example.org=unknown*0"},
    {"all that waits goes to a blackhole", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org c@example.org\n" T
	"1VykzM-0005s5-La => discarded (system filter)\n" T "1VykzM-0005s5-La Completed\n",
	"discarded. from a@example.com to b@example.org=discarded*1 c@example.org=discarded*1"},
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
    {"marked as delivered by an administrator", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	"1VykzM-0005s5-La == b@example.org R=lookuphost T=remote_smtp defer (111): Connection refused\n" T
	"1VykzM-0005s5-La address <b@example.org> marked delivered by root\n" T
	"1VykzM-0005s5-La Completed\n",
	"removed. from a@example.com to b@example.org=removed*1"},
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
    {"rejected, with fields of newer versions", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La H=(rejected after) [192.0.2.44]:3000 I=[192.0.2.1]:25 Ci=47 X=TLS1.3 CV=no DN=\"CN=a b F=<x>\" L.- F=<s@example.com> temporarily rejected after DATA: no\n",
	"rejected from s@example.com to =rejected*1"},
    {"too big, and refused", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La rejected from <s@example.com> H=h.example.com [192.0.2.44]: message too big: read=2 max=1\n",
	"rejected from s@example.com to =rejected*1"},
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
    {"a cutthrough delivery of an alias", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La >> b@example.net <list@example.org> R=all T=smtp H=mx.example.net [192.0.2.1]\n" T
	"1VykzM-0005s5-La <= s@example.com H=(x) [192.0.2.44] P=esmtp S=300 for list@example.org\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from s@example.com to b@example.net<list@example.org>=delivered*1"},
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
    {"retrying ends for an alias of an alias", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La == c@example.org <a@example.org> R=r T=t defer (-22): mailbox is full\n" T
	"1VykzM-0005s5-La ** c@example.org <b@example.org>: retry timeout exceeded\n",
	"bounced from  to c@example.org<a@example.org>=bounced*2"},
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
    {"recipients without a domain", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b c d\n" T
	"1VykzM-0005s5-La ** b@example.com R=r T=t: Connection refused\n" T
	"1VykzM-0005s5-La => c <c@example.com> R=localuser T=local_delivery\n" T
	"1VykzM-0005s5-La => e@example.org <d@example.com> R=r T=t H=mx.example.org [192.0.2.2]\n" T
	"1VykzM-0005s5-La Completed\n",
	"partial. from a@example.com to b@example.com=bounced*1 c@example.com=delivered*1 e@example.org<d@example.com>=delivered*1"},
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
    {"another message with the same id", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La Completed\n" T
	  "1VykzM-0005s5-La <= c@example.com U=root P=local S=300 for d@example.org\n" T
	  "1VykzM-0005s5-La ** d@example.org: Unrouteable address\n" T
	  "1VykzM-0005s5-La Completed\n",
	"bounced. from c@example.com to d@example.org=bounced*1"},
    {"a log that has each line twice", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La Completed\n" T "1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to b@example.org=delivered*2"},
    {"a deferral that is written when all is done", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La Completed\n" T
	  "1VykzM-0005s5-La <= a@example.com H=(x) [192.0.2.44] P=smtp S=300\n" T
	  "1VykzM-0005s5-La == b@example.org R=r T=t defer (0): SMTP delivery explicitly queued\n",
	"delivered. from a@example.com to b@example.org=delivered*2"},
};

START_TEST(lines_become_a_story)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct index_counts counts;
	char text[1024];

	fold_text(index, stories[_i].log);
	describe(index, stories[_i].id, text, sizeof(text));
	ck_assert_msg(strcmp(text, stories[_i].expected) == 0, "%s:\n got  %s\n want %s",
	    stories[_i].what, text, stories[_i].expected);
	index_count(index, &counts);
	uint64_t sum = 0;
	for (int v = 0; v < VERDICT_COUNT; v++)
		sum += counts.by_verdict[v];
	ck_assert_uint_eq(sum, counts.messages);
	ck_assert_uint_eq(counts.lines.read,
	    counts.lines.with_id + counts.lines.without_id + counts.lines.continuation +
		counts.lines.unparsed);
	index_free(index);
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

/* A log of finished messages, every hundredth unfinished, ever later. */
static void
fold_many(struct index *index, int count)
{
	char text[512];

	for (int i = 0; i < count; i++) {
		int hour = i / 1000;
		int len = snprintf(text, sizeof(text),
		    "2026-11-%02d %02d:00:00 1VykzM-%06d-La <= s%d@example.com U=root P=local S=300 for r%d@example.org",
		    1 + hour / 24, hour % 24, i, i % 97, i);

		fold_line(index, (struct position){1, (uint64_t)i * 300},
		    slice_of(text, (size_t)len));
		if (i % 100 == 0)
			continue;
		len = snprintf(text, sizeof(text),
		    "2026-11-%02d %02d:00:00 1VykzM-%06d-La Completed", 1 + hour / 24, hour % 24,
		    i);
		fold_line(index, (struct position){1, (uint64_t)i * 300 + 150},
		    slice_of(text, (size_t)len));
	}
}

START_TEST(the_cap_holds_and_the_unfinished_go_last)
{
	enum { CAP = 4 << 20, MESSAGES = 100000 };
	struct index *index = index_new(
	    &(struct index_options){.classifier = classifier, .memory_max = CAP});
	struct index_counts counts;
	struct message_view view;
	struct message_id id;

	fold_many(index, MESSAGES);
	index_count(index, &counts);
	ck_assert_uint_le(counts.index_bytes, CAP);
	ck_assert_uint_gt(counts.messages, 10000);
	ck_assert_uint_gt(counts.evicted_messages, 0);
	ck_assert_uint_eq(counts.dropped_unfinished, 0);
	ck_assert_uint_eq(counts.messages + counts.evicted_messages, MESSAGES);
	/* The very first one is unfinished: it has been carried along. */
	ck_assert(message_id_parse(SLICE("1VykzM-000000-La"), &id));
	ck_assert(index_find(index, id, &view));
	ck_assert(names_equal_nocase(&view.segment->arena,
	    segment_recipient(view.segment, view.message->recipients)->address,
	    SLICE("r0@example.org")));
	index_free(index);
}
END_TEST

START_TEST(what_the_window_no_longer_covers_goes)
{
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	struct index_counts before, after;

	fold_many(index, 20000);
	index_count(index, &before);
	ck_assert_uint_eq(before.messages, 20000);
	index_expire(index, before.last - 5 * 3600 + 1);
	index_count(index, &after);
	/* Five hours of a thousand each, and one in a hundred of the fifteen hours that went. */
	ck_assert_uint_eq(after.messages, 5000 + 150);
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
	struct slice origin = segment_name(view.segment, view.message->origin, &room);
	struct slice account = segment_string(view.segment, view.message->account);
	struct slice folder = segment_string(view.segment, extra != NULL ? extra->folder : 0);
	snprintf(text, sizeof(text), "%s %.*s account %.*s folder %.*s",
	    view.message->flags & MESSAGE_HAS_LOGIN ? "login" : "user", (int)origin.len, origin.at,
	    (int)account.len, account.at, (int)folder.len, folder.at);
	ck_assert_msg(strcmp(text, origins[_i].expected) == 0, "%s:\n got  %s\n want %s",
	    origins[_i].what, text, origins[_i].expected);
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
	const struct recipient_more *more = segment_more(view.segment,
	    segment_recipient(view.segment, view.message->recipients));
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
	index_failure(view.segment, segment_recipient(view.segment, view.message->recipients),
	    &room, &failure);
	ck_assert(slice_equal(failure.message,
	    SLICE(
		"SMTP error after RCPT TO:<b@example.org>: 550 @b@example.com: no bb@example.org, @ here")));
	ck_assert_int_eq(count_placeholders(view), 2);
	ck_assert(slice_equal(failure.host, slice_str(remote_ends[_i].host)));
	ck_assert(slice_equal(failure.ip, slice_str(remote_ends[_i].ip)));
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_fold");
	TCase *tests = tcase_create("index_fold");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_message_knows_who_handed_it_over, 0,
	    sizeof(origins) / sizeof(origins[0]));
	tcase_add_loop_test(tests, lines_become_a_story, 0, sizeof(stories) / sizeof(stories[0]));
	tcase_add_test(tests, a_report_about_a_message_that_did_not_fail_is_no_bounce);
	tcase_add_test(tests, the_end_of_retrying_leaves_the_last_error_to_speak);
	tcase_add_loop_test(tests, a_refusal_is_as_hard_as_exim_said_it, 0,
	    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tests, a_bounce_and_its_cause_know_each_other);
	tcase_add_test(tests, a_message_to_many_keeps_one_entry_each);
	tcase_add_test(tests, the_cap_holds_and_the_unfinished_go_last);
	tcase_add_loop_test(tests, a_failure_keeps_its_words_and_the_remote_end, 0,
	    sizeof(remote_ends) / sizeof(remote_ends[0]));
	tcase_add_test(tests, what_the_window_no_longer_covers_goes);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
