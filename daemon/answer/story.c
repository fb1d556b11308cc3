/* Stories: all that is known of one message, from the index and from its lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/story.h"

#include <stdio.h>

#include "daemon/answer/context.h"
#include "daemon/answer/judgement.h"
#include "daemon/answer/match.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/walk.h"
#include "daemon/exim/arrival.h"
#include "daemon/exim/delivery.h"
#include "daemon/text/moment.h"

enum { JOINED_MAX = 2047 }; /* bytes of a sentence with strangers' words in it */

void
story_writer_init(struct story_writer *writer, const struct answer_sources *sources,
    const struct asker *asker)
{
	*writer = (struct story_writer){.sources = sources, .asker = asker};
}

void
story_writer_clear(struct story_writer *writer)
{
	read_lines_clear(&writer->lines);
}

void
story_write_slice(struct json_out *out, struct slice text)
{
	json_out_string(out, text.len != 0 ? text.at : NULL, text.len);
}

void
story_write_name(struct json_out *out, const struct segment *segment, uint32_t name)
{
	struct room room;

	room_empty(&room);
	story_write_slice(out, segment_name(segment, name, &room));
}

void
story_write_id(struct json_out *out, struct message_id id)
{
	char text[MESSAGE_ID_TEXT_SIZE];

	if (message_id_is_none(id))
		json_out_null(out);
	else
		json_out_string(out, text, message_id_format(id, text));
}

/* The offset in force then. A log that names its zone may have another one than this server has now. */
static int
story_offset(const struct answer_sources *sources, const struct message *message, int64_t second)
{
	return zone_offset_at(sources->zone, message->arrived) == message->utc_offset ?
	    zone_offset_at(sources->zone, second) :
	    message->utc_offset;
}

void
story_write_time(struct json_out *out, const struct answer_sources *sources,
    const struct message *message, int64_t second)
{
	char text[MOMENT_TEXT_SIZE];

	if (second == 0)
		json_out_null(out);
	else
		json_out_string(out, text,
		    moment_format(second, story_offset(sources, message, second), text));
}

static void
write_member_slice(struct json_out *out, const char *key, struct slice text)
{
	json_out_key(out, key);
	story_write_slice(out, text);
}

/*
 * Takes what stands behind a backslash: an octal byte, a letter of C, or a character that stands for itself (Exim's receive.c
 * and string_printing2).
 */
static char
take_escaped(struct slice *rest)
{
	static const struct slice letters = {"nrbvft", 6}, bytes = {"\n\r\b\v\f\t", 6};
	unsigned octal = 0;
	size_t digits = 0;

	while (
	    digits < 3 && digits < rest->len && rest->at[digits] >= '0' && rest->at[digits] <= '7')
		octal = octal * 8 + (unsigned)(rest->at[digits++] - '0');
	if (digits == 3 && octal <= UINT8_MAX) {
		*rest = slice_skip(*rest, 3);
		return (char)octal;
	}
	ptrdiff_t letter = slice_find_byte(letters, rest->at[0]);
	char byte = letter >= 0 ? bytes.at[letter] : rest->at[0];
	*rest = slice_skip(*rest, 1);
	return byte;
}

size_t
story_subject(const struct arrival *arrival, char text[SUBJECT_MAX])
{
	struct slice rest = arrival->subject;
	size_t len = 0;

	while (!slice_is_empty(rest) && len < SUBJECT_MAX) {
		char byte = rest.at[0];

		rest = slice_skip(rest, 1);
		text[len++] = byte == '\\' && !slice_is_empty(rest) ? take_escaped(&rest) : byte;
	}
	return len;
}

void
story_write_subject(struct json_out *out, const struct arrival *arrival)
{
	char subject[SUBJECT_MAX];

	json_out_key(out, "subject");
	if (arrival->has_subject)
		json_out_string(out, subject, story_subject(arrival, subject));
	else
		json_out_null(out);
}

/* What the arrival line says and the index does not keep. */
static void
write_arrival(struct json_out *out, const struct arrival *arrival)
{
	story_write_subject(out, arrival);
	json_out_key(out, "size");
	if (arrival->size >= 0)
		json_out_int(out, arrival->size);
	else
		json_out_null(out);
	write_member_slice(out, "from_host", arrival->host.name);
	write_member_slice(out, "from_ip", arrival->host.ip);
	write_member_slice(out, "helo", arrival->host.helo);
	write_member_slice(out, "auth", arrival->auth);
	write_member_slice(out, "user", arrival->user);
	write_member_slice(out, "protocol", arrival->protocol);
	write_member_slice(out, "header_id", arrival->header_id);
}

/* Of a message that was refused, the host stands with the refusal. */
static struct host
refused_host(struct message_view view, struct room *room)
{
	struct host host = {0};

	if (view.message->recipients == 0)
		return host;
	struct route route = segment_route(view.segment,
	    segment_recipient(view.segment, view.message->recipients), room);
	host.name = route.host;
	host.ip = route.ip;
	return host;
}

