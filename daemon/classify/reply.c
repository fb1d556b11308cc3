/* Replies: taken out of the text that Exim logs around them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/reply.h"

#include "daemon/classify/mailer_log.h"
#include "daemon/exim/host.h"
#include "daemon/text/utf8.h"

enum { LOOK_MAX = 4096 }; /* bytes of a reply in which codes are looked for */

/* Exim's words for where in the session it was (smtp transport, "SMTP error from remote mail server after ..."). */
static const struct {
	struct slice words;
	enum phase phase;
} phases[] = {
    {SLICE_INIT("initial connection"), PHASE_CONNECT},
    {SLICE_INIT("HELO"), PHASE_EHLO},
    {SLICE_INIT("EHLO"), PHASE_EHLO},
    {SLICE_INIT("LHLO"), PHASE_EHLO},
    {SLICE_INIT("STARTTLS"), PHASE_STARTTLS},
    {SLICE_INIT("AUTH"), PHASE_AUTH},
    {SLICE_INIT("MAIL FROM"), PHASE_MAIL},
    {SLICE_INIT("RCPT TO"), PHASE_RCPT},
    {SLICE_INIT("end of data"), PHASE_END_OF_DATA},
    {SLICE_INIT("end of DATA"), PHASE_END_OF_DATA}, /* Postfix */
    {SLICE_INIT("sending data block"), PHASE_END_OF_DATA},
    {SLICE_INIT("DATA"), PHASE_DATA},
    {SLICE_INIT("BDAT"), PHASE_END_OF_DATA},
};

const char *
phase_name(enum phase phase)
{
	static const char *const names[] = {
	    [PHASE_NONE] = NULL,
	    [PHASE_CONNECT] = "connect",
	    [PHASE_EHLO] = "ehlo",
	    [PHASE_STARTTLS] = "starttls",
	    [PHASE_AUTH] = "auth",
	    [PHASE_MAIL] = "mail",
	    [PHASE_RCPT] = "rcpt",
	    [PHASE_DATA] = "data",
	    [PHASE_END_OF_DATA] = "end-of-data",
	};

	return names[phase];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* A reply code, with a byte behind it that no number would have: one that refuses, or 2xx of a confirmation at the very front. */
static bool
take_code(struct slice *rest, bool may_be_success, int *code)
{
	char first = rest->len >= 3 ? rest->at[0] : '\0';

	if (first != '4' && first != '5' && !(may_be_success && first == '2'))
		return false;
	if (!is_digit(rest->at[1]) || !is_digit(rest->at[2]) || rest->at[1] > '7')
		return false;
	if (rest->len > 3 && memchr(" -:,#\"\\\t\n", rest->at[3], 9) == NULL)
		return false;
	*code = (rest->at[0] - '0') * 100 + (rest->at[1] - '0') * 10 + (rest->at[2] - '0');
	*rest = slice_skip(*rest, 3);
	return true;
}

static bool
take_part(struct slice *rest, uint16_t *part)
{
	size_t digits = 0;
	unsigned value = 0;

	while (digits < rest->len && digits < 4 && is_digit(rest->at[digits]))
		value = value * 10 + (unsigned)(rest->at[digits++] - '0');
	*part = (uint16_t)value;
	*rest = slice_skip(*rest, digits);
	return digits != 0 && digits < 4;
}

/* "5.1.1", "#5.1.1" (RFC 3463 section 2), not a piece of an address or version. */
static bool
take_enhanced(struct slice *rest, struct enhanced_code *out)
{
	struct slice ahead = *rest;
	struct enhanced_code code;

	slice_take_prefix(&ahead, SLICE("#"));
	if (ahead.len < 5 || (ahead.at[0] != '2' && ahead.at[0] != '4' && ahead.at[0] != '5') ||
	    ahead.at[1] != '.' || !is_digit(ahead.at[2]))
		return false;
	code.class = (uint16_t)(ahead.at[0] - '0');
	ahead = slice_skip(ahead, 2);
	if (!take_part(&ahead, &code.subject) || !slice_take_prefix(&ahead, SLICE(".")) ||
	    !take_part(&ahead, &code.detail) || code.subject > 7)
		return false;
	/* 5.1.1.7 is an address, 4.2.1a a version. */
	if (ahead.len != 0 &&
	    (is_word(ahead.at[0]) ||
		(ahead.at[0] == '.' && ahead.len > 1 && is_digit(ahead.at[1]))))
		return false;
	*out = code;
	*rest = ahead;
	return true;
}

/* Finds the first enhanced code that stands free in the text. */
static void
find_enhanced(struct slice text, struct reply *out)
{
	for (size_t i = 0; i + 5 <= text.len; i++) {
		struct slice rest = slice_skip(text, i);

		if (text.at[i + 1] != '.' ||
		    (i != 0 && (is_word(text.at[i - 1]) || text.at[i - 1] == '.')))
			continue;
		if (take_enhanced(&rest, &out->enhanced))
			return;
	}
}

/* Words behind which a number is a code. */
static bool
announces_code(struct slice before)
{
	static const char *const words[] = {":", "said", "says", "error", "code", "reply",
	    "replied", "response", "responded", "returned", "with", "status", "<<<", "smtp;",
	    "SMTP;", "server", "SMTP", "\\n"};

	if (before.len != 0 && memchr("(\n\"'", before.at[before.len - 1], 4) != NULL)
		return true;
	before = slice_trim(before);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_has_suffix(before, slice_str(words[i])))
			return true;
	return false;
}

