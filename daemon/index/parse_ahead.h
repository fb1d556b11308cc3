/* Parse ahead: a second thread that takes lines apart while the first one folds them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_PARSE_AHEAD_H
#define INDEX_PARSE_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/index/arena.h"
#include "daemon/index/parsed.h"
#include "daemon/tail/tail.h"

struct parse_ahead;

/* Is given parsed lines: some at a time, in their order, and in the calling thread. */
typedef void parse_ahead_take_fn(void *context, const struct tail_line *lines,
    struct parsed *parsed, size_t count);

/*
 * NULL where it would not pay, on one processor, or when there is no thread to be had: then the caller parses by itself. The second
 * thread also makes the slabs of the pool ready, if one is given.
 */
struct parse_ahead *parse_ahead_new(const struct classifier *classifier, const struct hash_key *key,
    struct arena_pool *pool, parse_ahead_take_fn *take, void *context);
void parse_ahead_free(struct parse_ahead *ahead);
/* Goes on with another classifier. ahead may be NULL. */
void parse_ahead_set_classifier(struct parse_ahead *ahead, const struct classifier *classifier);

/*
 * Gives these lines, parsed, to take, behind all those of the call before; the last ones may still be under way when it returns. False where the
 * caller had better parse by itself, for now; what is under way comes first.
 */
bool parse_ahead_lines(struct parse_ahead *ahead, const struct tail_line *lines, size_t count);
/* Gives all that are under way to take. ahead may be NULL. */
void parse_ahead_settle(struct parse_ahead *ahead);

/*
 * Has the second thread make a slab ready where one is due and it sleeps, since nobody gives it lines: one takes milliseconds, and who asks while a log
 * is read would wait for them. ahead may be NULL.
 */
void parse_ahead_look_to_memory(struct parse_ahead *ahead);

/* Work for the second thread, and the wait for it: as struct tail_receiver has it. ahead may be NULL. */
bool parse_ahead_begin_aside(struct parse_ahead *ahead, void (*work)(void *), void *argument);
bool parse_ahead_end_aside(struct parse_ahead *ahead);

#endif
