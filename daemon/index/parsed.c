/* Parsed lines: the event, and by what its failure will be classified, which takes longer than all the rest. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/parsed.h"

#include "daemon/exim/line_glance.h"
#include "daemon/index/hop_hash.h"

struct failure
parsed_failure(enum line_kind kind, const struct delivery *delivery, struct slice final)
{
	return (struct failure){
	    .kind = kind == LINE_FAILED ? FAILURE_BOUNCED :
		kind == LINE_DEFERRED   ? FAILURE_DEFERRED :
					  FAILURE_DISCARDED,
	    .message = delivery->message,
	    .router = delivery->router,
	    .transport = delivery->transport,
	    .host = delivery->host.name,
	    .ip = delivery->host.ip,
	    .domain = slice_domain(final),
	    .address = final,
	    .has_error_number = delivery->has_error_number,
	    .error_number = delivery->error_number,
	};
}

static uint64_t
failure_key(const struct classifier *classifier, struct key_memo *memo, const struct event *event)
{
	char buffer[STRING_MAX];

	if (!event->is_parsed || event->delivery.is_for_all || event->delivery.is_retry_wait)
		return 0;
	struct failure failure = parsed_failure(event->line.kind, &event->delivery,
	    delivery_final_address(&event->delivery, buffer, sizeof(buffer)));
	return classifier_key(classifier, memo, &failure);
}

static inline __attribute__((always_inline)) void
add_name(const struct hash_key *key, struct slice address, struct parsed *out)
{
	struct name *name = &out->names[out->name_count++];

	if (!name_glance(key, address, name))
		name_of(key, address, NAME_ADDRESS, name);
}

static void
hash_arrival(const struct hash_key *key, const struct arrival *arrival, struct parsed *out)
{
	struct slice recipients = arrival->recipients, address = recipients;

	out->sending_host.name = sending_host_hash(arrival->host.name);
	out->sending_host.ip = sending_host_hash(arrival->host.ip);
	if (out->event.line.kind != LINE_ARRIVAL)
		return;
	add_name(key, arrival->sender, out);
	if (arrival->has_one_recipient || arrival_take_recipient(&recipients, &address))
		add_name(key, address, out);
}

static void
parse_arrival(const struct hash_key *key, struct parse_memo *memo, struct parsed *out)
{
	event_parse_text(&memo->events, &out->event);
	if (out->event.is_parsed)
		hash_arrival(key, &out->event.arrival, out);
}

static void
parse_delivery(const struct hash_key *key, struct parse_memo *memo, struct parsed *out)
{
	event_parse_text(&memo->events, &out->event);
	if (out->event.is_parsed)
		out->hop = hop_hash(key, out->event.delivery.host.name,
		    out->event.delivery.host.ip);
}

/* Parses what stands behind the front of a line of that kind. */
static inline void
parse_text(const struct classifier *classifier, const struct hash_key *key, struct parse_memo *memo,
    enum line_kind kind, struct parsed *out)
{
	switch (kind) {
	case LINE_ARRIVAL:
	case LINE_FAKEREJECT:
		parse_arrival(key, memo, out);
		break;
	case LINE_DELIVERED:
	case LINE_ADDITIONAL:
	case LINE_CUTTHROUGH:
	case LINE_SUPPRESSED:
		parse_delivery(key, memo, out);
		break;
	case LINE_FAILED:
	case LINE_DEFERRED:
		parse_delivery(key, memo, out);
		out->failure_key = failure_key(classifier, &memo->keys, &out->event);
		break;
	default:
		event_parse_text(&memo->events, &out->event);
		break;
	}
}

void
parsed_lines(const struct classifier *classifier, const struct hash_key *key,
    struct parse_memo *memo, const struct tail_line *lines, size_t count, struct parsed *out)
{
	/* Those of one kind are parsed one after the other: so the processor foresees where its way through a parser goes. */
	uint64_t of_kind[LINE_KINDS] = {0};
	_Static_assert(PARSED_LINES <= 64, "each line has a bit");

	for (size_t i = 0; i < count; i++) {
		struct line *line = &out[i].event.line;

		if (!line_glance(&memo->lines.time, lines[i].text, line))
			line_read_carefully(&memo->lines.time, lines[i].text, line);
		of_kind[line->kind] |= (uint64_t)1 << i;
		out[i].event.is_parsed = true;
		out[i].failure_key = 0;
		out[i].name_count = 0;
	}
	for (int kind = 0; kind < LINE_KINDS; kind++) {
		/* There is nothing behind their fronts. */
		if (kind == LINE_COMPLETED || kind == LINE_CONTINUATION)
			continue;
		for (uint64_t left = of_kind[kind]; left != 0; left &= left - 1)
			parse_text(classifier, key, memo, (enum line_kind)kind,
			    &out[__builtin_ctzll(left)]);
	}
}
