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
	struct slice prefix;
	enum notice_kind kind;
} prefixes[] = {
    {SLICE_INIT("SMTP connection outbound "), NOTICE_OUTBOUND},
    {SLICE_INIT("Sender identification "), NOTICE_SENDER_IDENTITY},
    {SLICE_INIT("Frozen"), NOTICE_FROZEN},
    {SLICE_INIT("*** Frozen"), NOTICE_FROZEN},
    {SLICE_INIT("Message is frozen"), NOTICE_FROZEN},
    {SLICE_INIT("frozen by "), NOTICE_FROZEN},
    {SLICE_INIT("message frozen"), NOTICE_FROZEN},
    {SLICE_INIT("Unfrozen"), NOTICE_UNFROZEN},
    {SLICE_INIT("unfrozen"), NOTICE_UNFROZEN},
    {SLICE_INIT("Delivery deferred by system filter"), NOTICE_HELD},
    {SLICE_INIT("original recipients ignored (system filter)"), NOTICE_IGNORED},
    {SLICE_INIT("removed by "), NOTICE_REMOVED},
    {SLICE_INIT("cancelled by "), NOTICE_REMOVED},
    {SLICE_INIT("Message removed because older than"), NOTICE_REMOVED},
    {SLICE_INIT("Message removed"), NOTICE_REMOVED},
    {SLICE_INIT("address <"), NOTICE_MARKED},
    {SLICE_INIT("all addresses marked delivered by "), NOTICE_MARKED},
    {SLICE_INIT("recipient <"), NOTICE_ADDED},
    {SLICE_INIT("routing failed for "), NOTICE_ROUTING_FAILED},
    {SLICE_INIT("no immediate delivery: "), NOTICE_RETRY_WAIT},
    {SLICE_INIT("queued by "), NOTICE_RETRY_WAIT},
    {SLICE_INIT("spool file is locked"), NOTICE_RETRY_WAIT},
    {SLICE_INIT("Spool file is locked"), NOTICE_RETRY_WAIT},
    {SLICE_INIT("retry time not reached"), NOTICE_RETRY_WAIT},
    {SLICE_INIT("LMTP error after"), NOTICE_HOST_TROUBLE},
    {SLICE_INIT("PRDR "), NOTICE_RECIPIENT_REFUSED},
    {SLICE_INIT("rescind the above message-accept"), NOTICE_RESCINDED},
    {SLICE_INIT("SMTP connection from "), NOTICE_ABANDONED},
    {SLICE_INIT("SMTP connection Ci="), NOTICE_ABANDONED},
    {SLICE_INIT("SMTP connection lost after final dot"), NOTICE_ABANDONED},
    {SLICE_INIT("SMTP data timeout (message abandoned)"), NOTICE_ABANDONED},
    {SLICE_INIT("unexpected disconnection while reading SMTP"), NOTICE_ABANDONED},
    {SLICE_INIT("timed out while reading local message"), NOTICE_ABANDONED},
    {SLICE_INIT("SIGTERM received while reading local message"), NOTICE_ABANDONED},
    {SLICE_INIT("SIGINT received while reading local message"), NOTICE_ABANDONED},
    {SLICE_INIT("Message abandoned: "), NOTICE_ABANDONED},
    {SLICE_INIT("Spool write error: "), NOTICE_ABANDONED},
    {SLICE_INIT("no recipients found in headers"), NOTICE_ABANDONED},
    {SLICE_INIT("bad addresses found in headers"), NOTICE_ABANDONED},
    {SLICE_INIT("local_scan() function crashed "), NOTICE_TEMPORARILY_REJECTED},
    {SLICE_INIT("local_scan() function timed out"), NOTICE_TEMPORARILY_REJECTED},
};

