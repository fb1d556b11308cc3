/* stats: counts of messages, recipients and failures by what they have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/match.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/stats.h"
#include "daemon/answer/stats_keys.h"
#include "daemon/answer/walk.h"
#include "daemon/text/moment.h"

enum {
	ROWS_DEFAULT = 20,
	MEMO_SIZE = 32768,
	WHOLE_TRIES = 3, /* the index may change under an answer that is made in slices */
	AHEAD_MS = 1,
};

struct stats {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	enum stats_by by;
	int64_t since, until, from, to;
	struct walk walk;
	struct counts counts;  /* of all that has been walked */
	struct counts segment; /* of the finished messages of one segment */
	unsigned whole_tries; /* left, to use what is known of all segments; 0: each is looked at */
	uint64_t whole_next;  /* the first segment that is not in counts by that */
	/* Hashes by where their names were met before: most come again and again. */
	struct {
		uint64_t place;
		uint64_t hash;
	} * memo;
	uint32_t limit;
};

static uint64_t
hash_of(struct stats *stats, const struct segment *segment, uint32_t key)
{
	uint64_t place = segment->number << 32 | key;
	struct room room;

	if (stats->by == BY_CLASS || stats->by == BY_VERDICT || stats->by == BY_HOUR)
		return hash_pair(segment->key, 0, key);
	size_t at = (size_t)(place * 0x9e3779b97f4a7c15 >> 32) % MEMO_SIZE;
	if (stats->memo[at].place != place) {
		room_empty(&room);
		stats->memo[at].place = place;
		stats->memo[at].hash = counts_hash(segment->key,
		    stats_name(stats->sources, stats->by, segment, key, &room));
	}
	return stats->memo[at].hash;
}

static void
note_arrival(struct stats *stats, int64_t first, int64_t last)
{
	if (stats->from == 0 || first < stats->from)
		stats->from = first;
	if (last > stats->to)
		stats->to = last;
}

static void
count_message(struct stats *stats, struct counts *counts, struct message_view view)
{
	uint64_t place = view.segment->number << 32 | view.index;
	uint64_t last = 0;
	bool is_first = true;

	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);
		uint32_t key;

		if (!stats_find_key(stats->by, view, recipient, &key) ||
		    !match_shown(&stats->asker, view, recipient) ||
		    (stats_names_client(stats->by) && !match_sent(&stats->asker, view)))
			continue;
		uint64_t hash = hash_of(stats, view.segment, key);
		struct count_row *row = counts_row(counts, hash, place, key);
		if (row == NULL)
			return;
		/* A message counts once a key, however many of its recipients share it in a row. */
		row->messages += is_first || hash != last;
		row->recipients++;
		row->delivered += recipient->outcome == OUTCOME_DELIVERED;
		if (recipient->class_index != CLASS_NONE) {
			row->hard += recipient->severity == SEVERITY_HARD;
			row->soft += recipient->severity == SEVERITY_SOFT;
		}
		last = hash;
		is_first = false;
	}
}

static bool
is_in_span(const struct stats *stats, int64_t first, int64_t last)
{
	return (stats->since == 0 || first >= stats->since) &&
	    (stats->until == 0 || last <= stats->until);
}

static void
visit_message(struct stats *stats, struct message_view view)
{
	int64_t arrived = view.message->arrived;

	if (!is_in_span(stats, arrived, arrived) || !match_asker(&stats->asker, view))
		return;
	count_message(stats, &stats->counts, view);
	note_arrival(stats, arrived, arrived);
}

/* Adds the finished messages of a segment, counting them if that has not been done before. */
static bool
add_finished(struct stats *stats, struct counts *counts, const struct segment *segment,
    const struct digest *digest)
{
	if (digest->has_small[stats->by])
		return counts_add(counts, &digest->small[stats->by]);
	counts_rewind(&stats->segment);
	for (uint32_t i = digest->count; i-- > 0;)
		if (digest->verdicts[i] != DIGEST_OPEN && digest->verdicts[i] != DIGEST_NOBODY)
			count_message(stats, &stats->segment,
			    (struct message_view){segment, segment_message(segment, i), i});
	bool is_good = counts_add(counts, &stats->segment);
	index_digest_keep(stats->sources->index, segment->number, (int)stats->by, &stats->segment);
	return is_good;
}

static void
visit_open(struct stats *stats, const struct segment *segment, const struct digest *digest)
{
	for (uint32_t left = digest->count; (left = digest_next(digest, left, -1)) != 0; left--)
		visit_message(stats,
		    (struct message_view){segment, segment_message(segment, left - 1), left - 1});
}

