/* Fuzzes the JSON-RPC front: a whole conversation, in pieces of any size, about a real log; each line that comes back is JSON-RPC. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/server/conversation.h"
#include "daemon/tail/tail.h"
#include "daemon/text/moment.h"
#include "tests/shipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUEST_BYTES = 2048, UNSENT_BYTES = 256 * 1024 };

static struct answer_sources sources;

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	index_lines(context, lines, count);
}

static void
settle(void *context)
{
	index_settle(context);
}

static void
load(void)
{
	static const char *const logs[] = {TOP_SRCDIR "/tests/data/logs/cpanel-2013.log"};
	struct zone *zone = zone_new("UTC");
	struct classifier *classifier = shipped_classifier();
	const struct index_options options = {.classifier = classifier, .zone = zone};
	struct index *index = index_new(&options);
	const struct tail_receiver receiver = {.lines = take_lines,
	    .settle = settle,
	    .context = index};
	const struct tail_options tail_options = {.paths = logs, .path_count = 1};

	if (index == NULL || zone == NULL)
		abort();
	sources = (struct answer_sources){.index = index,
	    .classifier = classifier,
	    .zone = zone,
	    .version = "0",
	    .tail = tail_new(&tail_options, event_base_new(), &receiver)};
	if (sources.tail == NULL || tail_read_all(sources.tail) != 0)
		abort();
}

static bool
owns_domain(const void *context, struct slice domain)
{
	(void)context;
	return slice_equal(domain, SLICE("gmail.com"));
}

static void
wake(void *context)
{
	*(bool *)context = true;
}

/* JSON-RPC 2.0 section 5: a response has a result or an error; what has no id is a notification. */
static void
check_response(struct json_object *value)
{
	struct json_object *member, *error;

	if (!json_object_is_type(value, json_type_object) ||
	    !json_object_object_get_ex(value, "jsonrpc", &member) ||
	    strcmp(json_object_get_string(member), "2.0") != 0)
		abort();
	bool has_error = json_object_object_get_ex(value, "error", &error);
	if (!json_object_object_get_ex(value, "id", NULL)) {
		if (!json_object_object_get_ex(value, "method", NULL))
			abort();
		return;
	}
	if (has_error == (bool)json_object_object_get_ex(value, "result", NULL))
		abort();
	if (has_error &&
	    (!json_object_object_get_ex(error, "data", &member) ||
		!json_object_object_get_ex(member, "hint", &member) ||
		json_object_get_string_len(member) == 0))
		abort();
}

static void
check_line(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(64);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20)
			abort();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *value = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		abort();
	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < (size_t)json_object_array_length(value); i++)
			check_response(json_object_array_get_idx(value, i));
	else
		check_response(value);
	json_object_put(value);
	json_tokener_free(tokener);
}

static void
check_output(struct evbuffer *out)
{
	size_t len;
	char *line;

	while ((line = evbuffer_readln(out, &len, EVBUFFER_EOL_LF)) != NULL) {
		check_line(line, len);
		free(line);
	}
}

static void
run(struct conversation *conversation, struct evbuffer *in, struct evbuffer *out, bool at_end)
{
	enum conversation_state state;

	do {
		state = conversation_run(conversation, in, out, at_end);
		if (state == CONVERSATION_BROKE)
			abort();
		check_output(out);
	} while (state != CONVERSATION_WAITS);
	/* Nothing but the beginning of a line may be left. */
	if (evbuffer_get_length(in) > REQUEST_BYTES || evbuffer_get_length(out) != 0 ||
	    (at_end && evbuffer_get_length(in) != 0))
		abort();
}

/* First byte: who asks, and how large the pieces are. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool is_awake = false;

	if (sources.index == NULL)
		load();
	if (size == 0)
		return 0;
	const struct conversation_options options = {
	    .sources = &sources,
	    .asker = {.sees_all = (data[0] & 1) != 0, .owns_domain = owns_domain},
	    .refusal = (data[0] & 0x0e) == 0x0e ? "not you" : NULL,
	    .request_bytes = REQUEST_BYTES,
	    .unsent_bytes = UNSENT_BYTES,
	    .wake = wake,
	    .context = &is_awake,
	};
	struct conversation *conversation = conversation_new(&options);
	struct evbuffer *in = evbuffer_new(), *out = evbuffer_new();
	size_t piece = 1 + (size_t)(data[0] >> 4) * 37;
	for (size_t at = 1; at < size; at += piece) {
		evbuffer_add(in, data + at, size - at < piece ? size - at : piece);
		run(conversation, in, out, false);
	}
	if (data[0] & 0x10)
		conversation_end(conversation);
	run(conversation, in, out, true);
	conversation_free(conversation);
	evbuffer_free(in);
	evbuffer_free(out);
	return 0;
}