/* cPanel: Sender identification U=user D=domain S=sender, of which the account counts. */
static void
parse_identity(struct slice text, struct notice *out)
{
	while (!slice_is_empty(text)) {
		if (slice_take_prefix(&text, SLICE("U="))) {
			out->user = field_take_word(&text);
			return;
		}
		field_take_word(&text);
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

/*
 * PRDR R=<ADDRESS> refusal, "temporary refusal" or "acceptance"; where the ACL has words of its own, PRDR ADDRESS WORDS (receive.c).
 * Whether these accept is not said; a recipient who was accepted has a delivery later.
 */
static void
parse_prdr(struct slice rest, struct notice *out)
{
	bool is_refused;

	if (slice_take_prefix(&rest, SLICE("R="))) {
		is_refused = field_take_angle(&rest, &out->address) &&
		    slice_has_suffix(rest, SLICE(" refusal"));
	} else {
		out->address = field_take_address(&rest);
		is_refused = slice_find_byte(out->address, '@') > 0 && !slice_is_empty(rest);
	}
	if (!is_refused)
		out->kind = NOTICE_OTHER;
}

/* Behind "SpamAssassin as ": "USER detected message as spam (26.2)", "... as NOT spam (0.1)". */
static void
parse_score(struct slice text, struct notice *out)
{
	struct slice user = field_take_word(&text);

	if (!slice_take_prefix(&text, SLICE(" detected message as ")))
		return;
	out->is_spam = !slice_take_prefix(&text, SLICE("NOT "));
	if (!slice_take_prefix(&text, SLICE("spam (")))
		return;
	out->user = user;
	out->score = slice_take_until(&text, ')');
	out->kind = NOTICE_SPAM_SCORE;
}

/* NAME=value, or one of the bare words that log_selector adds: "L.-", "TFO*", "K". */
static bool
is_field(struct slice word)
{
	static const char *const names[] = {"L", "K", "DS", "TFO", "PRDR"};
	size_t name = 0;

	while (name < word.len && name < 8 &&
	    ((word.at[name] | 0x20) >= 'a' && (word.at[name] | 0x20) <= 'z'))
		name++;
	if (name != 0 && name < word.len && word.at[name] == '=')
		return true;
	while (word.len > name &&
	    (word.at[word.len - 1] == '.' || word.at[word.len - 1] == '*' ||
		word.at[word.len - 1] == '-'))
		word.len--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal(word, slice_str(names[i])))
			return true;
	return false;
}

/* F=<SENDER>, or F=SENDER of local_scan(). */
static void
take_sender(struct slice *rest, struct notice *out)
{
	struct slice angle;

	if (!field_take_angle(rest, &angle))
		out->sender = field_take_address(rest);
	else
		out->sender = angle.len != 0 ? angle : slice_of(angle.at - 1, 2);
}

/* Takes the fields before Exim's words: the host, the sender and login that ACLs log. */
static void
take_fields(struct slice *rest, struct notice *out)
{
	for (;;) {
		*rest = slice_trim(*rest);
		struct slice ahead = *rest;

		if (out->host.ip.len == 0 && slice_take_prefix(&ahead, SLICE("H=")) &&
		    host_take(&ahead, &out->host)) {
			*rest = ahead;
			continue;
		}
		if (slice_take_prefix(rest, SLICE("F="))) {
			take_sender(rest, out);
			continue;
		}
		if (field_take_quoted_field(rest))
			continue;
		ahead = *rest;
		struct slice word = field_take_word(&ahead);
		if (!is_field(word))
			return;
		/* "rejected from <SENDER> U=user: message too big": the colon begins Exim's words. */
		if (slice_has_suffix(word, SLICE(":"))) {
			word.len--;
			ahead = slice_skip(*rest, word.len);
		}
		if (slice_take_prefix(&word, SLICE("A=")))
			out->auth = word;
		else if (slice_take_prefix(&word, SLICE("U=")))
			out->user = word;
		*rest = ahead;
	}
}

/* "rejected after DATA: TEXT", "temporarily rejected by local_scan(): TEXT": TEXT, or all of it where there is none. */
static bool
parse_rejection(struct slice rest, struct notice *out)
{
	bool is_temporary = slice_take_prefix(&rest, SLICE("temporarily "));
	struct slice ahead = rest;

	if (!slice_take_prefix(&ahead, SLICE("rejected ")))
		return false;
	out->kind = is_temporary ? NOTICE_TEMPORARILY_REJECTED : NOTICE_REJECTED;
	/* "rejected from <SENDER> H=...: message too big": the fields stand behind. */
	if (slice_take_prefix(&ahead, SLICE("from "))) {
		take_sender(&ahead, out);
		take_fields(&ahead, out);
		rest = ahead;
	}
	ptrdiff_t colon = slice_find(rest, SLICE(": "));
	out->message = colon >= 0 ? slice_skip(rest, (size_t)colon + 2) : rest;
	return true;
}

/* What the system says of a connection that could not be made, or that broke. */
static bool
is_system_error(struct slice text)
{
	return slice_has_prefix(text, SLICE("Connection ")) || has(text, "timed out") ||
	    has(text, "No route to host") || has(text, "unreachable") ||
	    slice_has_prefix(text, SLICE("TLS ")) || has(text, "SMTP error from remote") ||
	    has(text, "closed connection") || slice_has_prefix(text, SLICE("Broken pipe"));
}

/*
 * "H=h [ip]: MESSAGE", "H=h [ip] STRERROR", without H= in older versions. A helo stands only in what Exim says of clients
 * (transports/smtp.c, write_logs).
 */
static bool
parse_trouble(struct slice rest, struct notice *out)
{
	if (out->host.ip.len == 0 || out->host.helo.len != 0)
		return false;
	bool has_message = slice_take_prefix(&rest, SLICE(": "));
	rest = slice_trim(rest);
	if (!has_message && !is_system_error(rest))
		return false;
	out->kind = NOTICE_HOST_TROUBLE;
	out->message = rest;
	return true;
}

/* The client whose message was abandoned: behind "from ", behind H=, or directly. */
static void
find_peer(struct slice rest, struct notice *out)
{
	ptrdiff_t from = slice_find(rest, SLICE("from "));

	if (from >= 0)
		rest = slice_skip(rest, (size_t)from + 5);
	rest = slice_trim(rest);
	slice_take_prefix(&rest, SLICE("H="));
	if (!host_take(&rest, &out->host) || out->host.ip.len == 0)
		out->host = (struct host){0};
	rest = slice_trim(rest);
	if (slice_take_prefix(&rest, SLICE("F=")))
		take_sender(&rest, out);
}

/*
 * "H=h [ip] ADDRESS F=<SENDER> rejected after DATA: R=r T=t H=h [ip] C="550 no"", "... tmp-reject from cutthrough after DATA: ...": what the
 * host said to which the message was to be delivered while it came in (verify.c, cutthrough_finaldot).
 */
static bool
parse_cutthrough(struct slice rest, struct notice *out)
{
	struct slice address = field_take_address(&rest), original;
	const struct host host = out->host;
	bool is_temporary;

	if (slice_find_byte(address, '@') <= 0)
		return false;
	rest = slice_trim(rest);
	field_take_angle(&rest, &original);
	take_fields(&rest, out);
	is_temporary = slice_take_prefix(&rest, SLICE("tmp-reject from cutthrough after DATA: "));
	if (!is_temporary && !slice_take_prefix(&rest, SLICE("rejected after DATA: ")))
		return false;
	out->kind = is_temporary ? NOTICE_TEMPORARILY_REJECTED : NOTICE_REJECTED;
	out->address = address;
	out->message = rest;
	out->host = host;
	return true;
}

/* Lines that begin with one of the words of the table. */
static bool
parse_known(struct slice text, struct notice *out)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct slice rest = text;

		if (slice_is_empty(text) || text.at[0] != prefixes[i].prefix.at[0] ||
		    !slice_take_prefix(&rest, prefixes[i].prefix))
			continue;
		out->kind = prefixes[i].kind;
		if (out->kind == NOTICE_ABANDONED)
			find_peer(rest, out);
		else if (out->kind == NOTICE_RECIPIENT_REFUSED)
			parse_prdr(rest, out);
		else if (out->kind == NOTICE_SENDER_IDENTITY)
			parse_identity(rest, out);
		else if (out->kind == NOTICE_MARKED || out->kind == NOTICE_ADDED)
			parse_administrator(text, rest, out);
		return true;
	}
	return false;
}

