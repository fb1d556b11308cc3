/* Failures to the journal: each as one structured entry, for whatever carries journals to one place. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/journal/failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "daemon/answer/story.h"
#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/text/moment.h"

enum { FIELDS_MAX = 20, TEXT_ROOM = 16384, SUMMARY_ROOM = 2048 };

struct journal_failures {
	const struct answer_sources *sources;
	struct index_listener listener;
	bool has_begun;
};

/* The fields of one entry, written one after the other into one buffer. */
struct entry {
	struct iovec fields[FIELDS_MAX];
	int count;
	char text[TEXT_ROOM];
	size_t len;
};

/* journald takes any bytes in a value; a field that does not fit is left out. */
static void
put(struct entry *entry, const char *name, struct slice value)
{
	size_t name_len = strlen(name), need = name_len + 1 + value.len;

	if (value.len == 0 || entry->count == FIELDS_MAX || need > sizeof(entry->text) - entry->len)
		return;
	char *at = entry->text + entry->len;
	memcpy(at, name, name_len);
	at[name_len] = '=';
	memcpy(at + name_len + 1, value.at, value.len);
	entry->fields[entry->count++] = (struct iovec){.iov_base = at, .iov_len = need};
	entry->len += need;
}

static void __attribute__((format(printf, 3, 4)))
put_format(struct entry *entry, const char *name, const char *format, ...)
{
	char value[SUMMARY_ROOM];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	put(entry, name, slice_str(value));
}

static void
put_reply(struct entry *entry, const struct failure *failure)
{
	char text[SUMMARY_ROOM];
	struct reply reply;

	reply_parse(failure->message, &reply);
	if (reply.code != 0)
		put_format(entry, "BOUNCED_CODE", "%d", reply.code);
	if (reply.enhanced.class != 0)
		put_format(entry, "BOUNCED_ENHANCED", "%u.%u.%u", reply.enhanced.class,
		    reply.enhanced.subject, reply.enhanced.detail);
	put(entry, "BOUNCED_REPLY", slice_of(text, reply_text(&reply, text, sizeof(text))));
	put(entry, "BOUNCED_HOST", reply.host.len != 0 ? reply.host : failure->host);
	put(entry, "BOUNCED_IP", reply.ip.len != 0 ? reply.ip : failure->ip);
}

static void
tell(const struct journal_failures *failures, struct message_view view,
    const struct recipient *recipient)
{
	const struct classifier *classifier = failures->sources->classifier;
	struct classification found = story_classification(view.segment, recipient);
	struct room room;

	room_empty(&room);
	struct slice address = segment_name(view.segment, recipient->address, &room);
	struct slice sender = segment_name(view.segment, view.message->sender, &room);
	char summary[SUMMARY_ROOM], id[MESSAGE_ID_TEXT_SIZE], at[MOMENT_TEXT_SIZE];
	struct entry entry = {.count = 0};
	struct failure failure;
	struct facts facts;

	story_facts(NULL, view, recipient, &room, &failure, &facts);
	advice_summary(classifier, &found, &failure, &facts, summary, sizeof(summary));
	put_format(&entry, "MESSAGE", "%s %.*s: %s", outcome_name(recipient->outcome),
	    (int)(address.len < 320 ? address.len : 320), address.len != 0 ? address.at : "",
	    summary);
	put_format(&entry, "PRIORITY", "%d",
	    recipient->severity == SEVERITY_HARD ? LOG_WARNING : LOG_NOTICE);
	put(&entry, "SYSLOG_IDENTIFIER", SLICE("bounced"));
	put(&entry, "MESSAGE_ID", SLICE(JOURNAL_FAILURE_ID));
	if (!message_id_is_none(segment_message_id(view.segment, view.message)))
		put(&entry, "BOUNCED_ID",
		    slice_of(id,
			message_id_format(segment_message_id(view.segment, view.message), id)));
	moment_format(recipient->at, zone_offset_at(failures->sources->zone, recipient->at), at);
	put(&entry, "BOUNCED_AT", slice_str(at));
	put(&entry, "BOUNCED_SENDER", sender);
	put(&entry, "BOUNCED_ADDRESS", address);
	put(&entry, "BOUNCED_OUTCOME", slice_str(outcome_name(recipient->outcome)));
	put(&entry, "BOUNCED_SEVERITY", slice_str(severity_name(recipient->severity)));
	put(&entry, "BOUNCED_CLASS",
	    slice_str(classifier_class(classifier, found.class_index)->name));
	put(&entry, "BOUNCED_RULE", slice_str(classifier_rule_name(classifier, found.rule_index)));
	put(&entry, "BOUNCED_SUMMARY", slice_str(summary));
	put_format(&entry, "BOUNCED_ATTEMPTS", "%u", (unsigned)recipient->attempts);
	put_reply(&entry, &failure);
	sd_journal_sendv(entry.fields, entry.count);
}

static void
on_failed(void *context, uint64_t ordinal)
{
	struct journal_failures *failures = context;
	struct message_view view;
	uint32_t reference;

	if (failures->has_begun &&
	    index_failure_at(failures->sources->index, ordinal, &view, &reference))
		tell(failures, view, segment_recipient(view.segment, reference));
}

struct journal_failures *
journal_failures_new(const struct answer_sources *sources)
{
	struct journal_failures *failures = calloc(1, sizeof(*failures));

	if (failures == NULL)
		return NULL;
	failures->sources = sources;
	failures->listener = (struct index_listener){.failed = on_failed, .context = failures};
	index_listen(sources->index, &failures->listener);
	return failures;
}

void
journal_failures_free(struct journal_failures *failures)
{
	if (failures == NULL)
		return;
	index_unlisten(failures->sources->index, &failures->listener);
	free(failures);
}

void
journal_failures_begin(struct journal_failures *failures)
{
	failures->has_begun = true;
}
