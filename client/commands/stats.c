/* stats: counts and bars; by hour, a heat map of the week. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/render/bars.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/render/when.h"
#include "client/session.h"

enum {
	ROWS_DEFAULT = 20,
	HOURS_DEFAULT = 1000, /* six weeks */
	HOURS = 24,
	DATE_LEN = sizeof("2026-11-24") - 1,
};

struct day {
	char date[DATE_LEN + 1];
	bool has_hour[HOURS];
	int64_t failed[HOURS], messages, failures;
};

static int64_t
failures_of(struct json_object *row)
{
	return value_int(row, "hard") + value_int(row, "soft");
}

static void
show_span(struct screen *screen, struct json_object *result)
{
	const char *from = value_text(result, "from"), *to = value_text(result, "to");
	char begin[WHEN_SIZE], end[WHEN_SIZE];

	if (from != NULL)
		screen_print(screen, "%s to %s\n\n", when_format(from, begin),
		    when_format(to, end));
}

static void
show_rows(struct screen *screen, const char *by, struct json_object *rows, size_t count)
{
	struct table *table = table_new(screen);
	int64_t largest = 0;
	char title[64], bar[BAR_SIZE];

	for (size_t i = 0; i < count; i++) {
		int64_t recipients = value_int(json_object_array_get_idx(rows, i), "recipients");

		largest = recipients > largest ? recipients : largest;
	}
	snprintf(title, sizeof(title), "%s", by);
	for (char *at = title; *at != '\0'; at++)
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
	table_column(table, title, COLUMN_TEXT);
	table_column(table, "MESSAGES", COLUMN_NUMBER);
	table_column(table, "HARD", COLUMN_NUMBER);
	table_column(table, "SOFT", COLUMN_NUMBER);
	table_column(table, "DELIVERED", COLUMN_NUMBER);
	table_column(table, "", COLUMN_FIXED);
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		const char *key = value_text(row, "key");
		int64_t hard = value_int(row, "hard"), soft = value_int(row, "soft");
		int64_t rest = value_int(row, "recipients") - hard - soft;

		table_row(table);
		table_text(table, key != NULL && key[0] == '\0' ? "<>" : key);
		table_number(table, value_int(row, "messages"));
		table_number(table, hard);
		table_number(table, soft);
		table_number(table, value_int(row, "delivered"));
		table_text(table,
		    bar_draw(screen, (int64_t[]){hard, soft, rest > 0 ? rest : 0}, largest, bar));
	}
	table_show(table);
	screen_print(screen, "\n");
	bar_show_legend(screen);
}

static void
show_day(struct screen *screen, const struct day *day, int64_t most)
{
	char label[32];
	struct tm tm = {0};

	if (strptime(day->date, "%Y-%m-%d", &tm) == NULL ||
	    strftime(label, sizeof(label), "%a %m-%d", &tm) == 0)
		snprintf(label, sizeof(label), "%s", day->date);
	screen_print(screen, "%-10s", label);
	for (int hour = 0; hour < HOURS; hour++)
		fputs(day->has_hour[hour] ? heat_cell(screen, heat_level(day->failed[hour], most)) :
					    "  ",
		    screen->out);
	screen_print(screen, " %9lld %8lld\n", (long long)day->messages, (long long)day->failures);
}

/* The hour of a row's key, which is a moment; -1 when it is none. */
static int
hour_of(const char *key)
{
	int64_t second;
	char at[WHEN_SIZE];

	if (!when_parse(key, &second))
		return -1;
	when_format(key, at);
	int hour = (at[DATE_LEN + 1] - '0') * 10 + at[DATE_LEN + 2] - '0';
	return hour >= 0 && hour < HOURS ? hour : -1;
}

/* Rows come oldest first; a day is shown when the next one begins. */
static void
show_heat(struct screen *screen, struct json_object *rows, size_t count)
{
	struct day day = {.date = ""};
	int64_t most = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t failed = failures_of(json_object_array_get_idx(rows, i));

		most = failed > most ? failed : most;
	}
	screen_print(screen, "%-10s", "");
	for (int hour = 0; hour < HOURS; hour += 3)
		screen_print(screen, "%02d    ", hour);
	screen_print(screen, " %9s %8s\n", "messages", "failures");
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		const char *key = value_text(row, "key");
		int hour = hour_of(key);

		if (hour < 0)
			continue;
		if (strncmp(day.date, key, DATE_LEN) != 0) {
			if (day.date[0] != '\0')
				show_day(screen, &day, most);
			day = (struct day){.date = ""};
			memcpy(day.date, key, DATE_LEN);
		}
		day.has_hour[hour] = true;
		day.failed[hour] += failures_of(row);
		day.messages += value_int(row, "messages");
		day.failures += failures_of(row);
	}
	if (day.date[0] != '\0')
		show_day(screen, &day, most);
	screen_print(screen, "\nFailures an hour:%s none", heat_cell(screen, 0));
	for (int level = 1; level < HEAT_LEVELS; level++)
		screen_print(screen, " %s to %lld", heat_cell(screen, level),
		    (long long)(most * level / (HEAT_LEVELS - 1)));
	screen_print(screen, "\n");
}

static void
show(struct session *session, struct json_object *result)
{
	struct screen *screen = &session->screen;
	const char *by = value_text(result, "by");
	size_t count;
	struct json_object *rows = value_array(result, "rows", &count);

	show_span(screen, result);
	if (by != NULL && strcmp(by, "hour") == 0)
		show_heat(screen, rows, count);
	else
		show_rows(screen, by != NULL ? by : "key", rows, count);
	if (value_bool(result, "more"))
		screen_print(screen, "There are more rows; -n NUMBER shows so many.\n");
}

static int
run(struct session *session, const struct arguments *arguments)
{
	const char *by = arguments_value(arguments, "by");
	struct json_object *params = arguments_params(arguments);
	bool is_by_hour = by != NULL && strcmp(by, "hour") == 0;
	struct rpc_message message;
	size_t count;

	json_object_object_add(params, "limit",
	    json_object_new_int64(
		arguments_count(arguments, "number", is_by_hour ? HOURS_DEFAULT : ROWS_DEFAULT)));
	int status = session_call(session, "stats", params, &message);
	if (status != 0)
		return status;
	value_array(message.result, "rows", &count);
	if (session_is_json(session))
		session_print_json(session, message.result);
	else if (count != 0)
		show(session, message.result);
	json_object_put(message.message);
	if (count != 0)
		return EXIT_ANSWERED;
	usage_error(
	    "there is nothing to count in that time; see how far the window goes back: bouncectl status");
	return EXIT_NOTHING;
}

static const struct option_spec options[] = {
    {"by", 0, OPTION_TEXT, "WHAT", "by",
	"class (the default), domain, sender, login, account, script, host, hour or verdict"},
    SPAN_OPTIONS,
    {"number", 'n', OPTION_COUNT, "N", NULL, "show at most N rows (20)"},
    OPTIONS_END,
};

const struct command command_stats = {
    .name = "stats",
    .usage = "",
    .summary =
	"counts and bars, by class, domain, sender, login, account, script, host, hour or verdict",
    .details = "By hour it is a heat map: a line a day, a column an hour.",
    .options = options,
    .operands_max = 0,
    .run = run,
};
