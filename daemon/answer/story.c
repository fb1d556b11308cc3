/* Stories: all that is known of one message, from the index and from its lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/story.h"

#include "daemon/answer/match.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/story_recipient.h"
#include "daemon/answer/walk.h"
#include "daemon/exim/arrival.h"
#include "daemon/exim/delivery.h"
#include "daemon/text/moment.h"

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

/* A log that names its zone may have another one than this server has now. */
int
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
	ptrdiff_t escape = slice_find_byte(rest, '\\');
	size_t len = escape >= 0 ? (size_t)escape : rest.len;

	len = len < SUBJECT_MAX ? len : SUBJECT_MAX;
	if (len != 0)
		memcpy(text, rest.at, len);
	rest = slice_skip(rest, len);
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
	story_write_member(out, "from_host", arrival->host.name);
	story_write_member(out, "from_ip", arrival->host.ip);
	story_write_member(out, "helo", arrival->host.helo);
	story_write_member(out, "auth", arrival->auth);
	story_write_member(out, "user", arrival->user);
	story_write_member(out, "protocol", arrival->protocol);
	story_write_member(out, "header_id", arrival->header_id);
}

/* Of a message that was refused, the host stands with the refusal. */
static struct host
refused_host(struct message_view view, struct room *room)
{
	struct host host = {0};

	uint32_t first = segment_next_recipient(view.segment, view.message, 0);
	if (first == 0)
		return host;
	struct route route = segment_route(view.segment, segment_recipient(view.segment, first),
	    room);
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
	reading->confirmed[reading->confirmed_count].confirmation = delivery.confirmation;
	reading->confirmed_count++;
}

static void
learn(struct story_writer *writer, struct slice id)
{
	struct story_reading *reading = &writer->reading;
	struct line line;

	reading->has_arrival = false;
	reading->confirmed_count = 0;
	for (size_t i = 0; i < writer->lines.count; i++) {
		if (writer->lines.lines[i].is_gone)
			continue;
		struct slice raw = read_line_text(&writer->lines, i);
		if (!line_read_own(raw, id, &line))
			line_read(&writer->lines.memo, raw, &line);
		if (line.kind == LINE_ARRIVAL || line.kind == LINE_FAKEREJECT)
			reading->has_arrival = arrival_parse(line.text, &reading->arrival);
		else if (line.kind == LINE_DELIVERED || line.kind == LINE_ADDITIONAL ||
		    line.kind == LINE_CUTTHROUGH)
			learn_delivery(reading, &line);
	}
	if (!reading->has_arrival)
		reading->arrival = (struct arrival){.size = -1};
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
	struct message_id name = segment_message_id(segment, message);
	char id_text[MESSAGE_ID_TEXT_SIZE];
	struct room room;

	room_empty(&room);
	read_lines_of(&writer->lines, writer->sources->tail, view, STORY_EVIDENCE_MAX);
	struct slice id = slice_of(id_text,
	    message_id_is_none(name) ? 0 : message_id_format(name, id_text));
	learn(writer, id);
	/* A message whose <= is older than the window: its id says when it arrived. */
	if (!(message->flags & (MESSAGE_HAS_ARRIVAL | MESSAGE_IS_REFUSAL)))
		arrived = message_id_second(name);
	if (message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED))
		writer->reading.arrival.host = refused_host(view, &room);

	bool is_sent = match_sent(writer->asker, view);
	if (!is_sent)
		writer->reading.arrival.auth = writer->reading.arrival.user = slice_of("", 0);

	json_out_object_begin(out);
	story_write_member(out, "id", id);
	json_out_key(out, "arrived");
	story_write_time(out, writer->sources, message, arrived);
	json_out_key(out, "completed");
	story_write_time(out, writer->sources, message,
	    message->flags & MESSAGE_IS_COMPLETED ? segment_message_finished(segment, message) : 0);
	json_out_key(out, "verdict");
	json_out_text(out, verdict_name(segment_verdict(segment, message)));
	json_out_key(out, "frozen");
	json_out_bool(out, (message->flags & MESSAGE_IS_FROZEN) != 0);
	story_write_member(out, "sender", segment_name(segment, message->sender, &room));
	write_arrival(out, &writer->reading.arrival);
	json_out_key(out, "bounce_of");
	story_write_id(out, extra != NULL ? extra->bounce_of : (struct message_id){0});
	json_out_key(out, "bounced_by");
	story_write_id(out, extra != NULL ? extra->bounced_by : (struct message_id){0});
	story_write_member(out, "account", is_sent ? origin_account(view, &room) : slice_of("", 0));
	story_write_member(out, "script", is_sent ? origin_script(view) : slice_of("", 0));
	story_write_member(out, "spam_score",
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
			story_write_recipient(writer, out, view, recipient);
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
	story_write_rejection(writer, out, view);
	write_evidence(writer, out, view);
	json_out_object_end(out);
	writer->is_open = false;
	return true;
}
