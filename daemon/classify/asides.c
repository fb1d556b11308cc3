/* Asides: "user unknown. If you are not a spammer, please contact us" speaks of an unknown user only. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/asides.h"

#include <string.h>

/* How asides begin: some anywhere, others only where a sentence begins, and what is said not to be so. */
static const struct opener {
	const char *words;
	bool is_sentence;
} openers[] = {
    {"contact ", true},
    {"do not reply", true},
    {"for additional", true},
    {"for assistance", false},
    {"for details", true},
    {"for further", false},
    {"for help", true},
    {"for information", true},
    {"for more about", false},
    {"for more detail", false},
    {"for more help", false},
    {"for more info", false},
    {"for more on", false},
    {"go to ", true},
    {"if it ", true},
    {"if the ", true},
    {"if this ", true},
    {"if you ", true},
    {"if you believe", false},
    {"if you feel", false},
    {"if you think", false},
    {"if your ", true},
    {"learn more", false},
    {"more info", true},
    {"please ask", true},
    {"please check", true},
    {"please contact", false},
    {"please read", true},
    {"please refer", false},
    {"please see", false},
    {"please visit", false},
    {"refer to", true},
    {"see ", true},
    {"thank you", true},
    {"this is an auto", true},
    {"this message was generated", true},
    {"to learn", true},
    {"visit ", true},
};

/* How the code of a reply begins behind words around it. */
static const char *const frame_ends[] = {": 4", ": 5"};

enum {
	OPENERS = sizeof(openers) / sizeof(openers[0]),
	FRAME_ENDS = sizeof(frame_ends) / sizeof(frame_ends[0])
};

const char *
asides_mark(size_t number)
{
	return number < OPENERS           ? openers[number].words :
	    number < OPENERS + FRAME_ENDS ? frame_ends[number - OPENERS] :
					    NULL;
}

/* Where a word begins. */
static bool
opens_aside(struct slice rest, bool begins_sentence)
{
	for (size_t i = 0; i < OPENERS; i++)
		if (openers[i].words[0] == rest.at[0] &&
		    (begins_sentence || !openers[i].is_sentence) &&
		    slice_has_prefix(rest, slice_str(openers[i].words)))
			return true;
	return false;
}

/* The end of the sentence that begins there: behind it a blank follows, or nothing. */
static size_t
end_of_sentence(struct slice text, size_t at)
{
	for (; at < text.len; at++)
		if (strchr(".!?;", text.at[at]) != NULL &&
		    (at + 1 == text.len || text.at[at + 1] == ' '))
			break;
	return at;
}

/* Appends the names that begin in front of that place, and passes over those that end in front of it. */
static unsigned
take_names(const struct names *names, unsigned next, size_t before, size_t behind,
    struct names *out)
{
	for (; next < names->count && names->list[next].from < before; next++)
		if (out->count < NAMES_MAX)
			out->list[out->count++] = names->list[next];
	while (next < names->count && names->list[next].from < behind)
		next++;
	return next;
}

static bool
is_code(struct slice text)
{
	return text.len > 3 && (text.at[0] == '4' || text.at[0] == '5') && text.at[1] >= '0' &&
	    text.at[1] <= '9' && text.at[2] >= '0' && text.at[2] <= '9' &&
	    (text.at[3] == ' ' || text.at[3] == '-');
}

/* "the server says: 550 user unknown": where the words around a reply end that nobody took off; 0 when there are none. */
static size_t
end_of_frame(struct slice text)
{
	if (is_code(text))
		return 0;
	for (size_t at = 0; at < text.len; at++) {
		ptrdiff_t colon = slice_find_byte(slice_skip(text, at), ':');

		if (colon < 0)
			break;
		at += (size_t)colon;
		if (at + 1 < text.len && text.at[at + 1] == ' ' &&
		    is_code(slice_skip(text, at + 2)))
			/* What qmail says in front of it tells where in the session it was. */
			return slice_has_suffix(slice_first(text, at), SLICE("remote host said")) ?
			    0 :
			    at;
	}
	return 0;
}

bool
asides_find(struct slice text, const struct names *names, struct names *out)
{
	bool has_any = false;
	size_t frame = end_of_frame(text);
	unsigned next = 0;

	out->count = 0;
	if (frame != 0) {
		next = take_names(names, next, 0, frame, out);
		out->list[out->count].to = (uint16_t)frame;
		out->list[out->count++].from = 0;
		has_any = true;
	}
	for (size_t at = frame; at + 4 < text.len;) {
		size_t end = at;

		bool begins_sentence = at < 2 || text.at[at - 1] == '(' ||
		    strchr(".!?;,:-)", text.at[at - 2]) != NULL;
		if (opens_aside(slice_skip(text, at), begins_sentence)) {
			end = end_of_sentence(text, at);
			next = take_names(names, next, at, end, out);
			if (out->count == NAMES_MAX)
				break;
			out->list[out->count].from = (uint16_t)at;
			out->list[out->count].to = (uint16_t)end;
			out->count++;
			has_any = true;
		}
		ptrdiff_t blank = slice_find_byte(slice_skip(text, end), ' ');
		if (blank < 0)
			break;
		at = end + (size_t)blank + 1;
		if (at < text.len && text.at[at] == '(')
			at++;
	}
	take_names(names, next, text.len, text.len, out);
	return has_any;
}
