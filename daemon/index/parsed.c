/* Parsed lines: the event, and by what its failure will be classified, which takes longer than all the rest. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/parsed.h"

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

	if ((event->line.kind != LINE_FAILED && event->line.kind != LINE_DEFERRED) ||
	    !event->is_parsed || event->delivery.is_for_all || event->delivery.is_retry_wait)
		return 0;
	struct failure failure = parsed_failure(event->line.kind, &event->delivery,
	    delivery_final_address(&event->delivery, buffer, sizeof(buffer)));
	return classifier_key(classifier, memo, &failure);
}

static void
hash_arrival(const struct hash_key *key, const struct arrival *arrival, struct parsed *out)
{
	struct slice recipients = arrival->recipients, address;

	out->sending_host.name = sending_host_hash(arrival->host.name);
	out->sending_host.ip = sending_host_hash(arrival->host.ip);
	if (out->event.line.kind != LINE_ARRIVAL)
		return;
	out->names[out->name_count++] = name_of(key, arrival->sender, NAME_ADDRESS);
	if (arrival_take_recipient(&recipients, &address))
		out->names[out->name_count++] = name_of(key, address, NAME_ADDRESS);
}

void
parsed_lines(const struct classifier *classifier, const struct hash_key *key,
    struct parse_memo *memo, const struct tail_line *lines, size_t count, struct parsed *out)
{
	for (size_t i = 0; i < count; i++) {
		event_parse(&memo->lines, lines[i].text, &out[i].event);
		out[i].failure_key = failure_key(classifier, &memo->keys, &out[i].event);
		out[i].name_count = 0;
		if ((out[i].event.line.kind == LINE_ARRIVAL ||
			out[i].event.line.kind == LINE_FAKEREJECT) &&
		    out[i].event.is_parsed)
			hash_arrival(key, &out[i].event.arrival, &out[i]);
	}
}
