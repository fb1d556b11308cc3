/* stats: counts of messages, recipients and failures by what they have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/answer/methods.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/params.h"
#include "daemon/answer/tally.h"
#include "daemon/answer/walk.h"
#include "daemon/text/moment.h"

enum { ROWS_DEFAULT = 20 };

enum stats_by {
	BY_CLASS,
	BY_DOMAIN,
	BY_SENDER,
	BY_LOGIN,
	BY_ACCOUNT,
	BY_SCRIPT,
	BY_HOST,
	BY_HOUR,
	BY_VERDICT,
	BY_COUNT,
};

static const char *const by_names[BY_COUNT] = {
    [BY_CLASS] = "class",
    [BY_DOMAIN] = "domain",
    [BY_SENDER] = "sender",
    [BY_LOGIN] = "login",
    [BY_ACCOUNT] = "account",
    [BY_SCRIPT] = "script",
    [BY_HOST] = "host",
    [BY_HOUR] = "hour",
    [BY_VERDICT] = "verdict",
};

struct stats {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	enum stats_by by;
	int64_t since, until, from, to;
	struct walk walk;
	struct tally tally;
	uint32_t limit;
};

/* The key a recipient counts under; empty: it does not count. Slices may lie in buffer. */
static struct slice
key_of(const struct stats *stats, struct message_view view, const struct recipient *recipient,
    char *buffer, size_t size, struct room *room)
{
	const struct segment *segment = view.segment;
	struct slice address;
	const char *at;

	switch (stats->by) {
	case BY_CLASS:
		return recipient->class_index == CLASS_NONE ?
		    slice_of("", 0) :
		    slice_str(
			classifier_class(stats->sources->classifier, recipient->class_index)->name);
	case BY_DOMAIN:
		address = segment_name(segment, recipient->address, room);
		if (memchr(address.at, '@', address.len) == NULL)
			address = segment_name(segment, segment_original(segment, recipient), room);
		at = address.len != 0 ? memrchr(address.at, '@', address.len) : NULL;
		return at != NULL ? slice_skip(address, (size_t)(at - address.at) + 1) :
				    slice_of("", 0);
	case BY_SENDER:
		return segment_name(segment, view.message->sender, room);
	case BY_LOGIN:
		return origin_login(view, room);
	case BY_ACCOUNT:
		return origin_account(view, room);
	case BY_SCRIPT:
		return origin_script(view);
	case BY_HOST:
		return segment_route(segment, recipient, room).host;
	case BY_HOUR: {
		int64_t hour = view.message->arrived / 3600 * 3600;
		size_t len = moment_format(hour, zone_offset_at(stats->sources->zone, hour),
		    buffer);

		return slice_of(buffer, len < size ? len : size);
	}
	default:
		return slice_str(verdict_name(segment_verdict(segment, view.message)));
	}
}

/* What tells who handed a message over. */
static bool
names_client(enum stats_by by)
{
	return by == BY_LOGIN || by == BY_ACCOUNT || by == BY_SCRIPT;
}

static void
count_message(struct stats *stats, struct message_view view)
{
	char buffer[MOMENT_TEXT_SIZE];
	struct tally_row *last = NULL;

	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);
		struct room room;

		room_empty(&room);
		struct slice key = key_of(stats, view, recipient, buffer, sizeof(buffer), &room);

		if (slice_is_empty(key) || !match_shown(&stats->asker, view, recipient) ||
		    (names_client(stats->by) && !match_sent(&stats->asker, view)))
			continue;
		struct tally_row *row = stats->by == BY_SENDER && view.message->sender != 0 ?
		    tally_row_at(&stats->tally, view.segment->number << 32 | view.message->sender,
			key) :
		    tally_row(&stats->tally, key);
		if (row == NULL)
			return;
		/* A message counts once a key, however many of its recipients share it in a row. */
		row->messages += row != last;
		row->recipients++;
		row->delivered += recipient->outcome == OUTCOME_DELIVERED;
		if (recipient->class_index != CLASS_NONE) {
			row->hard += recipient->severity == SEVERITY_HARD;
			row->soft += recipient->severity == SEVERITY_SOFT;
		}
		last = row;
	}
	if (stats->from == 0 || view.message->arrived < stats->from)
		stats->from = view.message->arrived;
	if (view.message->arrived > stats->to)
		stats->to = view.message->arrived;
}

