/* Prose: what tells of a failure without the form of a bounce: a session, a reply that people or programs wrote around, sentences. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>

#include "daemon/classify/bounce.h"
#include "daemon/classify/reply_codes.h"
#include "daemon/classify/wording.h"
#include "daemon/text/find_nocase.h"

enum { LABEL_MAX = 60 }; /* bytes of the words that lead to a reply on its line */

/* A session alone: whom RCPT names, and what the server said then. */
static void
read_transcript(struct bounce *bounce, struct slice text)
{
	struct slice reply;

	bounce->address = address_in_words(text);
	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');
		ptrdiff_t rcpt = find_nocase(line, needle_of("rcpt to:<"));

		if (take_server_line(line, &reply)) {
			bounce_add_server_line(bounce, reply);
			continue;
		}
		bounce_finish(bounce);
		if (rcpt >= 0) {
			struct slice address = slice_skip(line, (size_t)rcpt + 9);
			bounce->address = slice_take_until(&address, '>');
		}
	}
	bounce_finish(bounce);
}

/* "550 5.1.1 no", or a code with words behind it where what stands in front announces a reply. */
static bool
is_refusal(struct slice words, bool is_announced)
{
	struct slice rest = words;
	struct enhanced_code enhanced;
	int code;

	if (!is_reply_line(words) || !reply_take_code(&rest, false, &code))
		return false;
	rest = slice_skip(rest, 1);
	if (reply_take_enhanced(&rest, &enhanced))
		is_announced = enhanced.class == (unsigned)code / 100;
	rest = slice_trim(rest);
	return is_announced && rest.len > 1;
}

/*
 * The reply on a line: alone, in quotes, or behind a label in whatever language: "Gemeldeter Fehler: 550 5.4.1 ...", "<a@b> ... transport
 * smtp: 550 ...". A label in front, or a line that ended in a colon before it, makes up for an enhanced code that is missing.
 */
static bool
take_reply(struct slice line, bool is_announced, struct slice *reply)
{
	struct slice words = slice_trim(line);

	for (size_t i = 0; i < 2; i++) {
		while (words.len != 0 && strchr("'\"", words.at[0]) != NULL) {
			words = slice_skip(words, 1);
			is_announced = true;
		}
		if (is_refusal(words, is_announced)) {
			while (strchr("'\"", words.at[words.len - 1]) != NULL)
				words.len--;
			*reply = words;
			return true;
		}
		ptrdiff_t colon = slice_find(slice_first(words, LABEL_MAX), SLICE(": "));
		if (colon < 0)
			return false;
		words = slice_trim(slice_skip(words, (size_t)colon + 1));
		is_announced = true;
	}
	return false;
}

/* The last address on a line, unless the line is a header that names the sender. */
static void
note_address(struct bounce *bounce, struct slice line)
{
	static const char *const others[] = {"From:", "Von:", "De :", "De:", "Da:", "Van:",
	    "Sender", "Absender", "Exp\303\251diteur", "Remitente",
	    "To:", "An:", "\xc3\x80 :", "\xc3\x80:", "Para:", "Cc:", "Message-ID", "Received:"};
	struct slice address;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_has_prefix(slice_trim(line), slice_str(others[i])))
			return;
	while (!slice_is_empty(line)) {
		struct slice word = slice_take_until(&line, ' ');

		if (take_word_address(word, &address))
			bounce->address = address;
	}
}

/* Each reply with the address that was named last before it, or after it until a blank line; further lines belong to the reply. */
static void
read_replies(struct bounce *bounce, struct slice text)
{
	struct slice reply, before = slice_of("", 0);

	bounce->address = slice_of("", 0);
	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n'), words = slice_trim(line);

		if (slice_is_empty(words)) {
			bounce_finish(bounce);
			continue;
		}
		if (!bounce->is_open &&
		    take_reply(words, slice_has_suffix(before, SLICE(":")), &reply)) {
			note_address(bounce, slice_first(words, (size_t)(reply.at - words.at)));
			bounce->is_open = true;
			text_put(&bounce->words, reply);
		} else if (bounce->is_open && (is_reply_line(words) || isblank(line.at[0]))) {
			text_put_line(&bounce->words, words);
		} else {
			bounce_finish(bounce);
			note_address(bounce, words);
		}
		before = words;
	}
	bounce_finish(bounce);
}

/* Sentences: they count when they quote a reply, or name an address. */
static void
read_sentences(struct bounce *bounce, struct slice text)
{
	struct slice host;

	bounce->address = address_in_words(text);
	while (!slice_is_empty(text))
		text_put_line(&bounce->words, slice_take_until(&text, '\n'));
	struct slice words = text_slice(&bounce->words);
	if (bounce->address.len == 0 && words_without_frame(words, &host).len == words.len)
		return;
	bounce_finish(bounce);
}

void
bounce_read_prose(struct bounce *bounce, struct slice text)
{
	struct slice first = slice_trim(text);

	read_transcript(bounce, text);
	/* A reply alone is read as what it is. */
	if (bounce->count == 0 && !is_reply_line(first))
		read_replies(bounce, text);
	if (bounce->count == 0)
		read_sentences(bounce, text);
}
