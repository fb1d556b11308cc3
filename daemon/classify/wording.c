/* The wording of bounces. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/wording.h"

#include <ctype.h>

#include "daemon/classify/pasting.h"

enum { ADDRESS_MAX = 320 };

/* Takes the quotes, stars and colon off that stand around a word. */
static struct slice
bare(struct slice word)
{
	word = slice_trim(word);
	while (word.len != 0 && strchr("*\"'", word.at[0]) != NULL)
		word = slice_skip(word, 1);
	while (word.len != 0 && strchr(":*\"'", word.at[word.len - 1]) != NULL)
		word.len--;
	return word;
}

static bool
take_address(struct slice word, struct slice *address)
{
	word = bare(word);
	if (word.len > 2 && word.at[0] == '<' && word.at[word.len - 1] == '>')
		word = slice_of(word.at + 1, word.len - 2);
	ptrdiff_t at = slice_find_byte(word, '@');
	if (at <= 0 || word.len < 4 || word.len > ADDRESS_MAX || (size_t)at + 1 == word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (strchr(" <>()[],;:/\\\"", word.at[i]) != NULL)
			return false;
	*address = word;
	return true;
}

bool
take_word_address(struct slice word, struct slice *address)
{
	while (word.len != 0 && strchr("(,.;", word.at[0]) != NULL)
		word = slice_skip(word, 1);
	while (word.len != 0 && strchr("),.;", word.at[word.len - 1]) != NULL)
		word.len--;
	return take_address(word, address) && slice_find_byte(slice_domain(*address), '.') > 0;
}

/* "Recipient Address: a@b", "Failed address: a@b". */
static bool
take_labelled(struct slice line, struct slice *address)
{
	static const char *const labels[] = {"Failed address:", "Failed recipient:",
	    "Recipient Address:", "Recipient address:", "Recipient:", "Delivered To:"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (slice_take_prefix(&line, slice_str(labels[i])))
			return take_address(line, address);
	return false;
}

/* "<a@b>: words", "<a@b> (expanded from <c@d>): words" of Postfix; "a@b: 550 words". */
static bool
take_postfix(struct slice line, struct slice *address, struct slice *words)
{
	ptrdiff_t colon = slice_find(line, SLICE(": "));

	if (colon < 0)
		return false;
	struct slice front = slice_first(line, (size_t)colon), first = front;
	*words = slice_trim(slice_skip(line, (size_t)colon + 2));
	ptrdiff_t expanded = slice_find(front, SLICE(" (expanded from "));
	if (expanded > 0)
		first = slice_first(front, (size_t)expanded);
	/* A command is no address; what led to it is. */
	if (expanded > 0 && slice_has_prefix(first, SLICE("<\"|"))) {
		first = slice_skip(front, (size_t)expanded + 16);
		if (slice_has_suffix(first, SLICE(")")))
			first.len--;
	}
	bool is_said = first.at[0] == '<' || is_reply_line(*words) ||
	    slice_has_prefix(*words, SLICE("SMTP error from remote mail")) ||
	    slice_has_prefix(*words, SLICE("host "));
	return is_said && take_address(first, address);
}

/* "a@b<mailto:a@b>", "Name<mailto:a@b>", "Name (a@b)", "'a@b' on 11/23/2026 10:00 AM". */
static bool
take_decorated(struct slice line, struct slice *address)
{
	ptrdiff_t mailto = slice_find(line, SLICE("<mailto:")),
		  on = slice_find(line, SLICE(" on "));

	if (mailto > 0 && slice_has_suffix(line, SLICE(">"))) {
		struct slice inside = slice_skip(line, (size_t)mailto + 8);

		return take_address(slice_first(inside, inside.len - 1), address);
	}
	ptrdiff_t open = slice_find(line, SLICE(" ("));
	if (open > 0 && slice_has_suffix(line, SLICE(")"))) {
		struct slice inside = slice_skip(line, (size_t)open + 2);

		return take_address(slice_first(inside, inside.len - 1), address);
	}
	return on > 0 && (size_t)on + 4 < line.len && isdigit((unsigned char)line.at[on + 4]) &&
	    take_address(slice_first(line, (size_t)on), address);
}

bool
take_address_line(struct slice line, struct slice *address, struct slice *words)
{
	static const struct slice pipe = {"pipe to |", 9};

	*words = slice_of("", 0);
	if (slice_has_prefix(line, pipe)) {
		*address = slice_skip(line, pipe.len - 1);
		return true;
	}
	return take_address(line, address) || take_labelled(line, address) ||
	    take_postfix(line, address, words) ||
	    (*words = slice_of("", 0), take_decorated(line, address));
}

bool
take_leading_words(struct slice line, struct slice *words)
{
	static const char *const labels[] = {"Result:", "Reported error:"};
	static const char *const phrases[] = {"The response was:",
	    "The response from the remote server was:", "the other server returned was:"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (slice_has_prefix(line, slice_str(labels[i]))) {
			*words = slice_trim(slice_skip(line, strlen(labels[i])));
			return true;
		}
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		ptrdiff_t at = slice_find(line, slice_str(phrases[i]));

		if (at < 0)
			continue;
		*words = slice_trim(slice_skip(line, (size_t)at + strlen(phrases[i])));
		return true;
	}
	return false;
}

bool
take_server_line(struct slice line, struct slice *reply)
{
	static const char *const marks[] = {"<<< ", "<-- ", "<** ", "<~* ", "SERVER -> CLIENT: "};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		ptrdiff_t at = slice_find(line, slice_str(marks[i]));

		if (at < 0)
			continue;
		*reply = slice_trim(slice_skip(line, (size_t)at + strlen(marks[i])));
		if (is_reply_line(*reply) && reply->at[0] >= '4')
			return true;
	}
	return false;
}

/* Cuts the text where its frame ends: at the last byte that closes it, at closing words, which must be there, or not at all. */
static bool
close_frame(struct slice *words, const char *close)
{
	size_t len = strlen(close);

	if (len > 1) {
		ptrdiff_t at = slice_find(*words, slice_str(close));

		*words = slice_trim(slice_first(*words, at >= 0 ? (size_t)at : 0));
		return at >= 0;
	}
	const char *last = len != 0 && words->len != 0 ? memrchr(words->at, close[0], words->len) :
							 NULL;
	if (last != NULL)
		words->len = (size_t)(last - words->at);
	else if (slice_has_suffix(*words, SLICE("'")))
		words->len--;
	*words = slice_trim(*words);
	return true;
}

struct slice
words_without_frame(struct slice words, struct slice *host)
{
	static const struct {
		const char *open, *close;
		bool wants_code; /* too common a word unless a reply follows */
	} frames[] = {
	    {"emote Server returned '", "'", false},
	    {"emote server returned '", "'", false},
	    {"Server Response: '", "', Port", false},
	    {"Server error: '", "'", false},
	    {"server responded: ", "", false},
	    {"smtp;", ">", true},
	    {"#", "##", true},
	    {"emote server replied: ", "", true},
	    {" reason: ", "", true},
	    {"(reason: ", ")", true},
	    {"Protocol Returned a Permanent Error ", "", true},
	    {"Protocol Returned a Transient Error ", "", true},
	};

	/* What 1&1 writes is taken apart with its host and command. */
	if (is_reply_line(words) ||
	    slice_find(words, SLICE("MTP error from remote server for ")) >= 0)
		return words;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		ptrdiff_t at = slice_find(words, slice_str(frames[i].open));

		if (at < 0)
			continue;
		struct slice inside = slice_skip(words, (size_t)at + strlen(frames[i].open));
		inside = slice_trim(inside);
		struct slice before = slice_trim(slice_first(words, (size_t)at));
		/* "<mx.example #5.1.1 smtp;550 no>"; else the bracket is an address's. */
		bool is_open = frames[i].close[0] == '>' && slice_find_byte(before, '<') < 0;
		if (!close_frame(&inside, is_open ? "" : frames[i].close))
			continue;
		if (frames[i].wants_code && !is_reply_line(inside) &&
		    !(inside.len > 4 && isdigit((unsigned char)inside.at[0]) &&
			inside.at[1] == '.'))
			continue;
		if (frames[i].open[0] == '#' && slice_find_byte(before, ' ') < 0)
			*host = before;
		return inside;
	}
	return words;
}

