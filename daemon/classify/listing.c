/* Listings: the queue as exim -bp prints it, and cPanel's Track Delivery as a browser copies it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>

#include "daemon/classify/pasting.h"

enum {
	COLUMNS_MAX = 32,
	WAITING_MAX = 16, /* bytes of how long a message has been waiting */
};

/* --- Track Delivery (WHM > Mail Delivery Reports): what Exim logged of one delivery, by the names of the columns --- */

enum column {
	COLUMN_EVENT,
	COLUMN_SENDER,
	COLUMN_RECIPIENT,
	COLUMN_ROUTER,
	COLUMN_TRANSPORT,
	COLUMN_ID,
	COLUMN_HOST,
	COLUMN_IP,
	COLUMN_RESULT,
	COLUMN_COUNT,
};

struct delivery_row {
	struct slice fields[COLUMN_COUNT];
};

static bool
find_column(struct slice name, enum column *column)
{
	static const struct {
		const char *name;
		enum column column;
	} names[] = {
	    {"Event", COLUMN_EVENT},
	    {"Sender", COLUMN_SENDER},
	    {"From Address", COLUMN_SENDER},
	    {"Recipient", COLUMN_RECIPIENT},
	    {"Router", COLUMN_ROUTER},
	    {"Transport", COLUMN_TRANSPORT},
	    {"ID", COLUMN_ID},
	    {"Delivery Host", COLUMN_HOST},
	    {"Delivery IP", COLUMN_IP},
	    {"Delivery IP Address", COLUMN_IP},
	    {"Result", COLUMN_RESULT},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_equal_nocase(name, slice_str(names[i].name))) {
			*column = names[i].column;
			return true;
		}
	}
	return false;
}

static void
tell_row(struct pasting *pasting, const struct delivery_row *row)
{
	struct sample *sample = pasting->sample;
	struct slice event = row->fields[COLUMN_EVENT], result = row->fields[COLUMN_RESULT];
	struct slice id = row->fields[COLUMN_ID];

	if (slice_is_empty(result) || slice_equal_nocase(event, SLICE("success")) ||
	    slice_equal_nocase(result, SLICE("Accepted")))
		return;
	pasting->entry.len = 0;
	while (!slice_is_empty(result))
		text_put_line(&pasting->entry, slice_take_until(&result, '\n'));
	sample_parse(text_slice(&pasting->entry), sample);
	sample->failure = (struct failure){
	    .kind = slice_has_prefix(event, SLICE("defer")) ||
		    slice_has_prefix(event, SLICE("Defer")) ?
		FAILURE_DEFERRED :
		FAILURE_BOUNCED,
	    .message = text_slice(&pasting->entry),
	    .router = row->fields[COLUMN_ROUTER],
	    .transport = row->fields[COLUMN_TRANSPORT],
	    .host = row->fields[COLUMN_HOST],
	    .ip = row->fields[COLUMN_IP],
	    .domain = slice_domain(row->fields[COLUMN_RECIPIENT]),
	};
	sample->address = row->fields[COLUMN_RECIPIENT];
	sample->sender = row->fields[COLUMN_SENDER];
	if (!message_id_take(&id, &sample->id))
		sample->id = (struct message_id){0};
	pasting_tell(pasting);
}

/* The window of one delivery: "Router:  dkim_lookuphost", a line each. What Result says may go on below it. */
static void
read_details(struct pasting *pasting, struct slice text)
{
	struct delivery_row row = {0};
	enum column column = COLUMN_COUNT;

	while (!slice_is_empty(text)) {
		struct slice line = slice_trim(slice_take_until(&text, '\n'));
		ptrdiff_t colon = slice_find_byte(line, ':');
		enum column named;

		if (colon > 0 && find_column(slice_first(line, (size_t)colon), &named)) {
			if (named == COLUMN_EVENT) {
				tell_row(pasting, &row);
				row = (struct delivery_row){0};
			}
			column = named;
			row.fields[column] = slice_trim(slice_skip(line, (size_t)colon + 1));
		} else if (column == COLUMN_RESULT && !slice_is_empty(line)) {
			row.fields[column].len = (size_t)(line.at + line.len -
			    row.fields[column].at);
		} else {
			column = COLUMN_COUNT;
		}
	}
	tell_row(pasting, &row);
}

