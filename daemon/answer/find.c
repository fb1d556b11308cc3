/* find and queue: messages that have what was asked for, newest first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/answer/items.h"
#include "daemon/answer/lines.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/scan.h"
#include "daemon/answer/story.h"
#include "daemon/answer/walk.h"
#include "daemon/exim/arrival.h"

/* Messages that a host of one name or address may have handed over or taken: of each kind the next one in the segment. */
struct host_walk {
	bool is_needed; /* such a host is sought, not the end of a name */
	uint64_t hash;
	uint16_t sending_hash;
	uint64_t segment;     /* number */
	uint32_t sent, taken; /* one more than their indexes; 0: there are no more */
};

struct search {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	struct json_object *params; /* the slices below lie in it */
	struct slice from, to, subject, host;
	int verdict; /* -1: any */
	int64_t since, until;
	bool is_queue;
	bool has_names; /* who sent the message or whom it went to is asked for */
	struct sought sought;
	bool needs_scan; /* nothing but what arrival lines say narrows the search */
	struct scan scan;
	struct host_walk hosts;
	struct walk walk, page_end; /* the second: where the next page begins */
	struct read_lines lines;
	struct elsewhere elsewhere;
	uint32_t limit, written;
	bool has_begun;
};

static bool
segment_is_worth(const struct search *search, const struct segment *segment)
{
	return (search->from.len == 0 || match_segment(segment, search->from)) &&
	    (search->to.len == 0 || match_segment(segment, search->to));
}

static bool
is_host(struct slice name, struct slice ip, struct slice wanted)
{
	return slice_equal_nocase(name, wanted) || slice_equal(ip, wanted) ||
	    (wanted.len != 0 && wanted.at[0] == '.' && name.len > wanted.len &&
		slice_equal_nocase(slice_skip(name, name.len - wanted.len), wanted));
}

/* Whether it may be an address, or the end of a name: else it is a whole name or nothing. */
static bool
may_be_part(struct slice wanted)
{
	return wanted.len == 0 || wanted.at[0] == '.' || slice_find_byte(wanted, ':') >= 0 ||
	    (wanted.at[0] >= '0' && wanted.at[0] <= '9');
}

