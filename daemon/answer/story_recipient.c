/* Recipients of a story: what became of each, why, and what to do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/story_recipient.h"

#include "daemon/answer/context.h"
#include "daemon/answer/judgement.h"
#include "daemon/answer/match.h"
#include "daemon/text/moment.h"

enum { JOINED_MAX = 2047 }; /* bytes of a sentence with strangers' words in it */

/* What the remote said when it took the message for that recipient. */
static struct slice
confirmation_for(const struct story_reading *reading, struct slice address)
{
	for (size_t i = 0; i < reading->confirmed_count; i++)
		if (slice_equal(reading->confirmed[i].address, address))
			return reading->confirmed[i].confirmation;
	return slice_of("", 0);
}

void
story_facts(const struct asker *asker, struct message_view view, const struct recipient *recipient,
    struct room *room, struct failure *failure, struct facts *facts)
{
	const struct segment *segment = view.segment;
	const struct message_extra *extra = segment_extra(segment, view.message);

	index_failure(segment, recipient, room, failure);
	if (asker != NULL)
		failure->message = match_words(asker, view, failure->message, room);
	*facts = (struct facts){0};
	facts_extract(failure, facts);
	struct slice address = segment_name(segment, recipient->address, room);
	/* A filter's /dev/null has the address it took the message from beside it. */
	if (address.len == 0 || memrchr(address.at, '@', address.len) == NULL) {
		uint32_t original = segment_original(segment, recipient);

		if (original != 0)
			address = segment_name(segment, original, room);
	}
	facts_name(facts, address, segment_name(segment, view.message->sender, room));
	if (!message_id_is_none(segment_message_id(view.segment, view.message))) {
		char id[MESSAGE_ID_TEXT_SIZE];

		facts_identify(facts,
		    room_add(room,
			slice_of(id,
			    message_id_format(segment_message_id(view.segment, view.message), id))),
		    (view.message->flags & MESSAGE_IS_FROZEN) != 0);
		if (view.message->flags & MESSAGE_IS_REMOVED)
			facts_removed(facts);
	}
	if (view.message->flags & MESSAGE_IS_BOUNCE)
		facts_bounce(facts);
	if (view.message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED)) {
		facts_refused_here(facts, failure);
	}
	if (extra != NULL) {
		facts->login = segment_name(segment, extra->login, room);
		if (extra->spam_score != 0)
			facts->score = segment_string(segment, extra->spam_score);
	}
}

struct classification
story_classification(const struct segment *segment, const struct recipient *recipient)
{
	return (struct classification){
	    .class_index = recipient->class_index,
	    .rule_index = segment_rule(segment, recipient),
	    .severity = recipient->severity,
	};
}

static void
write_failure(struct story_writer *writer, struct json_out *out, struct message_view view,
    const struct recipient *recipient)
{
	const struct classifier *classifier = writer->sources->classifier;
	struct classification found;
	struct failure failure;
	struct facts facts;
	struct room room;

	room_empty(&room);
	story_facts(writer->asker, view, recipient, &room, &failure, &facts);
	struct context context;

	context.count = 0;
	if (writer->has_context && writer->asker->sees_all) {
		found = story_classification(view.segment, recipient);
		context_find(&context, writer->sources, view, recipient, &failure, &facts, &found);
	} else {
		found = elsewhere_judge(&writer->elsewhere, writer->sources, writer->asker, view,
		    recipient);
	}
	judgement_write(out, classifier, &found, &failure, &facts);
	json_out_key(out, "context");
	json_out_array_begin(out);
	for (size_t i = 0; i < context.count; i++)
		json_out_text(out, context.sentences[i]);
	json_out_array_end(out);
}

/* Writes the parts as one string, cut where they are too long for it. */
static void
write_joined(struct json_out *out, const struct slice *parts, size_t count)
{
	char text[JOINED_MAX];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		struct slice part = slice_first(parts[i], sizeof(text) - len);

		if (part.len != 0)
			memcpy(text + len, part.at, part.len);
		len += part.len;
	}
	json_out_string(out, text, len);
}

/* What became of a recipient that nothing failed for, when no other server took it over. */
static const char *
local_summary(const struct recipient *recipient, struct slice address)
{
	switch (recipient->outcome) {
	case OUTCOME_DELIVERED:
		return address.at[0] == '|' ? "The message was handed to this program." :
		    address.at[0] == '/'    ? "The message was written into this file or folder." :
		    address.at[0] == '>'    ? "An automatic answer was sent to this address." :
					      "The message was delivered on this server.";
	case OUTCOME_REMOVED:
		return "The message was taken off the queue before it was delivered; the evidence says by whom.";
	case OUTCOME_DISCARDED:
		return "The message was thrown away; neither sender nor recipient was told.";
	case OUTCOME_UNKNOWN:
		return "The log does not say what became of the message for this recipient.";
	default:
		return NULL;
	}
}

/* Whether a person reads what was delivered there. */
static bool
is_mailbox(struct slice address)
{
	return address.len != 0 && strchr("|/>:", address.at[0]) == NULL;
}

