/* Refusals: lines without an id (Exim spec, "Reducing or increasing what is logged"; smtp_in.c, acl.c, verify.c). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/refusal.h"

#include "daemon/exim/field.h"

static bool
has(struct slice text, const char *what)
{
	return slice_find(text, slice_str(what)) >= 0;
}

/* What is refused, by the word behind "rejected ". */
static const struct {
	const char *word;
	enum refusal_kind kind;
} commands[] = {
    {"RCPT", REFUSAL_RCPT},
    {"MAIL", REFUSAL_MAIL},
    {"EHLO", REFUSAL_HELO},
    {"HELO", REFUSAL_HELO},
    {"connection", REFUSAL_CONNECT},
    {"DATA", REFUSAL_DATA},
    {"BDAT", REFUSAL_DATA},
    {"predata", REFUSAL_DATA},
    {"after DATA", REFUSAL_DATA},
    {"during", REFUSAL_DATA},
    {"by local_scan", REFUSAL_DATA},
    {"AUTH", REFUSAL_AUTH},
    {"VRFY", REFUSAL_OTHER_COMMAND},
    {"EXPN", REFUSAL_OTHER_COMMAND},
    {"ETRN", REFUSAL_OTHER_COMMAND},
    {"STARTTLS", REFUSAL_OTHER_COMMAND},
};

/* Connections that failed, by the words that begin or tell them; the host is found behind "from " or in front. */
static const char *const lost[] = {
    "SMTP command timeout on ",
    "SMTP data timeout ",
    "SMTP protocol synchronization error",
    "SMTP protocol violation",
    "SMTP protocol error ",
    "SMTP syntax error in ",
    "SMTP call from ",
    "SMTP connection from ",
    "SMTP connection Ci=",
    "unexpected disconnection while reading SMTP command",
    "unexpected end of file",
    "TLS error on connection ",
};

/*
 * The host that a text names: "... connection from h (helo) [ip]:port", "... error in "COMMAND" H=h (helo) [ip]". What follows it is
 * left in *text, or all of it where there is none.
 */
static void
find_host(struct slice *text, struct host *out)
{
	ptrdiff_t quoted = slice_find(*text, SLICE("\" H=")),
		  from = slice_find(*text, SLICE(" from "));
	ptrdiff_t quote = slice_find_byte(*text, '"');
	bool is_behind_quote = quoted >= 0 && (from < 0 || quote < from);
	struct slice rest = slice_skip(*text, (size_t)(is_behind_quote ? quoted + 4 : from + 6));

	if (!is_behind_quote && from < 0)
		return;
	slice_take_prefix(&rest, SLICE("H="));
	if (host_take(&rest, out) && out->ip.len != 0)
		*text = rest;
	else
		*out = (struct host){0};
}

/* Takes the fields that stand between the host and the words: F=<...>, A=, U=, X= ... */
static void
take_fields(struct slice *rest, struct refusal *out)
{
	for (;;) {
		struct slice ahead = slice_trim(*rest), angle;

		if (slice_take_prefix(&ahead, SLICE("F=")) && field_take_angle(&ahead, &angle)) {
			out->sender = angle.len != 0 ? angle : slice_of(angle.at - 1, 2);
			*rest = ahead;
			continue;
		}
		ahead = slice_trim(*rest);
		struct slice word = field_take_word(&ahead);
		ptrdiff_t equals = slice_find_byte(slice_first(word, 6), '=');
		if (equals <= 0)
			break;
		if (slice_has_prefix(word, SLICE("DN=\""))) {
			struct slice quoted = slice_skip(slice_trim(*rest), 3), ignored;

			if (field_take_quoted(&quoted, &ignored))
				ahead = quoted;
		} else if (slice_take_prefix(&word, SLICE("A=")))
			out->auth = word;
		else if (slice_take_prefix(&word, SLICE("U=")))
			out->user = word;
		*rest = ahead;
	}
	*rest = slice_trim(*rest);
}

static struct slice
after_colon(struct slice text)
{
	ptrdiff_t colon = slice_find(text, SLICE(": "));

	return colon >= 0 ? slice_skip(text, (size_t)colon + 2) : text;
}

/* "RCPT a@x: TEXT": what the client sent without angle brackets is logged as it came (smtp_in.c, smtp_cmd_data). */
static bool
take_bare_address(struct slice *rest, struct slice *address)
{
	struct slice ahead = *rest;

	*address = field_take_address(&ahead);
	if (address->len > 1 && address->at[address->len - 1] == ':') {
		address->len--;
		ahead = slice_of(ahead.at - 1, ahead.len + 1);
	}
	if (slice_find_byte(*address, '@') <= 0 || address->at[0] == '<')
		return false;
	*rest = ahead;
	return true;
}

