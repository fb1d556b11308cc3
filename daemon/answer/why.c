/* why: the whole story of a message, or of all mail from or to an address or a domain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/story.h"
#include "daemon/answer/walk.h"
#include "daemon/tail/series.h"
#include "daemon/text/moment.h"

enum { STORIES_DEFAULT = 10, PATH_ROOM = 128 };

/* What all stories that were asked for amount to. */
struct verdict_tally {
	uint64_t messages;
	uint64_t by_verdict[VERDICT_COUNT];
	uint64_t by_class[UINT8_MAX + 1];
};

struct why {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	struct json_object *params; /* `what` lies in it */
	struct slice what;
	struct sought sought;
	int64_t since, until;
	struct walk walk, page_end; /* the second: where the page ended while the tally goes on */
	struct story_writer writer;
	struct verdict_tally tally;
	uint32_t limit, written;
	bool has_begun, is_page_full, has_more, is_one, is_ip;
	struct message_id id;
};

static bool
is_ip(struct slice what)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];

	return snprintf(text, sizeof(text), "%.*s", (int)what.len, what.at) < (int)sizeof(text) &&
	    (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1);
}

static void
tally_message(struct why *why, struct message_view view)
{
	struct verdict_tally *tally = &why->tally;

	tally->messages++;
	tally->by_verdict[segment_verdict(view.segment, view.message)]++;
	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);

		if (recipient->class_index != CLASS_NONE &&
		    match_shown(&why->asker, view, recipient))
			tally->by_class[recipient->class_index]++;
	}
}

static void
write_summary(const struct why *why, struct json_out *out)
{
	const struct verdict_tally *tally = &why->tally;
	unsigned mostly = 0;

	for (unsigned c = 0; c < CLASS_NONE; c++)
		if (tally->by_class[c] > tally->by_class[mostly])
			mostly = c;
	json_out_object_begin(out);
	json_out_key(out, "messages");
	json_out_uint(out, tally->messages);
	json_out_key(out, "by_verdict");
	json_out_object_begin(out);
	for (int v = 0; v < VERDICT_COUNT; v++) {
		if (tally->by_verdict[v] == 0)
			continue;
		json_out_key(out, verdict_name((enum verdict)v));
		json_out_uint(out, tally->by_verdict[v]);
	}
	json_out_object_end(out);
	json_out_key(out, "mostly");
	json_out_text(out,
	    tally->by_class[mostly] != 0 ?
		classifier_class(why->sources->classifier, mostly)->name :
		NULL);
	json_out_object_end(out);
}

static void
write_end(struct why *why, struct json_out *out)
{
	char cursor[CURSOR_TEXT_SIZE];

	json_out_array_end(out);
	json_out_key(out, "summary");
	if (why->is_one)
		json_out_null(out);
	else
		write_summary(why, out);
	json_out_key(out, "more");
	json_out_bool(out, why->has_more);
	json_out_key(out, "cursor");
	cursor_format_page(why->sources, 'w', why->page_end.segment, why->page_end.left, cursor);
	json_out_text(out, why->has_more ? cursor : NULL);
	json_out_object_end(out);
}

static bool
is_wanted(const struct why *why, struct message_view view)
{
	return (why->since == 0 || view.message->arrived >= why->since) &&
	    (why->until == 0 || view.message->arrived <= why->until) &&
	    (why->is_ip ? match_ip(&why->asker, view, why->what) :
			  match_message(&why->asker, view, why->what)) &&
	    match_asker(&why->asker, view);
}

/* Goes on with the story that was begun. False when the slice is over before its end. */
static bool
write_story(struct why *why, struct json_out *out, int64_t start)
{
	if (!story_go_on(&why->writer, out, start))
		return false;
	if (++why->written == why->limit) {
		why->is_page_full = true;
		why->page_end = why->walk;
	}
	return true;
}

static enum answer_state
produce_all(struct why *why, struct json_out *out)
{
	struct index *index = why->sources->index;
	int64_t start = clock_ms();
	struct message_view view;
	unsigned count = 0;

	if (why->writer.is_open && !write_story(why, out, start))
		return ANSWER_MORE;
	for (const struct segment *segment; (segment = walk_segment(&why->walk, index)) != NULL;) {
		bool is_first = why->walk.left == segment->message_count;

		if (slice_is_over(start, &count) || (is_first && clock_ms() - start >= SLICE_MS))
			return ANSWER_MORE;
		if ((is_first && !why->is_ip && !match_segment(segment, why->what)) ||
		    (why->since != 0 && segment->last < why->since)) {
			walk_skip_segment(&why->walk);
			continue;
		}
		if (why->is_ip)
			walk_pass_hosts(&why->walk, index,
			    hash_nocase(index_key(index), why->what));
		else
			walk_pass(&why->walk, index, &why->sought);
		if (why->walk.left == 0)
			continue;
		if (!walk_older(&why->walk, index, &view))
			break;
		if (!is_wanted(why, view))
			continue;
		tally_message(why, view);
		if (why->is_page_full) {
			why->has_more = true;
			continue;
		}
		story_begin(&why->writer, view, out);
		if (!write_story(why, out, start) || clock_ms() - start >= SLICE_MS)
			return ANSWER_MORE;
	}
	write_end(why, out);
	return ANSWER_DONE;
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct why *why = (struct why *)answer;
	struct message_view view;

	if (!why->has_begun) {
		json_out_object_begin(out);
		json_out_key(out, "items");
		json_out_array_begin(out);
		why->has_begun = true;
	}
	if (!why->is_one)
		return produce_all(why, out);
	if (!why->writer.is_open && index_find(why->sources->index, why->id, &view))
		story_begin(&why->writer, view, out);
	if (why->writer.is_open && !story_go_on(&why->writer, out, clock_ms()))
		return ANSWER_MORE;
	write_end(why, out);
	return ANSWER_DONE;
}