static void
write_time(const struct stats *stats, struct json_out *out, int64_t second)
{
	char text[MOMENT_TEXT_SIZE];

	if (second == 0)
		json_out_null(out);
	else
		json_out_string(out, text,
		    moment_format(second, zone_offset_at(stats->sources->zone, second), text));
}

static void
write_rows(struct stats *stats, struct json_out *out)
{
	size_t count = tally_sort(&stats->tally, stats->by == BY_HOUR);

	json_out_object_begin(out);
	json_out_key(out, "by");
	json_out_text(out, by_names[stats->by]);
	json_out_key(out, "from");
	write_time(stats, out, stats->from);
	json_out_key(out, "to");
	write_time(stats, out, stats->to);
	json_out_key(out, "rows");
	json_out_array_begin(out);
	for (size_t i = 0; i < count && i < stats->limit; i++) {
		const struct tally_row *row = tally_sorted(&stats->tally, i);

		json_out_object_begin(out);
		json_out_key(out, "key");
		json_out_string(out, row->key.at, row->key.len);
		json_out_key(out, "messages");
		json_out_uint(out, row->messages);
		json_out_key(out, "recipients");
		json_out_uint(out, row->recipients);
		json_out_key(out, "hard");
		json_out_uint(out, row->hard);
		json_out_key(out, "soft");
		json_out_uint(out, row->soft);
		json_out_key(out, "delivered");
		json_out_uint(out, row->delivered);
		json_out_object_end(out);
	}
	json_out_array_end(out);
	json_out_key(out, "more");
	json_out_bool(out, count > stats->limit);
	json_out_object_end(out);
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct stats *stats = (struct stats *)answer;
	const struct index *index = stats->sources->index;
	int64_t start = clock_ms();
	struct message_view view;
	unsigned count = 0;

	for (const struct segment *segment;
	     (segment = walk_segment(&stats->walk, index)) != NULL;) {
		if (slice_is_over(start, &count))
			return ANSWER_MORE;
		if (stats->since != 0 && segment->last < stats->since) {
			walk_skip_segment(&stats->walk);
			continue;
		}
		if (!walk_older(&stats->walk, index, &view))
			break;
		if ((stats->since == 0 || view.message->arrived >= stats->since) &&
		    (stats->until == 0 || view.message->arrived <= stats->until) &&
		    match_asker(&stats->asker, view))
			count_message(stats, view);
	}
	write_rows(stats, out);
	return ANSWER_DONE;
}

static void
free_stats(struct answer *answer)
{
	struct stats *stats = (struct stats *)answer;

	tally_clear(&stats->tally);
	free(stats);
}

static struct answer *
start_stats(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct slice by = params_string(params, "by");
	struct stats *stats = calloc(1, sizeof(*stats));

	if (stats == NULL)
		return answer_no_memory(error);
	*stats = (struct stats){
	    .answer = {.produce = produce, .free = free_stats},
	    .sources = sources,
	    .asker = *asker,
	    .by = BY_CLASS,
	    .walk = walk_newest(sources->index),
	};
	bool is_good = params_limit(params, ROWS_DEFAULT, &stats->limit, error) &&
	    params_span(sources, params, &stats->since, &stats->until, error);
	if (is_good && by.len != 0) {
		stats->by = 0;
		while (stats->by < BY_COUNT && !slice_equal(by, slice_str(by_names[stats->by])))
			stats->by++;
		if (stats->by == BY_COUNT) {
			rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
			    "by is one of class, domain, sender, login, account, script, host, hour, verdict");
			is_good = false;
		}
	}
	if (!is_good) {
		free_stats(&stats->answer);
		return NULL;
	}
	return &stats->answer;
}

static const struct answer_param stats_params[] = {
    {"by", PARAM_STRING, false,
	"class, domain, sender, login, account, script, host, hour or verdict"},
    {"since", PARAM_TIME, false, "arrived not before"},
    {"until", PARAM_TIME, false, "arrived not after"},
    {"limit", PARAM_INT, false, "rows, the largest first, 1000 at most"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_stats = {
    .name = "stats",
    .summary = "Counts by class, domain, sender, login, account, script, host, hour or verdict.",
    .params = stats_params,
    .start = start_stats,
};