struct slice
address_in_words(struct slice text)
{
	static const char *const before[] = {"delivered to ", "elivering your message to ",
	    "message to ", "rejected e-mail address was ",
	    "following recipients failed: ", "message recipient "};
	struct slice address;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(before[i]));

		if (at < 0)
			continue;
		struct slice word = slice_skip(text, (size_t)at + strlen(before[i]));
		size_t len = 0;
		while (len < word.len && strchr(" \n,;", word.at[len]) == NULL)
			len++;
		while (len != 0 && strchr(".:", word.at[len - 1]) != NULL)
			len--;
		if (take_address(slice_first(word, len), &address))
			return address;
	}
	return slice_of("", 0);
}

struct slice
sender_in_words(struct slice text)
{
	static const char *const labels[] = {
	    "Sender Address:", "Absenderadresse:", "Adresse de l'exp\303\251diteur :",
	    "Direcci\xc3\xb3n del remitente:", "X-Postfix-Sender: rfc822;"};
	struct slice address = slice_of("", 0);

	while (!slice_is_empty(text)) {
		struct slice line = slice_trim(slice_take_until(&text, '\n'));

		for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
			if (slice_take_prefix(&line, slice_str(labels[i])) &&
			    take_address(line, &address))
				return address;
	}
	return address;
}
