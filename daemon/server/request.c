/* Requests: the JSON-RPC 2.0 envelope and the parameters, checked against the tables of the methods. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/server/request.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/answer/methods.h"
#include "daemon/server/nearest.h"
#include "daemon/text/slice.h"
#include "daemon/text/utf8.h"
#include "protocol/limits.h"

/* A name from a stranger, as it stands in a hint. */
enum { NAME_SHOWN = 40 };

/* Offset of the first byte that is neither UTF-8 nor allowed in a line, or -1. */
static ptrdiff_t
find_bad_byte(struct slice text)
{
	struct slice rest = text;
	uint32_t code_point;

	while (rest.len != 0) {
		size_t len = utf8_take(rest, &code_point);

		if (len == 0 || code_point == 0)
			return rest.at - text.at;
		rest = slice_skip(rest, len);
	}
	return -1;
}

/* True when arrays and objects stand inside each other deeper than the limit: json-c counts what is in the innermost, too. */
static bool
is_too_deep(struct slice text)
{
	bool is_in_string = false;
	unsigned depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (is_in_string && c == '\\')
			i++;
		else if (c == '"')
			is_in_string = !is_in_string;
		else if (!is_in_string && (c == '[' || c == '{') && ++depth > LIMIT_NESTING)
			return true;
		else if (!is_in_string && (c == ']' || c == '}') && depth != 0)
			depth--;
	}
	return false;
}

bool
request_is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

struct json_object *
request_parse(struct json_tokener *tokener, const char *line, size_t len, struct rpc_error *error)
{
	ptrdiff_t bad = find_bad_byte(slice_of(line, len));
	struct json_object *value;
	enum json_tokener_error result;
	size_t end;

	if (bad >= 0) {
		rpc_error_set(error, RPC_PARSE_ERROR, NULL,
		    "byte %td of the line is %s; send JSON in UTF-8", bad + 1,
		    line[bad] == '\0' ? "NUL" : "no UTF-8");
		return NULL;
	}
	if (is_too_deep(slice_of(line, len))) {
		rpc_error_set(error, RPC_TOO_LARGE, NULL,
		    "the request nests deeper than the limit of %d; no method needs that",
		    LIMIT_NESTING);
		return NULL;
	}
	json_tokener_reset(tokener);
	value = json_tokener_parse_ex(tokener, line, (int)len);
	result = json_tokener_get_error(tokener);
	end = (size_t)tokener->char_offset;
	if (result == json_tokener_continue) {
		/* A number at the end of the line is complete only when something follows it. */
		value = json_tokener_parse_ex(tokener, "\n", 1);
		result = json_tokener_get_error(tokener);
		end = len;
	}
	if (result == json_tokener_success && end <= len &&
	    request_is_blank(line + end, len - end)) {
		if (value == NULL)
			rpc_error_set(error, RPC_INVALID_REQUEST, NULL,
			    "null is no request; send an object");
		return value;
	}
	json_object_put(value);
	if (result == json_tokener_success)
		rpc_error_set(error, RPC_PARSE_ERROR, NULL,
		    "something follows the JSON at byte %zu; send one object or batch on each line",
		    end + 1);
	else
		rpc_error_set(error, RPC_PARSE_ERROR, NULL,
		    "%s at byte %zu of the line; send one JSON object on each line",
		    json_tokener_error_desc(result), end + 1);
	return NULL;
}

static const struct answer_method *
find_method(const char *name)
{
	for (size_t i = 0; answer_methods[i] != NULL; i++)
		if (strcmp(answer_methods[i]->name, name) == 0)
			return answer_methods[i];
	return strcmp(answer_discover.name, name) == 0 ? &answer_discover : NULL;
}

static bool
refuse_method(const char *name, struct rpc_error *error)
{
	struct nearest nearest;
	char shown[NAME_SHOWN];

	nearest_init(&nearest, name);
	for (size_t i = 0; answer_methods[i] != NULL; i++)
		nearest_offer(&nearest, answer_methods[i]->name);
	nearest_offer(&nearest, answer_discover.name);
	nearest_show(name, shown, sizeof(shown));
	if (nearest.best != NULL)
		rpc_error_set(error, RPC_METHOD_NOT_FOUND, NULL,
		    "there is no method \"%s\"; did you mean \"%s\"?", shown, nearest.best);
	else
		rpc_error_set(error, RPC_METHOD_NOT_FOUND, NULL,
		    "there is no method \"%s\"; rpc.discover lists them", shown);
	return false;
}

static const struct {
	const char *wanted;
	enum json_type json_type;
} types[] = {
    [PARAM_STRING] = {"a string", json_type_string},
    [PARAM_BOOL] = {"true or false", json_type_boolean},
    [PARAM_INT] = {"a whole number", json_type_int},
    [PARAM_TIME] = {"a time in a string, as \"-2h\" or \"2026-11-23 20:15\"", json_type_string},
    [PARAM_STRINGS] = {"a string or an array of strings", json_type_string},
};

static bool
has_type(struct json_object *value, enum param_type type)
{
	if (type != PARAM_STRINGS || !json_object_is_type(value, json_type_array))
		return json_object_is_type(value, types[type].json_type);
	for (size_t i = 0; i < (size_t)json_object_array_length(value); i++)
		if (!json_object_is_type(json_object_array_get_idx(value, i), json_type_string))
			return false;
	return true;
}

