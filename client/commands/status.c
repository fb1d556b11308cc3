/* status: health: window, files, back-fill, counts, memory, clients, rules. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/render/value.h"
#include "client/render/when.h"
#include "client/session.h"

enum { HANG = 14 };

__attribute__((format(printf, 3, 4))) static void
say(struct screen *screen, const char *label, const char *format, ...)
{
	va_list values;
	char *text = NULL;

	va_start(values, format);
	if (vasprintf(&text, format, values) >= 0)
		screen_paragraph(screen, 2, label, HANG, text);
	va_end(values);
	free(text);
}

static const char *
format_bytes(int64_t bytes, char text[static 32])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	int unit = 0;

	while (value >= 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	snprintf(text, 32, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return text;
}

static void
show_window(struct screen *screen, struct json_object *status)
{
	struct json_object *window = value_member(status, "window");
	const char *from = value_text(window, "from"), *to = value_text(window, "to");
	char begin[WHEN_SIZE], end[WHEN_SIZE], span[WHEN_SIZE];
	int64_t seconds = value_int(window, "seconds");

	if (from == NULL)
		say(screen, "Window", "empty%s%s", seconds != 0 ? ", at most " : "",
		    seconds != 0 ? when_span(seconds, span) : "");
	else
		say(screen, "Window", "%s to %s%s%s", when_format(from, begin),
		    when_format(to, end), seconds != 0 ? ", at most " : "",
		    seconds != 0 ? when_span(seconds, span) : "");
}

static void
show_files(struct screen *screen, struct json_object *status)
{
	size_t count;
	struct json_object *files = value_array(status, "files", &count);
	char bytes[32], lag[32];

	for (size_t i = 0; i < count; i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		const char *path = value_text(file, "path"), *state = value_text(file, "state");
		int64_t lag_bytes = value_int(file, "lag_bytes"),
			rotations = value_int(file, "rotations");

		say(screen, i == 0 ? "Files" : "", "%s: %s, %s read%s%s%s",
		    path != NULL ? path : "?", state != NULL ? state : "?",
		    format_bytes(value_int(file, "read_bytes"), bytes),
		    lag_bytes != 0 ? ", behind by " : "",
		    lag_bytes != 0 ? format_bytes(lag_bytes, lag) : "",
		    rotations != 0 ? ", was rotated" : "");
	}
}

static void
show_reading(struct screen *screen, struct json_object *status)
{
	struct json_object *backfill = value_member(status, "backfill");
	struct json_object *lines = value_member(status, "lines");
	char speed[32];

	if (backfill != NULL && !value_bool(backfill, "done"))
		say(screen, "Back-fill", "%.0f %% done, %s a second; answers are not complete yet",
		    value_double(backfill, "percent"),
		    format_bytes(value_int(backfill, "bytes_per_s"), speed));
	if (value_bool(status, "polling"))
		say(screen, "Following", "by looking every second: inotify is not to be had");
	say(screen, "Lines",
	    "%" PRIi64 " read: %" PRIi64 " with an id, %" PRIi64 " without, %" PRIi64
	    " continued; %" PRIi64 " not understood, %" PRIi64 " too long",
	    value_int(lines, "read"), value_int(lines, "with_id"), value_int(lines, "without_id"),
	    value_int(lines, "continuation"), value_int(lines, "unparsed"),
	    value_int(lines, "overlong"));
}

/* The limbo account: every message has a verdict, and the verdicts add up. */
static void
show_messages(struct screen *screen, struct json_object *status)
{
	struct json_object *messages = value_member(status, "messages");
	struct json_object *by_verdict = value_member(messages, "by_verdict");
	struct json_object *failures = value_member(status, "failures");
	int64_t total = value_int(messages, "total"), sum = 0;
	char *list = NULL;
	size_t size;
	FILE *text = open_memstream(&list, &size);

	if (text == NULL)
		return;
	if (by_verdict != NULL) {
		json_object_object_foreach(by_verdict, verdict, value)
		{
			int64_t count = json_object_get_int64(value);

			if (count != 0)
				fprintf(text, "%s%" PRIi64 " %s", sum != 0 ? ", " : "", count,
				    verdict);
			sum += count;
		}
	}
	fclose(text);
	say(screen, "Messages", "%" PRIi64 "%s%s", total, sum != 0 ? ": " : "", list);
	if (by_verdict != NULL && sum == total)
		say(screen, "Limbo", "none: every message has a verdict");
	else if (by_verdict != NULL)
		say(screen, "Limbo", "%" PRIi64 " messages without a verdict; please report this",
		    total - sum);
	say(screen, "Failures",
	    "%" PRIi64 " hard, %" PRIi64 " soft, %" PRIi64 " of them unclassified; %" PRIi64
	    " refused without an id",
	    value_int(failures, "hard"), value_int(failures, "soft"),
	    value_int(failures, "unclassified"), value_int(status, "rejections"));
	free(list);
}

