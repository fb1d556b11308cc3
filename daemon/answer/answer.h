/* Answers: one file a method; each turns parameters into a result that is produced in slices. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/text/slice.h"
#include "protocol/errors.h"
#include "protocol/json_out.h"

struct json_object;
struct index;
struct classifier;
struct tail;
struct zone;
struct ini_errors;

/* What answers are made from. The server fills it once; classifier changes at a reload. */
struct answer_sources {
	struct index *index;
	struct classifier *classifier;
	struct tail *tail;       /* NULL when nothing is followed */
	const struct zone *zone; /* NULL: the system's local time */
	int64_t started;         /* Unix time */
	const char *version;
	/* cPanel's table "domain: user", its list of domains whose mail stays here, and the folder of the users' folders */
	const char *userdomains, *localdomains, *homes;
	/* for `status`: filled by whoever knows */
	void (*write_clients)(void *context,
	    struct json_out *out); /* writes {"now","max","refused"} */
	void *clients_context;
	void (*write_latency)(void *context,
	    struct json_out *out); /* writes milliseconds or null; NULL: not measured */
	void *latency_context;
	const struct ini_errors *reload_errors; /* of the last failed reload, or NULL */
	uint64_t memory_max;                    /* bytes; 0: no cap */
	int64_t window_seconds;                 /* 0: no window */
};

enum param_type {
	PARAM_STRING,
	PARAM_BOOL,
	PARAM_INT,
	PARAM_TIME,    /* what moment_parse takes */
	PARAM_STRINGS, /* a string or an array of strings */
};

struct answer_param {
	const char *name;
	enum param_type type;
	bool is_required;
	const char *meaning; /* for openrpc.json */
};

/* Who asks: decides what may be seen. */
struct asker {
	bool sees_all;
	/* With users = own: whether mail from or to that domain may be shown. */
	bool (*owns_domain)(const void *context, struct slice domain);
	const void *context;
};

struct answer; /* one being produced */

struct answer_method {
	const char *name;
	const char *summary;               /* for openrpc.json */
	const struct answer_param *params; /* ends with a NULL name */
	/*
	 * Starts an answer. params has been checked against the table above (names and types); borrowed, may be NULL. Returns NULL
	 * with *error filled when there is none (not found, bad value, not permitted).
	 */
	struct answer *(*start)(const struct answer_sources *sources, const struct asker *asker,
	    struct json_object *params, struct rpc_error *error);
};

/*
 * What first questions would have to make, made before they are asked: some of it, for a millisecond or two, each time that it goes on, which
 * is to be when there is nothing else to do. What was made stays for them as long as there is memory. go_on: false when nothing was left to make.
 * The sources are borrowed; NULL when memory is out.
 */
struct ahead *answer_ahead_new(const struct answer_sources *sources);
void answer_ahead_free(struct ahead *ahead);
bool answer_ahead_go_on(struct ahead *ahead);

/* All methods but rpc.discover, NULL-terminated. */
extern const struct answer_method *const answer_methods[];

enum answer_state {
	ANSWER_MORE,   /* call again when the peer has taken what there is */
	ANSWER_DONE,   /* the result is complete */
	ANSWER_FOLLOW, /* watch: the result is complete, notifications follow whenever answer_wake is called, until the peer leaves */
};

/*
 * What every answer begins with. produce appends the next piece of the result's JSON to out and returns within a few
 * milliseconds. An answer that streams (dump with stream, watch) writes whole notification lines instead, see is_stream:
 * for it produce writes complete lines {"jsonrpc":"2.0","method":NAME,"params":...}\n, and when it returns ANSWER_DONE the
 * server sends the response with the result that `finish` writes. A line may be written in several pieces: nothing comes between them.
 */
struct answer {
	enum answer_state (*produce)(struct answer *answer, struct json_out *out);
	void (*finish)(struct answer *answer,
	    struct json_out *out); /* is_stream only: writes the result of the response */
	void (*free)(struct answer *answer);
	bool is_stream;
	bool responds_first; /* watch: the response goes out before the notifications */
	/* Set by the server for ANSWER_FOLLOW: to be called when there is something to produce again. */
	void (*wake)(void *context);
	void *wake_context;
};

/* Runs a whole answer into out, for those whose result is small and made in one go: made by answer_of_text. Takes over the text of out (cleared afterwards). */
struct answer *answer_of_text(struct json_out *text);

#endif
