/* Fold: what each line of the log changes in the index. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/store.h"

#include <string.h>

#include "daemon/index/parsed.h"

enum {
	LATE_RECIPIENTS_MAX =
	    256, /* more deliveries before the arrival are not looked through for each recipient */
	PARSE_AHEAD_LINES = 256, /* fewer at a time are no work for two */
	TROUBLE_RECIPIENTS_MAX =
	    8, /* a host's trouble is noted with so many waiting recipients at most */
};

/* Writes who carried the message where into the recipient's entry. */
static void
keep_route(struct index *index, struct segment *segment, struct recipient *recipient,
    struct slice router, struct slice transport, const struct host *host)
{
	recipient->path = paths_number(&index->paths, router, transport);
	recipient->hop = segment_keep_hop(segment, host->name, host->ip);
}

/* Judges a failure and writes what became of it into the recipient's entry: a refusal is as hard as its reply's first digit was. */
static void
judge_keyed(struct index *index, struct segment *segment, const struct message *message,
    struct recipient *recipient, const struct failure *failure, uint64_t key)
{
	struct classification found;

	classifier_classify_keyed(index->options.classifier, failure, key, &found);
	segment_keep_failure(segment, recipient, failure->message,
	    failure->has_error_number ? failure->error_number : 0);
	recipient->class_index = (uint8_t)found.class_index;
	recipient->rule_index = found.rule_index;
	recipient->kind = failure->kind;
	recipient->severity = found.severity;
	if (found.severity != SEVERITY_NONE)
		return;
	switch (failure->kind) {
	case FAILURE_BOUNCED:
		recipient->severity = SEVERITY_HARD;
		break;
	case FAILURE_DEFERRED:
	case FAILURE_WARNING:
		recipient->severity = SEVERITY_SOFT;
		break;
	case FAILURE_REJECTED:
	case FAILURE_AUTH:
		recipient->severity = message->flags & MESSAGE_IS_TEMPORARY ? SEVERITY_SOFT :
									      SEVERITY_HARD;
		break;
	default:
		recipient->severity =
		    classifier_class(index->options.classifier, found.class_index)->severity;
		break;
	}
}

static void
judge(struct index *index, struct segment *segment, const struct message *message,
    struct recipient *recipient, const struct failure *failure)
{
	judge_keyed(index, segment, message, recipient, failure, 0);
}

static void
count_attempt(struct recipient *recipient)
{
	if (recipient->attempts != UINT16_MAX)
		recipient->attempts++;
}

/*
 * R=ID names the message that made Exim write this one. It is a bounce where something of that message has failed; a warning of a
 * delay, or the answer of a filter, is none. What the window does not hold most likely failed.
 */
static void
join_bounce(struct index *index, struct place bounce, struct message_id id, int64_t second)
{
	struct place cause;
	struct message_extra *extra;
	bool is_known = store_message(index, id, false, second, &cause);

	if (is_known) {
		bool has_failed = (cause.message->flags &
				      (MESSAGE_IS_REMOVED | MESSAGE_IS_REJECTED)) != 0;

		for (uint32_t r = 0;
		     (r = segment_next_recipient(cause.segment, cause.message, r)) != 0;)
			if (segment_recipient(cause.segment, r)->outcome == OUTCOME_BOUNCED)
				has_failed = true;
		if (!has_failed)
			return;
		if ((extra = store_extra(cause)) != NULL)
			extra->bounced_by = bounce.message->id;
	}
	if ((extra = store_extra(bounce)) != NULL)
		extra->bounce_of = id;
}

