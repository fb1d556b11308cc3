/* Log lines of Postfix and sendmail, and bounces of IronPort: the fields around the reason say nothing of it, and some would look like a cause. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/mailer_log.h"

enum { FIELDS_MAX = 2048 }; /* bytes of a line in which its fields are looked for */

/* Cuts the text in front of the word; false when it is not there. */
static bool
skip_to(struct slice *text, struct slice word)
{
	ptrdiff_t at = slice_find(slice_first(*text, FIELDS_MAX), word);

	if (at < 0)
		return false;
	*text = slice_skip(*text, (size_t)at + word.len);
	return true;
}

static struct slice
take_dsn(struct slice fields)
{
	if (!skip_to(&fields, SLICE("dsn=")))
		return slice_of("", 0);
	struct slice value = slice_take_until(&fields, ',');

	return slice_take_until(&value, ' ');
}

/* "to=<a@b>, relay=h[ip]:25, delay=1, dsn=4.7.1, status=deferred (REASON)", Postfix's smtp, lmtp, local, pipe and error. */
static bool
take_status(struct slice text, struct mailer_log *out)
{
	static const char *const words[] = {"deferred", "bounced", "undeliverable", "SOFTBOUNCE"};
	struct slice rest = text;

	if (!skip_to(&rest, SLICE("status=")))
		return false;
	struct slice fields = slice_first(text, text.len - rest.len);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!slice_take_prefix(&rest, slice_str(words[i])))
			continue;
		out->dsn = take_dsn(fields);
		if (slice_take_prefix(&rest, SLICE(" (")))
			out->reason = slice_has_suffix(rest, SLICE(")")) ?
			    slice_first(rest, rest.len - 1) :
			    rest;
		slice_take_prefix(&out->reason, SLICE("delivery temporarily suspended: "));
		return true;
	}
	return false;
}

/* What stands in front of "; from=<a> to=<b> proto=SMTP helo=<c>", of which each may be missing. */
static struct slice
without_envelope(struct slice text)
{
	static const char *const fields[] = {"; from=<", "; to=<", "; proto="};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(fields[i]));

		if (at >= 0)
			text = slice_first(text, (size_t)at);
	}
	return text;
}

/* postscreen writes "[ip]:port: " where smtpd writes "[ip]: ". */
static struct slice
skip_port(struct slice text)
{
	while (text.len != 0 && text.at[0] >= '0' && text.at[0] <= '9')
		text = slice_skip(text, 1);
	slice_take_prefix(&text, SLICE(":"));
	return text;
}

/*
 * "NOQUEUE: reject: RCPT from h[ip]: REPLY; from=<> to=<> proto=ESMTP helo=<>", Postfix's smtpd and postscreen; cleanup's milter-reject
 * likewise, and its "reject: header Subject: x from h[ip]; from=<> to=<> proto=ESMTP helo=<>: REPLY".
 */
static bool
take_reject(struct slice text, struct mailer_log *out)
{
	static const struct {
		const char *words;
		enum phase phase;
	} stages[] = {
	    {"CONNECT from ", PHASE_CONNECT},
	    {"HELO from ", PHASE_EHLO},
	    {"EHLO from ", PHASE_EHLO},
	    {"MAIL from ", PHASE_MAIL},
	    {"RCPT from ", PHASE_RCPT},
	    {"VRFY from ", PHASE_RCPT},
	    {"DATA from ", PHASE_DATA},
	    {"END-OF-MESSAGE from ", PHASE_END_OF_DATA},
	    {"header ", PHASE_END_OF_DATA},
	    {"body ", PHASE_END_OF_DATA},
	};
	struct slice rest = text;

	if (!skip_to(&rest, SLICE("reject: ")) && !skip_to(&rest, SLICE("reject_warning: ")))
		return false;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (!slice_take_prefix(&rest, slice_str(stages[i].words)))
			continue;
		out->phase = stages[i].phase;
		struct slice reply = without_envelope(rest);
		struct slice behind = slice_skip(rest, reply.len);
		ptrdiff_t bracket;

		if ((bracket = slice_find(behind, SLICE(">: "))) >= 0)
			out->reason = slice_skip(behind, (size_t)bracket + 3);
		else if ((bracket = slice_find(reply, SLICE("]:"))) >= 0)
			out->reason = skip_port(slice_skip(reply, (size_t)bracket + 2));
		else
			return false;
		out->reason = slice_trim(out->reason);
		return true;
	}
	return false;
}

/* "to=<a@b>, delay=00:00:01, mailer=esmtp, relay=h. [ip], dsn=5.1.1, stat=REASON", "ruleset=check_rcpt, ..., reject=REPLY", sendmail. */
static bool
take_stat(struct slice text, struct mailer_log *out)
{
	static const struct {
		const char *words;
		enum phase phase;
	} rulesets[] = {
	    {"ruleset=check_relay", PHASE_CONNECT},
	    {"ruleset=check_mail", PHASE_MAIL},
	    {"ruleset=check_rcpt", PHASE_RCPT},
	    {"ruleset=check_compat", PHASE_RCPT},
	    {"ruleset=check_eom", PHASE_END_OF_DATA},
	};
	struct slice rest = text;

	if (!skip_to(&rest, SLICE(", stat=")) && !skip_to(&rest, SLICE(", reject=")))
		return false;
	struct slice fields = slice_first(text, text.len - rest.len);
	for (size_t i = 0; i < sizeof(rulesets) / sizeof(rulesets[0]); i++)
		if (slice_find(fields, slice_str(rulesets[i].words)) >= 0)
			out->phase = rulesets[i].phase;
	slice_take_prefix(&rest, SLICE("Deferred: "));
	/* So sendmail calls any refusal that it has no name for; dsn= tells more. */
	if (!slice_equal(slice_trim(rest), SLICE("Service unavailable")))
		out->reason = rest;
	out->dsn = take_dsn(fields);
	return true;
}

/*
 * "5.1.0 - Unknown address error 550-'5.1.1 REPLY' (delivery attempts: 0)", the bounces of Cisco's Email Security Appliance (IronPort),
 * whose own name for the code says less than the reply. Without a reply, its words are all there is.
 * People paste it without its end.
 */
static bool
take_appliance(struct slice text, struct mailer_log *out)
{
	ptrdiff_t end = slice_has_suffix(text, SLICE(")")) ?
	    slice_find(slice_first(text, FIELDS_MAX), SLICE("(delivery attempts: ")) :
	    -1;

	if (end < 0 && !slice_has_prefix(slice_skip(text, 5), SLICE(" - ")))
		return false;
	struct slice words = slice_trim(slice_first(text, end < 0 ? FIELDS_MAX : (size_t)end));
	for (size_t i = 3; i + 1 < words.len; i++) {
		if (words.at[i] != '-' || words.at[i - 1] < '0' || words.at[i - 1] > '9' ||
		    (words.at[i + 1] != '\'' && words.at[i + 1] != '"'))
			continue;
		out->reason = slice_skip(words, i - 3);
		return true;
	}
	return false;
}

bool
mailer_log_take(struct slice text, struct mailer_log *out)
{
	*out = (struct mailer_log){.reason = slice_of("", 0), .dsn = slice_of("", 0)};
	if (take_appliance(text, out))
		return true;
	/* Most replies hold nothing of the kind. */
	bool has_fields = slice_find_byte(text, '=') >= 0;
	if (!has_fields && slice_find_byte(text, '[') < 0)
		return false;
	return (has_fields && take_status(text, out)) || take_reject(text, out) ||
	    (has_fields && take_stat(text, out));
}
