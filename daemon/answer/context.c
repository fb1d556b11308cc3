/* Context: what the rest of the window says about a failure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/context.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/answer/match.h"
#include "daemon/answer/walk.h"
#include "daemon/text/moment.h"

enum { VISIT_MAX = 20000 }; /* messages looked at for one failure */

/* What became of the other messages to one domain. */
struct history {
	unsigned delivered_remotely, delivered_here, same_class, other_failures;
	int64_t last_delivered;
	uint64_t last_segment; /* where the last delivery is, and its recipient there; 0: nowhere */
	uint32_t last_recipient;
	bool was_cut; /* there is more of the window than was looked at */
};

static void
add_to_history(struct history *history, struct message_view other, uint32_t reference,
    uint8_t class_index)
{
	const struct recipient *entry = segment_recipient(other.segment, reference);

	if (entry->outcome == OUTCOME_DELIVERED && segment_has_ip(other.segment, entry))
		history->delivered_remotely++;
	else if (entry->outcome == OUTCOME_DELIVERED)
		history->delivered_here++;
	else if (entry->class_index == class_index)
		history->same_class++;
	else if (entry->class_index != CLASS_NONE)
		history->other_failures++;
	if (entry->outcome == OUTCOME_DELIVERED && entry->at > history->last_delivered) {
		history->last_delivered = entry->at;
		history->last_segment = other.segment->number;
		history->last_recipient = reference;
	}
}

static void
look_around(struct history *history, const struct answer_sources *sources,
    const struct message *self, struct slice domain, uint8_t class_index)
{
	struct walk walk = walk_newest(sources->index);
	struct message_view other;
	unsigned visited = 0;
	struct room room;

	for (const struct segment *segment;
	    (segment = walk_segment(&walk, sources->index)) != NULL;) {
		if (!segment_may_have(segment, domain)) {
			walk_skip_segment(&walk);
			continue;
		}
		if (!walk_older(&walk, sources->index, &other))
			break;
		if (++visited == VISIT_MAX) {
			history->was_cut = true;
			break;
		}
		if (other.message == self || (other.message->flags & MESSAGE_IS_REFUSAL))
			continue;
		for (uint32_t r = 0;
		    (r = segment_next_recipient(other.segment, other.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(other.segment, r);

			room_empty(&room);
			if (match_domain(segment_name(other.segment, entry->address, &room), domain))
				add_to_history(history, other, r, class_index);
		}
	}
}

__attribute__((format(printf, 2, 3))) static void
say(struct context *context, const char *format, ...)
{
	va_list arguments;

	if (context->count == CONTEXT_SENTENCES)
		return;
	va_start(arguments, format);
	vsnprintf(context->sentences[context->count++], CONTEXT_SENTENCE_SIZE, format, arguments);
	va_end(arguments);
}

static void
say_history(struct context *context, const struct answer_sources *sources,
    const struct history *history, struct slice domain)
{
	unsigned delivered = history->delivered_remotely + history->delivered_here;
	const char *since = history->was_cut ? "lately" : "in the window";

	if (delivered != 0) {
		char text[MOMENT_TEXT_SIZE];

		moment_format(history->last_delivered,
		    zone_offset_at(sources->zone, history->last_delivered), text);
		say(context, "%u other message%s to %.*s %s delivered %s, the last at %s.", delivered,
		    delivered == 1 ? "" : "s", (int)domain.len, domain.at,
		    delivered == 1 ? "was" : "were", since, text);
	} else if (history->same_class + history->other_failures != 0) {
		say(context, "No message to %.*s was delivered %s; %u other%s failed the same way.",
		    (int)domain.len, domain.at, since, history->same_class,
		    history->same_class == 1 ? "" : "s");
	}
}

/*
 * "No such user" from a router of this server, for a domain whose mail goes elsewhere: the domain should not be local. The text
 * alone cannot tell; what became of other mail to the domain can.
 */
static void
judge_misrouted(struct context *context, const struct answer_sources *sources,
    const struct history *history, struct slice domain, struct classification *found)
{
	int misrouted = classifier_find_class(sources->classifier, SLICE("misrouted-local-domain"));
	const struct segment *segment = index_segment(sources->index, history->last_segment);
	struct room room;

	if (history->delivered_remotely > history->delivered_here && misrouted >= 0) {
		found->class_index = (uint16_t)misrouted;
		found->rule_index = CLASSIFY_NO_RULE;
		room_empty(&room);
		struct slice host = segment_route(
		    segment, segment_recipient(segment, history->last_recipient), &room).host;
		say(context,
		    "What decided: mail to %.*s was delivered to %.*s, so its mailboxes are not on this server.",
		    (int)domain.len, domain.at, (int)host.len, host.at);
	} else if (history->delivered_here != 0) {
		say(context,
		    "What decided: mail to other mailboxes of %.*s was delivered on this server, so the domain belongs here.",
		    (int)domain.len, domain.at);
	} else {
		say(context,
		    "Nothing in the window shows where %.*s has its mailboxes; if it is hosted elsewhere, this server must stop treating it as local.",
		    (int)domain.len, domain.at);
	}
}

void
context_find(struct context *context, const struct answer_sources *sources,
    struct message_view view, const struct recipient *recipient, struct classification *found)
{
	struct room room;

	room_empty(&room);
	struct slice address = segment_name(view.segment, recipient->address, &room);
	ptrdiff_t at = slice_find_byte(address, '@');
	struct slice domain = at >= 0 ? slice_skip(address, (size_t)at + 1) : slice_of("", 0);
	struct history history = {0};

	if (slice_is_empty(domain) || (view.message->flags & MESSAGE_IS_REFUSAL))
		return;
	look_around(&history, sources, view.message, domain, recipient->class_index);
	bool is_unknown_here = recipient->outcome == OUTCOME_BOUNCED &&
	    !segment_has_ip(view.segment, recipient) &&
	    recipient->class_index ==
		classifier_find_class(sources->classifier, SLICE("user-unknown"));
	if (is_unknown_here)
		judge_misrouted(context, sources, &history, domain, found);
	say_history(context, sources, &history, domain);
}
