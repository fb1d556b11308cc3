/* Samples: whole log lines, pieces of them, and bare replies, as failures. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/sample.h"

#include <stdio.h>

#include "daemon/exim/arrival.h"
#include "daemon/exim/delivery.h"
#include "daemon/exim/line.h"
#include "daemon/exim/notice.h"
#include "daemon/exim/refusal.h"

static void
take_delivery(struct slice text, enum failure_kind kind, struct sample *out)
{
	struct delivery delivery;
	bool is_failure = kind == FAILURE_BOUNCED || kind == FAILURE_DEFERRED;

	if (!delivery_parse(text, is_failure, &delivery))
		return;
	out->is_log_line = true;
	out->is_no_failure = !is_failure && !delivery.is_discarded;
	/* A pipe, a file or a filter's /dev/null has the address that led to it beside it. */
	out->address = slice_find_byte(delivery.final, '@') < 0 && delivery.original.len != 0 ?
	    delivery.original :
	    delivery.final;
	out->failure = (struct failure){
	    .kind = kind,
	    .message = delivery.message,
	    .router = delivery.router,
	    .transport = delivery.transport,
	    .host = delivery.host.name,
	    .ip = delivery.host.ip,
	    .domain = slice_domain(out->address),
	    .address = out->address,
	    .has_error_number = delivery.has_error_number,
	    .error_number = delivery.error_number,
	};
	/* "discarded (system filter)": the line's own words are all there is. */
	if (delivery.is_discarded && delivery.router.len == 0 && delivery.message.len == 0)
		out->failure.message = text;
}

static void
take_notice(struct slice text, struct sample *out)
{
	struct notice notice;

	notice_parse(text, &notice);
	out->is_log_line = true;
	out->sender = notice.sender;
	out->is_temporary = notice.kind == NOTICE_TEMPORARILY_REJECTED;
	out->failure = (struct failure){
	    .kind = notice.kind == NOTICE_FROZEN ? FAILURE_FROZEN :
		notice.kind == NOTICE_REJECTED || notice.kind == NOTICE_TEMPORARILY_REJECTED ?
						   FAILURE_REJECTED :
						   FAILURE_WARNING,
	    .message = notice.message,
	    .host = notice.host.name,
	    .ip = notice.host.ip,
	};
	out->is_no_failure = notice.kind == NOTICE_OTHER || notice.kind == NOTICE_OUTBOUND ||
	    notice.kind == NOTICE_SENDER_IDENTITY || notice.kind == NOTICE_SPAM_SCORE ||
	    notice.kind == NOTICE_UNFROZEN;
}

static bool
take_refusal(struct slice text, struct sample *out)
{
	struct refusal refusal;

	refusal_parse(text, &refusal);
	if (refusal.kind == REFUSAL_NONE)
		return false;
	out->is_log_line = true;
	out->address = refusal.recipient;
	out->sender = refusal.sender;
	out->login = refusal.login;
	out->is_temporary = refusal.is_temporary;
	out->failure = (struct failure){
	    .kind = refusal.kind == REFUSAL_AUTH                                ? FAILURE_AUTH :
		refusal.kind == REFUSAL_PROGRAM || refusal.kind == REFUSAL_LOST ? FAILURE_WARNING :
										  FAILURE_REJECTED,
	    .message = refusal.message,
	    .host = refusal.host.name,
	    .ip = refusal.host.ip,
	};
	return true;
}

/* "** ", "== ", "=> ", "-> " in front of a line whose time and id were left away. */
static bool
take_flagged(struct slice text, struct sample *out)
{
	static const struct {
		const char *flag;
		enum failure_kind kind;
	} flags[] = {
	    {"** ", FAILURE_BOUNCED},
	    {"== ", FAILURE_DEFERRED},
	    {"=> ", FAILURE_DISCARDED},
	    {"-> ", FAILURE_DISCARDED},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (slice_take_prefix(&text, slice_str(flags[i].flag))) {
			take_delivery(text, flags[i].kind, out);
			return true;
		}
	}
	return false;
}

/* "<= a@b ...": who sent the message that later entries tell of. */
static void
take_arrival(struct slice text, struct sample *out)
{
	struct arrival arrival;

	out->is_log_line = out->is_no_failure = true;
	if (!arrival_parse_envelope(text, &arrival))
		return;
	out->sender = arrival.sender;
	out->is_bounce = arrival.is_bounce;
}

static void
take_line(const struct line *line, struct sample *out)
{
	struct slice behind = line->text;

	out->id = line->id;
	switch (line->kind) {
	case LINE_FAILED:
		take_delivery(line->text, FAILURE_BOUNCED, out);
		break;
	case LINE_DEFERRED:
		take_delivery(line->text, FAILURE_DEFERRED, out);
		break;
	case LINE_DELIVERED:
	case LINE_ADDITIONAL:
	case LINE_CUTTHROUGH:
	case LINE_SUPPRESSED:
		take_delivery(line->text, FAILURE_DISCARDED, out);
		break;
	case LINE_ARRIVAL:
		take_arrival(line->text, out);
		break;
	case LINE_NOTICE:
		take_notice(line->text, out);
		break;
	case LINE_GENERAL:
		out->is_log_line = true;
		/* An id that was made unrecognizable stands before the flag all the same. */
		slice_take_until(&behind, ' ');
		out->is_no_failure = !take_flagged(behind, out) && !take_refusal(line->text, out);
		break;
	default:
		out->is_log_line = true;
		out->is_no_failure = true;
		break;
	}
}