static void
show_means(struct screen *screen, struct json_object *status)
{
	struct json_object *memory = value_member(status, "memory");
	struct json_object *clients = value_member(status, "clients");
	struct json_object *rules = value_member(status, "rules");
	struct json_object *latency = value_member(value_member(status, "latency_ms"),
	    "log_to_index_p99");
	char index[32], all[32], most[32], loaded[WHEN_SIZE];
	int64_t max = value_int(memory, "max_bytes"),
		evicted = value_int(memory, "evicted_messages");
	size_t count;

	say(screen, "Memory", "%s for the index, %s in all, %s%s",
	    format_bytes(value_int(memory, "index_bytes"), index),
	    format_bytes(value_int(memory, "rss_bytes"), all), max != 0 ? "at most " : "no cap",
	    max != 0 ? format_bytes(max, most) : "");
	if (evicted != 0)
		say(screen, "",
		    "%" PRIi64 " messages had to go before their time; memory-max is too small",
		    evicted);
	if (clients != NULL)
		say(screen, "Clients", "%" PRIi64 " of %" PRIi64 ", %" PRIi64 " turned away",
		    value_int(clients, "now"), value_int(clients, "max"),
		    value_int(clients, "refused"));
	say(screen, "Rules", "%" PRIi64 " from %" PRIi64 " files%s%s", value_int(rules, "count"),
	    value_int(rules, "files"), value_text(rules, "loaded") != NULL ? ", loaded " : "",
	    value_text(rules, "loaded") != NULL ? when_format(value_text(rules, "loaded"), loaded) :
						  "");
	struct json_object *errors = value_array(rules, "errors", &count);
	for (size_t i = 0; i < count; i++)
		say(screen, i == 0 ? "Rule errors" : "", "%s",
		    json_object_get_string(json_object_array_get_idx(errors, i)));
	if (latency != NULL)
		say(screen, "Latency", "%.3g ms from the log to the index (p99)",
		    json_object_get_double(latency));
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct screen *screen = &session->screen;
	struct rpc_message message;
	int status = session_call(session, "status", NULL, &message);
	char started[WHEN_SIZE];

	(void)arguments;
	if (status != 0)
		return status;
	if (session_is_json(session)) {
		session_print_json(session, message.result);
	} else {
		const char *version = value_text(message.result, "version");
		bool is_ready = value_bool(message.result, "ready");

		screen_tone(screen, TONE_STRONG);
		screen_print(screen, "bounced ");
		screen_show(screen, TONE_PLAIN, version != NULL ? version : "");
		screen_tone(screen, TONE_PLAIN);
		screen_print(screen, "   ");
		screen_show(screen, is_ready ? TONE_GOOD : TONE_WARN,
		    is_ready ? "READY" : "STILL READING");
		screen_print(screen, "   since %s\n",
		    when_format(value_text(message.result, "started"), started));
		show_window(screen, message.result);
		show_files(screen, message.result);
		show_reading(screen, message.result);
		show_messages(screen, message.result);
		show_means(screen, message.result);
	}
	json_object_put(message.message);
	return EXIT_ANSWERED;
}

static const struct option_spec options[] = {OPTIONS_END};

const struct command command_status = {
    .name = "status",
    .usage = "",
    .summary = "health: window, lag, back-fill, counts, memory, the limbo account",
    .options = options,
    .operands_max = 0,
    .run = run,
};
