/* Batch: explains one text a line of standard input, in order, many requests being under way at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/batch.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/json_text.h"
#include "client/render/failure.h"
#include "client/render/value.h"

enum {
	UNDER_WAY_MAX = 48, /* of the 64 requests that a peer may have under way */
	INPUT_BYTES = 64 * 1024,
};

struct batch {
	struct session *session;
	char input[INPUT_BYTES]; /* a line that is longer is cut to JSON_TEXT_MAX */
	size_t from, len;
	bool is_skipping; /* the rest of a line that was cut */
	bool has_ended;
	unsigned under_way;
	int status;
};

static void
ask(struct batch *batch, const char *at, size_t len)
{
	struct json_object *params = arguments_params(batch->session->arguments);

	if (len != 0 && at[len - 1] == '\r')
		len--;
	json_object_object_add(params, "text", json_text(at, len));
	rpc_queue(&batch->session->rpc, "explain", params);
	batch->under_way++;
}

/* Asks for the whole lines that are in the buffer, as long as more may be under way. */
static void
ask_lines(struct batch *batch)
{
	while (batch->under_way < UNDER_WAY_MAX && batch->from < batch->len) {
		const char *line = batch->input + batch->from;
		size_t left = batch->len - batch->from;
		const char *end = memchr(line, '\n', left);

		if (end == NULL && !batch->has_ended && left < JSON_TEXT_MAX && !batch->is_skipping)
			return;
		if (!batch->is_skipping)
			ask(batch, line, end != NULL ? (size_t)(end - line) : left);
		batch->is_skipping = end == NULL && !batch->has_ended;
		batch->from = end != NULL ? (size_t)(end + 1 - batch->input) : batch->len;
	}
}

static void
read_input(struct batch *batch)
{
	if (batch->from != 0) {
		memmove(batch->input, batch->input + batch->from, batch->len - batch->from);
		batch->len -= batch->from;
		batch->from = 0;
	}
	ssize_t got = read(STDIN_FILENO, batch->input + batch->len, INPUT_BYTES - batch->len);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0)
		batch->has_ended = true;
	else
		batch->len += (size_t)got;
}

/* One answer, one line: errors too, so that lines of input and output stay side by side. */
static void
show(struct batch *batch, const struct rpc_message *message)
{
	struct session *session = batch->session;
	struct json_object *result = message->result;
	struct screen *screen = &session->screen;

	if (message->error != NULL) {
		struct json_object *wrapped = json_object_new_object();

		batch->status = EXIT_REFUSED;
		json_object_object_add(wrapped, "error", json_object_get(message->error));
		session_print_json(session, wrapped);
		json_object_put(wrapped);
		return;
	}
	if (session_is_json(session)) {
		session_print_json(session, result);
		return;
	}
	char *label = failure_label(result);
	const char *summary = value_text(result, "summary");
	screen_show(screen, failure_tone(result), label);
	screen_print(screen, "  ");
	screen_show(screen, TONE_PLAIN, summary);
	screen_print(screen, "\n");
	free(label);
}

/* Takes the answers that have come. 0, or the exit status after a line on standard error. */
static int
take_answers(struct batch *batch)
{
	struct rpc_message message;
	enum rpc_state state;
	char *line;
	size_t len;

	while (batch->under_way != 0) {
		state = rpc_read_line(&batch->session->rpc, false, &line, &len);
		if (state == RPC_AGAIN)
			break;
		if (state != RPC_LINE)
			return session_lost(batch->session, state);
		if (!rpc_parse(line, len, &message))
			return session_invalid(batch->session);
		if (message.method == NULL) {
			show(batch, &message);
			batch->under_way--;
		}
		json_object_put(message.message);
	}
	fflush(batch->session->screen.out);
	return ferror(batch->session->screen.out) ? EXIT_ANSWERED - 1 : 0;
}

static int
pump(struct batch *batch)
{
	struct rpc *rpc = &batch->session->rpc;

	while (!batch->has_ended || batch->from < batch->len || batch->under_way != 0) {
		ask_lines(batch);
		/* What cannot be sent shows as a connection that was closed, when the answers are read. */
		if (rpc_flush(rpc, false) != 0)
			rpc->unsent_from = rpc->unsent_len;
		bool wants_input = !batch->has_ended && batch->under_way < UNDER_WAY_MAX;
		struct pollfd ready[] = {
		    {.fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN},
		    {.fd = rpc->socket, .events = POLLIN},
		    {.fd = rpc_has_unsent(rpc) ? rpc->socket : -1, .events = POLLOUT},
		};
		if (batch->has_ended && batch->from == batch->len && batch->under_way == 0)
			break;
		if (poll(ready, 3, -1) < 0 && errno != EINTR)
			return usage_error("cannot wait: %s", strerror(errno));
		if (ready[0].revents != 0)
			read_input(batch);
		if (ready[1].revents != 0) {
			int status = take_answers(batch);
			if (status != 0)
				return status > 0 ? status : 0;
		}
	}
	return batch->status;
}

int
batch_explain(struct session *session)
{
	int status = session_connect(session);

	if (status != 0)
		return status;
	struct batch *batch = calloc(1, sizeof(*batch));
	if (batch == NULL)
		return usage_error("memory is out");
	batch->session = session;
	status = pump(batch);
	free(batch);
	return status;
}