void
notice_parse(struct slice text, struct notice *out)
{
	struct slice rest = text;

	*out = (struct notice){.kind = NOTICE_OTHER, .message = text};
	if (!slice_has_prefix(text, SLICE("H=")) && parse_known(text, out))
		return;
	if (host_find_in_message(text, &out->host) ||
	    slice_has_prefix(text, SLICE("SMTP error from remote mail"))) {
		out->kind = NOTICE_HOST_TROUBLE;
		return;
	}
	take_fields(&rest, out);
	if (slice_take_prefix(&rest, SLICE("Warning: "))) {
		if (slice_take_prefix(&rest, SLICE("\"SpamAssassin as ")))
			parse_score(rest, out);
		return;
	}
	if (parse_rejection(rest, out) || (rest.at != text.at && parse_cutthrough(rest, out)) ||
	    parse_trouble(rest, out) || rest.at != text.at)
		return;
	if (!host_take(&rest, &out->host) || !parse_trouble(rest, out))
		out->host = (struct host){0};
}

void
notice_parse_kept(struct slice text, struct notice *out)
{
	/* cPanel has one or the other of nearly every message. */
	if (slice_has_prefix(text, SLICE("SMTP connection outbound "))) {
		out->kind = NOTICE_OUTBOUND;
	} else if (slice_take_prefix(&text, SLICE("Sender identification U="))) {
		out->kind = NOTICE_SENDER_IDENTITY;
		out->user = field_take_word(&text);
	} else {
		notice_parse(text, out);
	}
}