/* What somebody left of the beginning of a line: ".... R=... T=...: text". */
static struct slice
skip_ellipsis(struct slice text)
{
	struct slice rest = text;

	while (rest.len != 0 && (rest.at[0] == '.' || rest.at[0] == ' '))
		rest = slice_skip(rest, 1);
	return rest.len != 0 && text.len - rest.len > 1 ? rest : text;
}

/* "Oct 14 00:23:54 mail exim[1500]: ID ** ...", as syslog has the line when syslog_timestamp is off. */
static void
skip_syslog(struct slice *text)
{
	struct slice front = slice_first(*text, 120);
	ptrdiff_t end = slice_find(front, SLICE("]: "));
	struct message_id id;
	size_t digits = 0;

	while (end > 0 && digits < (size_t)end && front.at[(size_t)end - digits - 1] >= '0' &&
	    front.at[(size_t)end - digits - 1] <= '9')
		digits++;
	if (digits == 0 || digits >= (size_t)end || front.at[(size_t)end - digits - 1] != '[')
		return;
	struct slice rest = slice_skip(*text, (size_t)end + 3), behind = rest;
	if (message_id_take(&behind, &id) && behind.len > 1 && behind.at[0] == ' ')
		*text = rest;
}

/* "R=... T=...: text", "T=... defer (111): text", "defer (-42): text", "a@b.example <c@d.example> R=...: text". */
static bool
take_piece(struct slice text, struct sample *out)
{
	text = skip_ellipsis(text);
	struct slice word = text, rest = text;
	bool is_defer = slice_find(slice_first(text, 400), SLICE("defer (")) >= 0;
	bool has_fields = slice_has_prefix(text, SLICE("R=")) ||
	    slice_has_prefix(text, SLICE("T=")) || slice_has_prefix(text, SLICE("defer ("));

	if (!has_fields) {
		word = slice_take_until(&rest, ' ');
		bool has_address = slice_find_byte(word, '@') > 0 ||
		    slice_has_prefix(text, SLICE("[email protected] "));
		struct slice front = slice_first(text, 300);

		if (!has_address || word.at[word.len - 1] == ':' ||
		    (slice_find(front, SLICE(" R=")) < 0 && slice_find(front, SLICE(" T=")) < 0))
			return false;
		take_delivery(text, is_defer ? FAILURE_DEFERRED : FAILURE_BOUNCED, out);
		return true;
	}
	/* The grammar wants an address in front; one that nobody has will do. */
	int len = snprintf(out->room, sizeof(out->room), "x %.*s",
	    (int)(text.len < SAMPLE_MAX - 8 ? text.len : SAMPLE_MAX - 8), text.at);
	take_delivery(slice_of(out->room, (size_t)len),
	    is_defer ? FAILURE_DEFERRED : FAILURE_BOUNCED, out);
	out->address.len = 0;
	return true;
}

/* Pieces of lines without an id: only where Exim's words begin them. */
static bool
take_general(struct slice text, struct sample *out)
{
	struct refusal refusal;

	refusal_parse(text, &refusal);
	if (refusal.kind != REFUSAL_NONE && refusal.kind != REFUSAL_OTHER_COMMAND &&
	    refusal.kind != REFUSAL_LOST)
		return take_refusal(text, out);
	struct notice notice;
	notice_parse(text, &notice);
	if (notice.kind == NOTICE_FROZEN || notice.kind == NOTICE_REJECTED ||
	    notice.kind == NOTICE_TEMPORARILY_REJECTED ||
	    (notice.kind == NOTICE_HOST_TROUBLE && slice_has_prefix(text, SLICE("H=")))) {
		take_notice(text, out);
		return true;
	}
	return refusal.kind == REFUSAL_LOST && take_refusal(text, out);
}

void
sample_parse(struct slice text, struct sample *out)
{
	struct line_clock clock;
	struct message_id id;
	struct line line;

	text = slice_trim(text);
	out->failure = (struct failure){.kind = FAILURE_TEXT, .message = text};
	out->address = out->sender = out->login = slice_of("", 0);
	out->id = (struct message_id){0};
	out->is_log_line = out->is_temporary = out->is_bounce = out->is_frozen =
	    out->is_no_failure = false;
	line_clock_init(&clock, NULL);
	line_parse(&clock, text, &line);
	if (line.kind != LINE_CONTINUATION) {
		take_line(&line, out);
		return;
	}
	skip_syslog(&text);
	struct slice rest = text;
	if (message_id_take(&rest, &id) && rest.len > 1 && rest.at[0] == ' ') {
		out->id = id;
		text = slice_skip(rest, 1);
		if (slice_take_prefix(&text, SLICE("<= ")))
			take_arrival(text, out);
		else if (!take_flagged(text, out))
			take_notice(text, out);
		return;
	}
	if (take_flagged(text, out) || take_piece(text, out) || take_general(text, out))
		return;
	out->failure.message = text;
}
