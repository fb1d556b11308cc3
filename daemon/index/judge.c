/* Judging: what a failure is, and how much of it the recipient's entry keeps. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/fold.h"

/* Judges a failure and writes what became of it into the recipient's entry: a refusal is as hard as its reply's first digit was. */
void
fold_judge_keyed(struct index *index, struct segment *segment, const struct message *message,
    struct recipient *recipient, const struct failure *failure, uint64_t key)
{
	struct classification found;

	classifier_classify_keyed(index->options.classifier, failure, key, &found);
	segment_keep_failure(segment, recipient, failure->message,
	    failure->has_error_number ? failure->error_number : 0, found.rule_index);
	recipient->class_index = (uint8_t)found.class_index;
	recipient->kind = failure->kind;
	recipient->severity = found.severity;
	if (found.severity != SEVERITY_NONE)
		return;
	switch (failure->kind) {
	case FAILURE_BOUNCED:
		recipient->severity = SEVERITY_HARD;
		break;
	case FAILURE_DEFERRED:
	case FAILURE_WARNING:
		recipient->severity = SEVERITY_SOFT;
		break;
	case FAILURE_REJECTED:
	case FAILURE_AUTH:
		recipient->severity = message->flags & MESSAGE_IS_TEMPORARY ? SEVERITY_SOFT :
									      SEVERITY_HARD;
		break;
	default:
		recipient->severity =
		    classifier_class(index->options.classifier, found.class_index)->severity;
		break;
	}
}

void
fold_judge(struct index *index, struct segment *segment, const struct message *message,
    struct recipient *recipient, const struct failure *failure)
{
	fold_judge_keyed(index, segment, message, recipient, failure, 0);
}

bool
fold_settle_waiting(struct index *index, const struct place *place, int64_t second,
    enum outcome outcome, const struct failure *failure)
{
	bool was_any = false;

	for (uint32_t r = 0;
	     (r = segment_next_recipient(place->segment, place->message, r)) != 0;) {
		struct recipient *recipient = segment_recipient(place->segment, r);

		if (recipient->outcome != OUTCOME_UNKNOWN)
			continue;
		recipient->outcome = outcome;
		recipient->at = (uint32_t)second;
		fold_count_attempt(recipient);
		fold_judge(index, place->segment, place->message, recipient, failure);
		failures_note(index, place, r, second);
		was_any = true;
	}
	return was_any;
}

void
index_failure(const struct segment *segment, const struct recipient *recipient, struct room *room,
    struct failure *out)
{
	const struct recipient_more *more = segment_more(segment, recipient);
	struct route route = segment_route(segment, recipient, room);
	struct slice address = segment_name(segment, recipient->address, room);

	*out = (struct failure){
	    .kind = recipient->kind,
	    .message = segment_failure_text(segment, recipient, room),
	    .router = route.router,
	    .transport = route.transport,
	    .host = route.host,
	    .ip = route.ip,
	    .domain = slice_domain(address),
	    .address = address,
	    .has_error_number = more != NULL && more->error_number != 0,
	    .error_number = more != NULL ? more->error_number : 0,
	};
}

void
index_set_classifier(struct index *index, struct classifier *classifier)
{
	index->options.classifier = classifier;
	parse_ahead_set_classifier(index->ahead, classifier);
	index->unclassified_class = (uint8_t)classifier_find_class(classifier,
	    SLICE(CLASS_UNCLASSIFIED_NAME));
	digest_forget_classes(index);
	for (uint64_t n = index->oldest; n < index->next; n++) {
		struct segment *segment = index->segments[n - index->oldest];

		segment->is_changed = true;
		for (uint32_t i = 0; i < segment->message_count; i++) {
			struct message *message = segment_message(segment, i);

			for (uint32_t r = 0;
			     (r = segment_next_recipient(segment, message, r)) != 0;) {
				struct recipient *recipient = segment_recipient(segment, r);
				struct failure failure;
				struct room room;

				if (recipient->class_index == CLASS_NONE)
					continue;
				room_empty(&room);
				index_failure(segment, recipient, &room, &failure);
				fold_judge(index, segment, message, recipient, &failure);
			}
		}
	}
}