/* What stands between a code and the next. */
static void
skip_separators(struct slice *rest)
{
	while (rest->len != 0 && memchr("-: \t\n", rest->at[0], 5) != NULL)
		*rest = slice_skip(*rest, 1);
}

/* Finds a code in a text that does not begin with one: "Remote host said: 550 ...", "rejected it: 550-5.1.1". "500 messages" is none. */
static void
find_code(struct slice text, struct reply *out)
{
	for (size_t i = 1; i + 3 <= text.len; i++) {
		struct slice rest = slice_skip(text, i);
		struct enhanced_code enhanced;
		char before = text.at[i - 1];
		int code;

		if ((text.at[i] != '4' && text.at[i] != '5') ||
		    memchr(" (\n\t\"'n;:", before, 9) == NULL ||
		    (before == 'n' && (i < 2 || text.at[i - 2] != '\\')) ||
		    /* "remote:550", "smtp;550"; "]:587" is a port. */
		    ((before == ':' || before == ';') &&
			(i < 2 || !is_word(text.at[i - 2]) || is_digit(text.at[i - 2]))) ||
		    !take_code(&rest, false, &code))
			continue;
		bool is_joined = rest.len > 1 && rest.at[0] == '-';
		rest = slice_skip(rest, 1);
		if (take_enhanced(&rest, &enhanced) ?
			enhanced.class == (unsigned)code / 100 :
			is_joined || announces_code(slice_first(text, i))) {
			out->code = code;
			return;
		}
	}
}

