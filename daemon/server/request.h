/* Requests: the JSON-RPC 2.0 envelope and the parameters, checked against the tables of the methods. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/answer/answer.h"
#include "protocol/errors.h"

struct json_object;
struct json_tokener;

/* One request of a line. Everything in it lies in the parsed line. */
struct request {
	struct json_object *id; /* NULL stands for JSON's null too */
	bool has_id;            /* false: a notification, which nobody wants answered */
	const struct answer_method *method;
	struct json_object *params; /* NULL: none */
};

/* True when a line holds nothing but blanks. */
bool request_is_blank(const char *line, size_t len);

/*
 * Parses a line. The tokener must take LIMIT_NESTING arrays and a value in them. Returns the value, to be given back with
 * json_object_put, or NULL with *error filled.
 */
struct json_object *request_parse(struct json_tokener *tokener, const char *line, size_t len,
    struct rpc_error *error);

/* Reads one request object. The id is filled in as far as it could be read even when false is returned with *error filled. */
bool request_read(struct json_object *value, struct request *request, struct rpc_error *error);

#endif