/* "from <SENDER> H=h (helo) [ip]: TEXT": a message that was too big, or no message at all (receive.c, handle_lost_connection). */
static void
parse_rejected_message(struct slice rest, struct refusal *out)
{
	struct slice sender, ahead;

	out->kind = REFUSAL_OTHER_COMMAND;
	if (!slice_take_prefix(&rest, SLICE("from ")) || !field_take_angle(&rest, &sender))
		return;
	out->kind = REFUSAL_DATA;
	out->sender = sender.len != 0 ? sender : slice_of(sender.at - 1, 2);
	ahead = slice_trim(rest);
	if (slice_take_prefix(&ahead, SLICE("H=")))
		host_take(&ahead, &out->host);
}

/* "rejected RCPT <addr>: TEXT" and its kin. */
static bool
parse_rejected(struct slice text, struct refusal *out)
{
	struct slice rest = text;

	out->is_temporary = slice_take_prefix(&rest, SLICE("temporarily "));
	if (!slice_take_prefix(&rest, SLICE("rejected ")) &&
	    !slice_take_prefix(&rest, SLICE("refused ")))
		return false;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct slice ahead = rest, address;

		if (!slice_take_prefix(&ahead, slice_str(commands[i].word)))
			continue;
		out->kind = commands[i].kind;
		ahead = slice_trim(ahead);
		slice_take_prefix(&ahead, SLICE("TO:"));
		slice_take_prefix(&ahead, SLICE("FROM:"));
		if (field_take_angle(&ahead, &address)) {
			if (out->kind == REFUSAL_RCPT)
				out->recipient = address;
			else if (out->kind == REFUSAL_MAIL && out->sender.len == 0)
				out->sender = address.len != 0 ? address :
								 slice_of(address.at - 1, 2);
			rest = ahead;
		} else if (out->kind == REFUSAL_RCPT && take_bare_address(&ahead, &address)) {
			out->recipient = address;
			rest = ahead;
		}
		out->message = after_colon(rest);
		return true;
	}
	parse_rejected_message(rest, out);
	out->message = after_colon(rest);
	return true;
}

/* "sender verify fail for <addr>: TEXT", "recipient verify ...", "sender verify defer for <addr>: TEXT". */
static bool
parse_verify(struct slice text, struct refusal *out)
{
	struct slice rest = text;

	if (!slice_take_prefix(&rest, SLICE("sender verify ")))
		return false;
	out->is_temporary = slice_has_prefix(rest, SLICE("defer"));
	out->kind = REFUSAL_VERIFY;
	ptrdiff_t address = slice_find(rest, SLICE(" for <"));
	if (address >= 0) {
		rest = slice_skip(rest, (size_t)address + 5);
		field_take_angle(&rest, &out->sender);
	}
	out->message = text;
	return true;
}

/* "dovecot_login authenticator failed for H=(helo) [ip]:port: 535 Incorrect authentication data (set_id=x)". */
static bool
parse_login(struct slice text, struct refusal *out)
{
	struct slice rest = text;

	field_take_word(&rest);
	if (!slice_take_prefix(&rest, SLICE(" authenticator failed for ")))
		return false;
	slice_take_prefix(&rest, SLICE("H="));
	host_take(&rest, &out->host);
	out->kind = REFUSAL_AUTH;
	out->message = after_colon(rest);
	out->is_temporary = slice_has_prefix(out->message, SLICE("4"));
	ptrdiff_t login = slice_find(out->message, SLICE(" (set_id="));
	if (login >= 0) {
		/* The name is what the client sent; Exim's own words may follow the parenthesis. */
		rest = slice_skip(out->message, (size_t)login + 9);
		ptrdiff_t words = slice_find(rest, SLICE("): "));
		out->login = words >= 0 ?
		    slice_first(rest, (size_t)words) :
		    slice_first(rest, rest.len - slice_has_suffix(rest, SLICE(")")));
	}
	return true;
}

/* Words of other programs that write into the same file or beside it. */
static bool
parse_program(struct slice text, struct refusal *out)
{
	bool is_spamd = slice_has_prefix(text, SLICE("spamd["));

	if (!(is_spamd && (has(text, "config:") || has(text, "failed to parse"))) &&
	    !slice_has_prefix(text, SLICE("cphulkd")) && !slice_has_prefix(text, SLICE("cPHulk")))
		return false;
	out->kind = REFUSAL_PROGRAM;
	out->message = text;
	return true;
}

/* Whether a connection was lost, and did not just open or close as it should, by what follows its host. */
static bool
is_lost(struct slice rest)
{
	return has(rest, " lost") || has(rest, "closed by DROP") || has(rest, "refused") ||
	    has(rest, "closed after");
}

