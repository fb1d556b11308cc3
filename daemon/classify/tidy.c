/* Tidying: takes off a pasted text what mail programs, web sites, grep and syslog put around its lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>

#include "daemon/classify/mime.h"
#include "daemon/classify/pasting.h"

enum {
	TAG_MAX = 160,   /* bytes of a tag */
	COLOUR_MAX = 16, /* bytes of what switches a colour on or off */
	ESCAPED_MIN =
	    4, /* ends of lines written as "\\r\\n", below which they may belong to what is quoted */
};

/* ">>> RCPT TO:<a@b>": a transcript, not a quote. */
static bool
is_transcript(struct slice line)
{
	return slice_take_prefix(&line, SLICE(">>> ")) && line.len > 4 && isupper(line.at[0]) &&
	    isupper(line.at[1]) && isupper(line.at[2]) && isupper(line.at[3]);
}

static struct slice
without_quotes(struct slice line)
{
	while (!is_transcript(line) &&
	    (slice_take_prefix(&line, SLICE("> ")) || slice_take_prefix(&line, SLICE(">")) ||
		slice_take_prefix(&line, SLICE("| "))))
		;
	return line;
}

static size_t
count_blanks(struct slice text)
{
	size_t count = 0;

	while (count < text.len && (text.at[count] == ' ' || text.at[count] == '\t'))
		count++;
	return count;
}

static size_t
count_digits(struct slice text)
{
	size_t count = 0;

	while (count < text.len && isdigit((unsigned char)text.at[count]))
		count++;
	return count;
}

/* "Nov 23 10:00:02", or "2026-11-23T10:00:02.123456+01:00" as rsyslog has it today. */
static bool
has_syslog_time(struct slice front)
{
	return (front.at[3] == ' ' && front.at[6] == ' ' && front.at[9] == ':') ||
	    (count_digits(front) == 4 && front.at[4] == '-' && front.at[7] == '-' &&
		front.at[10] == 'T' && front.at[13] == ':');
}

/* "Nov 23 10:00:02 server exim[31337]: ": what syslog puts before an entry, its own time included. */
static bool
take_syslog(struct slice *line)
{
	struct slice front = slice_first(*line, 128);
	ptrdiff_t name = slice_find(front, SLICE(" exim["));

	if (name < 16 || !has_syslog_time(front))
		return false;
	struct slice rest = slice_skip(*line, (size_t)name + 6);
	rest = slice_skip(rest, count_digits(rest));
	if (!slice_take_prefix(&rest, SLICE("]: ")))
		return false;
	*line = rest;
	return true;
}

/*
 * "mail-out  |   276   ** a@b.example R=x": the name that container logs put before each line, and the process id of Exim's debugging
 * output before an entry.
 */
static struct slice
without_container(struct slice line)
{
	struct slice rest = slice_trim(line);
	size_t len = 0;

	while (len < rest.len &&
	    (isalnum((unsigned char)rest.at[len]) || rest.at[len] == '-' || rest.at[len] == '_' ||
		rest.at[len] == '.'))
		len++;
	struct slice behind = slice_skip(rest, len);
	size_t blanks = len != 0 ? count_blanks(behind) : 0;
	if (blanks != 0 && slice_has_prefix(slice_skip(behind, blanks), SLICE("| ")))
		line = rest = slice_skip(behind, blanks + 2);
	rest = slice_skip(rest, count_blanks(rest));
	behind = slice_skip(rest, count_digits(rest));
	blanks = behind.len != rest.len ? count_blanks(behind) : 0;
	rest = slice_skip(behind, blanks);
	return blanks > 1 &&
		(slice_has_prefix(rest, SLICE("** ")) || slice_has_prefix(rest, SLICE("== "))) ?
	    rest :
	    line;
}

/* "[email]", "[/email]", "[EMAIL=\"a@b\"]", "[COLOR=#333333]": what forums wrap words in. */
static bool
take_bbcode(struct slice *text)
{
	static const char *const names[] = {"email", "url", "color", "font", "size", "b", "i", "u",
	    "quote", "code", "indent", "html"};
	struct slice rest = slice_skip(*text, 1);
	size_t len = 0;

	if (text->at[0] != '[')
		return false;
	slice_take_prefix(&rest, SLICE("/"));
	while (len < rest.len && isalpha((unsigned char)rest.at[len]))
		len++;
	struct slice name = slice_first(rest, len);
	rest = slice_skip(rest, len);
	ptrdiff_t end = slice_find_byte(slice_first(rest, TAG_MAX), ']');
	if (end < 0 || (end != 0 && rest.at[0] != '='))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_equal_nocase(name, slice_str(names[i]))) {
			*text = slice_skip(rest, (size_t)end + 1);
			return true;
		}
	}
	return false;
}

/* qmail logs its words with underscores for blanks and slashes for the ends of lines. */
static bool
is_qmail_log(struct slice line)
{
	static const char *const signs[] = {"_does_not_like_recipient.", "Remote_host_said:_",
	    "Giving_up_on_", ": deferral: ", ": failure: "};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (slice_find(line, slice_str(signs[i])) >= 0)
			return slice_find_byte(line, '_') >= 0;
	return false;
}

static void
put_qmail_line(struct text *out, struct slice line)
{
	bool is_address = false;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i], next = i + 1 < line.len ? line.at[i + 1] : 'G';

		is_address = c == '<' || (is_address && c != '>');
		bool is_blank = (c == '_' && !is_address) ||
		    (c == '/' && (next == 'R' || next == 'G'));
		text_put(out, is_blank ? SLICE(" ") : slice_of(line.at + i, 1));
	}
	text_put(out, SLICE("\n"));
}

