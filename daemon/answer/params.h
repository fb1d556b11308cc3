/* Parameters: takes the values that a method's table declares out of a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_PARAMS_H
#define ANSWER_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/answer/answer.h"
#include "daemon/answer/match.h"
#include "daemon/text/slice.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 1000 };

/* The string of that name; empty when it is absent. The slice lies in params. */
struct slice params_string(struct json_object *params, const char *name);
bool params_bool(struct json_object *params, const char *name);

/* Items on a page: 1 to PAGE_MAX; fallback when absent. False with *error filled when it is out of range. */
bool params_limit(struct json_object *params, uint32_t fallback, uint32_t *limit,
    struct rpc_error *error);

/* "since" and "until"; 0 when absent. False with *error filled when one is no time. */
bool params_span(const struct answer_sources *sources, struct json_object *params, int64_t *since,
    int64_t *until, struct rpc_error *error);
/* clang-format off */
/* What a method declares that lets them bound the arrival. */
#define PARAMS_SPAN \
	{"since", PARAM_TIME, false, "arrived not before"}, \
	{"until", PARAM_TIME, false, "arrived not after"}
/* clang-format on */

/* "hard", "soft", "class", "domain", "sender", "since", "until". The slices lie in params, which must outlive the filter. */
bool params_failure_filter(const struct answer_sources *sources, struct json_object *params,
    struct failure_filter *filter, struct rpc_error *error);
/* clang-format off */
/* What a method declares that takes them. */
#define PARAMS_FAILURE_FILTER \
	{"hard", PARAM_BOOL, false, "permanent failures only"}, \
	{"soft", PARAM_BOOL, false, "temporary failures only"}, \
	{"class", PARAM_STRING, false, "this class only"}, \
	{"domain", PARAM_STRING, false, "recipients at this domain only"}, \
	{"sender", PARAM_STRING, false, "this sender only: an address, @domain or domain"}, \
	{"since", PARAM_TIME, false, "not before"}, \
	{"until", PARAM_TIME, false, "not after"}
/* clang-format on */

/* A cursor of two numbers, "12.345". False with *error filled when it is no cursor of ours. */
bool cursor_parse_pair(struct slice cursor, uint64_t *first, uint32_t *second,
    struct rpc_error *error);

/*
 * The cursor of a page: a place that a method gave, good for that method only ("kind" is a letter of its own) and while this daemon runs,
 * since places are counted anew by the next one.
 */
enum { CURSOR_TEXT_SIZE = 64 };
void cursor_format_page(const struct answer_sources *sources, char kind, uint64_t first,
    uint32_t second, char text[static CURSOR_TEXT_SIZE]);
/* True, too, where the cursor is empty; the numbers are left alone then. */
bool cursor_parse_page(const struct answer_sources *sources, char kind, struct slice cursor,
    uint64_t *first, uint32_t *second, struct rpc_error *error);

/* The error for memory that is out; NULL, so that a start function can return it. */
struct answer *answer_no_memory(struct rpc_error *error);

#endif