/* What there is to quote to the postmaster who answers for the message now: when, and what his server called it. */
static void
write_quote(const struct story_writer *writer, struct json_out *out, struct message_view view,
    const struct recipient *recipient, struct slice host, struct slice said)
{
	char at[MOMENT_TEXT_SIZE];

	if (host.len == 0)
		return;
	size_t len = moment_format(recipient->at,
	    story_offset(writer->sources, view.message, recipient->at), at);
	const struct slice parts[] = {
	    SLICE("If it is not there, quote this to the postmaster of "),
	    host,
	    SLICE(", who can follow it from here: "),
	    slice_of(at, len),
	    SLICE(", "),
	    said,
	};
	write_joined(out, parts, said.len != 0 ? 6 : 4);
}

/* A recipient that nothing failed for: the remote's own words are what there is to quote. */
static void
write_success(const struct story_writer *writer, struct json_out *out, struct message_view view,
    const struct recipient *recipient, struct slice address, const struct route *route)
{
	struct slice said = confirmation_for(&writer->reading, address);
	struct slice host = route->host.len != 0 ? route->host : route->ip;
	bool is_delivered = recipient->outcome == OUTCOME_DELIVERED;

	json_out_key(out, "class");
	json_out_null(out);
	json_out_key(out, "severity");
	json_out_null(out);
	json_out_key(out, "who");
	json_out_text(out, is_delivered ? "recipient" : NULL);
	judgement_write_reply(out, said);
	json_out_key(out, "summary");
	if (is_delivered && host.len != 0) {
		const struct slice parts[] = {host,
		    SLICE(" accepted the message and answers for it from then on.")};

		write_joined(out, parts, 2);
	} else {
		json_out_text(out, local_summary(recipient, address));
	}
	json_out_key(out, "advice");
	json_out_array_begin(out);
	if (is_delivered && is_mailbox(address))
		json_out_text(out,
		    "Look in the recipient's spam folder and at the recipient's filters.");
	if (is_delivered)
		write_quote(writer, out, view, recipient, host, said);
	json_out_array_end(out);
	json_out_key(out, "customer");
	json_out_null(out);
	json_out_key(out, "rule");
	json_out_null(out);
	json_out_key(out, "facts");
	json_out_null(out);
	json_out_key(out, "context");
	json_out_array_begin(out);
	json_out_array_end(out);
}

void
story_write_recipient(struct story_writer *writer, struct json_out *out, struct message_view view,
    const struct recipient *recipient)
{
	const struct segment *segment = view.segment;
	struct room room;

	room_empty(&room);
	struct slice address = segment_name(segment, recipient->address, &room);
	struct route route = segment_route(segment, recipient, &room);

	json_out_object_begin(out);
	story_write_member(out, "address", address);
	story_write_member(out, "original",
	    segment_name(segment, segment_original(segment, recipient), &room));
	json_out_key(out, "outcome");
	json_out_text(out, outcome_name(recipient->outcome));
	json_out_key(out, "at");
	story_write_time(out, writer->sources, view.message, recipient->at);
	json_out_key(out, "attempts");
	json_out_int(out, recipient->attempts);
	story_write_member(out, "router", route.router);
	story_write_member(out, "transport", route.transport);
	story_write_member(out, "host", route.host);
	story_write_member(out, "ip", route.ip);
	if (recipient->class_index != CLASS_NONE)
		write_failure(writer, out, view, recipient);
	else
		write_success(writer, out, view, recipient, address, &route);
	json_out_key(out, "next_try");
	json_out_null(out);
	json_out_object_end(out);
}

/* What is said of the message as a whole; reference 0: nothing is. */
static void
write_whole(struct story_writer *writer, struct json_out *out, struct message_view view,
    uint32_t reference)
{
	if (reference == 0) {
		json_out_null(out);
		return;
	}
	const struct segment *segment = view.segment;
	const struct recipient *recipient = segment_recipient(segment, reference);
	const struct message_extra *extra = segment_extra(segment, view.message);
	struct room room;

	room_empty(&room);
	json_out_object_begin(out);
	json_out_key(out, "at");
	story_write_time(out, writer->sources, view.message, recipient->at);
	json_out_key(out, "temporary");
	json_out_bool(out, (view.message->flags & MESSAGE_IS_TEMPORARY) != 0);
	story_write_member(out, "login",
	    segment_name(segment,
		extra != NULL && match_sent(writer->asker, view) ? extra->login : 0, &room));
	write_failure(writer, out, view, recipient);
	json_out_object_end(out);
}

void
story_write_rejection(struct story_writer *writer, struct json_out *out, struct message_view view)
{
	bool is_rejection = (view.message->flags & (MESSAGE_IS_REJECTED | MESSAGE_IS_REFUSAL)) != 0;
	uint32_t whole = 0;

	while (view.segment != NULL &&
	    (whole = segment_next_recipient(view.segment, view.message, whole)) != 0 &&
	    segment_recipient(view.segment, whole)->address != 0)
		continue;
	json_out_key(out, "trouble");
	write_whole(writer, out, view, is_rejection ? 0 : whole);
	json_out_key(out, "rejection");
	write_whole(writer, out, view, is_rejection ? whole : 0);
}
