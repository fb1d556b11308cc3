/* dump: every message of the window as a story, oldest first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>

#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/story.h"
#include "daemon/answer/walk.h"

enum { PIECE_BYTES = 48 * 1024 }; /* of output that one slice makes */

struct dump {
	struct answer answer;
	const struct answer_sources *sources;
	struct asker asker;
	struct story_writer writer;
	uint64_t segment; /* the next message to write */
	uint32_t next;
	uint64_t written;
	uint32_t limit; /* of a page */
	bool has_begun;
};

/* Goes on to the next message that is to be told. */
static bool
next_message(struct dump *dump, struct message_view *view)
{
	const struct index *index = dump->sources->index;

	if (dump->segment < index_oldest(index)) {
		dump->segment = index_oldest(index);
		dump->next = 0;
	}
	while (dump->segment < index_end(index)) {
		const struct segment *segment = index_segment(index, dump->segment);

		while (dump->next < segment->message_count) {
			uint32_t i = dump->next++;

			*view = (struct message_view){segment, segment_message(segment, i), i};
			if (!message_is_void(view->message) && match_asker(&dump->asker, *view))
				return true;
		}
		/* Stays at the end of the newest: a later page goes on with what has come since. */
		if (dump->segment + 1 == index_end(index))
			return false;
		dump->segment++;
		dump->next = 0;
	}
	return false;
}

static enum answer_state
produce_lines(struct answer *answer, struct json_out *out)
{
	struct dump *dump = (struct dump *)answer;
	int64_t start = clock_ms();
	struct message_view view;
	unsigned count = 0;

	while (out->len < PIECE_BYTES && !slice_is_over(start, &count)) {
		if (!dump->writer.is_open) {
			if (!next_message(dump, &view))
				return ANSWER_DONE;
			json_out_notification_begin(out, "dump");
			story_begin(&dump->writer, view, out);
		}
		if (!story_go_on(&dump->writer, out, start))
			return ANSWER_MORE;
		json_out_notification_end(out);
		dump->written++;
	}
	return ANSWER_MORE;
}

static void
finish_lines(struct answer *answer, struct json_out *out)
{
	const struct dump *dump = (const struct dump *)answer;

	json_out_object_begin(out);
	json_out_key(out, "messages");
	json_out_uint(out, dump->written);
	json_out_object_end(out);
}

static enum answer_state
produce_page(struct answer *answer, struct json_out *out)
{
	struct dump *dump = (struct dump *)answer;
	int64_t start = clock_ms();
	bool has_more = true;
	struct message_view view;
	unsigned count = 0;
	char cursor[CURSOR_TEXT_SIZE];

	if (!dump->has_begun) {
		json_out_object_begin(out);
		json_out_key(out, "items");
		json_out_array_begin(out);
		dump->has_begun = true;
	}
	for (;;) {
		if (slice_is_over(start, &count) || out->len >= PIECE_BYTES)
			return ANSWER_MORE;
		if (!dump->writer.is_open) {
			uint64_t segment = dump->segment;
			uint32_t next = dump->next;

			if (!(has_more = next_message(dump, &view)))
				break;
			if (dump->written == dump->limit) {
				dump->segment = segment;
				dump->next = next;
				break;
			}
			story_begin(&dump->writer, view, out);
		}
		if (!story_go_on(&dump->writer, out, start))
			return ANSWER_MORE;
		dump->written++;
	}
	json_out_array_end(out);
	json_out_key(out, "more");
	json_out_bool(out, has_more);
	json_out_key(out, "cursor");
	cursor_format_page(dump->sources, 'd', dump->segment, dump->next, cursor);
	json_out_text(out, cursor);
	json_out_object_end(out);
	return ANSWER_DONE;
}

static void
free_dump(struct answer *answer)
{
	struct dump *dump = (struct dump *)answer;

	story_writer_clear(&dump->writer);
	free(dump);
}

static struct answer *
start_dump(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	bool is_stream = params_bool(params, "stream");
	struct slice cursor = params_string(params, "cursor");
	struct dump *dump = calloc(1, sizeof(*dump));

	if (dump == NULL)
		return answer_no_memory(error);
	*dump = (struct dump){
	    .answer = {.produce = is_stream ? produce_lines : produce_page,
		.finish = finish_lines,
		.free = free_dump,
		.is_stream = is_stream},
	    .sources = sources,
	    .asker = *asker,
	};
	story_writer_init(&dump->writer, sources, &dump->asker);
	if (!params_limit(params, PAGE_DEFAULT, &dump->limit, error) ||
	    !cursor_parse_page(sources, 'd', cursor, &dump->segment, &dump->next, error)) {
		free_dump(&dump->answer);
		return NULL;
	}
	return &dump->answer;
}

static const struct answer_param dump_params[] = {
    {"stream", PARAM_BOOL, false, "one notification a story instead of a page"},
    {"limit", PARAM_INT, false, "stories on a page, 1000 at most"},
    {"cursor", PARAM_STRING, false, "where the page before ended"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_dump = {
    .name = "dump",
    .summary = "Every message of the window as one story, oldest first.",
    .params = dump_params,
    .start = start_dump,
};