/* Counts a whole segment by its digest. False where that does not do: each message has to be looked at. */
static bool
take_digest(struct stats *stats, const struct segment *segment)
{
	const struct digest *digest = stats->asker.sees_all ?
	    index_digest(stats->sources->index, segment->number) :
	    NULL;

	if (digest == NULL)
		return false;
	bool is_any = digest->from <= digest->to &&
	    (stats->since == 0 || digest->to >= stats->since) &&
	    (stats->until == 0 || digest->from <= stats->until);
	if (is_any && !is_in_span(stats, digest->from, digest->to))
		return false;
	visit_open(stats, segment, digest);
	if (is_any) {
		note_arrival(stats, digest->from, digest->to);
		return add_finished(stats, &stats->counts, segment, digest);
	}
	return true;
}

/* Counts on in what is known of all segments together. False where that does not do; *is_over: the slice ended before all are in it. */
static bool
extend_whole(struct stats *stats, int64_t start, bool *is_over)
{
	struct index *index = stats->sources->index;
	struct digest_whole *whole;

	while ((whole = index_whole(index, (int)stats->by)) != NULL &&
	    whole->next + 1 < index_end(index)) {
		const struct digest *digest = index_digest(index, whole->next);

		*is_over = clock_ms() - start >= SLICE_MS;
		if (*is_over || digest == NULL)
			return *is_over;
		if (!add_finished(stats, &whole->counts, index_segment(index, whole->next), digest))
			return false;
		whole->next++;
	}
	return whole != NULL;
}

/* Begins with all segments but the newest at once. False when the slice was over. */
static bool
take_whole(struct stats *stats, int64_t start)
{
	struct index *index = stats->sources->index;
	uint64_t before = stats->whole_next;
	bool is_over = false;

	if (!extend_whole(stats, start, &is_over)) {
		stats->whole_tries = 0;
		stats->whole_next = 0;
		return true;
	}
	const struct digest_whole *whole = index_whole(index, (int)stats->by);
	stats->whole_next = whole != NULL ? whole->next : 0;
	if (is_over) {
		/* Forgotten since the last slice, and begun again. */
		if (stats->whole_next >= before || --stats->whole_tries != 0)
			return false;
		whole = NULL;
	}
	stats->whole_tries = 0;
	if (whole == NULL || !counts_copy(&stats->counts, &whole->counts)) {
		stats->whole_next = 0;
		return true;
	}
	for (uint64_t n = index_oldest(index); n < stats->whole_next; n++) {
		const struct digest *digest = index_digest(index, n);

		visit_open(stats, index_segment(index, n), digest);
		if (digest->from <= digest->to)
			note_arrival(stats, digest->from, digest->to);
	}
	return true;
}

