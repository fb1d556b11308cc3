/* Parameters: takes the values that a method's table declares out of a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/params.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <time.h>

#include "daemon/classify/classify.h"
#include "daemon/text/moment.h"

static struct json_object *
find(struct json_object *params, const char *name)
{
	struct json_object *value = NULL;

	if (params != NULL)
		json_object_object_get_ex(params, name, &value);
	return value;
}

struct slice
params_string(struct json_object *params, const char *name)
{
	struct json_object *value = find(params, name);

	if (value == NULL || !json_object_is_type(value, json_type_string))
		return slice_of("", 0);
	return slice_of(json_object_get_string(value), (size_t)json_object_get_string_len(value));
}

bool
params_bool(struct json_object *params, const char *name)
{
	struct json_object *value = find(params, name);

	return value != NULL && json_object_get_boolean(value);
}

bool
params_limit(struct json_object *params, uint32_t fallback, uint32_t *limit,
    struct rpc_error *error)
{
	struct json_object *value = find(params, "limit");
	int64_t wanted = value != NULL ? json_object_get_int64(value) : fallback;

	if (wanted < 1 || wanted > PAGE_MAX) {
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "limit is a number from 1 to %d; ask for more with the cursor of the answer",
		    PAGE_MAX);
		return false;
	}
	*limit = (uint32_t)wanted;
	return true;
}

static bool
take_time(const struct answer_sources *sources, struct json_object *params, const char *name,
    int64_t *second, struct rpc_error *error)
{
	struct slice text = params_string(params, name);

	*second = 0;
	if (slice_is_empty(text) || moment_parse(text, time(NULL), sources->zone, second))
		return true;
	rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
	    "%s does not understand \"%.*s\"; write -2h, yesterday, 2026-11-23 or 2026-11-23 20:15",
	    name, (int)(text.len < 64 ? text.len : 64), text.at);
	return false;
}

bool
params_span(const struct answer_sources *sources, struct json_object *params, int64_t *since,
    int64_t *until, struct rpc_error *error)
{
	return take_time(sources, params, "since", since, error) &&
	    take_time(sources, params, "until", until, error);
}

bool
params_failure_filter(const struct answer_sources *sources, struct json_object *params,
    struct failure_filter *filter, struct rpc_error *error)
{
	struct slice class_name = params_string(params, "class");
	bool is_hard = params_bool(params, "hard"), is_soft = params_bool(params, "soft");

	*filter = (struct failure_filter){
	    .severity = is_hard == is_soft ? SEVERITY_NONE :
		is_hard                    ? SEVERITY_HARD :
					     SEVERITY_SOFT,
	    .class_index = -1,
	    .domain = params_string(params, "domain"),
	    .sender = params_string(params, "sender"),
	};
	if (filter->domain.len != 0 && filter->domain.at[0] == '@')
		filter->domain = slice_skip(filter->domain, 1);
	if (class_name.len != 0) {
		filter->class_index = classifier_find_class(sources->classifier, class_name);
		if (filter->class_index < 0) {
			rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
			    "there is no class \"%.*s\"; the method classes lists them",
			    (int)(class_name.len < 64 ? class_name.len : 64), class_name.at);
			return false;
		}
	}
	return params_span(sources, params, &filter->since, &filter->until, error);
}

/* Digits only, and no more than the limit: strtoull(3) would take blanks and signs. */
static bool
take_number(struct slice *rest, uint64_t limit, uint64_t *number)
{
	size_t digits = 0;

	*number = 0;
	for (; digits < rest->len && rest->at[digits] >= '0' && rest->at[digits] <= '9'; digits++) {
		unsigned digit = (unsigned)(rest->at[digits] - '0');

		if (*number > (limit - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	*rest = slice_skip(*rest, digits);
	return digits != 0;
}

bool
cursor_parse_pair(struct slice cursor, uint64_t *first, uint32_t *second, struct rpc_error *error)
{
	uint64_t low;

	if (take_number(&cursor, UINT64_MAX, first) && cursor.len != 0 && cursor.at[0] == '.') {
		cursor = slice_skip(cursor, 1);
		if (take_number(&cursor, UINT32_MAX, &low) && slice_is_empty(cursor)) {
			*second = (uint32_t)low;
			return true;
		}
	}
	rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
	    "this cursor did not come from an answer of this method; leave it out to begin anew");
	return false;
}

/* "r6925a1b0-": the letter of the method, and when this daemon began. */
static size_t
format_mark(const struct answer_sources *sources, char kind, char text[static CURSOR_TEXT_SIZE])
{
	return (size_t)snprintf(text, CURSOR_TEXT_SIZE, "%c%" PRIx64 "-", kind,
	    (uint64_t)sources->started);
}

void
cursor_format_page(const struct answer_sources *sources, char kind, uint64_t first, uint32_t second,
    char text[static CURSOR_TEXT_SIZE])
{
	size_t len = format_mark(sources, kind, text);

	snprintf(text + len, CURSOR_TEXT_SIZE - len, "%" PRIu64 ".%" PRIu32, first, second);
}

bool
cursor_parse_page(const struct answer_sources *sources, char kind, struct slice cursor,
    uint64_t *first, uint32_t *second, struct rpc_error *error)
{
	char mark[CURSOR_TEXT_SIZE];
	size_t len = format_mark(sources, kind, mark);

	if (cursor.len == 0)
		return true;
	if (slice_take_prefix(&cursor, slice_of(mark, len)))
		return cursor_parse_pair(cursor, first, second, error);
	rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
	    "this cursor did not come from an answer of this method since the daemon began; leave it out to begin anew");
	return false;
}

struct answer *
answer_no_memory(struct rpc_error *error)
{
	rpc_error_set(error, RPC_INTERNAL_ERROR, NULL, "memory is out; ask again");
	return NULL;
}
