/* queue: messages that are not finished: last error, age, next try. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/items.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "client/render/value.h"
#include "client/render/when.h"

enum { NUMBER_DEFAULT = 1000, TALLIES_MAX = 4096, RECIPIENTS_SHOWN = 10, TALLIES_SHOWN = 8 };

/* How many recipients or messages have the same class, domain or sender. */
struct tally {
	char *key;
	int64_t count;
};

struct tallies {
	struct tally *list;
	size_t count;
};

struct queue_sink {
	struct item_sink sink; /* first */
	struct tallies classes, domains, senders;
	int64_t recipients, frozen, oldest_s;
};

/* Keys beyond the most that are kept are left out: no queue that somebody looks through has so many. */
static void
count_key(struct tallies *tallies, const char *key)
{
	size_t i = 0;

	while (i < tallies->count && strcmp(tallies->list[i].key, key) != 0)
		i++;
	if (i == tallies->count) {
		struct tally *list = i < TALLIES_MAX ?
		    reallocarray(tallies->list, i + 1, sizeof(*list)) :
		    NULL;
		char *copy = list != NULL ? strdup(key) : NULL;

		if (list != NULL)
			tallies->list = list;
		if (copy == NULL)
			return;
		tallies->list[i] = (struct tally){.key = copy};
		tallies->count++;
	}
	tallies->list[i].count++;
}

static void
clear_tallies(struct tallies *tallies)
{
	for (size_t i = 0; i < tallies->count; i++)
		free(tallies->list[i].key);
	free(tallies->list);
}

static const char *
domain_of(const char *address)
{
	const char *at = address != NULL ? strrchr(address, '@') : NULL;

	return at != NULL ? at + 1 : "(none)";
}

static void
show_recipient(struct screen *screen, struct json_object *recipient)
{
	const char *address = value_text(recipient, "address"),
		   *class = value_text(recipient, "class");
	const char *reply = value_text(recipient, "reply"),
		   *next = value_text(recipient, "next_try");
	int64_t attempts = value_int(recipient, "attempts");
	char at[WHEN_SIZE], tries[32] = "", *line = NULL;

	if (attempts == 1)
		snprintf(tries, sizeof(tries), ", tried once");
	else if (attempts != 0)
		snprintf(tries, sizeof(tries), ", tried %" PRIi64 " times", attempts);
	if (asprintf(&line, "%s: %s%s%s%s", address != NULL ? address : "?",
		class != NULL     ? class :
		    attempts == 0 ? "not tried yet" :
				    "no error so far",
		tries, next != NULL ? ", next " : "",
		next != NULL ? when_format(next, at) : "") >= 0)
		screen_hanging(screen, 2, 4, line);
	free(line);
	if (reply != NULL)
		screen_paragraph(screen, 4, "", 4, reply);
}

static void
show(struct item_sink *sink, struct session *session, struct json_object *item)
{
	struct queue_sink *queue = (struct queue_sink *)sink;
	struct screen *screen = &session->screen;
	const char *sender = value_text(item, "sender"), *id = value_text(item, "id");
	int64_t age_s = value_int(item, "age_s");
	char age[WHEN_SIZE];
	size_t count;
	struct json_object *recipients = value_array(item, "recipients", &count);

	screen_print(screen, "%-7s ", when_span_short(age_s, age));
	screen_show(screen, TONE_STRONG, id != NULL ? id : "?");
	screen_print(screen, "  ");
	if (value_bool(item, "frozen")) {
		screen_show(screen, TONE_BAD, "FROZEN");
		screen_print(screen, "  ");
		queue->frozen++;
	}
	screen_show(screen, TONE_PLAIN, sender == NULL ? "?" : sender[0] == '\0' ? "<>" : sender);
	screen_print(screen, "\n");
	for (size_t i = 0; i < count; i++) {
		struct json_object *recipient = json_object_array_get_idx(recipients, i);
		const char *class = value_text(recipient, "class");

		if (i < RECIPIENTS_SHOWN)
			show_recipient(screen, recipient);
		count_key(&queue->classes, class != NULL ? class : "(not tried yet)");
		count_key(&queue->domains, domain_of(value_text(recipient, "address")));
	}
	count_key(&queue->senders, sender == NULL ? "?" : sender[0] == '\0' ? "<>" : sender);
	if (count > RECIPIENTS_SHOWN)
		screen_print(screen, "  and %zu more recipients\n", count - RECIPIENTS_SHOWN);
	queue->recipients += (int64_t)count;
	if (age_s > queue->oldest_s)
		queue->oldest_s = age_s;
}

static int
by_count(const void *a, const void *b)
{
	const struct tally *left = a, *right = b;

	return left->count != right->count ? (left->count < right->count ? 1 : -1) :
					     strcmp(left->key, right->key);
}

static void
show_tallies(struct tallies *tallies, struct screen *screen, const char *key, const char *count)
{
	struct table *table = table_new(screen);

	if (tallies->count != 0)
		qsort(tallies->list, tallies->count, sizeof(tallies->list[0]), by_count);
	table_column(table, key, COLUMN_TEXT);
	table_column(table, count, COLUMN_NUMBER);
	for (size_t i = 0; i < tallies->count && i < TALLIES_SHOWN; i++) {
		table_row(table);
		table_text(table, tallies->list[i].key);
		table_number(table, tallies->list[i].count);
	}
	screen_print(screen, "\n");
	table_show(table);
	if (tallies->count > TALLIES_SHOWN)
		screen_print(screen, "and %zu more\n", tallies->count - TALLIES_SHOWN);
}

static void
show_sum(struct queue_sink *queue, struct screen *screen)
{
	char age[WHEN_SIZE];

	screen_print(screen,
	    "\n%" PRIi64 " message%s for %" PRIi64
	    " recipient%s, the oldest waiting for %s, %" PRIi64 " frozen\n",
	    queue->sink.count, queue->sink.count == 1 ? "" : "s", queue->recipients,
	    queue->recipients == 1 ? "" : "s", when_span(queue->oldest_s, age), queue->frozen);
	show_tallies(&queue->classes, screen, "WAITING FOR", "RECIPIENTS");
	show_tallies(&queue->domains, screen, "DOMAIN", "RECIPIENTS");
	show_tallies(&queue->senders, screen, "SENDER", "MESSAGES");
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct queue_sink queue = {.sink = {.show = show}};
	int status = items_list(session, "queue",
	    arguments_count(arguments, "number", NUMBER_DEFAULT), &queue.sink);

	if (status == 0 && queue.sink.count == 0) {
		usage_error("no message is waiting: each one in the window is finished");
		status = EXIT_NOTHING;
	} else if (status == 0 && !session_is_json(session)) {
		show_sum(&queue, &session->screen);
		if (queue.sink.has_more)
			screen_print(&session->screen,
			    "\nThere are more; -n NUMBER shows so many.\n");
	}
	clear_tallies(&queue.classes);
	clear_tallies(&queue.domains);
	clear_tallies(&queue.senders);
	return status;
}

static const struct option_spec options[] = {
    {"from", 0, OPTION_TEXT, "ADDRESS", "from",
	"sender: an address, @domain, or the beginning of one with *"},
    {"to", 0, OPTION_TEXT, "ADDRESS", "to", "recipient, likewise"},
    SPAN_OPTIONS,
    {"number", 'n', OPTION_COUNT, "N", NULL, "show at most N messages (1000)"},
    OPTIONS_END,
};

const struct command command_queue = {
    .name = "queue",
    .usage = "",
    .summary = "messages not finished: last error, age, next try",
    .options = options,
    .operands_max = 0,
    .run = run,
};
