/* Elsewhere: whether a domain whose users this server does not know has its mailboxes on another one, by what became of other mail to it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/elsewhere.h"

#include "daemon/answer/story.h"

bool
elsewhere_is(const struct domain_history *history)
{
	return history->delivered_remotely > history->delivered_here;
}

bool
elsewhere_set(const struct answer_sources *sources, struct classification *found)
{
	int misrouted = classifier_find_class(sources->classifier, SLICE("misrouted-local-domain"));

	if (misrouted < 0)
		return false;
	found->class_index = (uint16_t)misrouted;
	found->rule_index = CLASSIFY_NO_RULE;
	return true;
}

static struct slice
domain_of(struct message_view view, const struct recipient *recipient, struct room *room)
{
	uint32_t names[] = {recipient->address, segment_original(view.segment, recipient)};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct slice domain = slice_domain(segment_name(view.segment, names[i], room));

		if (domain.len != 0)
			return domain;
	}
	return slice_of("", 0);
}

static bool
look(struct elsewhere *elsewhere, const struct answer_sources *sources, struct message_view view,
    const struct recipient *recipient, struct slice domain)
{
	struct domain_history history;

	elsewhere->looks++;
	history_of_domain(sources->index, view.message, domain, recipient->class_index, &history);
	return elsewhere_is(&history);
}

/* The same for all messages to the domain, but for those that are themselves part of the evidence for the others. */
static bool
is_elsewhere(struct elsewhere *elsewhere, const struct answer_sources *sources,
    struct message_view view, const struct recipient *recipient)
{
	struct room room;

	room_empty(&room);
	struct slice domain = domain_of(view, recipient, &room);
	if (domain.len == 0)
		return false;
	if (segment_recipient_count(view.segment, view.message, 2) > 1)
		return look(elsewhere, sources, view, recipient, domain);
	uint64_t hash = mark_hash_domain(index_key(sources->index), domain);
	size_t slot = hash % ELSEWHERE_KNOWN;
	if (elsewhere->known[slot].domain != hash) {
		elsewhere->known[slot].domain = hash;
		elsewhere->known[slot].is_so = look(elsewhere, sources, view, recipient, domain);
	}
	return elsewhere->known[slot].is_so;
}

struct classification
elsewhere_judge(struct elsewhere *elsewhere, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, const struct recipient *recipient)
{
	struct classification found = story_classification(view.segment, recipient);

	if (recipient->outcome == OUTCOME_BOUNCED && asker->sees_all &&
	    !segment_has_ip(view.segment, recipient) &&
	    !(view.message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED)) &&
	    found.class_index ==
		classifier_find_class(sources->classifier, SLICE("user-unknown")) &&
	    is_elsewhere(elsewhere, sources, view, recipient))
		elsewhere_set(sources, &found);
	return found;
}