static void
free_why(struct answer *answer)
{
	struct why *why = (struct why *)answer;

	story_writer_clear(&why->writer);
	json_object_put(why->params);
	free(why);
}

/* The rotated log that holds lines of that second: the oldest one that was written to later. False when there is none. */
static bool
find_rotated(const struct tail *tail, int64_t second, char *path, size_t size)
{
	struct tail_file_status file;
	struct series series;
	bool is_found = false;

	for (size_t i = 0; tail != NULL && !is_found && i < tail_file_count(tail); i++) {
		tail_file_status(tail, i, &file);
		if (file.path == NULL)
			continue;
		series_list(file.path, &series);
		for (size_t s = 0; s < series.count && !is_found; s++) {
			struct stat status;

			is_found = stat(series.paths[s], &status) == 0 && status.st_mtime >= second;
			if (is_found)
				snprintf(path, size, "%s", series.paths[s]);
		}
		series_clear(&series);
	}
	return is_found;
}

/*
 * An id that the window does not hold still says when its message arrived, and so which rotated log would have it: the first
 * one that was begun later than that.
 */
static void
explain_missing(const struct why *why, struct rpc_error *error)
{
	const struct answer_sources *sources = why->sources;
	int64_t second = message_id_second(why->id);
	char arrived[MOMENT_TEXT_SIZE], from[MOMENT_TEXT_SIZE], id[MESSAGE_ID_TEXT_SIZE];
	struct index_counts counts;

	index_count(sources->index, &counts);
	char rotated[PATH_ROOM] = "FILE";
	bool has_rotated = counts.first != 0 && second < counts.first &&
	    find_rotated(sources->tail, second, rotated, sizeof(rotated));
	message_id_format(why->id, id);
	moment_format(second, zone_offset_at(sources->zone, second), arrived);
	moment_format(counts.first, zone_offset_at(sources->zone, counts.first), from);
	if (counts.first == 0)
		rpc_error_set(error, RPC_NOT_FOUND, NULL,
		    "%s arrived at %s, as its id says, but no log has been read; see the method status",
		    id, arrived);
	else if (second < counts.first)
		rpc_error_set(error, RPC_NOT_FOUND, NULL,
		    "%s arrived at %s, as its id says, before the window begins (%s); look in the rotated log that covers %.10s: bouncectl --log %s why %s",
		    id, arrived, from, arrived, rotated, id);
	else
		rpc_error_set(error, RPC_NOT_FOUND, NULL,
		    "no line of the log names %s, which would have arrived at %s; check the id, capital letters matter",
		    id, arrived);
	bool is_plain = strpbrk(rotated, "\"\\") == NULL;
	snprintf(error->data, sizeof(error->data),
	    "\"id\":\"%s\",\"arrived\":\"%s\",\"window_from\":%s%s%s,\"rotated_log\":%s%s%s", id,
	    arrived, counts.first != 0 ? "\"" : "", counts.first != 0 ? from : "null",
	    counts.first != 0 ? "\"" : "", has_rotated && is_plain ? "\"" : "",
	    has_rotated && is_plain ? rotated : "null", has_rotated && is_plain ? "\"" : "");
}

static struct answer *
start_why(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct slice cursor = params_string(params, "cursor");
	struct why *why = malloc(sizeof(*why));
	struct message_view view;

	if (why == NULL)
		return answer_no_memory(error);
	*why = (struct why){
	    .answer = {.produce = produce, .free = free_why},
	    .sources = sources,
	    .asker = *asker,
	    .params = json_object_get(params),
	    .what = slice_trim(params_string(params, "what")),
	    .walk = walk_newest(sources->index),
	};
	const struct sought_name sought = match_sought(index_key(sources->index), why->what);
	why->sought = (struct sought){sought, sought, .is_either = true};
	story_writer_init(&why->writer, sources, &why->asker);
	why->writer.has_context = true;
	why->is_one = message_id_parse(why->what, &why->id);
	why->is_ip = is_ip(why->what);
	bool is_good = params_limit(params, STORIES_DEFAULT, &why->limit, error) &&
	    params_span(sources, params, &why->since, &why->until, error) &&
	    cursor_parse_page(sources, 'w', cursor, &why->walk.segment, &why->walk.left, error);
	const struct segment *segment = index_segment(sources->index, why->walk.segment);
	if (segment != NULL && why->walk.left > segment->message_count)
		why->walk.left = segment->message_count;
	if (is_good && slice_is_empty(why->what)) {
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "what is a message id, an address, a domain or an IP address");
		is_good = false;
	}
	if (is_good && why->is_one) {
		is_good = index_find(sources->index, why->id, &view);
		if (!is_good) {
			explain_missing(why, error);
		} else if (!match_asker(asker, view)) {
			rpc_error_set(error, RPC_NOT_PERMITTED, NULL,
			    "this message is not of a domain of yours; ask the administrator");
			is_good = false;
		}
	}
	if (!is_good) {
		free_why(&why->answer);
		return NULL;
	}
	return &why->answer;
}

static const struct answer_param why_params[] = {
    {"what", PARAM_STRING, true, "a message id, an address, a domain or an IP address"},
    PARAMS_SPAN,
    {"limit", PARAM_INT, false, "stories on a page, 1000 at most"},
    {"cursor", PARAM_STRING, false, "where the page before ended"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_why = {
    .name = "why",
    .summary =
	"The whole story of a message, or of all mail from or to an address or domain, newest first.",
    .params = why_params,
    .start = start_why,
};
