/* Parsed lines: the event, and by what its failure will be classified, which takes longer than all the rest. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/parsed.h"

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

static void
hash_arrival(const struct hash_key *key, const struct arrival *arrival, struct parsed *out)
{
	struct slice recipients = arrival->recipients, address = recipients;

	out->sending_host.name = sending_host_hash(arrival->host.name);
	out->sending_host.ip = sending_host_hash(arrival->host.ip);
	if (out->event.line.kind != LINE_ARRIVAL)
		return;
	out->names[out->name_count++] = name_of(key, arrival->sender, NAME_ADDRESS);
	if (arrival->has_one_recipient || arrival_take_recipient(&recipients, &address))
		out->names[out->name_count++] = name_of(key, address, NAME_ADDRESS);
}

/* The numbers of the lines, those of one kind together: so the processor foresees where its way through a parser goes. */
static void
order_by_kind(const struct parsed *parsed, size_t count, uint8_t *order)
{
	uint8_t next[LINE_KINDS + 1] = {0};

	for (size_t i = 0; i < count; i++)
		next[parsed[i].event.line.kind + 1]++;
	for (int kind = 1; kind < LINE_KINDS; kind++)
		next[kind] += next[kind - 1];
	for (size_t i = 0; i < count; i++)
		order[next[parsed[i].event.line.kind]++] = (uint8_t)i;
}

static void
parse_text(const struct classifier *classifier, const struct hash_key *key, struct parse_memo *memo,
    struct parsed *out)
{
	enum line_kind kind = out->event.line.kind;

	event_parse_text(&memo->lines, &out->event);
	out->failure_key = 0;
	out->name_count = 0;
	if (kind >= LINE_DELIVERED && kind <= LINE_DEFERRED && out->event.is_parsed)
		out->hop = hop_hash(key, out->event.delivery.host.name,
		    out->event.delivery.host.ip);
	if (kind == LINE_FAILED || kind == LINE_DEFERRED)
		out->failure_key = failure_key(classifier, &memo->keys, &out->event);
	else if ((kind == LINE_ARRIVAL || kind == LINE_FAKEREJECT) && out->event.is_parsed)
		hash_arrival(key, &out->event.arrival, out);
}

void
parsed_lines(const struct classifier *classifier, const struct hash_key *key,
    struct parse_memo *memo, const struct tail_line *lines, size_t count, struct parsed *out)
{
	uint8_t order[PARSED_LINES];

	for (size_t i = 0; i < count; i++)
		line_read(&memo->lines, lines[i].text, &out[i].event.line);
	order_by_kind(out, count, order);
	for (size_t i = 0; i < count; i++)
		parse_text(classifier, key, memo, &out[order[i]]);
}
