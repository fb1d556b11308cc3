/* Notices: lines with an id and no flag. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/notice.h"

#include "daemon/exim/field.h"

static bool
has(struct slice text, const char *what)
{
	return slice_find(text, slice_str(what)) >= 0;
}

/* What begins a line and says what it is; the first that fits decides. */
static const struct {
	const char *prefix;
	enum notice_kind kind;
} prefixes[] = {
    {"SMTP connection outbound ", NOTICE_OUTBOUND},
    {"Sender identification ", NOTICE_SENDER_IDENTITY},
    {"Frozen", NOTICE_FROZEN},
    {"*** Frozen", NOTICE_FROZEN},
    {"Message is frozen", NOTICE_FROZEN},
    {"frozen by ", NOTICE_FROZEN},
    {"message frozen", NOTICE_FROZEN},
    {"Unfrozen", NOTICE_UNFROZEN},
    {"unfrozen", NOTICE_UNFROZEN},
    {"removed by ", NOTICE_REMOVED},
    {"cancelled by ", NOTICE_REMOVED},
    {"Message removed because older than", NOTICE_REMOVED},
    {"Message removed", NOTICE_REMOVED},
    {"address <", NOTICE_MARKED},
    {"all addresses marked delivered by ", NOTICE_MARKED},
    {"recipient <", NOTICE_ADDED},
    {"routing failed for ", NOTICE_ROUTING_FAILED},
    {"no immediate delivery: ", NOTICE_RETRY_WAIT},
    {"queued by ", NOTICE_RETRY_WAIT},
    {"spool file is locked", NOTICE_RETRY_WAIT},
    {"Spool file is locked", NOTICE_RETRY_WAIT},
    {"retry time not reached", NOTICE_RETRY_WAIT},
    {"SMTP error from remote mail", NOTICE_HOST_TROUBLE},
    {"LMTP error after", NOTICE_HOST_TROUBLE},
};

/* cPanel: Sender identification U=user D=domain S=sender. */
static void
parse_identity(struct slice text, struct notice *out)
{
	while (!slice_is_empty(text)) {
		struct slice word = field_take_word(&text);

		if (slice_take_prefix(&word, SLICE("U=")))
			out->user = word;
		else if (slice_take_prefix(&word, SLICE("D=")))
			out->domain = word;
		else if (slice_take_prefix(&word, SLICE("S=")))
			out->sender = word;
		text = slice_skip(text, 1);
	}
}

/* exim -Mmd, -Mmad, -Mar: what an administrator did to the addresses (queue.c, queue_action). */
static void
parse_administrator(struct slice text, struct slice rest, struct notice *out)
{
	struct slice ahead = slice_skip(text, (size_t)(rest.at - text.at) - 1);

	if (rest.at[-1] != '<')
		return;
	if (!field_take_angle(&ahead, &out->address) ||
	    !(slice_has_prefix(ahead, SLICE(" marked delivered by ")) ||
		slice_has_prefix(ahead, SLICE(" added by "))))
		out->kind = NOTICE_OTHER;
}

/* cPanel: SMTP connection outbound EPOCH ID DOMAIN ADDRESS. */
static void
parse_outbound(struct slice text, struct notice *out)
{
	for (int i = 0; i < 2; i++) {
		field_take_word(&text);
		text = slice_skip(text, 1);
	}
	out->domain = field_take_word(&text);
	out->address = slice_trim(text);
}

/* "SpamAssassin as USER detected message as spam (26.2)", "... as NOT spam (0.1)". */
static bool
parse_score(struct slice text, struct notice *out)
{
	ptrdiff_t at = slice_find(text, SLICE("SpamAssassin as "));

	if (at < 0)
		return false;
	text = slice_skip(text, (size_t)at + 16);
	out->user = field_take_word(&text);
	at = slice_find(text, SLICE("spam ("));
	if (at < 0 || !has(text, "detected message as "))
		return false;
	out->is_spam = !has(text, "as NOT spam");
	struct slice score = slice_skip(text, (size_t)at + 6);
	out->score = slice_take_until(&score, ')');
	out->kind = NOTICE_SPAM_SCORE;
	return true;
}

/* NAME=value, or one of the bare words that log_selector adds: "L.-", "TFO*", "K". */
static bool
is_field(struct slice word)
{
	if (memchr(word.at, '=', word.len) != NULL)
		return word.len >= 2;
	for (size_t i = 0; i < word.len; i++)
		if (!((word.at[i] >= 'A' && word.at[i] <= 'Z') || strchr(".*-", word.at[i]) != NULL))
			return false;
	return word.len != 0;
}