static bool
parse_lost(struct slice text, struct refusal *out)
{
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		struct slice rest = text;

		if (!slice_has_prefix(text, slice_str(lost[i])))
			continue;
		find_host(&rest, &out->host);
		if (slice_has_prefix(text, SLICE("SMTP connection ")) && !is_lost(rest)) {
			out->host = (struct host){0};
			return false;
		}
		out->kind = REFUSAL_LOST;
		out->message = text;
		return true;
	}
	return false;
}

void
refusal_parse(struct slice text, struct refusal *out)
{
	*out = (struct refusal){.kind = REFUSAL_NONE, .message = text};
	if (parse_login(text, out) || parse_program(text, out))
		return;
	/* +dnssec puts its mark before the host here. */
	slice_take_prefix(&text, SLICE(" DS "));
	struct slice rest = text;
	if (slice_take_prefix(&rest, SLICE("H=")) && host_take(&rest, &out->host)) {
		take_fields(&rest, out);
		if (parse_rejected(rest, out) || parse_verify(rest, out))
			return;
		if (slice_has_prefix(rest, SLICE("Warning: ")))
			return;
		if (has(rest, "discarded by ")) {
			out->kind = REFUSAL_OTHER_COMMAND;
			out->message = rest;
			if (slice_take_prefix(&rest, SLICE("RCPT ")))
				field_take_angle(&rest, &out->recipient);
		} else if (slice_has_prefix(rest, SLICE("incomplete transaction")) ||
		    slice_has_prefix(rest, SLICE("dropped")) || has(rest, "too many ")) {
			out->kind = REFUSAL_LOST;
			out->message = rest;
		}
		return;
	}
	rest = text;
	if (slice_has_prefix(rest, SLICE("U="))) {
		take_fields(&rest, out);
		if (parse_rejected(rest, out))
			return;
	}
	if (parse_rejected(text, out)) {
		if (out->kind != REFUSAL_DATA)
			find_host(&rest, &out->host);
		return;
	}
	if (parse_verify(text, out) || parse_lost(text, out))
		return;
	rest = text;
	if (slice_take_prefix(&rest, SLICE("Connection from ")) && has(rest, "refused")) {
		host_take(&rest, &out->host);
		out->kind = REFUSAL_CONNECT;
		out->message = text;
	} else if (slice_has_prefix(text, SLICE("refused: too many connections"))) {
		out->kind = REFUSAL_CONNECT;
	}
}

bool
command_parse(struct slice text, struct command *out)
{
	*out = (struct command){0};
	if (!slice_take_prefix(&text, SLICE("cwd=")))
		return false;
	ptrdiff_t args = slice_find_byte(text, ':') - 5;
	if (args < 0 || !slice_has_prefix(slice_skip(text, (size_t)args), SLICE(" args: ")))
		args = slice_find(text, SLICE(" args: "));
	if (args < 0)
		return false;
	out->directory = slice_first(text, (size_t)args);
	/* The count of arguments stands before the word. */
	const char *count = memrchr(out->directory.at, ' ', out->directory.len);
	if (count != NULL)
		out->directory.len = (size_t)(count - out->directory.at);
	out->arguments = slice_skip(text, (size_t)args + 7);
	for (struct slice rest = out->arguments; !slice_is_empty(rest);) {
		slice_take_until(&rest, '-');
		if (slice_take_prefix(&rest, SLICE("Mc "))) {
			out->message_id = field_take_word(&rest);
			break;
		}
	}
	return true;
}

/* The first " args: " and the first "-Mc " lie in the front, so that a line which begins so is divided in the same way. */
bool
command_parse_again(struct command_memo *memo, struct slice text, struct command *out)
{
	if (memo->length != 0 && text.len > memo->length &&
	    memcmp(text.at, memo->front, memo->length) == 0) {
		struct slice rest = slice_skip(text, memo->length);

		out->directory = slice_of(text.at + strlen("cwd="), memo->directory_length);
		out->arguments = slice_skip(text, memo->arguments_at);
		out->message_id = field_take_word(&rest);
		return true;
	}
	if (!command_parse(text, out))
		return false;
	size_t length = out->message_id.len != 0 ? (size_t)(out->message_id.at - text.at) : 0;
	if (length != 0 && length <= COMMAND_FRONT_MAX) {
		memcpy(memo->front, text.at, length);
		memo->length = (uint8_t)length;
		memo->directory_length = (uint8_t)out->directory.len;
		memo->arguments_at = (uint8_t)(out->arguments.at - text.at);
	}
	return true;
}