/* The most failures first, then the most messages; hours in their order. */
static bool
is_before(const void *context, const struct count_row *a, const struct count_row *b)
{
	const struct stats *stats = context;
	const struct index *index = stats->sources->index;
	uint64_t failed_a = (uint64_t)a->hard + a->soft, failed_b = (uint64_t)b->hard + b->soft;
	struct room room;

	if (stats->by == BY_HOUR)
		return a->key < b->key;
	if (failed_a != failed_b)
		return failed_a > failed_b;
	if (a->messages != b->messages)
		return a->messages > b->messages;
	room_empty(&room);
	struct slice x = stats_name(stats->sources, stats->by, index_segment(index, a->place >> 32),
	    a->key, &room);
	struct slice y = stats_name(stats->sources, stats->by, index_segment(index, b->place >> 32),
	    b->key, &room);
	int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);
	return order != 0 ? order < 0 : x.len < y.len;
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
write_row(const struct stats *stats, struct json_out *out, const struct count_row *row)
{
	const struct segment *segment = index_segment(stats->sources->index, row->place >> 32);
	struct room room;

	room_empty(&room);
	struct slice name = stats_name(stats->sources, stats->by, segment, row->key, &room);
	/* All that had it has left the window since the answer was begun. */
	if (slice_is_empty(name))
		return;
	json_out_object_begin(out);
	json_out_key(out, "key");
	json_out_string(out, name.at, name.len);
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

static void
write_rows(struct stats *stats, struct json_out *out)
{
	const struct count_row **list = calloc(stats->limit + 1, sizeof(const struct count_row *));
	size_t count = list != NULL ?
	    counts_first(&stats->counts, list, stats->limit, is_before, stats) :
	    0;

	json_out_object_begin(out);
	json_out_key(out, "by");
	json_out_text(out, stats_by_name(stats->by));
	json_out_key(out, "from");
	write_time(stats, out, stats->from);
	json_out_key(out, "to");
	write_time(stats, out, stats->to);
	json_out_key(out, "rows");
	json_out_array_begin(out);
	for (size_t i = 0; i < count; i++)
		write_row(stats, out, list[i]);
	json_out_array_end(out);
	json_out_key(out, "more");
	json_out_bool(out, stats->counts.count > stats->limit);
	json_out_object_end(out);
	free(list);
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct stats *stats = (struct stats *)answer;
	const struct index *index = stats->sources->index;
	int64_t start = clock_ms();
	struct message_view view;
	unsigned count = 0;

	if (stats->whole_tries != 0 && !take_whole(stats, start))
		return ANSWER_MORE;
	for (const struct segment *segment; (segment = walk_segment(&stats->walk, index)) != NULL &&
	     segment->number >= stats->whole_next;) {
		bool is_first = stats->walk.left == segment->message_count;

		if (slice_is_over(start, &count) || (is_first && clock_ms() - start >= SLICE_MS))
			return ANSWER_MORE;
		if ((stats->since != 0 && segment->last < stats->since) ||
		    (is_first && take_digest(stats, segment))) {
			walk_skip_segment(&stats->walk);
			continue;
		}
		if (!walk_older(&stats->walk, index, &view))
			break;
		visit_message(stats, view);
	}
	write_rows(stats, out);
	return ANSWER_DONE;
}

static void
free_stats(struct answer *answer)
{
	struct stats *stats = (struct stats *)answer;

	counts_clear(&stats->counts);
	counts_clear(&stats->segment);
	free(stats->memo);
	free(stats);
}

/* NULL when memory is out. */
static struct stats *
new_stats(const struct answer_sources *sources, const struct asker *asker)
{
	struct stats *stats = calloc(1, sizeof(*stats));

	if (stats == NULL)
		return NULL;
	*stats = (struct stats){
	    .answer = {.produce = produce, .free = free_stats},
	    .sources = sources,
	    .asker = *asker,
	    .by = BY_CLASS,
	    .walk = walk_newest(sources->index),
	    .memo = calloc(MEMO_SIZE, sizeof(*stats->memo)),
	};
	if (stats->memo == NULL) {
		free_stats(&stats->answer);
		return NULL;
	}
	return stats;
}

static struct answer *
start_stats(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct slice by = params_string(params, "by");
	struct stats *stats = new_stats(sources, asker);

	if (stats == NULL)
		return answer_no_memory(error);
	bool is_good = params_limit(params, ROWS_DEFAULT, &stats->limit, error) &&
	    params_span(sources, params, &stats->since, &stats->until, error);
	if (is_good && by.len != 0) {
		stats->by = 0;
		while (
		    stats->by < BY_COUNT && !slice_equal(by, slice_str(stats_by_name(stats->by))))
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
	if (asker->sees_all && stats->since == 0 && stats->until == 0)
		stats->whole_tries = WHOLE_TRIES;
	return &stats->answer;
}

bool
stats_count_ahead(const struct answer_sources *sources)
{
	/* Those with few rows. Of senders and logins there are so many that their counts take a sixth of what the index does. */
	static const enum stats_by kinds[] = {BY_CLASS, BY_VERDICT, BY_HOUR, BY_DOMAIN, BY_ACCOUNT,
	    BY_SCRIPT, BY_HOST};
	const struct asker everybody = {.sees_all = true};
	size_t kind = 0, count = sizeof(kinds) / sizeof(kinds[0]);
	const struct digest_whole *whole = NULL;
	bool is_over = false;

	if (!index_has_plenty(sources->index))
		return false;
	while (kind < count && (whole = index_whole(sources->index, (int)kinds[kind])) != NULL &&
	    whole->next + 1 >= index_end(sources->index))
		kind++;
	struct stats *stats = kind < count && whole != NULL ? new_stats(sources, &everybody) : NULL;
	if (stats == NULL)
		return false;
	uint64_t before = whole->next;
	stats->by = kinds[kind];
	extend_whole(stats, clock_ms() - SLICE_MS + AHEAD_MS, &is_over);
	free_stats(&stats->answer);
	return whole->next != before || is_over;
}

static const struct answer_param stats_params[] = {
    {"by", PARAM_STRING, false,
	"class, domain, sender, login, account, script, host, hour or verdict"},
    PARAMS_SPAN,
    {"limit", PARAM_INT, false, "rows, the largest first, 1000 at most"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_stats = {
    .name = "stats",
    .summary = "Counts by class, domain, sender, login, account, script, host, hour or verdict.",
    .params = stats_params,
    .start = start_stats,
};
