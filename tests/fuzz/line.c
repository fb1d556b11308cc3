/* Fuzzes the grammar: any bytes give lines, and all that the parsers of their kinds find lies within them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "daemon/exim/arrival.h"
#include "daemon/exim/event.h"
#include "daemon/exim/line.h"
#include "daemon/exim/notice.h"
#include "daemon/exim/refusal.h"
#include "daemon/text/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct slice line, struct slice part)
{
	if (part.len != 0 &&
	    (part.at < line.at || part.len > line.len || part.at + part.len > line.at + line.len))
		abort();
}

static void
check_host(struct slice line, const struct host *host)
{
	check_inside(line, host->name);
	check_inside(line, host->helo);
	check_inside(line, host->ip);
}

static void
check_id(struct message_id id)
{
	char text[MESSAGE_ID_TEXT_SIZE];
	struct message_id again;

	if (message_id_is_none(id))
		return;
	size_t len = message_id_format(id, text);
	if (!message_id_parse(slice_of(text, len), &again) || !message_id_equal(id, again))
		abort();
}

static void
fuzz_arrival(struct slice text)
{
	struct arrival arrival;
	struct slice address, before;

	if (!arrival_parse(text, &arrival))
		return;
	check_inside(text, arrival.sender);
	check_id(arrival.bounce_of);
	check_host(text, &arrival.host);
	check_inside(text, arrival.user);
	check_inside(text, arrival.protocol);
	check_inside(text, arrival.tls);
	check_inside(text, arrival.auth);
	check_inside(text, arrival.header_id);
	check_inside(text, arrival.subject);
	check_inside(text, arrival.from);
	check_inside(text, arrival.recipients);
	do {
		before = arrival.recipients;
		if (!arrival_take_recipient(&arrival.recipients, &address))
			break;
		check_inside(text, address);
	} while (arrival.recipients.len < before.len);
	if (arrival.recipients.len != 0)
		abort();
}

static bool
is_same(struct slice left, struct slice right)
{
	return left.len == right.len && (left.len == 0 || left.at == right.at);
}

/* What is read for the index alone is what is read of the whole line. */
static void
fuzz_envelope(struct slice text)
{
	struct arrival whole, part;
	bool is_arrival = arrival_parse(text, &whole);

	if (arrival_parse_envelope(text, &part) != is_arrival)
		abort();
	if (!is_arrival)
		return;
	if (!is_same(whole.sender, part.sender) || whole.is_bounce != part.is_bounce ||
	    !message_id_equal(whole.bounce_of, part.bounce_of) ||
	    !is_same(whole.recipients, part.recipients))
		abort();
	if (part.user.at != NULL ? !is_same(whole.user, part.user) :
				   !is_same(whole.auth, part.auth))
		abort();
	/* A local message has no host. */
	if (part.user.at == NULL &&
	    (!is_same(whole.host.name, part.host.name) || !is_same(whole.host.ip, part.host.ip)))
		abort();
}

static void
fuzz_delivery(struct slice text, bool is_failure)
{
	struct delivery delivery;
	char buffer[64];

	if (!delivery_parse(text, is_failure, &delivery))
		return;
	check_inside(text, delivery.final);
	check_inside(text, delivery.original);
	check_inside(text, delivery.parents);
	check_inside(text, delivery.sender);
	check_inside(text, delivery.return_path);
	check_inside(text, delivery.router);
	check_inside(text, delivery.transport);
	check_host(text, &delivery.host);
	check_inside(text, delivery.tls);
	check_inside(text, delivery.confirmation);
	check_inside(text, delivery.shadow);
	check_inside(text, delivery.message);
	struct slice address = delivery_final_address(&delivery, buffer, sizeof(buffer));
	if (address.at == buffer)
		check_inside(slice_of(buffer, sizeof(buffer) - 1), address);
	else
		check_inside(text, address);
}