/* What switches colours of a terminal: ESC as a byte, or as terminals and less show it. */
static bool
take_colour(struct slice *text)
{
	static const char *const escapes[] = {"\033[", "^[[", "ESC["};
	struct slice rest = *text;
	size_t len = 0;

	for (size_t i = 0; rest.len == text->len && i < sizeof(escapes) / sizeof(escapes[0]); i++)
		slice_take_prefix(&rest, slice_str(escapes[i]));
	if (rest.len == text->len)
		return false;
	while (len < rest.len && len < COLOUR_MAX &&
	    (isdigit((unsigned char)rest.at[len]) || rest.at[len] == ';'))
		len++;
	if (len == rest.len || (rest.at[len] != 'm' && rest.at[len] != 'K'))
		return false;
	*text = slice_skip(rest, len + 1);
	return true;
}

/* Mail programs make quotes round and blanks wide, and put marks that nobody sees: in place, as a typewriter has them. */
static size_t
undo_typesetting(char *at, size_t len)
{
	static const struct {
		const char *typeset, *plain;
	} characters[] = {
	    {"\xe2\x80\x98", "'"},
	    {"\xe2\x80\x99", "'"},
	    {"\xe2\x80\x9a", "'"},
	    {"\xe2\x80\x9c", "\""},
	    {"\xe2\x80\x9d", "\""},
	    {"\xe2\x80\x9e", "\""},
	    {"\xe2\x80\xaf", " "},
	    {"\xc2\xa0", " "},
	    {"\xe2\x80\x8b", ""},
	    {"\xef\xbb\xbf", ""},
	    {"\xc2\xad", ""},
	};
	struct slice rest = slice_of(at, len);
	size_t written = 0;

	while (!slice_is_empty(rest)) {
		size_t i = 0, count = sizeof(characters) / sizeof(characters[0]);

		while (i < count && !slice_take_prefix(&rest, slice_str(characters[i].typeset)))
			i++;
		if (i == count) {
			at[written++] = rest.at[0];
			rest = slice_skip(rest, 1);
		} else if (characters[i].plain[0] != '\0') {
			at[written++] = characters[i].plain[0];
		}
	}
	return written;
}

static void
put_tidy_line(struct text *out, struct slice line)
{
	line = without_container(without_quotes(line));
	if (is_qmail_log(line)) {
		put_qmail_line(out, line);
		return;
	}
	if (slice_equal_nocase(slice_trim(line), SLICE("Code:"))) {
		text_put(out, SLICE("\n"));
		return;
	}
	/* An entry needs a time to be known for one; nobody looks at which. */
	if (take_syslog(&line))
		text_put(out, SLICE("1970-01-01 00:00:00 "));
	while (!slice_is_empty(line)) {
		if (take_bbcode(&line))
			continue;
		if (slice_take_prefix(&line, SLICE(HIDDEN_ADDRESS)) ||
		    slice_take_prefix(&line, SLICE(HIDDEN_ADDRESS_UNBROKEN))) {
			text_put(out, SLICE(SOME_ADDRESS));
			continue;
		}
		if (line.at[0] == '\t')
			text_put(out, SLICE(" "));
		else if (line.at[0] != '\r' && line.at[0] != '\0')
			text_put(out, slice_first(line, 1));
		line = slice_skip(line, 1);
	}
	text_put(out, SLICE("\n"));
}

/* A string out of a program or of JSON has its lines' ends as "\r\n". */
static bool
is_escaped(struct slice text)
{
	unsigned count = 0;

	for (ptrdiff_t at;
	     count < ESCAPED_MIN && (at = slice_find(text, SLICE(ESCAPED_NEWLINE))) >= 0; count++)
		text = slice_skip(text, (size_t)at + sizeof(ESCAPED_NEWLINE) - 1);
	return count == ESCAPED_MIN;
}

static void
put_escaped_lines(struct text *out, struct slice text)
{
	for (ptrdiff_t at; (at = slice_find(text, SLICE(ESCAPED_NEWLINE))) >= 0;) {
		put_tidy_line(out, slice_first(text, (size_t)at));
		text = slice_skip(text, (size_t)at + sizeof(ESCAPED_NEWLINE) - 1);
	}
	put_tidy_line(out, text);
}

static void
put_lines(struct text *out, struct slice text)
{
	bool has_escapes = is_escaped(text);

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');

		if (has_escapes)
			put_escaped_lines(out, line);
		else
			put_tidy_line(out, line);
	}
}

void
tidy(struct slice text, struct text *out)
{
	struct text plain = {0};
	char *decoded;

	while (!slice_is_empty(text)) {
		if (take_colour(&text))
			continue;
		size_t len = 1;

		while (len < text.len && strchr("\033^E", text.at[len]) == NULL)
			len++;
		text_put(&plain, slice_first(text, len));
		text = slice_skip(text, len);
	}
	put_lines(out, text_slice(&plain));
	free(plain.at);
	decoded = malloc(out->len + 1);
	if (decoded == NULL)
		return;
	size_t len = undo_typesetting(decoded, mime_decode(text_slice(out), decoded));
	free(out->at);
	*out = (struct text){.at = decoded, .len = len, .size = len + 1};
}