/*
 * What follows the host: the sender and login that ACLs log, then the verdict "rejected after DATA: TEXT". Whatever the message
 * quotes stands behind the first of these words.
 */
static bool
parse_rejection(struct slice rest, struct notice *out)
{
	for (;;) {
		struct slice angle, ahead;

		rest = slice_trim(rest);
		ahead = rest;
		if (slice_take_prefix(&ahead, SLICE("temporarily rejected "))) {
			out->kind = NOTICE_TEMPORARILY_REJECTED;
			break;
		}
		if (slice_take_prefix(&ahead, SLICE("rejected "))) {
			out->kind = NOTICE_REJECTED;
			break;
		}
		if (slice_take_prefix(&ahead, SLICE("F=")) && field_take_angle(&ahead, &angle)) {
			out->sender = angle.len != 0 ? angle : slice_of(angle.at - 1, 2);
			rest = ahead;
			continue;
		}
		ahead = rest;
		struct slice word = field_take_word(&ahead);
		if (!is_field(word))
			return false;
		if (slice_has_prefix(word, SLICE("DN=\""))) {
			struct slice quoted = slice_skip(rest, 3), ignored;

			if (field_take_quoted(&quoted, &ignored))
				ahead = quoted;
		}
		if (slice_take_prefix(&word, SLICE("A=")))
			out->auth = word;
		if (slice_take_prefix(&word, SLICE("U=")))
			out->user = word;
		rest = ahead;
	}
	/* "rejected from <SENDER> H=...: message too big": the sender stands behind. */
	struct slice from = rest, angle;
	if (slice_take_prefix(&from, SLICE("rejected from ")) && field_take_angle(&from, &angle))
		out->sender = angle.len != 0 ? angle : slice_of(angle.at - 1, 2);
	/* "after DATA: TEXT", "during SMTP DATA", "by local_scan(): TEXT": the reason, with the phase when it has none. */
	ptrdiff_t colon = slice_find(rest, SLICE(": "));
	out->message = colon >= 0 ? slice_skip(rest, (size_t)colon + 2) : rest;
	return true;
}

void
notice_parse(struct slice text, struct notice *out)
{
	struct slice rest = text;

	*out = (struct notice){.kind = NOTICE_OTHER, .message = text};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!slice_take_prefix(&rest, slice_str(prefixes[i].prefix)))
			continue;
		out->kind = prefixes[i].kind;
		if (out->kind == NOTICE_OUTBOUND)
			parse_outbound(rest, out);
		else if (out->kind == NOTICE_SENDER_IDENTITY)
			parse_identity(rest, out);
		else if (out->kind == NOTICE_MARKED || out->kind == NOTICE_ADDED)
			parse_administrator(text, rest, out);
		else if (out->kind == NOTICE_HOST_TROUBLE) {
			ptrdiff_t host = slice_find(text, SLICE(": host "));

			rest = slice_skip(text, host >= 0 ? (size_t)host + 7 : text.len);
			if (!host_take(&rest, &out->host) || out->host.ip.len == 0)
				out->host = (struct host){0};
		}
		return;
	}
	if (parse_score(text, out))
		return;
	/* "H=h [ip] ...", and "h [ip] ..." or "host h [ip]: ..." of older versions. */
	bool has_tag = slice_take_prefix(&rest, SLICE("H=")) || slice_take_prefix(&rest, SLICE("host "));
	if (has_tag && host_take(&rest, &out->host) && out->host.ip.len != 0) {
		if (parse_rejection(rest, out))
			return;
		/* A warning or a log line of an ACL, or what happened to one host while we delivered. */
		ptrdiff_t warning = slice_find(rest, SLICE("Warning: "));
		slice_take_prefix(&rest, SLICE(":"));
		rest = slice_trim(rest);
		slice_take_prefix(&rest, SLICE(": "));
		if (warning < 0 && (has(rest, "SMTP error from remote") || has(rest, "Connection ") ||
			has(rest, "connection") || has(rest, "No route to host") ||
			has(rest, "Network is unreachable") || has(rest, "timed out") ||
			has(rest, "TLS ") || has(rest, "defer ("))) {
			out->kind = NOTICE_HOST_TROUBLE;
			out->message = rest;
		}
		return;
	}
	rest = text;
	if (parse_rejection(rest, out))
		return;
	rest = text;
	if (host_take(&rest, &out->host) && out->host.ip.len != 0 &&
	    slice_take_prefix(&rest, SLICE(": "))) {
		out->kind = NOTICE_HOST_TROUBLE;
		out->message = rest;
		return;
	}
	out->host = (struct host){0};
}
