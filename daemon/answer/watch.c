/* watch: failures as they happen. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/answer/items.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/walk.h"
#include "daemon/tail/tail.h"

struct watch {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	struct json_object *params; /* the filter's slices lie in it */
	struct failure_filter filter;
	struct elsewhere elsewhere;
	struct index_listener listener;
	uint64_t next;   /* ordinal of the first failure not yet looked at */
	uint64_t missed; /* that left the window before this watcher saw them */
	/* The cursor this watcher came with: after a restart the back-fill brings what it has seen once more. */
	int64_t seen_second;
	uint32_t seen_count; /* of that second's failures */
	uint32_t seen_left;  /* of these, still to be passed over */
};

/*
 * A cursor is a second and how many failures of that second have been seen: the log gives both again after a restart, which
 * an ordinal of this process would not survive.
 */
static void
format_cursor(const struct watch *watch, char text[static 48])
{
	const struct index *index = watch->sources->index;
	struct failure_range range = index_failures(index);
	int64_t second = watch->next > range.first ? index_failure_second(index, watch->next - 1) :
						     0;
	uint64_t seen = 0;

	if (second < watch->seen_second) {
		snprintf(text, 48, "%" PRIi64 ".%" PRIu32, watch->seen_second, watch->seen_count);
		return;
	}
	while (watch->next > range.first + seen &&
	    index_failure_second(index, watch->next - 1 - seen) == second)
		seen++;
	snprintf(text, 48, "%" PRIi64 ".%" PRIu64, second, seen);
}

/* The ordinal after those that the cursor has seen: by halving, since seconds never go back. */
static void
go_to_cursor(struct watch *watch, uint64_t second, uint32_t seen)
{
	const struct index *index = watch->sources->index;
	struct failure_range range = index_failures(index);
	uint64_t low = range.first, high = range.next;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if ((uint64_t)index_failure_second(index, middle) < second)
			low = middle + 1;
		else
			high = middle;
	}
	/* What left before the window began cannot be told apart by second: it counts as missed as a whole. */
	if (low == range.first && range.first != 0 &&
	    (uint64_t)index_failure_second(index, low) > second)
		watch->missed = range.first;
	watch->next = low;
	watch->seen_second = (int64_t)second;
	watch->seen_count = watch->seen_left = seen;
}

/* Whether the next failure is one that the cursor had passed. */
static bool
was_seen(struct watch *watch)
{
	int64_t second = index_failure_second(watch->sources->index, watch->next);

	if (second != watch->seen_second)
		return second < watch->seen_second;
	if (watch->seen_left == 0)
		return false;
	watch->seen_left--;
	return true;
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct watch *watch = (struct watch *)answer;
	const struct index *index = watch->sources->index;
	struct failure_range range = index_failures(index);
	int64_t start = clock_ms();
	struct message_view view;
	unsigned count = 0;
	uint32_t reference;
	char cursor[48];

	/* What is known of a domain changes while one watches. */
	watch->elsewhere = (struct elsewhere){0};
	if (watch->next < range.first) {
		watch->missed += range.first - watch->next;
		watch->next = range.first;
	}
	while (watch->next < range.next) {
		if (slice_is_over(start, &count))
			return ANSWER_MORE;
		bool is_old = was_seen(watch);
		bool is_current = index_failure_at(index, watch->next++, &view, &reference);
		/* Its message has left the window, though the segment that noted the failure has not. */
		if (view.segment == NULL && !is_old)
			watch->missed++;
		if (!is_current || is_old)
			continue;
		const struct recipient *recipient = segment_recipient(view.segment, reference);
		if (!match_failure(&watch->filter, view, recipient) ||
		    !match_asker(&watch->asker, view) ||
		    !match_shown(&watch->asker, view, recipient))
			continue;
		struct classification found = elsewhere_judge(&watch->elsewhere, watch->sources,
		    &watch->asker, view, recipient);
		if (watch->filter.class_index >= 0 &&
		    watch->filter.class_index != found.class_index)
			continue;
		json_out_notification_begin(out, "watch");
		json_out_object_begin(out);
		json_out_key(out, "item");
		item_write_failure(out, watch->sources, &watch->asker, view, recipient, &found);
		format_cursor(watch, cursor);
		json_out_key(out, "cursor");
		json_out_text(out, cursor);
		json_out_key(out, "missed");
		json_out_uint(out, watch->missed);
		json_out_object_end(out);
		json_out_notification_end(out);
		watch->missed = 0;
	}
	return ANSWER_FOLLOW;
}

static void
write_begin(struct answer *answer, struct json_out *out)
{
	struct watch *watch = (struct watch *)answer;
	char cursor[48];

	format_cursor(watch, cursor);
	json_out_object_begin(out);
	json_out_key(out, "cursor");
	json_out_text(out, cursor);
	json_out_key(out, "missed");
	json_out_uint(out, watch->missed);
	json_out_object_end(out);
	watch->missed = 0;
}

static void
wake(void *context, uint64_t ordinal)
{
	struct watch *watch = context;

	(void)ordinal;
	if (watch->answer.wake != NULL)
		watch->answer.wake(watch->answer.wake_context);
}

static void
free_watch(struct answer *answer)
{
	struct watch *watch = (struct watch *)answer;

	index_unlisten(watch->sources->index, &watch->listener);
	if (watch->sources->tail != NULL)
		tail_rest(watch->sources->tail);
	json_object_put(watch->params);
	free(watch);
}

static struct answer *
start_watch(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct slice cursor = params_string(params, "cursor");
	struct watch *watch = calloc(1, sizeof(*watch));
	uint64_t second;
	uint32_t seen;

	if (watch == NULL)
		return answer_no_memory(error);
	*watch = (struct watch){
	    .answer = {.produce = produce,
		.finish = write_begin,
		.free = free_watch,
		.is_stream = true,
		.responds_first = true},
	    .sources = sources,
	    .asker = *asker,
	    .params = json_object_get(params),
	    .next = index_failures(sources->index).next,
	};
	watch->listener = (struct index_listener){.failed = wake, .context = watch};
	index_listen(sources->index, &watch->listener);
	if (sources->tail != NULL)
		tail_hurry(sources->tail);
	if (!params_failure_filter(sources, params, &watch->filter, error) ||
	    (cursor.len != 0 && !cursor_parse_pair(cursor, &second, &seen, error))) {
		free_watch(&watch->answer);
		return NULL;
	}
	if (cursor.len != 0)
		go_to_cursor(watch, second, seen);
	return &watch->answer;
}

static const struct answer_param watch_params[] = {
    PARAMS_FAILURE_FILTER,
    {"cursor", PARAM_STRING, false, "go on after the failure that came with it"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_watch = {
    .name = "watch",
    .summary = "Failures as they happen, each as a notification.",
    .params = watch_params,
    .start = start_watch,
};
