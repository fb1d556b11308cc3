/* Replies: taken out of the text that Exim logs around them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/reply.h"

#include "daemon/classify/mailer_log.h"
#include "daemon/classify/reply_codes.h"
#include "daemon/exim/host.h"

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
    {SLICE_INIT("GREETING"), PHASE_CONNECT}, /* 1&1 */
    {SLICE_INIT("TEXT"), PHASE_END_OF_DATA},
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
	    host.ip.len == 0 ||
	    (!slice_take_prefix(&ahead, SLICE(":")) &&
		!slice_has_prefix(ahead, SLICE(" SMTP error"))))
		return;
	out->host = host.name;
	out->ip = host.ip;
	*text = slice_trim(ahead);
}

/* Cuts 1&1's frame, "MTP error from remote server for PHASE command, host: h (ip) reason: ", off the front of rest. */
static bool
take_reason(struct slice rest, struct slice *text, struct reply *out)
{
	static const struct slice frame = {"MTP error from remote server for ", 33},
				  host = {" command, host: ", 16}, reason = {") reason: ", 10};
	struct slice front = slice_first(rest, REPLY_LOOK_MAX);
	ptrdiff_t name, end;

	if (!slice_take_prefix(&front, frame))
		return false;
	name = slice_find(front, host);
	end = slice_find(front, reason);
	if (name < 0 || end < name)
		return false;
	*text = slice_trim(slice_skip(rest, frame.len + (size_t)end + reason.len));
	take_phase(front, out);
	front = slice_skip(slice_first(front, (size_t)end), (size_t)name + host.len);
	name = slice_find(front, SLICE(" ("));
	if (name > 0) {
		out->host = slice_first(front, (size_t)name);
		out->ip = slice_skip(front, (size_t)name + 2);
	}
	return true;
}

/*
 * Cuts "SMTP error from remote mail server after PHASE: host h [ip]: " off the front; "remote mailer" before Exim 4.83, "remote
 * server after RCPT command" of 1&1 once.
 */
static void
take_wrapping(struct slice *text, struct reply *out)
{
	/* Failures without a reply tell the place too, and all of their words count. */
	static const char *const places[] = {"SMTP timeout", " closed connection",
	    "Malformed SMTP reply", "LMTP error after"};
	struct slice front = slice_first(*text, REPLY_LOOK_MAX);
	ptrdiff_t at = slice_find(front, SLICE("MTP error from remote "));
	struct slice rest = at >= 0 ? slice_skip(*text, (size_t)at) : slice_of("", 0);

	if (take_reason(rest, text, out))
		return;
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
	struct slice words = front;
	rest = slice_skip(rest, (size_t)at + 7);
	take_phase(rest, out);
	if (!skip_command(&rest))
		return;
	take_host(&rest, out);
	/* Exim's bounces name the host first. */
	if (out->host.len == 0 && slice_has_prefix(words, SLICE("host ")))
		take_host(&words, out);
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
	struct slice front = slice_first(*text, REPLY_LOOK_MAX);
	/* Few texts have a bracket, which is found at once. */
	ptrdiff_t tail = slice_find_byte(front, '(') >= 0 ?
	    slice_find(front, SLICE(" (in reply to ")) :
	    -1;
	ptrdiff_t host = is_reply ? -1 : slice_find(front, SLICE("host "));

	for (size_t i = 0; host >= 0 && i < sizeof(frames) / sizeof(frames[0]); i++) {
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
	static const struct slice
	    returned = {"the other server returned was:", 30},
	    login = {"User and password not set, continuing without authentication.", 61};
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
	/* A patch of qmail says so of every message that needs no login. */
	if (slice_take_prefix(text, login))
		*text = slice_trim(*text);
	struct slice front = slice_first(*text, REPLY_LOOK_MAX);
	ptrdiff_t at = slice_find(front, returned);

	if (at >= 0)
		*text = slice_trim(slice_skip(*text, (size_t)at + returned.len));
	for (size_t i = 0; out->phase == PHASE_NONE && i < sizeof(places) / sizeof(places[0]); i++)
		if (slice_find(front, places[i].words) >= 0)
			out->phase = places[i].phase;
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
		struct slice whole = message;

		out->is_retry_timeout = true;
		message.len -= timeout.len;
		message = slice_trim(message);
		if (message.len != 0 && message.at[message.len - 1] == ':')
			message.len--;
		else if (message.len == 0)
			message = whole;
	}
	rest = slice_first(message, REPLY_LOOK_MAX);
	/* A reply may quote another server's whole error; that is none of Exim's frame. */
	bool is_reply = reply_take_code(&rest, true, &out->code);
	if (!is_reply && mailer_log_take(message, &log)) {
		rest = message = log.reason;
		out->phase = log.phase;
		is_reply = reply_take_code(&rest, true, &out->code);
	} else if (!is_reply) {
		take_wrapping(&message, out);
		take_story(&message, out);
	}
	take_postfix(&message, is_reply, out);
	out->raw = message;
	reply_find_codes(message, out);
	if (out->enhanced.class == 0)
		reply_take_enhanced(&log.dsn, &out->enhanced);
}
