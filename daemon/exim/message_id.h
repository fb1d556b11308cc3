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
	MESSAGE_ID_MEMO = 128,
};

/* Takes an id off the front of *rest, if one stands there and is followed by a byte that is no base-62 digit nor '-', or by the end. */
bool message_id_take(struct slice *rest, struct message_id *out);
/* An id's text as words that overlap; where the hyphens stand tells the forms apart. */
struct message_id_text {
	uint64_t words[3];
};

/* Ids that were taken of late, by their texts: lines of one message come close together. All zero at the start. */
struct message_id_memo {
	struct known_id {
		struct message_id_text text;
		struct message_id id;
	} taken[MESSAGE_ID_MEMO][2]; /* the newer one first */
};
/* The same, by the memo where it knows the id. */
bool message_id_take_again(struct message_id_memo *memo, struct slice *rest,
    struct message_id *out);

static inline struct message_id_text
message_id_text_of(const char *at, size_t length)
{
	struct message_id_text text;

	memcpy(&text.words[0], at, 8);
	memcpy(&text.words[1], at + 8, 8);
	memcpy(&text.words[2], at + length - 8, 8);
	return text;
}

/* Where the memo has it, if it does. */
static inline struct known_id *
message_id_memo_set(struct message_id_memo *memo, const struct message_id_text *text)
{
	uint64_t mixed = (text->words[0] ^ text->words[1] ^ text->words[2] << 1) *
	    0x9e3779b97f4a7c15;

	return memo->taken[(mixed >> 40) % MESSAGE_ID_MEMO];
}

static inline bool
message_id_has_text(const struct known_id *known, const struct message_id_text *text)
{
	return ((known->text.words[0] ^ text->words[0]) | (known->text.words[1] ^ text->words[1]) |
		   (known->text.words[2] ^ text->words[2])) == 0;
}

/* The length of the id at the front, where the memo knows it and a blank follows; 0 where only message_id_take_again can tell. */
static inline size_t
message_id_known_length(struct message_id_memo *memo, struct slice text, struct message_id *out)
{
	size_t length = text.len > MESSAGE_ID_OLD_LENGTH && text.at[MESSAGE_ID_OLD_LENGTH] == ' ' ?
	    MESSAGE_ID_OLD_LENGTH :
	    MESSAGE_ID_NEW_LENGTH;

	if (text.len <= length || text.at[length] != ' ')
		return 0;
	struct message_id_text words = message_id_text_of(text.at, length);
	const struct known_id *known = message_id_memo_set(memo, &words);
	bool is_first = message_id_has_text(&known[0], &words);
	/* Which of the two it is cannot be foreseen: nothing branches on it. */
	if (!(is_first | message_id_has_text(&known[1], &words)))
		return 0;
	*out = known[!is_first].id;
	return length;
}

/* True when the whole slice is an id. */
bool message_id_parse(struct slice text, struct message_id *out);
/* Writes the id as Exim does, NUL-terminated; returns its length. */
size_t message_id_format(struct message_id id, char text[MESSAGE_ID_TEXT_SIZE]);
/* The second (Unix time) in which the message arrived: the first group. */
int64_t message_id_second(struct message_id id);

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
