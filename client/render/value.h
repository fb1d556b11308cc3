/* Values: takes members out of an answer; whatever is missing, null or of another type is simply not there. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_VALUE_H
#define CLIENT_RENDER_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* NULL where object is no object, or has no such member, or it is null. */
struct json_object *value_member(struct json_object *object, const char *name);
/* The text of a string, or NULL. Borrowed. */
const char *value_text(struct json_object *object, const char *name);
int64_t value_int(struct json_object *object, const char *name);   /* 0 */
double value_double(struct json_object *object, const char *name); /* 0 */
bool value_bool(struct json_object *object, const char *name);     /* false */
/* The member as an array, and its length; NULL and 0. */
struct json_object *value_array(struct json_object *object, const char *name, size_t *count);
/* The text of the i-th element, or "". */
const char *value_text_at(struct json_object *array, size_t i);

#endif