/* Exim's words for the place in the session, at the front of rest. */
static void
take_phase(struct slice rest, struct reply *out)
{
	while (slice_take_prefix(&rest, SLICE("pipelined ")) ||
	    slice_take_prefix(&rest, SLICE("(pipelined) ")))
		;
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (slice_has_prefix(rest, phases[i].words)) {
			out->phase = phases[i].phase;
			return;
		}
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Skips to what stands behind the colon that ends the command: "RCPT TO:<a@b>: ". Its own colons have no blank behind them. */
static bool
skip_command(struct slice *text)
{
	struct slice rest = *text;

	/* The address may hold anything, in quotes. */
	if (slice_has_prefix(rest, SLICE("RCPT TO:<")) ||
	    slice_has_prefix(rest, SLICE("MAIL FROM:<"))) {
		ptrdiff_t quote = slice_find(rest, SLICE("\"@")), end = slice_find_byte(rest, '>');

		if (quote > 0 && rest.at[slice_find_byte(rest, '<') + 1] == '"')
			rest = slice_skip(rest, (size_t)quote);
		else if (end > 0)
			rest = slice_skip(rest, (size_t)end);
	}
	for (ptrdiff_t at; (at = slice_find_byte(rest, ':')) >= 0;) {
		rest = slice_skip(rest, (size_t)at + 1);
		if (rest.len == 0 || is_blank(rest.at[0])) {
			while (rest.len != 0 && is_blank(rest.at[0]))
				rest = slice_skip(rest, 1);
			*text = rest;
			return true;
		}
	}
	return false;
}

/* Takes "host h [ip]: " off the front. */
static void
take_host(struct slice *text, struct reply *out)
{
	struct slice ahead = *text;
	struct host host;

	if (!slice_take_prefix(&ahead, SLICE("host ")) || !host_take(&ahead, &host) ||
	    host.ip.len == 0 || !slice_take_prefix(&ahead, SLICE(":")))
		return;
	out->host = host.name;
	out->ip = host.ip;
	*text = slice_trim(ahead);
}

/*
 * Cuts "SMTP error from remote mail server after PHASE: host h [ip]: " off the front; "remote mailer" before Exim 4.83, "remote
 * server after RCPT command" of 1&1.
 */
static void
take_wrapping(struct slice *text, struct reply *out)
{
	/* Failures without a reply tell the place too, and all of their words count. */
	static const char *const places[] = {"SMTP timeout", " closed connection",
	    "Malformed SMTP reply", "LMTP error after"};
	struct slice front = slice_first(*text, LOOK_MAX);
	ptrdiff_t at = slice_find(front, SLICE("MTP error from remote "));
	struct slice rest = at >= 0 ? slice_skip(*text, (size_t)at) : slice_of("", 0);

	at = slice_find(rest, SLICE(" after "));
	if (at < 0) {
		take_host(text, out);
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			ptrdiff_t place = slice_find(front, slice_str(places[i])), words;

			if (place < 0)
				continue;
			rest = slice_skip(front, (size_t)place);
			if ((words = slice_find(rest, SLICE(" after "))) >= 0)
				take_phase(slice_skip(rest, (size_t)words + 7), out);
			else if ((words = slice_find(rest, SLICE(" in response to "))) >= 0)
				take_phase(slice_skip(rest, (size_t)words + 16), out);
			return;
		}
		return;
	}
	rest = slice_skip(rest, (size_t)at + 7);
	take_phase(rest, out);
	if (!skip_command(&rest))
		return;
	take_host(&rest, out);
	*text = slice_trim(rest);
}

/*
 * Cuts Postfix's frame: "host h[ip] said: REPLY (in reply to RCPT TO command)", "host h[ip] refused to talk to me: REPLY". A reply
 * that quotes such a text of another server is not framed by it.
 */
static void
take_postfix(struct slice *text, bool is_reply, struct reply *out)
{
	static const struct {
		const char *words;
		enum phase phase;
	} frames[] = {{"] said: ", PHASE_NONE}, {"] refused to talk to me: ", PHASE_CONNECT}};
	struct slice front = slice_first(*text, LOOK_MAX);
	ptrdiff_t tail = slice_find(front, SLICE(" (in reply to ")),
		  host = slice_find(front, SLICE("host "));

	for (size_t i = 0; !is_reply && host >= 0 && i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct slice words = slice_str(frames[i].words);
		ptrdiff_t said = slice_find(front, words),
			  bracket = slice_find_byte(slice_skip(front, (size_t)host), '[');

		if (said < host || bracket < 0 || host + bracket >= said)
			continue;
		out->host = slice_of(front.at + host + 5, (size_t)bracket - 5);
		out->ip = slice_of(front.at + host + bracket + 1,
		    (size_t)(said - host - bracket) - 1);
		out->phase = frames[i].phase;
		if (tail > said) {
			take_phase(slice_skip(front, (size_t)tail + 14), out);
			*text = slice_first(*text, (size_t)tail);
		}
		*text = slice_trim(slice_skip(*text, (size_t)said + words.len));
		return;
	}
	if (tail > 0) {
		if (slice_find(slice_first(front, (size_t)tail), SLICE("] said: ")) < 0)
			take_phase(slice_skip(front, (size_t)tail + 14), out);
		*text = slice_first(*text, (size_t)tail);
	}
}

