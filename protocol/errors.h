/* The errors that a JSON-RPC response may carry: JSON-RPC 2.0 section 5.1, and ours. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTOCOL_ERRORS_H
#define PROTOCOL_ERRORS_H

enum rpc_error_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
	RPC_NOT_FOUND = -32000,
	RPC_NOT_PERMITTED = -32001,
	RPC_TOO_LARGE = -32002,
	RPC_BUSY = -32003,
	RPC_SHUTTING_DOWN = -32004,
};

/* An error on its way to a peer: hint says what to do. */
struct rpc_error {
	int code;
	char message[128];
	char hint[512];
	/* JSON text of further members of `data` (without braces, may be empty): e.g. for an id outside the window "\"arrived\":\"...\"" */
	char data[1024];
};

/* The fixed word for our own codes ("not-found", ...) and JSON-RPC's message for its own ("Method not found"). */
const char *rpc_error_name(int code);

/* Fills *error; message NULL means rpc_error_name(code). The hint is a printf format. */
void rpc_error_set(struct rpc_error *error, int code, const char *message, const char *hint_format,
    ...) __attribute__((format(printf, 4, 5)));

#endif
