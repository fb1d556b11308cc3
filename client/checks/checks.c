/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/checks/box/box.h"
#include "client/checks/dns/resolv_conf.h"
#include "client/checks/dns/resolver.h"
#include "client/json_text.h"

enum { SMTP_PORT = 25 };

const char *
checks_open(struct checks *checks, const struct checks_options *options)
{
	const char *error = NULL;
	struct stat stat_;

	*checks = (struct checks){
	    .wants_port25 = options->wants_port25,
	    .is_nameserver_given = options->nameserver != NULL,
	    .port = options->port != 0 ? options->port : SMTP_PORT,
	};
	if (options->root != NULL && (stat(options->root, &stat_) != 0 || !S_ISDIR(stat_.st_mode)))
		return "--root needs a folder that holds a copy of a server's files, as in --root /mnt/server";
	checks->box = box_new(options->root);
	if (checks->box == NULL)
		return "memory is out";
	char *servers = options->nameserver != NULL ? strdup(options->nameserver) :
						      resolv_conf_servers(checks->box);
	if (servers == NULL)
		return "memory is out";
	checks->resolver = resolver_new(servers, &error);
	free(servers);
	if (checks->resolver == NULL && options->nameserver != NULL)
		return "--nameserver needs an address, as in 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353";
	return checks->resolver == NULL ? error : NULL;
}

void
checks_close(struct checks *checks)
{
	resolver_free(checks->resolver);
	box_free(checks->box);
}

bool
checks_dns_knows_nothing(struct checks *checks)
{
	return !checks->is_nameserver_given &&
	    resolver_ask(checks->resolver, ".", RECORD_NS)->status == LOOKUP_NO_NAME;
}

static struct json_object *__attribute__((format(printf, 1, 0)))
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

static void __attribute__((format(printf, 3, 0)))
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
