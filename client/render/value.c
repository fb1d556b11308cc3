/* Values: takes members out of an answer; whatever is missing, null or of another type is simply not there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/value.h"

#include <json-c/json.h>

struct json_object *
value_member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (object != NULL && json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

const char *
value_text(struct json_object *object, const char *name)
{
	struct json_object *value = value_member(object, name);

	return value != NULL && json_object_is_type(value, json_type_string) ?
	    json_object_get_string(value) :
	    NULL;
}

int64_t
value_int(struct json_object *object, const char *name)
{
	return json_object_get_int64(value_member(object, name));
}

double
value_double(struct json_object *object, const char *name)
{
	return json_object_get_double(value_member(object, name));
}

bool
value_bool(struct json_object *object, const char *name)
{
	return json_object_get_boolean(value_member(object, name));
}

struct json_object *
value_array(struct json_object *object, const char *name, size_t *count)
{
	struct json_object *value = value_member(object, name);

	if (value == NULL || !json_object_is_type(value, json_type_array)) {
		*count = 0;
		return NULL;
	}
	*count = json_object_array_length(value);
	return value;
}

const char *
value_text_at(struct json_object *array, size_t i)
{
	struct json_object *value = json_object_array_get_idx(array, i);

	return value != NULL && json_object_is_type(value, json_type_string) ?
	    json_object_get_string(value) :
	    "";
}