static bool
has_remote_host(const struct asker *asker, struct message_view view, struct slice wanted)
{
	bool is_name = !may_be_part(wanted);
	struct room room;

	for (uint32_t r = 0; (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(view.segment, r);

		if (is_name &&
		    !names_equal_nocase(&view.segment->arena, segment_host(view.segment, recipient),
			wanted))
			continue;
		room_empty(&room);
		struct route route = segment_route(view.segment, recipient, &room);
		if (is_host(route.host, route.ip, wanted) && match_shown(asker, view, recipient))
			return true;
	}
	return false;
}

static bool
has_subject(const struct arrival *arrival, struct slice wanted)
{
	char subject[SUBJECT_MAX];
	struct needle needle = {wanted.at, wanted.len};

	return find_nocase(slice_of(subject, story_subject(arrival, subject)), needle) >= 0;
}

/* What only the arrival line knows is asked last: it has to be read back. */
static bool
arrival_matches(struct search *search, struct message_view view)
{
	bool is_host_found = search->host.len == 0 ||
	    has_remote_host(&search->asker, view, search->host);
	struct arrival arrival;

	if (search->subject.len == 0 && is_host_found)
		return true;
	if (!is_host_found && search->hosts.is_needed &&
	    !sending_hosts_may_have(view.segment, view.index, search->hosts.sending_hash))
		return false;
	if ((search->needs_scan && !scan_has(&search->scan, view)) ||
	    !item_read_arrival(search->sources, view, &search->lines, &arrival))
		return false;
	return (is_host_found || is_host(arrival.host.name, arrival.host.ip, search->host)) &&
	    (search->subject.len == 0 || has_subject(&arrival, search->subject));
}

static bool
is_wanted(struct search *search, struct message_view view)
{
	const struct message *message = view.message;

	if (message->flags & MESSAGE_IS_REFUSAL)
		return false;
	if (search->is_queue && message_is_finished(message))
		return false;
	return (search->since == 0 || message->arrived >= search->since) &&
	    (search->until == 0 || message->arrived <= search->until) &&
	    (search->from.len == 0 || match_name(view.segment, message->sender, search->from)) &&
	    (search->to.len == 0 || match_recipients(&search->asker, view, search->to)) &&
	    (search->verdict < 0 ||
		segment_verdict(view.segment, message) == (enum verdict)search->verdict) &&
	    match_asker(&search->asker, view) && arrival_matches(search, view);
}

static void
pass_hosts(struct search *search, const struct segment *segment)
{
	const struct marks *marks = index_marks(search->sources->index, segment->number);
	struct host_walk *hosts = &search->hosts;
	uint32_t left = search->walk.left;
	bool is_same = hosts->segment == segment->number;

	if (!is_same || hosts->sent > left)
		hosts->sent = sending_hosts_next(segment, left, hosts->sending_hash);
	if (!is_same || hosts->taken > left)
		hosts->taken = marks != NULL ? marks_next_host(marks, left, hosts->hash) : left;
	hosts->segment = segment->number;
	search->walk.left = hosts->sent > hosts->taken ? hosts->sent : hosts->taken;
}

/*
 * Passes over what is known not to be wanted: other people's messages, what other hosts sent or took, finished ones, of the queue, and those
 * of another verdict.
 */
static void
pass_over(struct search *search, const struct segment *segment)
{
	struct index *index = search->sources->index;
	const struct digest *digest = search->is_queue || search->verdict >= 0 ?
	    index_digest(index, search->walk.segment) :
	    NULL;
	uint32_t before;

	if (search->needs_scan && search->subject.len != 0)
		search->walk.left = scan_next(&search->scan, search->walk.left);
	do {
		before = search->walk.left;
		if (digest != NULL)
			search->walk.left = digest_next(digest, before,
			    search->is_queue ? -1 : search->verdict);
		if (search->has_names)
			walk_pass(&search->walk, index, &search->sought);
		if (search->hosts.is_needed && search->walk.left != 0)
			pass_hosts(search, segment);
	} while (search->walk.left != 0 && search->walk.left != before);
}

/* The next message that was asked for. *is_over: the slice ended before one was found. */
static bool
next_found(struct search *search, int64_t start, bool *is_over, struct message_view *view)
{
	const struct index *index = search->sources->index;
	unsigned count = 0;

	*is_over = false;
	for (const struct segment *segment;
	     (segment = walk_segment(&search->walk, index)) != NULL;) {
		bool is_first = search->walk.left == segment->message_count;

		if (slice_is_over(start, &count) || (is_first && clock_ms() - start >= SLICE_MS)) {
			*is_over = true;
			return false;
		}
		if ((is_first && !segment_is_worth(search, segment)) ||
		    (search->since != 0 && segment->last < search->since)) {
			walk_skip_segment(&search->walk);
			continue;
		}
		if (search->needs_scan && !scan_segment(&search->scan, segment, start)) {
			*is_over = true;
			return false;
		}
		if (search->needs_scan && search->subject.len != 0 &&
		    !scan_has_any(&search->scan)) {
			walk_skip_segment(&search->walk);
			continue;
		}
		pass_over(search, segment);
		if (search->walk.left == 0)
			continue;
		if (!walk_older(&search->walk, index, view))
			return false;
		if (is_wanted(search, *view))
			return true;
	}
	return false;
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct search *search = (struct search *)answer;
	int64_t start = clock_ms(), now = time(NULL);
	bool has_more = true, is_over;
	struct message_view view;
	char cursor[CURSOR_TEXT_SIZE];

	if (!search->has_begun) {
		json_out_object_begin(out);
		json_out_key(out, "items");
		json_out_array_begin(out);
		search->has_begun = true;
	}
	/* What came in between may have changed what the next ones are. */
	search->hosts.segment = UINT64_MAX;
	for (;;) {
		/* To know whether the log has another one may take reading all of it. */
		if (search->written == search->limit && search->needs_scan)
			break;
		has_more = next_found(search, start, &is_over, &view);
		if (is_over)
			return ANSWER_MORE;
		if (!has_more || search->written == search->limit)
			break;
		if (search->is_queue)
			item_write_queued(out, search->sources, &search->asker, view, now,
			    &search->elsewhere);
		else
			item_write_message(out, search->sources, &search->asker, view,
			    &search->lines);
		if (++search->written == search->limit)
			search->page_end = search->walk;
	}
	json_out_array_end(out);
	json_out_key(out, "more");
	json_out_bool(out, has_more);
	json_out_key(out, "cursor");
	cursor_format_page(search->sources, search->is_queue ? 'q' : 'f', search->page_end.segment,
	    search->page_end.left, cursor);
	json_out_text(out, has_more ? cursor : NULL);
	json_out_object_end(out);
	return ANSWER_DONE;
}

static void
free_search(struct answer *answer)
{
	struct search *search = (struct search *)answer;

	read_lines_clear(&search->lines);
	scan_clear(&search->scan);
	json_object_put(search->params);
	free(search);
}

static struct answer *
start_search(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, bool is_queue, struct rpc_error *error)
{
	struct slice cursor = params_string(params, "cursor");
	struct slice verdict = params_string(params, "verdict");
	struct search *search = malloc(sizeof(*search));

	if (search == NULL)
		return answer_no_memory(error);
	*search = (struct search){
	    .answer = {.produce = produce, .free = free_search},
	    .sources = sources,
	    .asker = *asker,
	    .params = json_object_get(params),
	    .from = params_string(params, "from"),
	    .to = params_string(params, "to"),
	    .subject = params_string(params, "subject"),
	    .host = params_string(params, "host"),
	    .verdict = verdict.len != 0 ? verdict_find(verdict) : -1,
	    .is_queue = is_queue,
	    .walk = walk_newest(sources->index),
	};
	search->has_names = search->from.len + search->to.len != 0;
	search->sought = (struct sought){
	    .to = search->to.len != 0 ? match_sought(index_key(sources->index), search->to) :
					(struct sought_name){.is_any = true},
	    .from = search->from.len != 0 ? match_sought(index_key(sources->index), search->from) :
					    (struct sought_name){.is_any = true},
	};
	search->hosts = (struct host_walk){
	    .is_needed = search->host.len != 0 && search->host.at[0] != '.',
	    .hash = hash_nocase(index_key(sources->index), search->host),
	    .sending_hash = sending_host_hash(search->host),
	};
	/* Of few messages the arrival lines are read one by one. */
	search->needs_scan = (search->subject.len != 0 ||
				 (search->host.len != 0 && !search->hosts.is_needed)) &&
	    search->from.len + search->to.len == 0;
	scan_init(&search->scan, sources->index, sources->tail,
	    search->subject.len != 0 ? search->subject : search->host, search->subject.len == 0);
	bool is_good = params_limit(params, PAGE_DEFAULT, &search->limit, error) &&
	    params_span(sources, params, &search->since, &search->until, error) &&
	    cursor_parse_page(sources, is_queue ? 'q' : 'f', cursor, &search->walk.segment,
		&search->walk.left, error);
	if (is_good && verdict.len != 0 && search->verdict < 0) {
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "verdict is one of delivered, bounced, partial, deferred, discarded, rejected, frozen, removed, in-transit");
		is_good = false;
	}
	const struct segment *segment = index_segment(sources->index, search->walk.segment);
	if (segment != NULL && search->walk.left > segment->message_count)
		search->walk.left = segment->message_count;
	if (!is_good) {
		free_search(&search->answer);
		return NULL;
	}
	return &search->answer;
}