/* Who handed the message over: "A=dovecot_login:x" has the login behind its driver; a script has left its folder in a line before. */
static void
keep_origin(struct index *index, struct place place, const struct arrival *arrival, int64_t second)
{
	if (arrival->auth.len != 0) {
		struct slice login = arrival->auth, driver = slice_take_until(&login, ':');

		place.message->flags |= MESSAGE_HAS_LOGIN;
		/* What may stand behind the login is the sender that the client claimed. */
		struct slice name = slice_is_empty(login) ? driver : slice_take_until(&login, ':');
		place.message->origin = slice_equal(name, arrival->sender) ?
		    place.message->sender :
		    segment_keep_address(place.segment, name);
		return;
	}
	if (arrival->user.len == 0)
		return;
	place.message->origin = segment_keep_address(place.segment, arrival->user);
	struct slice folder = origins_take(&index->origins, arrival->user, second);
	struct message_extra *extra = folder.len != 0 ? store_extra(place) : NULL;
	if (extra != NULL)
		extra->folder = segment_keep(place.segment, folder);
}

/* cPanel names the account behind a message in a line of its own. */
static void
keep_account(struct place place, struct slice account)
{
	if (!names_equal_nocase(&place.segment->arena, place.message->origin, account))
		place.message->account = segment_keep(place.segment, account);
}

static void
fold_arrival(struct index *index, struct place place, const struct line *line,
    const struct arrival *arrival)
{
	struct message *message = place.message;
	struct slice recipients = arrival->recipients, address;

	if (message->flags & MESSAGE_IS_REJECTED) {
		/* A host refused it for the time being, or some of its recipients were bad: Exim has taken it all the same. */
		message->flags &= (uint16_t) ~(MESSAGE_IS_REJECTED | MESSAGE_IS_TEMPORARY);
		recipients_forget_refusal(place);
	}
	message->flags |= MESSAGE_HAS_ARRIVAL;
	if (line->kind == LINE_FAKEREJECT)
		message->flags |= MESSAGE_IS_FAKEREJECT;
	message->arrived = (uint32_t)line->second;
	message->utc_offset = line->utc_offset;
	message->sender = segment_keep_address(place.segment,
	    arrival->is_bounce ? SLICE("<>") : arrival->sender);
	if (arrival->is_bounce)
		message->flags |= MESSAGE_IS_BOUNCE;
	if (!message_id_is_none(arrival->bounce_of) && arrival->is_bounce)
		join_bounce(index, place, arrival->bounce_of, line->second);
	if (!arrival->is_bounce)
		keep_origin(index, place, arrival, line->second);
	/* An address that is named twice, or has had a cutthrough delivery already, has one entry. */
	bool is_late = message->recipients != 0 &&
	    segment_recipient_count(place.segment, message, LATE_RECIPIENTS_MAX + 1) <=
		LATE_RECIPIENTS_MAX;
	while (arrival_take_recipient(&recipients, &address)) {
		if (slice_find_byte(address, '@') < 0)
			message->flags |= MESSAGE_HAS_BARE;
		if (!is_late || !recipients_has_descendant(place, address))
			recipients_entry(index, place, address, slice_of("", 0));
	}
}

