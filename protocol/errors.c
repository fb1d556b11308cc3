/* The errors that a JSON-RPC response may carry: their names, and how one is filled in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "protocol/errors.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const struct {
	int code;
	const char *name;
} names[] = {
    {RPC_PARSE_ERROR, "Parse error"},
    {RPC_INVALID_REQUEST, "Invalid Request"},
    {RPC_METHOD_NOT_FOUND, "Method not found"},
    {RPC_INVALID_PARAMS, "Invalid params"},
    {RPC_INTERNAL_ERROR, "Internal error"},
    {RPC_NOT_FOUND, "not-found"},
    {RPC_NOT_PERMITTED, "not-permitted"},
    {RPC_TOO_LARGE, "too-large"},
    {RPC_BUSY, "busy"},
    {RPC_SHUTTING_DOWN, "shutting-down"},
};

const char *
rpc_error_name(int code)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return "Server error";
}

void
rpc_error_set(struct rpc_error *error, int code, const char *message, const char *hint_format, ...)
{
	va_list arguments;

	error->code = code;
	error->data[0] = '\0';
	snprintf(error->message, sizeof(error->message), "%s",
	    message != NULL ? message : rpc_error_name(code));
	va_start(arguments, hint_format);
	vsnprintf(error->hint, sizeof(error->hint), hint_format, arguments);
	va_end(arguments);
}