static void
learn_delivery(struct story_reading *reading, const struct line *line)
{
	struct delivery delivery;

	if (reading->confirmed_count == STORY_CONFIRMATIONS_MAX ||
	    !delivery_parse(line->text, false, &delivery) || slice_is_empty(delivery.confirmation))
		return;
	reading->confirmed[reading->confirmed_count].address = delivery.final;
	reading->confirmed[reading->confirmed_count].original = delivery.original;
	reading->confirmed[reading->confirmed_count].confirmation = delivery.confirmation;
	reading->confirmed_count++;
}

static void
learn(struct story_writer *writer)
{
	struct story_reading *reading = &writer->reading;
	struct line line;

	reading->has_arrival = false;
	reading->confirmed_count = 0;
	for (size_t i = 0; i < writer->lines.count; i++) {
		if (writer->lines.lines[i].is_gone)
			continue;
		line_read(&writer->lines.memo, read_line_text(&writer->lines, i), &line);
		if (line.kind == LINE_ARRIVAL || line.kind == LINE_FAKEREJECT)
			reading->has_arrival = arrival_parse(line.text, &reading->arrival);
		else if (line.kind == LINE_DELIVERED || line.kind == LINE_ADDITIONAL ||
		    line.kind == LINE_CUTTHROUGH)
			learn_delivery(reading, &line);
	}
	if (!reading->has_arrival)
		reading->arrival = (struct arrival){.size = -1};
}

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
	if (!message_id_is_none(view.message->id)) {
		char id[MESSAGE_ID_TEXT_SIZE];

		facts_identify(facts,
		    room_add(room, slice_of(id, message_id_format(view.message->id, id))),
		    (view.message->flags & MESSAGE_IS_FROZEN) != 0);
		if (view.message->flags & MESSAGE_IS_REMOVED)
			facts_removed(facts);
	}
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
story_classification(const struct recipient *recipient)
{
	return (struct classification){
	    .class_index = recipient->class_index,
	    .rule_index = recipient->rule_index,
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
	struct context context = {0};
	if (writer->has_context && writer->asker->sees_all) {
		found = story_classification(recipient);
		context_find(&context, writer->sources, view, recipient, &found);
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
    const struct recipient *recipient)
{
	const struct segment *segment = view.segment;
	struct room room;

	room_empty(&room);
	struct slice address = segment_name(segment, recipient->address, &room);
	struct slice said = confirmation_for(&writer->reading, address);
	struct route route = segment_route(segment, recipient, &room);
	struct slice host = route.host.len != 0 ? route.host : route.ip;
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

static void
write_recipient(struct story_writer *writer, struct json_out *out, struct message_view view,
    const struct recipient *recipient)
{
	const struct segment *segment = view.segment;
	struct room room;

	room_empty(&room);
	struct route route = segment_route(segment, recipient, &room);

	json_out_object_begin(out);
	write_member_slice(out, "address", segment_name(segment, recipient->address, &room));
	write_member_slice(out, "original",
	    segment_name(segment, segment_original(segment, recipient), &room));
	json_out_key(out, "outcome");
	json_out_text(out, outcome_name(recipient->outcome));
	json_out_key(out, "at");
	story_write_time(out, writer->sources, view.message, recipient->at);
	json_out_key(out, "attempts");
	json_out_int(out, recipient->attempts);
	write_member_slice(out, "router", route.router);
	write_member_slice(out, "transport", route.transport);
	write_member_slice(out, "host", route.host);
	write_member_slice(out, "ip", route.ip);
	if (recipient->class_index != CLASS_NONE)
		write_failure(writer, out, view, recipient);
	else
		write_success(writer, out, view, recipient);
	json_out_key(out, "next_try");
	json_out_null(out);
	json_out_object_end(out);
}

static void
write_whole(struct story_writer *writer, struct json_out *out, struct message_view view,
    const struct recipient *recipient)
{
	const struct segment *segment = view.segment;
	const struct message_extra *extra = segment_extra(segment, view.message);
	struct room room;

	room_empty(&room);
	json_out_object_begin(out);
	json_out_key(out, "at");
	story_write_time(out, writer->sources, view.message, recipient->at);
	json_out_key(out, "temporary");
	json_out_bool(out, (view.message->flags & MESSAGE_IS_TEMPORARY) != 0);
	write_member_slice(out, "login",
	    segment_name(segment,
		extra != NULL && match_sent(writer->asker, view) ? extra->login : 0, &room));
	write_failure(writer, out, view, recipient);
	json_out_object_end(out);
}

/*
 * The entry without an address says why a message as a whole, or a connection, was refused; or, of a message whose recipients are not
 * known, what trouble it has.
 */
static void
write_rejection(struct story_writer *writer, struct json_out *out, struct message_view view)
{
	static const char *const keys[] = {"trouble", "rejection"};
	bool is_rejection = (view.message->flags & (MESSAGE_IS_REJECTED | MESSAGE_IS_REFUSAL)) != 0;
	uint32_t whole = 0;

	while (view.segment != NULL &&
	    (whole = segment_next_recipient(view.segment, view.message, whole)) != 0 &&
	    segment_recipient(view.segment, whole)->address != 0)
		continue;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_out_key(out, keys[i]);
		if (whole != 0 && i == is_rejection)
			write_whole(writer, out, view, segment_recipient(view.segment, whole));
		else
			json_out_null(out);
	}
}

static void
write_evidence(struct story_writer *writer, struct json_out *out, struct message_view view)
{
	const struct read_lines *lines = &writer->lines;
	bool shows_all = view.segment == NULL || match_sent(writer->asker, view);
	bool is_complete = lines->is_complete && lines->count == lines->total;

	json_out_key(out, "evidence");
	json_out_array_begin(out);
	for (size_t i = 0; i < lines->count; i++) {
		const struct read_line *line = &lines->lines[i];
		struct slice text = read_line_text(lines, i);
		const char *path = writer->sources->tail != NULL ?
		    tail_file_path(writer->sources->tail, line->position.file) :
		    NULL;

		json_out_object_begin(out);
		json_out_key(out, "file");
		json_out_text(out, path);
		json_out_key(out, "offset");
		json_out_uint(out, line->position.offset);
		json_out_key(out, "line");
		bool is_shown = shows_all || match_line(writer->asker, view, text);
		if (line->is_gone || !is_shown)
			json_out_null(out);
		else
			json_out_log_line(out, text.at, text.len);
		is_complete = is_complete && is_shown;
		json_out_object_end(out);
	}
	json_out_array_end(out);
	json_out_key(out, "evidence_complete");
	json_out_bool(out, is_complete);
}

void
story_begin(struct story_writer *writer, struct message_view view, struct json_out *out)
{
	const struct segment *segment = view.segment;
	const struct message *message = view.message;
	const struct message_extra *extra = segment_extra(segment, message);
	int64_t arrived = message->arrived;
	struct room room;

	room_empty(&room);
	read_lines_of(&writer->lines, writer->sources->tail, view, STORY_EVIDENCE_MAX);
	learn(writer);
	/* A message whose <= is older than the window: its id says when it arrived. */
	if (!(message->flags & (MESSAGE_HAS_ARRIVAL | MESSAGE_IS_REFUSAL)))
		arrived = message_id_second(message->id);
	if (message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED))
		writer->reading.arrival.host = refused_host(view, &room);

	bool is_sent = match_sent(writer->asker, view);
	if (!is_sent)
		writer->reading.arrival.auth = writer->reading.arrival.user = slice_of("", 0);

	json_out_object_begin(out);
	json_out_key(out, "id");
	story_write_id(out, message->id);
	json_out_key(out, "arrived");
	story_write_time(out, writer->sources, message, arrived);
	json_out_key(out, "completed");
	story_write_time(out, writer->sources, message,
	    message->flags & MESSAGE_IS_COMPLETED ? message->finished : 0);
	json_out_key(out, "verdict");
	json_out_text(out, verdict_name(segment_verdict(segment, message)));
	json_out_key(out, "frozen");
	json_out_bool(out, (message->flags & MESSAGE_IS_FROZEN) != 0);
	write_member_slice(out, "sender", segment_name(segment, message->sender, &room));
	write_arrival(out, &writer->reading.arrival);
	json_out_key(out, "bounce_of");
	story_write_id(out, extra != NULL ? extra->bounce_of : (struct message_id){0});
	json_out_key(out, "bounced_by");
	story_write_id(out, extra != NULL ? extra->bounced_by : (struct message_id){0});
	write_member_slice(out, "account", is_sent ? origin_account(view, &room) : slice_of("", 0));
	write_member_slice(out, "script", is_sent ? origin_script(view) : slice_of("", 0));
	write_member_slice(out, "spam_score",
	    extra != NULL ? segment_string(segment, extra->spam_score) : slice_of("", 0));
	json_out_key(out, "recipients");
	json_out_array_begin(out);
	writer->is_open = true;
	writer->segment = segment->number;
	writer->message = view.index;
	writer->recipient = 0;
}

/* Writes the recipients that are left. False when the slice is over before. */
static bool
write_recipients(struct story_writer *writer, struct message_view view, struct json_out *out,
    int64_t start_ms)
{
	const struct segment *segment = view.segment;
	unsigned count = 0;

	for (uint32_t r = writer->recipient;
	     (r = segment_next_recipient(segment, view.message, r)) != 0;) {
		writer->recipient = r;
		const struct recipient *recipient = segment_recipient(segment, r);
		if (recipient->address != 0 && match_shown(writer->asker, view, recipient))
			write_recipient(writer, out, view, recipient);
		if (slice_is_over(start_ms, &count))
			return false;
	}
	return true;
}

bool
story_go_on(struct story_writer *writer, struct json_out *out, int64_t start_ms)
{
	const struct segment *segment = index_segment(writer->sources->index, writer->segment);
	struct message_view view = {.segment = segment, .index = writer->message};

	/* A segment that was evicted meanwhile takes the rest of the story with it. */
	if (segment != NULL) {
		view.message = segment_message(segment, writer->message);
		if (!write_recipients(writer, view, out, start_ms))
			return false;
	}
	json_out_array_end(out);
	write_rejection(writer, out, view);
	write_evidence(writer, out, view);
	json_out_object_end(out);
	writer->is_open = false;
	return true;
}
