/* Lines at a glance: nearly all fronts are read without a branch on what stands there. For the files of this folder, and for who reads all lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXIM_LINE_GLANCE_H
#define EXIM_LINE_GLANCE_H

#include <stdalign.h>

#include "daemon/exim/id_glance.h"
#include "daemon/exim/line.h"

enum {
	LINE_TIME = 19,   /* bytes: "YYYY-MM-DD HH:MM:SS" */
	LINE_MINUTE = 16, /* of these, but for the seconds */
	LINE_FRONT = 9,   /* "Completed": what tells the kind of a line is no longer */
};

/* Ways to begin a line behind its id, or its time: the flag is two characters and a blank at a fixed place, "Completed" stands in the same place. */
enum { LINE_FRONTS = 11 };

/* The bytes from the second one on, and all bits of those that count. Of the first one nothing fits. */
struct line_front {
	alignas(16) char text[8];
	char counts[8];
};
extern const struct line_front line_fronts[LINE_FRONTS];
extern const uint8_t line_front_of_sum[256];

/* What such a line is, without an id and with one, and how much of it says so. */
struct line_sense {
	uint8_t kind, length;
};
extern const struct line_sense line_senses[LINE_FRONTS][2];

static inline uint64_t
line_word(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * What a line is by what stands behind its time, or behind its id where it has one, LINE_FRONT bytes at least. Lines come in any order: nothing
 * branches on what it is.
 */
static inline const struct line_sense *
line_sense_of(const char *at, bool has_id)
{
	size_t which = line_front_of_sum[(uint8_t)((uint8_t)at[0] + (uint8_t)at[1])];
	const struct line_front *front = &line_fronts[which];
	bool fits = ((line_word(at + 1) ^ line_word(front->text)) & line_word(front->counts)) == 0;

	return &line_senses[which & -(size_t)fits][has_id];
}

/* What stands there, so many bytes as above. */
static inline void
line_end(struct slice rest, bool has_id, struct line *out)
{
	const struct line_sense *sense = line_sense_of(rest.at, has_id);
	enum line_kind kind = sense->kind;
	size_t length = sense->length;
	size_t behind = (rest.len - LINE_FRONT) & -(size_t)(length == LINE_FRONT);

	/* Completed, it seems. */
	if (behind != 0 && rest.at[LINE_FRONT] != ' ') {
		kind = LINE_NOTICE;
		length = 0;
	}
	out->kind = kind;
	out->text = slice_of(rest.at + length, rest.len - length);
}

/* Whether a time of the memo's minute stands there. It knows none at the start. */
static inline bool
line_is_of_minute(const struct timestamp_memo *memo, const char *at)
{
	return at[4] == '-' && memcmp(memo->text, at, LINE_MINUTE) == 0;
}

/* The seconds of ":SS ". False where these are none, and for a leap second, which is rare. */
static inline bool
line_take_second(const char *at, unsigned *second)
{
	uint32_t bytes = (uint32_t)(uint8_t)at[0] | (uint32_t)(uint8_t)at[1] << 8 |
	    (uint32_t)(uint8_t)at[2] << 16 | (uint32_t)(uint8_t)at[3] << 24;

	/* Leaves the two digits, and bits of others where they are none; what is added goes over 15 where a digit goes over 5 or 9. */
	bytes ^= (uint32_t)' ' << 24 | '0' << 16 | '0' << 8 | ':';
	/* Ten times the first one and the second one, in the highest byte. */
	*second = bytes * (10 << 16 | 1 << 8) >> 24;
	return ((bytes | ((bytes + 0x060a00) & 0xf0f000)) & 0xfff0f0ff) == 0;
}

/*
 * Nearly every line: of the same minute as the one before, with nothing optional behind its time, which begins with none of these. False
 * for all others. What it does branches on nothing that changes from line to line.
 */
static inline bool
line_glance(const struct timestamp_memo *memo, struct slice raw, struct line *out)
{
	enum { BEHIND_TIME = LINE_TIME + 1 };
	struct message_id id;
	unsigned second;
	bool has_id;

	if (raw.len < BEHIND_TIME + MESSAGE_ID_OLD_LENGTH + 1 + LINE_FRONT ||
	    !line_is_of_minute(memo, raw.at) || !line_take_second(raw.at + LINE_MINUTE, &second))
		return false;
	const char *front = raw.at + BEHIND_TIME;
	size_t length = front[13] == '-' ? MESSAGE_ID_OLD_LENGTH : MESSAGE_ID_NEW_LENGTH;
	/* Zones and process ids begin with "+", "-" and "[". */
	if (raw.len < BEHIND_TIME + length + 1 + LINE_FRONT ||
	    (uint8_t)((front[0] | 0x20) - '0') > 'z' - '0' ||
	    !id_glance(front, length, &has_id, &id))
		return false;
	has_id &= front[length] == ' ';
	out->id.high = id.high & -(uint64_t)has_id;
	out->id.low = id.low & -(uint64_t)has_id;
	out->second = memo->wall + second;
	out->millisecond = -1;
	out->utc_offset = 0;
	out->is_placed = false;
	size_t begin = BEHIND_TIME + ((length + 1) & -(size_t)has_id);
	line_end(slice_of(raw.at + begin, raw.len - begin), has_id, out);
	return true;
}

/* Any line, however it begins: as line_read, which takes a glance first. */
void line_read_carefully(struct timestamp_memo *memo, struct slice raw, struct line *out);

#endif