/* ":blackhole:" and the like where the line names no address: all that wait are discarded. */
static bool
discard_waiting(struct index *index, struct place place, const struct line *line,
    const struct delivery *delivery)
{
	struct failure failure = {.kind = FAILURE_DISCARDED, .message = line->text};
	bool was_any = false;

	if (!delivery->is_discarded || !slice_is_empty(delivery->original) ||
	    slice_find_byte(delivery->final, '/') == 0)
		return false;
	for (uint32_t r = 0; (r = segment_next_recipient(place.segment, place.message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place.segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN)
			continue;
		recipient->outcome = OUTCOME_DISCARDED;
		recipient->at = (uint32_t)line->second;
		count_attempt(recipient);
		judge(index, place.segment, place.message, recipient, &failure);
		failures_note(index, place, r, line->second);
		was_any = true;
	}
	return was_any;
}

/* "mua_wrapper is set but recipients cannot all be delivered in one transaction": all that wait have failed. */
static void
fail_waiting(struct index *index, struct place place, const struct line *line,
    const struct delivery *delivery)
{
	struct failure failure = {.kind = FAILURE_BOUNCED, .message = delivery->message};

	if (place.message->recipients == 0)
		recipients_add(index, place, slice_of("", 0), slice_of("", 0));
	for (uint32_t r = 0; (r = segment_next_recipient(place.segment, place.message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place.segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN)
			continue;
		recipient->outcome = OUTCOME_BOUNCED;
		recipient->at = (uint32_t)line->second;
		count_attempt(recipient);
		judge(index, place.segment, place.message, recipient, &failure);
		failures_note(index, place, r, line->second);
	}
}

static void
fold_delivery(struct index *index, struct place place, const struct line *line,
    const struct delivery *delivery, uint64_t key)
{
	bool is_failure = line->kind == LINE_FAILED || line->kind == LINE_DEFERRED;
	char buffer[STRING_MAX];
	struct room room;

	/* +sender_on_delivery tells the sender of a message whose arrival is in an older file. */
	if (place.message->sender == 0 && delivery->sender.at != NULL)
		place.message->sender = segment_keep_address(place.segment,
		    slice_is_empty(delivery->sender) ? SLICE("<>") : delivery->sender);
	if (!is_failure && discard_waiting(index, place, line, delivery))
		return;
	if (delivery->is_for_all) {
		fail_waiting(index, place, line, delivery);
		return;
	}
	struct slice final = delivery_final_address(delivery, buffer, sizeof(buffer));
	if (slice_is_empty(final)) {
		struct slice rest = line->text;

		final = slice_take_until(&rest, ' ');
	}
	struct slice original = delivery->original;
	if (slice_equal_nocase(original, final))
		original.len = 0;
	recipients_forget_nameless(place);
	if (place.message->flags & MESSAGE_HAS_BARE)
		recipients_qualify(index, place, slice_is_empty(original) ? final : original);
	recipients_answer_parents(index, place, delivery->parents, original);
	bool has_expired = line->kind == LINE_FAILED && slice_is_empty(delivery->router) &&
	    slice_has_prefix(delivery->message, SLICE("retry timeout exceeded"));
	uint32_t reference = has_expired ? recipients_expired_entry(index, place, final, original) :
					   recipients_entry(index, place, final, original);
	if (reference == 0)
		return;
	struct recipient *recipient = segment_recipient(place.segment, reference);
	count_attempt(recipient);
	/* Nobody waits once the message is done with: another process has written late, or the log was sorted. */
	if (line->kind == LINE_DEFERRED && (place.message->flags & MESSAGE_IS_COMPLETED) &&
	    recipient->outcome != OUTCOME_UNKNOWN && recipient->outcome != OUTCOME_DEFERRED)
		return;
	recipient->at = (uint32_t)line->second;

	/* Waiting for its next try is no new error: the last real one stays what is to be said. */
	bool is_kept = (delivery->is_retry_wait || has_expired) &&
	    recipient->class_index != CLASS_NONE;
	if (!is_kept)
		keep_route(index, place.segment, recipient, delivery->router, delivery->transport,
		    &delivery->host);
	if (!is_failure && !delivery->is_discarded) {
		recipient->outcome = line->kind == LINE_SUPPRESSED ? OUTCOME_DISCARDED :
								     OUTCOME_DELIVERED;
		recipient->class_index = CLASS_NONE;
		return;
	}
	recipient->outcome = line->kind == LINE_FAILED ? OUTCOME_BOUNCED :
	    line->kind == LINE_DEFERRED                ? OUTCOME_DEFERRED :
							 OUTCOME_DISCARDED;
	if (is_kept && line->kind == LINE_FAILED) {
		/* The cause is the earlier one, but now it is final. */
		recipient->kind = FAILURE_BOUNCED;
		recipient->severity = SEVERITY_HARD;
	}
	if (!is_kept) {
		struct failure failure = parsed_failure(line->kind, delivery, final);

		judge_keyed(index, place.segment, place.message, recipient, &failure, key);
	} else if (has_expired) {
		struct failure failure;

		room_empty(&room);
		index_failure(place.segment, recipient, &room, &failure);
		failure.kind = FAILURE_BOUNCED;
		judge(index, place.segment, place.message, recipient, &failure);
	}
	failures_note(index, place, reference, line->second);
}

/* One host's trouble is all that is known of recipients who wait: the class and the words, not an outcome. */
static void
fold_trouble(struct index *index, struct place place, const struct line *line,
    const struct notice *notice)
{
	struct failure failure = {
	    .kind = FAILURE_WARNING,
	    .message = notice->message,
	    .host = notice->host.name,
	    .ip = notice->host.ip,
	};

	if (segment_recipient_count(place.segment, place.message, TROUBLE_RECIPIENTS_MAX + 1) >
	    TROUBLE_RECIPIENTS_MAX)
		return;
	/* Nothing else is known of the message: an entry without an address holds the words. */
	if (place.message->recipients == 0)
		recipients_add(index, place, slice_of("", 0), slice_of("", 0));
	for (uint32_t r = 0; (r = segment_next_recipient(place.segment, place.message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place.segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN)
			continue;
		recipient->at = (uint32_t)line->second;
		keep_route(index, place.segment, recipient, slice_of("", 0), slice_of("", 0),
		    &notice->host);
		judge(index, place.segment, place.message, recipient, &failure);
		failures_note(index, place, r, line->second);
	}
}

/* The system filter speaks for all that wait: they are deferred, or discarded since it named others. */
static void
settle_waiting(struct index *index, struct place place, const struct line *line,
    enum outcome outcome)
{
	struct failure failure = {
	    .kind = outcome == OUTCOME_DEFERRED ? FAILURE_DEFERRED : FAILURE_DISCARDED,
	    .message = line->text,
	};

	for (uint32_t r = 0; (r = segment_next_recipient(place.segment, place.message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place.segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN)
			continue;
		recipient->outcome = outcome;
		recipient->at = (uint32_t)line->second;
		count_attempt(recipient);
		judge(index, place.segment, place.message, recipient, &failure);
		failures_note(index, place, r, line->second);
	}
}

/* Recipients nothing will be done for any more: the one with that address, or all. */
static void
settle_removed(struct place place, int64_t second, struct slice address)
{
	for (uint32_t r = 0; (r = segment_next_recipient(place.segment, place.message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place.segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN && recipient->outcome != OUTCOME_DEFERRED)
			continue;
		if (!slice_is_empty(address) &&
		    !names_equal_nocase(&place.segment->arena, recipient->address, address))
			continue;
		recipient->outcome = OUTCOME_REMOVED;
		recipient->at = (uint32_t)second;
	}
}

/* An entry without an address: holds why a message or a connection was refused. */
static void
note_refusal(struct index *index, struct place place, int64_t second, const struct host *host,
    struct slice recipient_address, const struct failure *failure)
{
	uint32_t reference = recipients_add(index, place, recipient_address, slice_of("", 0));

	if (reference == 0)
		return;
	struct recipient *recipient = segment_recipient(place.segment, reference);
	recipient->outcome = OUTCOME_REJECTED;
	recipient->at = (uint32_t)second;
	recipient->attempts = 1;
	keep_route(index, place.segment, recipient, slice_of("", 0), slice_of("", 0), host);
	judge(index, place.segment, place.message, recipient, failure);
	failures_note(index, place, reference, second);
}

static void
fold_rejected(struct index *index, struct place place, const struct line *line,
    const struct notice *notice)
{
	struct message *message = place.message;
	struct failure failure = {
	    .kind = FAILURE_REJECTED,
	    .message = notice->message,
	};

	/* A message on the spool cannot be refused any more: the words belong to something else. */
	if ((message->flags & MESSAGE_HAS_ARRIVAL) && notice->kind != NOTICE_RESCINDED)
		return;
	bool was_rejected = (message->flags & MESSAGE_IS_REJECTED) != 0;
	message->flags |= MESSAGE_IS_REJECTED;
	if (notice->kind != NOTICE_REJECTED)
		message->flags |= MESSAGE_IS_TEMPORARY;
	if (!was_rejected)
		note_refusal(index, place, line->second, &notice->host, notice->address, &failure);
	message->finished = (uint32_t)line->second;
	if (!slice_is_empty(notice->sender))
		message->sender = segment_keep_address(place.segment, notice->sender);
	for (uint32_t r = 0; (r = segment_next_recipient(place.segment, message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place.segment, r);

		if (recipient->outcome == OUTCOME_UNKNOWN)
			recipient->outcome = OUTCOME_REJECTED;
	}
}

/* One recipient of a message that is being received was refused when its data had come. */
static void
fold_recipient_refused(struct index *index, struct place place, const struct line *line,
    const struct notice *notice)
{
	struct failure failure = {.kind = FAILURE_REJECTED, .message = notice->message};
	uint32_t reference = recipients_entry(index, place, notice->address, slice_of("", 0));

	if (reference == 0)
		return;
	struct recipient *recipient = segment_recipient(place.segment, reference);
	recipient->outcome = OUTCOME_REJECTED;
	recipient->at = (uint32_t)line->second;
	count_attempt(recipient);
	judge(index, place.segment, place.message, recipient, &failure);
	failures_note(index, place, reference, line->second);
}

static void
fold_notice(struct index *index, struct place place, const struct line *line,
    const struct notice *notice)
{
	struct message *message = place.message;
	struct message_extra *extra;

	switch (notice->kind) {
	case NOTICE_HOST_TROUBLE:
		fold_trouble(index, place, line, notice);
		break;
	case NOTICE_SENDER_IDENTITY:
		keep_account(place, notice->user);
		break;
	case NOTICE_SPAM_SCORE:
		if ((extra = store_extra(place)) != NULL)
			extra->spam_score = segment_keep(place.segment, notice->score);
		break;
	case NOTICE_REJECTED:
	case NOTICE_TEMPORARILY_REJECTED:
	case NOTICE_ABANDONED:
	case NOTICE_RESCINDED:
		fold_rejected(index, place, line, notice);
		break;
	case NOTICE_RECIPIENT_REFUSED:
		fold_recipient_refused(index, place, line, notice);
		break;
	case NOTICE_FROZEN:
		message->flags |= MESSAGE_IS_FROZEN;
		break;
	case NOTICE_UNFROZEN:
		message->flags &= (uint16_t)~MESSAGE_IS_FROZEN;
		break;
	case NOTICE_HELD:
		settle_waiting(index, place, line, OUTCOME_DEFERRED);
		break;
	case NOTICE_IGNORED:
		settle_waiting(index, place, line, OUTCOME_DISCARDED);
		break;
	case NOTICE_REMOVED:
		message->flags |= MESSAGE_IS_REMOVED;
		message->finished = (uint32_t)line->second;
		settle_removed(place, line->second, slice_of("", 0));
		break;
	case NOTICE_MARKED:
		settle_removed(place, line->second, notice->address);
		break;
	case NOTICE_ADDED:
		recipients_entry(index, place, notice->address, slice_of("", 0));
		break;
	default:
		break;
	}
}

/* Lines that do not start with a time belong to the one before them. */
static void
fold_continuation(struct index *index, const struct line *line, struct position position)
{
	struct place place;

	if (!message_id_is_none(index->previous) &&
	    store_message(index, index->previous, false, line->second, &place))
		evidence_append(&place.segment->arena, &place.message->evidence, position);
}

/*
 * Whether an arrival is that of another message, which has the id of one that arrived and was done with earlier in the same file: a
 * clock that was set back, or logs of several servers one behind the other.
 */
static bool
is_successor(struct place place, const struct line *line, struct position position)
{
	const uint16_t done = MESSAGE_HAS_ARRIVAL | MESSAGE_IS_COMPLETED;
	struct evidence_reader reader;
	struct position last = {0};

	if ((line->kind != LINE_ARRIVAL && line->kind != LINE_FAKEREJECT) ||
	    (place.message->flags & done) != done)
		return false;
	evidence_reader_init(&reader, &place.segment->arena, place.message->evidence);
	while (evidence_next(&reader, &last))
		;
	return last.file == position.file && last.offset < position.offset;
}

static void
fold_message_line(struct index *index, const struct parsed *parsed, struct position position)
{
	const struct event *event = &parsed->event;
	const struct line *line = &event->line;
	struct place place;

	index->previous = line->id;
	if (!store_message(index, line->id, true, line->second, &place) ||
	    (is_successor(place, line, position) &&
		!store_successor(index, place, line->second, &place)))
		return;
	if (place.message->evidence == 0)
		place.message->utc_offset = line->utc_offset;
	place.segment->is_changed = true;
	digest_touch(index, place.segment, place.message);
	evidence_append(&place.segment->arena, &place.message->evidence, position);
	if (!event->is_parsed)
		return;
	switch (line->kind) {
	case LINE_ARRIVAL:
	case LINE_FAKEREJECT:
		fold_arrival(index, place, line, &event->arrival);
		break;
	case LINE_DELIVERED:
	case LINE_ADDITIONAL:
	case LINE_CUTTHROUGH:
	case LINE_SUPPRESSED:
	case LINE_FAILED:
	case LINE_DEFERRED:
		fold_delivery(index, place, line, &event->delivery, parsed->failure_key);
		break;
	case LINE_COMPLETED:
		place.message->flags |= MESSAGE_IS_COMPLETED;
		place.message->finished = (uint32_t)line->second;
		recipients_complete(place);
		recipients_forget_lookup(index, place);
		break;
	default:
		fold_notice(index, place, line, &event->notice);
		break;
	}
}

static void
fold_refusal(struct index *index, const struct line *line, const struct refusal *refusal,
    struct position position)
{
	struct place place;

	if (refusal->kind == REFUSAL_NONE || !store_refusal(index, line->second, &place))
		return;
	place.segment->is_changed = true;
	place.message->utc_offset = line->utc_offset;
	place.message->finished = (uint32_t)line->second;
	place.message->sender = segment_keep_address(place.segment, refusal->sender);
	if (refusal->is_temporary)
		place.message->flags |= MESSAGE_IS_TEMPORARY;
	evidence_append(&place.segment->arena, &place.message->evidence, position);
	if (!slice_is_empty(refusal->login)) {
		struct message_extra *extra = store_extra(place);

		if (extra != NULL)
			extra->login = segment_keep_address(place.segment, refusal->login);
	}
	struct failure failure = {
	    .kind = refusal->kind == REFUSAL_AUTH ? FAILURE_AUTH :
		refusal->kind == REFUSAL_PROGRAM || refusal->kind == REFUSAL_LOST ?
						    FAILURE_WARNING :
						    FAILURE_REJECTED,
	    .message = refusal->message,
	};
	note_refusal(index, place, line->second, &refusal->host, refusal->recipient, &failure);
}

/* A command line that names a message (-Mc ID) is evidence for it, but no sign that there is such a message. */
static void
fold_command(struct index *index, const struct line *line, const struct command *command,
    struct position position)
{
	struct message_id id;
	struct place place;

	origins_note(&index->origins, command, line->second);
	if (message_id_parse(command->message_id, &id) &&
	    store_message(index, id, false, line->second, &place))
		evidence_append(&place.segment->arena, &place.message->evidence, position);
}

static struct line_clock *
clock_for(struct index *index, uint32_t file)
{
	struct file_clock *free_clock = NULL;

	for (unsigned i = 0; i < STORE_CLOCKS; i++) {
		struct file_clock *clock = &index->clocks[(index->clock_turn + i) % STORE_CLOCKS];

		if (clock->is_used && clock->file == file) {
			index->clock_turn = (index->clock_turn + i) % STORE_CLOCKS;
			return &clock->clock;
		}
		free_clock = clock;
	}
	/* The one that was found last is tried first; the one before it in turn is given up. */
	free_clock->is_used = true;
	free_clock->file = file;
	line_clock_init(&free_clock->clock, index->options.zone);
	index->clock_turn = (unsigned)(free_clock - index->clocks);
	return &free_clock->clock;
}

/* Folds the next line of the file. */
static void
fold_line(struct index *index, struct parsed *parsed, struct position position)
{
	const struct event *event = &parsed->event;
	struct line *line = &parsed->event.line;

	line_place(clock_for(index, position.file), line);
	index->counts.lines.read++;
	index->counts.lines.by_kind[line->kind]++;
	switch (line->kind) {
	case LINE_CONTINUATION:
		index->counts.lines.continuation++;
		fold_continuation(index, line, position);
		break;
	case LINE_COMMAND:
		index->counts.lines.without_id++;
		if (event->is_parsed)
			fold_command(index, line, &event->command, position);
		index->previous = (struct message_id){0};
		break;
	case LINE_GENERAL:
		index->counts.lines.without_id++;
		fold_refusal(index, line, &event->refusal, position);
		index->previous = (struct message_id){0};
		break;
	default:
		fold_message_line(index, parsed, position);
		if (event->is_parsed)
			index->counts.lines.with_id++;
		else
			index->counts.lines.unparsed++;
		break;
	}
	if (--index->lines_until_weighing == 0)
		store_weigh(index);
}

static void
take_parsed(void *context, const struct tail_line *line, struct parsed *parsed)
{
	struct index *index = context;

	if (line->is_cut)
		index->counts.lines.overlong++;
	fold_line(index, parsed, line->position);
}

void
index_lines(struct index *index, const struct tail_line *lines, size_t count)
{
	if (count >= PARSE_AHEAD_LINES && !index->was_ahead_tried) {
		index->ahead = parse_ahead_new(index->options.classifier);
		index->was_ahead_tried = true;
	}
	if (count >= PARSE_AHEAD_LINES && index->ahead != NULL) {
		parse_ahead_run(index->ahead, lines, count, take_parsed, index);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct parsed parsed;

		parsed_line(index->options.classifier, &index->memo, lines[i].text, &parsed);
		take_parsed(index, &lines[i], &parsed);
	}
}

bool
index_line_time(struct index *index, struct slice raw, int64_t *second)
{
	struct line_clock clock;

	line_clock_init(&clock, index->options.zone);
	return line_parse_time(&clock, raw, second);
}

void
index_failure(const struct segment *segment, const struct recipient *recipient, struct room *room,
    struct failure *out)
{
	const struct recipient_more *more = segment_more(segment, recipient);
	struct route route = segment_route(segment, recipient, room);

	*out = (struct failure){
	    .kind = recipient->kind,
	    .message = segment_failure_text(segment, recipient, room),
	    .router = route.router,
	    .transport = route.transport,
	    .host = route.host,
	    .ip = route.ip,
	    .domain = parsed_domain(segment_name(segment, recipient->address, room)),
	    .has_error_number = more != NULL && more->error_number != 0,
	    .error_number = more != NULL ? more->error_number : 0,
	};
}

void
index_set_classifier(struct index *index, struct classifier *classifier)
{
	index->options.classifier = classifier;
	parse_ahead_set_classifier(index->ahead, classifier);
	index->unclassified_class = (uint8_t)classifier_find_class(classifier,
	    SLICE(CLASS_UNCLASSIFIED_NAME));
	digest_forget(index);
	for (uint64_t n = index->oldest; n < index->next; n++) {
		struct segment *segment = index->segments[n - index->oldest];

		segment->is_changed = true;
		for (uint32_t i = 0; i < segment->message_count; i++) {
			struct message *message = segment_message(segment, i);

			for (uint32_t r = 0;
			     (r = segment_next_recipient(segment, message, r)) != 0;) {
				struct recipient *recipient = segment_recipient(segment, r);
				struct failure failure;
				struct room room;

				if (recipient->class_index == CLASS_NONE)
					continue;
				room_empty(&room);
				index_failure(segment, recipient, &room, &failure);
				judge(index, segment, message, recipient, &failure);
			}
		}
	}
}
