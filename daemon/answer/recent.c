/* recent: what failed last, newest first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "daemon/answer/items.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/walk.h"

struct recent {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	struct json_object *params; /* the filter's slices lie in it */
	struct failure_filter filter;
	struct elsewhere elsewhere;
	uint64_t next;     /* ordinals below this are still to be looked at */
	uint64_t page_end; /* and below this by the next page */
	uint32_t limit, written;
	bool has_begun;
};

/* The next failure that passes the filter. *is_over: the slice ended before one was found. */
static bool
next_failure(struct recent *recent, int64_t start, bool *is_over, struct message_view *view,
    const struct recipient **recipient, struct classification *found)
{
	struct failure_range range = index_failures(recent->sources->index);
	unsigned count = 0, looks = recent->elsewhere.looks;

	*is_over = false;
	while (recent->next > range.first) {
		uint32_t reference;

		if (slice_is_over(start, &count) ||
		    (recent->elsewhere.looks != looks && clock_ms() - start >= SLICE_MS)) {
			*is_over = true;
			return false;
		}
		recent->next--;
		if (recent->filter.since != 0 &&
		    index_failure_second(recent->sources->index, recent->next) <
			recent->filter.since)
			return false;
		if (!index_failure_at(recent->sources->index, recent->next, view, &reference))
			continue;
		*recipient = segment_recipient(view->segment, reference);
		if (!match_failure(&recent->filter, *view, *recipient) ||
		    !match_asker(&recent->asker, *view) ||
		    !match_shown(&recent->asker, *view, *recipient))
			continue;
		*found = elsewhere_judge(&recent->elsewhere, recent->sources, &recent->asker, *view,
		    *recipient);
		if (recent->filter.class_index < 0 ||
		    recent->filter.class_index == found->class_index)
			return true;
	}
	return false;
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct recent *recent = (struct recent *)answer;
	int64_t start = clock_ms();
	const struct recipient *recipient;
	struct classification found;
	struct message_view view;
	bool has_more = true, is_over;
	char cursor[CURSOR_TEXT_SIZE];

	if (!recent->has_begun) {
		json_out_object_begin(out);
		json_out_key(out, "items");
		json_out_array_begin(out);
		recent->has_begun = true;
	}
	for (;;) {
		has_more = next_failure(recent, start, &is_over, &view, &recipient, &found);
		if (is_over)
			return ANSWER_MORE;
		if (!has_more || recent->written == recent->limit)
			break;
		item_write_failure(out, recent->sources, &recent->asker, view, recipient, &found);
		if (++recent->written == recent->limit)
			recent->page_end = recent->next;
		if (clock_ms() - start >= SLICE_MS)
			return ANSWER_MORE;
	}
	json_out_array_end(out);
	json_out_key(out, "more");
	json_out_bool(out, has_more);
	json_out_key(out, "cursor");
	cursor_format_page(recent->sources, 'r', recent->page_end, 0, cursor);
	json_out_text(out, has_more ? cursor : NULL);
	json_out_object_end(out);
	return ANSWER_DONE;
}

static void
free_recent(struct answer *answer)
{
	struct recent *recent = (struct recent *)answer;

	json_object_put(recent->params);
	free(recent);
}

static struct answer *
start_recent(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct slice cursor = params_string(params, "cursor");
	struct recent *recent = calloc(1, sizeof(*recent));
	uint32_t unused;

	if (recent == NULL)
		return answer_no_memory(error);
	*recent = (struct recent){
	    .answer = {.produce = produce, .free = free_recent},
	    .sources = sources,
	    .asker = *asker,
	    .params = json_object_get(params),
	    .next = index_failures(sources->index).next,
	};
	if (!params_limit(params, PAGE_DEFAULT, &recent->limit, error) ||
	    !params_failure_filter(sources, params, &recent->filter, error) ||
	    !cursor_parse_page(sources, 'r', cursor, &recent->next, &unused, error)) {
		free_recent(&recent->answer);
		return NULL;
	}
	uint64_t end = index_failures(sources->index).next;
	if (recent->next > end)
		recent->next = end;
	return &recent->answer;
}

static const struct answer_param recent_params[] = {
    PARAMS_FAILURE_FILTER,
    {"limit", PARAM_INT, false, "items on a page, 1000 at most"},
    {"cursor", PARAM_STRING, false, "where the page before ended"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_recent = {
    .name = "recent",
    .summary = "Failures, newest first.",
    .params = recent_params,
    .start = start_recent,
};
