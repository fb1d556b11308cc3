/* Message ids: Exim's name for a message, packed into sixteen bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_MESSAGE_ID_H
#define EXIM_MESSAGE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/text/slice.h"

/*
 * Base-62 digits (0-9A-Za-z) in three groups, 6-6-2 before Exim 4.97 and 6-11-4 since (Exim spec, "Message identification").
 * The first group is 36 bits, the second at most 66, the third at most 24: with two bits for the form they fill 128.
 * All zero: no id. The index keeps ids at multiples of four bytes.
 */
struct message_id {
	uint64_t high, low;
} __attribute__((packed, aligned(4)));

enum {
	MESSAGE_ID_OLD_LENGTH = 16,
	MESSAGE_ID_NEW_LENGTH = 23,
	MESSAGE_ID_TEXT_SIZE = MESSAGE_ID_NEW_LENGTH + 1,
};

/* Takes an id off the front of *rest, if one stands there and is followed by a byte that is no base-62 digit nor '-', or by the end. */
bool message_id_take(struct slice *rest, struct message_id *out);
/* Reads what stands there in so many bytes, which are as many as an id of one of the forms has. False, and *out anything, where it is no id. */
bool message_id_read(const char *at, size_t length, struct message_id *out);
/* True when the whole slice is an id. */
bool message_id_parse(struct slice text, struct message_id *out);
/* Writes the id as Exim does, NUL-terminated; returns its length. */
size_t message_id_format(struct message_id id, char text[MESSAGE_ID_TEXT_SIZE]);
/* The second (Unix time) in which the message arrived: the first group. */
static inline int64_t
message_id_second(struct message_id id)
{
	return (int64_t)(id.high >> 28);
}

static inline bool
message_id_equal(struct message_id a, struct message_id b)
{
	return a.high == b.high && a.low == b.low;
}

static inline bool
message_id_is_none(struct message_id id)
{
	return (id.high | id.low) == 0;
}

#endif
