/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/json_text.h"

static struct json_object *
format_text(const char *format, va_list values)
{
	struct json_object *string = NULL;
	char *text;

	if (vasprintf(&text, format, values) < 0)
		return NULL;
	string = json_text(text, strlen(text));
	free(text);
	return string;
}

struct json_object *
checks_add(struct checks *checks, const char *check, enum check_status status, const char *format,
    ...)
{
	static const char *const names[] = {
	    [CHECK_OK] = "ok",
	    [CHECK_WARN] = "warn",
	    [CHECK_FAIL] = "fail",
	    [CHECK_UNKNOWN] = "unknown",
	};
	struct json_object *item = json_object_new_object();
	va_list values;

	if (item == NULL)
		return NULL;
	json_object_object_add(item, "check", json_object_new_string(check));
	json_object_object_add(item, "status", json_object_new_string(names[status]));
	va_start(values, format);
	json_object_object_add(item, "finding", format_text(format, values));
	va_end(values);
	json_object_object_add(item, "evidence", json_object_new_array());
	json_object_object_add(item, "advice", json_object_new_array());
	json_object_array_add(checks->items, item);
	return item;
}

static void
append(struct json_object *item, const char *key, const char *format, va_list values)
{
	struct json_object *list, *text;

	if (item == NULL || !json_object_object_get_ex(item, key, &list))
		return;
	text = format_text(format, values);
	if (text != NULL)
		json_object_array_add(list, text);
}

void
check_evidence(struct json_object *item, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	append(item, "evidence", format, values);
	va_end(values);
}

void
check_advise(struct json_object *item, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	append(item, "advice", format, values);
	va_end(values);
}
