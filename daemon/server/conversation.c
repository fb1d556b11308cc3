/* A conversation: takes one peer's lines out of a buffer, answers them in order into another, in slices. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/conversation.h"

#include <event2/buffer.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/walk.h"
#include "daemon/server/followers.h"
#include "daemon/server/request.h"
#include "daemon/tail/tail.h"
#include "protocol/limits.h"

enum {
	RUN_MS = 6,                 /* what one run may take */
	UNSENT_ENOUGH = 512 * 1024, /* bytes in the buffer that let the peer read first */
	COPIED_MOST = 16 * 1024,    /* a longer text is handed over as it is, not copied */
	KEPT_TEXT = 1024 * 1024, /* a larger buffer is given back after the answer that needed it */
};

struct conversation {
	struct conversation_options options;
	struct json_tokener *tokener;
	size_t scanned;       /* bytes of the input without a newline */
	bool is_passing_over; /* the rest of a line that was too long */
	bool is_ending;

	struct json_object *line; /* what is being answered; NULL: nothing */
	bool is_batch, has_begun; /* an array has been opened for the responses */
	size_t next;              /* request of the batch */
	struct request request;   /* that answer belongs to */
	struct answer *answer;    /* NULL: the next request is to be started */
	bool is_long;             /* the answer did not end with its first slice */

	struct followers followers;
	struct json_out out; /* keeps its memory from answer to answer */
};

struct conversation *
conversation_new(const struct conversation_options *options)
{
	struct conversation *conversation = calloc(1, sizeof(*conversation));

	if (conversation == NULL)
		return NULL;
	conversation->options = *options;
	conversation->followers.wake = options->wake;
	conversation->followers.context = options->context;
	conversation->tokener = json_tokener_new_ex(LIMIT_NESTING + 1);
	if (conversation->tokener == NULL) {
		free(conversation);
		return NULL;
	}
	json_tokener_set_flags(conversation->tokener, JSON_TOKENER_STRICT);
	json_out_init(&conversation->out);
	return conversation;
}

void
conversation_free(struct conversation *conversation)
{
	if (conversation == NULL)
		return;
	followers_drop(&conversation->followers);
	if (conversation->answer != NULL)
		conversation->answer->free(conversation->answer);
	json_object_put(conversation->line);
	json_tokener_free(conversation->tokener);
	json_out_clear(&conversation->out);
	free(conversation);
}

static void
give_back(const void *data, size_t len, void *text)
{
	(void)data;
	(void)len;
	free(text);
}

/* Hands the text over together with its memory, and begins another one of that size. */
static bool
hand_over(struct json_out *text, struct evbuffer *out)
{
	struct json_out next = {.needs_comma = text->needs_comma};

	if (evbuffer_add_reference(out, text->text, text->len, give_back, text->text) != 0)
		return false;
	json_out_grow(&next, text->size);
	*text = next;
	return !next.failed;
}

/* Hands what has been written to the buffer. */
static bool
flush(struct conversation *conversation, struct evbuffer *out)
{
	struct json_out *text = &conversation->out;

	if (!text->failed && text->len > COPIED_MOST)
		return hand_over(text, out);
	if (text->failed || evbuffer_add(out, text->text, text->len) != 0)
		return false;
	json_out_rewind(text);
	return true;
}