/* What Gmail and qmail write before the reply. qmail's words stay: they tell more than the place. */
static void
take_story(struct slice *text, struct reply *out)
{
	static const struct slice returned = {"the other server returned was:", 30};
	static const struct {
		struct slice words;
		enum phase phase;
	} places[] = {
	    {SLICE_INIT(" does not like recipient."), PHASE_RCPT},
	    {SLICE_INIT("but sender was rejected."), PHASE_MAIL},
	    {SLICE_INIT("but my name was rejected."), PHASE_EHLO},
	    {SLICE_INIT("failed after I sent the message."), PHASE_END_OF_DATA},
	    {SLICE_INIT("but greeting failed."), PHASE_CONNECT},
	};
	struct slice front = slice_first(*text, LOOK_MAX);
	ptrdiff_t at = slice_find(front, returned);

	if (at >= 0)
		*text = slice_trim(slice_skip(*text, (size_t)at + returned.len));
	for (size_t i = 0; out->phase == PHASE_NONE && i < sizeof(places) / sizeof(places[0]); i++)
		if (slice_find(front, places[i].words) >= 0)
			out->phase = places[i].phase;
}

/* What other systems write around a reply before it begins. */
static void
take_quoting(struct slice *text)
{
	static const char *const quotes[] = {"smtp; ", "smtp;", "SMTP; ", "x-unix; ",
	    "Remote host said: ", "Remote-MTA said: ", "\"", "<<< "};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		slice_take_prefix(text, slice_str(quotes[i]));
}

/* Codes at the front of the reply, or where its words announce them. */
static void
take_codes(struct slice text, struct reply *out)
{
	struct slice rest;

	text = slice_first(text, LOOK_MAX);
	rest = text;
	take_quoting(&rest);
	if (take_code(&rest, true, &out->code)) {
		int again;

		skip_separators(&rest);
		/* Gmail tells a code twice: "550 550 5.1.1 ...". */
		if (take_code(&rest, false, &again))
			skip_separators(&rest);
		if (take_enhanced(&rest, &out->enhanced))
			return;
	} else {
		find_code(text, out);
	}
	find_enhanced(text, out);
}

void
reply_parse(struct slice message, struct reply *out)
{
	static const struct slice timeout = {"retry timeout exceeded", 22};
	struct mailer_log log = {.phase = PHASE_NONE};
	struct slice rest;

	*out = (struct reply){0};
	message = slice_trim(message);
	if (slice_has_suffix(message, timeout)) {
		out->is_retry_timeout = true;
		message.len -= timeout.len;
		message = slice_trim(message);
		if (message.len != 0 && message.at[message.len - 1] == ':')
			message.len--;
	}
	rest = slice_first(message, LOOK_MAX);
	/* A reply may quote another server's whole error; that is none of Exim's frame. */
	bool is_reply = take_code(&rest, true, &out->code);
	if (!is_reply && mailer_log_take(message, &log)) {
		rest = message = log.reason;
		out->phase = log.phase;
		is_reply = take_code(&rest, true, &out->code);
	} else if (!is_reply) {
		take_wrapping(&message, out);
		take_story(&message, out);
	}
	take_postfix(&message, is_reply, out);
	out->raw = message;
	take_codes(message, out);
	if (out->enhanced.class == 0)
		take_enhanced(&log.dsn, &out->enhanced);
}