static const struct answer_param *
find_param(const struct answer_method *method, const char *name)
{
	for (const struct answer_param *param = method->params; param->name != NULL; param++)
		if (strcmp(param->name, name) == 0)
			return param;
	return NULL;
}

static bool
refuse_param(const struct answer_method *method, const char *name, struct rpc_error *error)
{
	struct nearest nearest;
	char shown[NAME_SHOWN];

	nearest_init(&nearest, name);
	for (const struct answer_param *param = method->params; param->name != NULL; param++)
		nearest_offer(&nearest, param->name);
	nearest_show(name, shown, sizeof(shown));
	if (nearest.best != NULL)
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "%s has no parameter \"%s\"; did you mean \"%s\"?", method->name, shown,
		    nearest.best);
	else if (method->params->name == NULL)
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "%s takes no parameters, not even \"%s\"", method->name, shown);
	else
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "%s has no parameter \"%s\"; rpc.discover lists them", method->name, shown);
	return false;
}

static bool
check_params(const struct answer_method *method, struct json_object *params,
    struct rpc_error *error)
{
	if (params != NULL) {
		json_object_object_foreach(params, name, value)
		{
			const struct answer_param *param = find_param(method, name);

			if (param == NULL)
				return refuse_param(method, name, error);
			if (!has_type(value, param->type)) {
				rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
				    "%s of %s is %s, not %s", name, method->name,
				    types[param->type].wanted,
				    json_type_to_name(json_object_get_type(value)));
				return false;
			}
			/* A script's empty variable would ask for everything. */
			if ((param->type == PARAM_STRING || param->type == PARAM_TIME) &&
			    json_object_get_string_len(value) == 0 && strcmp(name, "cursor") != 0) {
				rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
				    "%s of %s is empty (%s)", name, method->name, param->meaning);
				return false;
			}
		}
	}
	for (const struct answer_param *param = method->params; param->name != NULL; param++) {
		if (!param->is_required ||
		    (params != NULL && json_object_object_get_ex(params, param->name, NULL)))
			continue;
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL, "%s needs the parameter %s: %s",
		    method->name, param->name, param->meaning);
		return false;
	}
	return true;
}

static bool
refuse_envelope(struct rpc_error *error, const char *hint)
{
	rpc_error_set(error, RPC_INVALID_REQUEST, NULL, "%s", hint);
	return false;
}

/* JSON-RPC 2.0 section 4.2: by name in an object, or by position in an array, which is of use here only when it is empty. */
static bool
take_params(struct json_object *params, struct request *request, struct rpc_error *error)
{
	if (params == NULL)
		return true;
	if (json_object_is_type(params, json_type_object)) {
		request->params = params;
		return true;
	}
	if (json_object_array_length(params) == 0)
		return true;
	rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
	    "parameters are named: {\"what\":\"...\"}, not [\"...\"]");
	return false;
}

/* Numbers that come back as they were sent: json-c takes NaN, and holds larger ones down to 64 bits. */
static bool
is_id(struct json_object *value)
{
	if (value == NULL || json_object_is_type(value, json_type_string))
		return true;
	if (json_object_is_type(value, json_type_int))
		return json_object_get_int64(value) != INT64_MAX &&
		    json_object_get_int64(value) != INT64_MIN;
	return json_object_is_type(value, json_type_double) &&
	    isfinite(json_object_get_double(value));
}

/* JSON-RPC 2.0 section 4. */
bool
request_read(struct json_object *value, struct request *request, struct rpc_error *error)
{
	struct json_object *member;

	*request = (struct request){.has_id = true};
	if (!json_object_is_type(value, json_type_object))
		return refuse_envelope(error,
		    "a request is an object: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}");
	request->has_id = json_object_object_get_ex(value, "id", &member);
	if (request->has_id) {
		if (!is_id(member))
			return refuse_envelope(error,
			    "id is a string, null, or a number of less than 19 digits");
		request->id = member;
	}
	/* What is no valid request is no notification either: its sender wants to know. */
	bool is_notification = !request->has_id;
	request->has_id = true;
	if (!json_object_object_get_ex(value, "jsonrpc", &member) ||
	    !json_object_is_type(member, json_type_string) ||
	    strcmp(json_object_get_string(member), "2.0") != 0)
		return refuse_envelope(error, "jsonrpc must be there and be \"2.0\"");
	if (!json_object_object_get_ex(value, "method", &member) ||
	    !json_object_is_type(member, json_type_string))
		return refuse_envelope(error, "method must be there and be a string");
	const char *name = json_object_get_string(member);
	struct json_object *params = NULL;
	json_object_object_get_ex(value, "params", &params);
	if (params != NULL && !json_object_is_type(params, json_type_object) &&
	    !json_object_is_type(params, json_type_array))
		return refuse_envelope(error, "params is an object of named parameters");
	request->has_id = !is_notification;
	request->method = find_method(name);
	if (request->method == NULL)
		return refuse_method(name, error);
	return take_params(params, request, error) &&
	    check_params(request->method, request->params, error);
}