/* Likewise of deliveries, whether their route is known or not; of failures all is. */
static void
fuzz_kept(struct route_memo *memo, struct slice text, bool is_failure)
{
	struct delivery whole, part;
	bool is_delivery = delivery_parse(text, is_failure, &whole);

	if (delivery_parse_kept(memo, text, is_failure, &part) != is_delivery)
		abort();
	check_inside(text, part.address);
	if (!is_same(whole.final, part.final) || !is_same(whole.original, part.original) ||
	    !is_same(whole.parents, part.parents) || !is_same(whole.sender, part.sender) ||
	    !is_same(whole.router, part.router) || !is_same(whole.transport, part.transport) ||
	    !is_same(whole.host.name, part.host.name) || !is_same(whole.host.ip, part.host.ip) ||
	    whole.is_discarded != part.is_discarded || whole.is_for_all != part.is_for_all)
		abort();
	if (is_failure &&
	    (!is_same(whole.message, part.message) || whole.is_retry_wait != part.is_retry_wait ||
		whole.has_error_number != part.has_error_number ||
		whole.error_number != part.error_number))
		abort();
}

static void
fuzz_notice(struct slice text)
{
	struct notice notice, kept;

	notice_parse(text, &notice);
	notice_parse_kept(text, &kept);
	if (kept.kind != notice.kind ||
	    (kept.kind == NOTICE_SENDER_IDENTITY && !is_same(kept.user, notice.user)))
		abort();
	check_host(text, &notice.host);
	check_inside(text, notice.sender);
	check_inside(text, notice.auth);
	check_inside(text, notice.user);
	check_inside(text, notice.score);
	check_inside(text, notice.address);
	check_inside(text, notice.message);
}

static void
fuzz_refusal(struct command_memo *memo, struct slice text)
{
	struct refusal refusal;
	struct command command, again;

	refusal_parse(text, &refusal);
	check_host(text, &refusal.host);
	check_inside(text, refusal.user);
	check_inside(text, refusal.sender);
	check_inside(text, refusal.auth);
	check_inside(text, refusal.recipient);
	check_inside(text, refusal.login);
	check_inside(text, refusal.message);
	if (!command_parse(text, &command))
		return;
	check_inside(text, command.directory);
	check_inside(text, command.arguments);
	check_inside(text, command.message_id);
	for (int i = 0; i < 2; i++)
		if (!command_parse_again(memo, text, &again) ||
		    !is_same(command.directory, again.directory) ||
		    !is_same(command.arguments, again.arguments) ||
		    !is_same(command.message_id, again.message_id))
			abort();
}

static void
fuzz_line(struct line_clock *clock, struct event_memo *memo, struct slice raw)
{
	struct line_memo fronts = {0};
	struct line line, read;
	struct slice rest = raw;
	struct host host;
	int64_t second;

	line_parse(clock, raw, &line);
	check_inside(raw, line.text);
	check_id(line.id);
	if ((line.kind == LINE_CONTINUATION) && line.text.len != raw.len)
		abort();
	if (line_parse_time(clock, raw, &second) && line.kind != LINE_CONTINUATION &&
	    second != line.second)
		abort();
	/* The second time its minute is known. */
	for (int i = 0; i < 2; i++) {
		line_read(&fronts, raw, &read);
		if (read.kind != line.kind || read.millisecond != line.millisecond ||
		    !message_id_equal(read.id, line.id) || read.text.at != line.text.at ||
		    read.text.len != line.text.len)
			abort();
	}
	/* Each parser must bear each text, whatever kind of line it came from. */
	fuzz_arrival(line.text);
	fuzz_envelope(line.text);
	fuzz_delivery(line.text, false);
	fuzz_delivery(line.text, true);
	for (int i = 0; i < 2; i++) {
		fuzz_kept(&memo->routes, line.text, false);
		fuzz_kept(&memo->routes, line.text, true);
	}
	fuzz_notice(line.text);
	fuzz_refusal(&memo->commands, line.text);
	if (host_take(&rest, &host)) {
		check_host(raw, &host);
		check_inside(raw, rest);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zone *zone;
	struct line_clock clock;
	struct event_memo memo = {0};
	struct slice rest = {(const char *)data, size};

	if (zone == NULL)
		zone = zone_new("Europe/Berlin");
	line_clock_init(&clock, zone);
	while (!slice_is_empty(rest))
		fuzz_line(&clock, &memo, slice_take_until(&rest, '\n'));
	return 0;
}
