/* Judgements: the class of a failure with all that is said about it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/judgement.h"

#include <stdio.h>

enum { TEXT_ROOM = 16 * 1024 };

enum severity
judgement_severity(const struct classifier *classifier, const struct failure *failure,
    const struct classification *found)
{
	struct reply reply;

	if (failure->kind == FAILURE_BOUNCED)
		return SEVERITY_HARD;
	if (failure->kind == FAILURE_DEFERRED || failure->kind == FAILURE_WARNING)
		return SEVERITY_SOFT;
	reply_parse(failure->message, &reply);
	if (reply.code >= 500 || (reply.code == 0 && reply.enhanced.class == 5))
		return SEVERITY_HARD;
	if (reply.code >= 400 || (reply.code == 0 && reply.enhanced.class == 4))
		return SEVERITY_SOFT;
	return classifier_class(classifier, found->class_index)->severity;
}

/* Writes the decimal digits; returns the place behind them. */
static char *
put_number(unsigned value, char *to)
{
	char digits[12];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	while (count != 0)
		*to++ = digits[--count];
	return to;
}

void
judgement_write_codes(struct json_out *out, const struct reply *reply)
{
	char text[3 * 12];

	json_out_key(out, "code");
	if (reply->code != 0)
		json_out_int(out, reply->code);
	else
		json_out_null(out);
	json_out_key(out, "enhanced");
	if (reply->enhanced.class != 0) {
		const unsigned parts[] = {reply->enhanced.class, reply->enhanced.subject,
		    reply->enhanced.detail};
		char *to = text;

		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			if (i != 0)
				*to++ = '.';
			to = put_number(parts[i], to);
		}
		json_out_string(out, text, (size_t)(to - text));
	} else {
		json_out_null(out);
	}
}

void
judgement_write_reply(struct json_out *out, struct slice message)
{
	char text[TEXT_ROOM];
	struct reply reply;

	json_out_key(out, "reply");
	if (slice_is_empty(message)) {
		json_out_null(out);
		return;
	}
	reply_parse(message, &reply);
	json_out_object_begin(out);
	judgement_write_codes(out, &reply);
	json_out_key(out, "phase");
	json_out_text(out, phase_name(reply.phase));
	json_out_key(out, "text");
	json_out_string(out, text, reply_text(&reply, text, sizeof(text)));
	json_out_object_end(out);
}

static void
emit_step(void *out, const char *text)
{
	json_out_text(out, text);
}

static void
write_fact(struct json_out *out, const char *key, struct slice text)
{
	json_out_key(out, key);
	json_out_string(out, text.len != 0 ? text.at : NULL, text.len);
}

void
judgement_write(struct json_out *out, const struct classifier *classifier,
    const struct classification *found, const struct failure *failure, const struct facts *facts)
{
	const struct class *class = classifier_class(classifier, found->class_index);
	char text[TEXT_ROOM];
	size_t len;

	json_out_key(out, "class");
	json_out_text(out, class->name);
	json_out_key(out, "severity");
	json_out_text(out, severity_name(found->severity));
	json_out_key(out, "who");
	json_out_text(out, advice_who(classifier, found, facts));
	judgement_write_reply(out, failure->message);
	json_out_key(out, "summary");
	len = advice_summary(classifier, found, failure, facts, text, sizeof(text));
	json_out_string(out, text, len);
	json_out_key(out, "advice");
	json_out_array_begin(out);
	advice_steps(classifier, found, facts, emit_step, out);
	json_out_array_end(out);
	json_out_key(out, "customer");
	len = advice_customer(classifier, found, facts, text, sizeof(text));
	json_out_string(out, len != 0 ? text : NULL, len);
	json_out_key(out, "rule");
	json_out_text(out, classifier_rule_name(classifier, found->rule_index));
	json_out_key(out, "facts");
	json_out_object_begin(out);
	write_fact(out, "list", facts->list);
	write_fact(out, "list_url", facts->list_url);
	write_fact(out, "url", facts->url);
	write_fact(out, "limit", facts->limit);
	write_fact(out, "ip", facts->ip);
	json_out_object_end(out);
}