bool
reply_take_octal(struct slice *text, char *byte)
{
	if (text->len < 4 || text->at[0] != '\\' || text->at[1] < '2' || text->at[1] > '3' ||
	    text->at[2] < '0' || text->at[2] > '7' || text->at[3] < '0' || text->at[3] > '7')
		return false;
	*byte = (char)((text->at[1] - '0') << 6 | (text->at[2] - '0') << 3 | (text->at[3] - '0'));
	*text = slice_skip(*text, 4);
	return true;
}

/* The next line of a reply of several: lines are joined by a literal backslash-n. */
static struct slice
take_line(struct slice *rest)
{
	ptrdiff_t at = slice_find(*rest, SLICE("\\n"));
	struct slice line = slice_first(*rest, at < 0 ? rest->len : (size_t)at);

	*rest = at < 0 ? slice_skip(*rest, rest->len) : slice_skip(*rest, (size_t)at + 2);
	return line;
}

/* A line without its "550-5.7.1 ". */
static struct slice
without_codes(struct slice line)
{
	struct enhanced_code enhanced;
	struct slice rest = line;
	int code;

	if (!take_code(&rest, true, &code)) {
		rest = line;
		return take_enhanced(&rest, &enhanced) ? slice_trim(rest) : line;
	}
	if (rest.len != 0 && (rest.at[0] == ' ' || rest.at[0] == '-' || rest.at[0] == ':'))
		rest = slice_skip(rest, 1);
	rest = slice_trim(rest);
	take_enhanced(&rest, &enhanced);
	rest = slice_trim(rest);
	slice_take_prefix(&rest, SLICE(":"));
	return slice_trim(rest);
}

/* Takes one character, at most four bytes, raw or in Exim's octal escapes; false when the bytes are no character. */
static bool
take_character(struct slice *text, char bytes[4], size_t *len)
{
	struct slice rest = *text;
	uint32_t code_point;
	size_t escaped = 0;

	while (escaped < 4 && reply_take_octal(&rest, &bytes[escaped]))
		escaped++;
	bool is_escaped = escaped != 0;
	struct slice raw = is_escaped ? slice_of(bytes, escaped) : *text;
	*len = utf8_take(raw, &code_point);
	*text = slice_skip(*text, (is_escaped ? 4 : 1) * (*len != 0 ? *len : 1));
	if (*len == 0)
		return false;
	if (utf8_is_control(code_point)) {
		bytes[0] = ' ';
		*len = 1;
	} else if (!is_escaped) {
		memcpy(bytes, raw.at, *len);
	}
	return true;
}

/* Copies with bytes that are no UTF-8 as U+FFFD and control characters as blanks. */
static size_t
put_clean(struct slice text, char *buffer, size_t size)
{
	size_t len = 0;

	while (text.len != 0 && len + 5 < size) {
		char bytes[4];
		size_t taken;

		if (take_character(&text, bytes, &taken)) {
			memcpy(buffer + len, bytes, taken);
			len += taken;
		} else {
			memcpy(buffer + len, "\xef\xbf\xbd", 3);
			len += 3;
		}
	}
	return len;
}

size_t
reply_text(const struct reply *reply, char *buffer, size_t size)
{
	struct slice rest = slice_trim(reply->raw);
	size_t len = 0;

	if (rest.len != 0 && rest.at[0] == '"')
		rest = slice_skip(rest, 1);
	while (!slice_is_empty(rest) && len + 8 < size) {
		struct slice line = without_codes(slice_trim(take_line(&rest)));

		if (len != 0)
			buffer[len++] = '\n';
		len += put_clean(line, buffer + len, size - len);
	}
	buffer[len] = '\0';
	return len;
}
