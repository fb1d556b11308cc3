/* Items: the one-line forms of failures and messages that lists are made of. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/items.h"

#include "daemon/answer/judgement.h"
#include "daemon/answer/lines.h"
#include "daemon/answer/match.h"
#include "daemon/answer/story.h"
#include "daemon/exim/arrival.h"

enum {
	SUMMARY_ROOM = 4096,
	ARRIVAL_LINES_MAX = 8, /* the <= stands at most so far down */
};

void
item_write_failure(struct json_out *out, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, const struct recipient *recipient,
    const struct classification *found)
{
	char summary[SUMMARY_ROOM];
	struct room room;
	struct failure failure;
	struct reply reply;
	struct facts facts;

	room_empty(&room);
	story_facts(asker, view, recipient, &room, &failure, &facts);
	json_out_object_begin(out);
	json_out_key(out, "at");
	story_write_time(out, sources, view.message, recipient->at);
	json_out_key(out, "id");
	story_write_id(out, segment_message_id(view.segment, view.message));
	json_out_key(out, "sender");
	story_write_name(out, view.segment, view.message->sender);
	json_out_key(out, "address");
	story_write_name(out, view.segment, recipient->address);
	json_out_key(out, "outcome");
	json_out_text(out, outcome_name(recipient->outcome));
	json_out_key(out, "severity");
	json_out_text(out, severity_name(recipient->severity));
	json_out_key(out, "class");
	json_out_text(out, classifier_class(sources->classifier, found->class_index)->name);
	reply_parse(failure.message, &reply);
	judgement_write_codes(out, &reply);
	json_out_key(out, "host");
	story_write_slice(out, failure.host);
	json_out_key(out, "ip");
	story_write_slice(out, failure.ip);
	json_out_key(out, "summary");
	advice_summary(sources->classifier, found, &failure, &facts, summary, sizeof(summary));
	json_out_text(out, summary);
	json_out_key(out, "attempts");
	json_out_int(out, recipient->attempts);
	json_out_object_end(out);
}

bool
item_read_arrival(const struct answer_sources *sources, struct message_view view,
    struct read_lines *lines, struct arrival *arrival)
{
	struct line line;

	read_lines_of(lines, sources->tail, view, ARRIVAL_LINES_MAX);
	for (size_t i = 0; i < lines->count; i++) {
		if (lines->lines[i].is_gone)
			continue;
		line_read(&lines->memo, read_line_text(lines, i), &line);
		if ((line.kind == LINE_ARRIVAL || line.kind == LINE_FAKEREJECT) &&
		    arrival_parse(line.text, arrival))
			return true;
	}
	*arrival = (struct arrival){.size = -1};
	return false;
}

static uint32_t
count_shown(const struct asker *asker, struct message_view view)
{
	uint32_t count = 0;

	if (match_sent(asker, view))
		return segment_recipient_count(view.segment, view.message, UINT32_MAX);
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;)
		count += match_shown(asker, view, segment_recipient(view.segment, r));
	return count;
}

void
item_write_message(struct json_out *out, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, struct read_lines *lines)
{
	struct arrival arrival;

	item_read_arrival(sources, view, lines, &arrival);
	json_out_object_begin(out);
	json_out_key(out, "arrived");
	story_write_time(out, sources, view.message, view.message->arrived);
	json_out_key(out, "id");
	story_write_id(out, segment_message_id(view.segment, view.message));
	json_out_key(out, "sender");
	story_write_name(out, view.segment, view.message->sender);
	story_write_subject(out, &arrival);
	json_out_key(out, "verdict");
	json_out_text(out, verdict_name(segment_verdict(view.segment, view.message)));
	json_out_key(out, "recipients");
	json_out_uint(out, count_shown(asker, view));
	json_out_key(out, "size");
	if (arrival.size >= 0)
		json_out_int(out, arrival.size);
	else
		json_out_null(out);
	json_out_key(out, "from_ip");
	story_write_slice(out, arrival.host.ip);
	json_out_object_end(out);
}

static void
write_waiting(struct json_out *out, const struct answer_sources *sources, const struct asker *asker,
    struct message_view view, const struct recipient *recipient, struct elsewhere *elsewhere)
{
	struct classification found = elsewhere_judge(elsewhere, sources, asker, view, recipient);
	const struct segment *segment = view.segment;
	struct room room;

	room_empty(&room);
	struct slice message = match_words(asker, view,
	    segment_failure_text(segment, recipient, &room), &room);
	char text[SUMMARY_ROOM];
	struct reply reply;

	json_out_object_begin(out);
	json_out_key(out, "address");
	story_write_name(out, segment, recipient->address);
	json_out_key(out, "class");
	json_out_text(out,
	    recipient->class_index != CLASS_NONE ?
		classifier_class(sources->classifier, found.class_index)->name :
		NULL);
	json_out_key(out, "reply");
	if (message.len != 0) {
		reply_parse(message, &reply);
		json_out_string(out, text, reply_text(&reply, text, sizeof(text)));
	} else {
		json_out_null(out);
	}
	json_out_key(out, "attempts");
	json_out_int(out, recipient->attempts);
	json_out_key(out, "next_try");
	json_out_null(out);
	json_out_object_end(out);
}

void
item_write_queued(struct json_out *out, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, int64_t now, struct elsewhere *elsewhere)
{
	int64_t arrived = view.message->flags & MESSAGE_HAS_ARRIVAL ?
	    view.message->arrived :
	    message_id_second(segment_message_id(view.segment, view.message));

	json_out_object_begin(out);
	json_out_key(out, "id");
	story_write_id(out, segment_message_id(view.segment, view.message));
	json_out_key(out, "arrived");
	story_write_time(out, sources, view.message, arrived);
	json_out_key(out, "age_s");
	json_out_int(out, now > arrived ? now - arrived : 0);
	json_out_key(out, "sender");
	story_write_name(out, view.segment, view.message->sender);
	json_out_key(out, "frozen");
	json_out_bool(out, (view.message->flags & MESSAGE_IS_FROZEN) != 0);
	json_out_key(out, "recipients");
	json_out_array_begin(out);
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);

		if ((recipient->outcome == OUTCOME_UNKNOWN ||
			recipient->outcome == OUTCOME_DEFERRED ||
			recipient->outcome == OUTCOME_BOUNCED) &&
		    match_shown(asker, view, recipient))
			write_waiting(out, sources, asker, view, recipient, elsewhere);
	}
	json_out_array_end(out);
	json_out_object_end(out);
}
