/* Events: each line goes to the parser of its kind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/event.h"

static void
take_named(struct slice text, struct message_id *out)
{
	if (!message_id_parse(text, out))
		*out = (struct message_id){0};
}

void
event_parse_text(struct event_memo *memo, struct event *out)
{
	out->is_parsed = true;
	switch (out->line.kind) {
	case LINE_ARRIVAL:
	case LINE_FAKEREJECT:
		out->is_parsed = arrival_parse_envelope(out->line.text, &out->arrival);
		break;
	case LINE_DELIVERED:
	case LINE_ADDITIONAL:
	case LINE_CUTTHROUGH:
	case LINE_SUPPRESSED:
		out->is_parsed = delivery_parse_kept(&memo->routes, out->line.text, false,
		    &out->delivery);
		break;
	case LINE_FAILED:
	case LINE_DEFERRED:
		out->is_parsed = delivery_parse_kept(&memo->routes, out->line.text, true,
		    &out->delivery);
		break;
	case LINE_NOTICE:
		notice_parse_kept(out->line.text, &out->notice);
		break;
	case LINE_GENERAL:
		refusal_parse(out->line.text, &out->refusal);
		break;
	case LINE_COMMAND:
		out->is_parsed = command_parse_again(&memo->commands, out->line.text,
		    &out->command);
		take_named(out->command.message_id, &out->line.id);
		break;
	case LINE_COMPLETED:
	case LINE_CONTINUATION:
		break;
	}
}