/* The table: a line of names, then a line a delivery, fields parted by tabs. */
static void
read_table(struct pasting *pasting, struct slice text)
{
	enum column columns[COLUMNS_MAX];
	size_t count = 0;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n'), name = line;
		struct delivery_row row = {0};
		bool is_header = false;

		for (size_t i = 0; !slice_is_empty(line) && i < COLUMNS_MAX; i++) {
			struct slice field = slice_trim(slice_take_until(&line, '\t'));

			if (i == 0)
				is_header = slice_equal_nocase(field, SLICE("Event"));
			if (is_header) {
				if (!find_column(field, &columns[i]))
					columns[i] = COLUMN_COUNT;
				count = i + 1;
			} else if (i < count && columns[i] != COLUMN_COUNT) {
				row.fields[columns[i]] = field;
			}
		}
		if (!is_header && count != 0 && slice_find_byte(name, '\t') >= 0)
			tell_row(pasting, &row);
	}
}

static bool
has_line(struct slice text, const char *start)
{
	size_t len = strlen(start);

	while (!slice_is_empty(text)) {
		struct slice line = slice_trim(slice_take_until(&text, '\n'));

		if (slice_equal_nocase(slice_first(line, len), slice_str(start)))
			return true;
	}
	return false;
}

/* --- exim -bp --- */

/* "25m  2.9K 1VrkAf-0007F8-30 <a@b.example> *** frozen ***", the first line of a message. */
static bool
take_queued(struct slice line, struct sample *sample, char *waiting)
{
	struct slice rest = slice_trim(line), age = slice_take_until(&rest, ' ');
	static const struct sample nothing;

	if (age.len < 2 || age.len >= WAITING_MAX || !isdigit((unsigned char)age.at[0]) ||
	    strchr("mhd", age.at[age.len - 1]) == NULL)
		return false;
	rest = slice_trim(rest);
	slice_take_until(&rest, ' ');
	rest = slice_trim(rest);
	*sample = nothing;
	if (!message_id_take(&rest, &sample->id) || !slice_take_prefix(&rest, SLICE(" <")))
		return false;
	sample->sender = slice_take_until(&rest, '>');
	sample->is_bounce = sample->sender.len == 0;
	sample->is_frozen = slice_find(rest, SLICE("*** frozen ***")) >= 0;
	memcpy(waiting, age.at, age.len);
	waiting[age.len] = '\0';
	return true;
}

static void
tell_queued(struct pasting *pasting, const char *waiting)
{
	struct sample *sample = pasting->sample;
	char words[64];

	if (message_id_is_none(sample->id) || sample->address.len == 0)
		return;
	snprintf(words, sizeof(words),
	    sample->is_frozen ? "frozen, for %s in exim -bp" : "waiting for %s in exim -bp",
	    waiting);
	pasting->entry.len = 0;
	text_put(&pasting->entry, slice_str(words));
	sample->failure = (struct failure){
	    .kind = sample->is_frozen ? FAILURE_FROZEN : FAILURE_DEFERRED,
	    .message = text_slice(&pasting->entry),
	    .domain = slice_domain(sample->address),
	};
	pasting_tell(pasting);
}

/* A message's recipients stand below its line; one with "D" before it has been served. */
static void
read_queue(struct pasting *pasting, struct slice text)
{
	char waiting[WAITING_MAX];
	bool is_open = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n'), words = slice_trim(line);

		if (take_queued(line, pasting->sample, waiting)) {
			is_open = true;
		} else if (is_open && slice_find_byte(words, '@') > 0 &&
		    slice_find_byte(words, ' ') < 0) {
			pasting->sample->address = words;
			tell_queued(pasting, waiting);
		} else {
			is_open = is_open && slice_has_prefix(words, SLICE("D "));
		}
	}
}

static bool
has_queue(struct slice text)
{
	static struct sample ignored;
	char waiting[WAITING_MAX];

	while (!slice_is_empty(text))
		if (take_queued(slice_take_until(&text, '\n'), &ignored, waiting))
			return true;
	return false;
}

bool
read_listing(struct pasting *pasting, struct slice text)
{
	if (has_line(text, "Event\t"))
		read_table(pasting, text);
	else if (has_line(text, "Event:") && has_line(text, "Result:") && has_line(text, "Router:"))
		read_details(pasting, text);
	else if (has_queue(text))
		read_queue(pasting, text);
	return pasting->found != 0;
}
