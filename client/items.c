/* Items: asks a method page by page for as many items as are wanted, and hands each on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/items.h"

#include <json-c/json.h>

#include "client/render/value.h"

enum { PAGE_MAX = 1000 }; /* INTERFACE: items on a page */

static void
take_items(struct session *session, struct item_sink *sink, struct json_object *result)
{
	size_t count;
	struct json_object *items = value_array(result, "items", &count);

	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);

		if (session_is_json(session))
			session_print_json(session, item);
		else
			sink->show(sink, session, item);
		sink->count++;
	}
}

int
items_list(struct session *session, const char *method, int64_t limit, struct item_sink *sink)
{
	struct json_object *cursor = NULL;
	struct rpc_message message;
	int status = 0;

	do {
		struct json_object *params = arguments_params(session->arguments);
		int64_t wanted = limit - sink->count < PAGE_MAX ? limit - sink->count : PAGE_MAX;
		int64_t before = sink->count;

		json_object_object_add(params, "limit", json_object_new_int64(wanted));
		if (cursor != NULL)
			json_object_object_add(params, "cursor", cursor);
		cursor = NULL;
		status = session_call(session, method, params, &message);
		if (status != 0)
			break;
		take_items(session, sink, message.result);
		sink->has_more = value_bool(message.result, "more");
		cursor = json_object_get(value_member(message.result, "cursor"));
		json_object_put(message.message);
		/* A page without items would have this go on for ever. */
		if (sink->count == before)
			break;
	} while (sink->has_more && sink->count < limit && cursor != NULL);
	json_object_put(cursor);
	return status;
}