static void
write_response_begin(struct json_out *out, const struct request *request)
{
	json_out_object_begin(out);
	json_out_key(out, "jsonrpc");
	json_out_text(out, "2.0");
	json_out_key(out, "id");
	if (request->id != NULL) {
		const char *id = json_object_to_json_string_ext(request->id,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

		json_out_raw(out, id, strlen(id));
	} else {
		json_out_null(out);
	}
}

static void
write_error(struct json_out *out, const struct request *request, const struct rpc_error *error)
{
	write_response_begin(out, request);
	json_out_key(out, "error");
	json_out_object_begin(out);
	json_out_key(out, "code");
	json_out_int(out, error->code);
	json_out_key(out, "message");
	json_out_text(out, error->message);
	json_out_key(out, "data");
	json_out_object_begin(out);
	json_out_key(out, "hint");
	json_out_text(out, error->hint);
	if (error->data[0] != '\0')
		json_out_raw(out, error->data, strlen(error->data));
	json_out_object_end(out);
	json_out_object_end(out);
	json_out_object_end(out);
}

void
conversation_write_error(struct evbuffer *out, const struct rpc_error *error)
{
	static const struct request nobody;
	struct json_out text;

	json_out_init(&text);
	write_error(&text, &nobody, error);
	json_out_line_end(&text);
	if (!text.failed)
		evbuffer_add(out, text.text, text.len);
	json_out_clear(&text);
}

/* Before the first response of a line, and before each that follows. */
static void
begin_response(struct conversation *conversation)
{
	struct json_out *out = &conversation->out;

	if (conversation->has_begun)
		return;
	conversation->has_begun = true;
	out->needs_comma = false;
	if (conversation->is_batch)
		json_out_array_begin(out);
}

static void
end_line(struct conversation *conversation)
{
	struct json_out *out = &conversation->out;

	if (conversation->has_begun) {
		if (conversation->is_batch)
			json_out_array_end(out);
		json_out_line_end(out);
	}
	json_object_put(conversation->line);
	conversation->line = NULL;
	conversation->is_batch = conversation->has_begun = false;
	conversation->next = 0;
	if (out->size > KEPT_TEXT && out->len == 0) {
		json_out_clear(out);
		json_out_init(out);
	}
}

/* The request that is being answered has got its response. */
static void
end_request(struct conversation *conversation)
{
	conversation->answer = NULL;
	conversation->is_long = false;
	if (!conversation->is_batch ||
	    conversation->next == (size_t)json_object_array_length(conversation->line))
		end_line(conversation);
}

static void
refuse(struct conversation *conversation, const struct rpc_error *error)
{
	if (conversation->request.has_id) {
		begin_response(conversation);
		write_error(&conversation->out, &conversation->request, error);
	}
	end_request(conversation);
}

static bool
may_ask(const struct conversation *conversation, struct rpc_error *error)
{
	if (conversation->is_ending) {
		rpc_error_set(error, RPC_SHUTTING_DOWN, NULL,
		    "the daemon is ending; ask again when it is back");
		return false;
	}
	if (conversation->options.refusal != NULL) {
		rpc_error_set(error, RPC_NOT_PERMITTED, NULL, "%s", conversation->options.refusal);
		return false;
	}
	return true;
}

static void
start_request(struct conversation *conversation)
{
	struct json_object *value = conversation->is_batch ?
	    json_object_array_get_idx(conversation->line, conversation->next++) :
	    conversation->line;
	struct request *request = &conversation->request;
	struct rpc_error error = {0};

	if (!request_read(value, request, &error) || !may_ask(conversation, &error)) {
		refuse(conversation, &error);
		return;
	}
	/* No method changes anything: a request that nobody wants answered is one that needs no work. */
	if (!request->has_id) {
		end_request(conversation);
		return;
	}
	if (conversation->options.sources->tail != NULL)
		tail_catch_up(conversation->options.sources->tail);
	struct answer *answer = request->method->start(conversation->options.sources,
	    &conversation->options.asker, request->params, &error);
	if (answer != NULL && answer->is_stream && conversation->is_batch) {
		answer->free(answer);
		answer = NULL;
		rpc_error_set(&error, RPC_INVALID_REQUEST, NULL,
		    "%s sends lines of its own here; ask for it outside of a batch",
		    request->method->name);
	} else if (answer != NULL && answer->responds_first &&
	    conversation->followers.count >= LIMIT_WATCHES) {
		answer->free(answer);
		answer = NULL;
		rpc_error_set(&error, RPC_BUSY, NULL,
		    "this connection has %d watches already; open another one", LIMIT_WATCHES);
	}
	if (answer == NULL) {
		if (error.code == 0)
			rpc_error_set(&error, RPC_INTERNAL_ERROR, NULL, "memory is out; ask again");
		refuse(conversation, &error);
		return;
	}
	conversation->answer = answer;
	if (answer->is_stream) {
		conversation->out.needs_comma = false;
	} else {
		begin_response(conversation);
		write_response_begin(&conversation->out, request);
		json_out_key(&conversation->out, "result");
	}
}

static void
respond_to_stream(struct conversation *conversation)
{
	struct json_out *out = &conversation->out;

	begin_response(conversation);
	write_response_begin(out, &conversation->request);
	json_out_key(out, "result");
	conversation->answer->finish(conversation->answer, out);
	json_out_object_end(out);
}

/* The answer goes on beside the requests that follow. */
static void
keep_following(struct conversation *conversation)
{
	if (!followers_add(&conversation->followers, conversation->answer)) {
		conversation->out.failed = true;
		return;
	}
	respond_to_stream(conversation);
	end_request(conversation);
}

static void
continue_answer(struct conversation *conversation)
{
	struct answer *answer = conversation->answer;
	struct json_out *out = &conversation->out;

	if (answer->responds_first) {
		keep_following(conversation);
		return;
	}
	if (answer->produce(answer, out) == ANSWER_MORE) {
		conversation->is_long = true;
		return;
	}
	if (answer->is_stream)
		respond_to_stream(conversation);
	else
		json_out_object_end(out);
	answer->free(answer);
	end_request(conversation);
}

static void
take_line(struct conversation *conversation, const char *text, size_t len, struct evbuffer *out)
{
	struct rpc_error error;

	/* A blank line is nothing: people press Return. */
	if (request_is_blank(text, len))
		return;
	conversation->line = request_parse(conversation->tokener, text, len, &error);
	if (conversation->line == NULL) {
		conversation_write_error(out, &error);
		return;
	}
	conversation->is_batch = json_object_is_type(conversation->line, json_type_array);
	if (conversation->is_batch && json_object_array_length(conversation->line) == 0) {
		json_object_put(conversation->line);
		conversation->line = NULL;
		conversation->is_batch = false;
		rpc_error_set(&error, RPC_INVALID_REQUEST, NULL,
		    "a batch has at least one request");
		conversation_write_error(out, &error);
	}
}

static void
refuse_long_line(struct conversation *conversation, struct evbuffer *out)
{
	struct rpc_error error;

	rpc_error_set(&error, RPC_TOO_LARGE, NULL,
	    "a request's line has at most %zu bytes; ask in several, with limit and cursor",
	    conversation->options.request_bytes);
	conversation_write_error(out, &error);
}

/* Length of the line at the front, its newline not counted; -1 while the newline has not come. */
static ptrdiff_t
find_newline(struct conversation *conversation, struct evbuffer *in)
{
	struct evbuffer_ptr from, found;

	if (conversation->scanned == evbuffer_get_length(in) ||
	    evbuffer_ptr_set(in, &from, conversation->scanned, EVBUFFER_PTR_SET) != 0)
		return -1;
	found = evbuffer_search(in, "\n", 1, &from);
	if (found.pos < 0)
		conversation->scanned = evbuffer_get_length(in);
	return found.pos;
}

/* Takes the next line off the input. False when there is none yet. */
static bool
next_line(struct conversation *conversation, struct evbuffer *in, struct evbuffer *out, bool at_end)
{
	ptrdiff_t newline = find_newline(conversation, in);
	size_t len = newline >= 0 ? (size_t)newline : evbuffer_get_length(in);

	if (newline < 0 && conversation->is_passing_over) {
		evbuffer_drain(in, len);
		conversation->scanned = 0;
		return false;
	}
	if (newline < 0 && len <= conversation->options.request_bytes && (!at_end || len == 0))
		return false;
	if (conversation->is_passing_over) {
		conversation->is_passing_over = false;
	} else if (len > conversation->options.request_bytes) {
		refuse_long_line(conversation, out);
		conversation->is_passing_over = newline < 0;
	} else if (len != 0) {
		const char *text = (const char *)evbuffer_pullup(in, (ev_ssize_t)len);

		if (text == NULL)
			conversation->out.failed = true;
		else
			take_line(conversation, text, len, out);
	}
	evbuffer_drain(in, len + (newline >= 0 ? 1 : 0));
	conversation->scanned = 0;
	return true;
}

enum conversation_state
conversation_run(struct conversation *conversation, struct evbuffer *in, struct evbuffer *out,
    bool at_end)
{
	size_t limit = conversation->options.unsent_bytes;
	size_t enough = limit < UNSENT_ENOUGH ? limit : UNSENT_ENOUGH;
	int64_t end = clock_ms() + RUN_MS;

	do {
		/* A long answer waits for its reader early; many short ones may pile up to the limit, for those who ask first and read then. */
		if (evbuffer_get_length(out) >= (conversation->is_long ? enough : limit))
			return CONVERSATION_IS_FULL;
		if (conversation->answer != NULL)
			continue_answer(conversation);
		else if (conversation->line != NULL)
			start_request(conversation);
		else if ((conversation->is_ending ||
			     !followers_go_on(&conversation->followers, &conversation->out)) &&
		    !next_line(conversation, in, out, at_end))
			return CONVERSATION_WAITS;
		if (!flush(conversation, out))
			return CONVERSATION_BROKE;
	} while (clock_ms() < end);
	return CONVERSATION_GOES_ON;
}

bool
conversation_is_inside_request(const struct conversation *conversation, struct evbuffer *in)
{
	return conversation->is_passing_over || evbuffer_get_length(in) != 0;
}

bool
conversation_is_watching(const struct conversation *conversation)
{
	return conversation->followers.first != NULL;
}

bool
conversation_is_answering(const struct conversation *conversation)
{
	return conversation->line != NULL;
}

void
conversation_end(struct conversation *conversation)
{
	conversation->is_ending = true;
	followers_drop(&conversation->followers);
}