static struct answer *
start_find(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	return start_search(sources, asker, params, false, error);
}

static struct answer *
start_queue(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	return start_search(sources, asker, params, true, error);
}

static const struct answer_param find_params[] = {
    {"from", PARAM_STRING, false,
	"sender: an address, @domain, domain, or the beginning of one with *"},
    {"to", PARAM_STRING, false, "recipient, likewise"},
    {"subject", PARAM_STRING, false, "text in the subject, case aside"},
    {"host", PARAM_STRING, false, "name or address of the sending or receiving host"},
    {"verdict", PARAM_STRING, false, "the message's verdict"},
    PARAMS_SPAN,
    {"limit", PARAM_INT, false, "items on a page, 1000 at most"},
    {"cursor", PARAM_STRING, false, "where the page before ended"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_find = {
    .name = "find",
    .summary = "Messages that have what was asked for, newest first.",
    .params = find_params,
    .start = start_find,
};

static const struct answer_param queue_params[] = {
    {"from", PARAM_STRING, false,
	"sender: an address, @domain, domain, or the beginning of one with *"},
    {"to", PARAM_STRING, false, "recipient, likewise"},
    PARAMS_SPAN,
    {"limit", PARAM_INT, false, "items on a page, 1000 at most"},
    {"cursor", PARAM_STRING, false, "where the page before ended"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_queue = {
    .name = "queue",
    .summary = "Messages that are not finished, newest first.",
    .params = queue_params,
    .start = start_queue,
};
