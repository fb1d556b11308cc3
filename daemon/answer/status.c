/* status: the daemon's health and the account that proves that no line and no message was lost. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/tail/tail.h"
#include "daemon/text/moment.h"

static void
put_uint(struct json_out *out, const char *key, uint64_t value)
{
	json_out_key(out, key);
	json_out_uint(out, value);
}

static void
put_time(struct json_out *out, const char *key, const struct zone *zone, int64_t second)
{
	char text[MOMENT_TEXT_SIZE];

	json_out_key(out, key);
	if (second != 0)
		json_out_string(out, text,
		    moment_format(second, zone_offset_at(zone, second), text));
	else
		json_out_null(out);
}

static void
write_window(struct json_out *out, const struct answer_sources *sources,
    const struct index_counts *counts)
{
	json_out_key(out, "window");
	json_out_object_begin(out);
	json_out_key(out, "seconds");
	if (sources->window_seconds != 0)
		json_out_int(out, sources->window_seconds);
	else
		json_out_null(out);
	put_time(out, "from", sources->zone, counts->first);
	put_time(out, "to", sources->zone, counts->last);
	json_out_object_end(out);
}

static void
write_files(struct json_out *out, const struct tail *tail)
{
	size_t count = tail != NULL ? tail_file_count(tail) : 0;

	json_out_key(out, "files");
	json_out_array_begin(out);
	for (size_t i = 0; i < count; i++) {
		struct tail_file_status file;

		tail_file_status(tail, i, &file);
		if (file.path == NULL)
			continue;
		json_out_object_begin(out);
		json_out_key(out, "path");
		json_out_text(out, file.path);
		put_uint(out, "inode", file.inode);
		put_uint(out, "read_bytes", file.read_bytes);
		put_uint(out, "size", file.size);
		put_uint(out, "lag_bytes", file.lag_bytes);
		json_out_key(out, "state");
		json_out_text(out, tail_state_name(file.state));
		put_uint(out, "rotations", file.rotations);
		json_out_key(out, "error");
		json_out_text(out, file.error != 0 ? strerror(file.error) : NULL);
		json_out_object_end(out);
	}
	json_out_array_end(out);
}

static void
write_backfill(struct json_out *out, const struct tail_counts *tailed)
{
	json_out_key(out, "backfill");
	json_out_object_begin(out);
	json_out_key(out, "done");
	json_out_bool(out, tailed->backfill_done);
	put_uint(out, "percent", tailed->backfill_percent);
	put_uint(out, "bytes_per_s", tailed->backfill_bytes_per_s);
	json_out_object_end(out);
}

static void
write_lines(struct json_out *out, const struct index_counts *counts)
{
	json_out_key(out, "lines");
	json_out_object_begin(out);
	put_uint(out, "read", counts->lines.read);
	put_uint(out, "with_id", counts->lines.with_id);
	put_uint(out, "without_id", counts->lines.without_id);
	put_uint(out, "continuation", counts->lines.continuation);
	put_uint(out, "unparsed", counts->lines.unparsed);
	put_uint(out, "overlong", counts->lines.overlong);
	json_out_object_end(out);
}

static void
write_messages(struct json_out *out, const struct index_counts *counts)
{
	json_out_key(out, "messages");
	json_out_object_begin(out);
	put_uint(out, "total", counts->messages);
	json_out_key(out, "by_verdict");
	json_out_object_begin(out);
	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
		put_uint(out, verdict_name((enum verdict)verdict), counts->by_verdict[verdict]);
	json_out_object_end(out);
	json_out_object_end(out);
	put_uint(out, "rejections", counts->rejections);
	json_out_key(out, "failures");
	json_out_object_begin(out);
	put_uint(out, "hard", counts->hard);
	put_uint(out, "soft", counts->soft);
	put_uint(out, "unclassified", counts->unclassified);
	json_out_object_end(out);
}

/* proc(5), /proc/self/statm: the second number is the resident pages. */
static uint64_t
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
write_memory(struct json_out *out, const struct answer_sources *sources,
    const struct index_counts *counts)
{
	json_out_key(out, "memory");
	json_out_object_begin(out);
	put_uint(out, "index_bytes", counts->index_bytes);
	put_uint(out, "rss_bytes", resident_bytes());
	json_out_key(out, "max_bytes");
	if (sources->memory_max != 0)
		json_out_uint(out, sources->memory_max);
	else
		json_out_null(out);
	put_uint(out, "evicted_messages", counts->evicted_messages);
	put_uint(out, "dropped_unfinished", counts->dropped_unfinished);
	json_out_object_end(out);
}

static void
write_rules(struct json_out *out, const struct answer_sources *sources)
{
	struct classifier_counts counts;

	classifier_count(sources->classifier, &counts);
	json_out_key(out, "rules");
	json_out_object_begin(out);
	put_uint(out, "count", counts.rules);
	put_uint(out, "files", counts.files);
	put_time(out, "loaded", sources->zone, counts.loaded);
	json_out_key(out, "errors");
	json_out_array_begin(out);
	for (size_t i = 0; sources->reload_errors != NULL && i < sources->reload_errors->count; i++)
		json_out_text(out, sources->reload_errors->messages[i]);
	json_out_array_end(out);
	json_out_object_end(out);
}

static struct answer *
start_status(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct tail_counts tailed = {.backfill_done = true, .backfill_percent = 100};
	struct index_counts counts;
	struct json_out out;

	(void)asker;
	(void)params;
	index_count(sources->index, &counts);
	if (sources->tail != NULL)
		tail_count(sources->tail, &tailed);
	json_out_init(&out);
	json_out_object_begin(&out);
	json_out_key(&out, "version");
	json_out_text(&out, sources->version);
	put_time(&out, "started", sources->zone, sources->started);
	json_out_key(&out, "ready");
	json_out_bool(&out, tailed.backfill_done);
	write_window(&out, sources, &counts);
	write_files(&out, sources->tail);
	write_backfill(&out, &tailed);
	json_out_key(&out, "polling");
	json_out_bool(&out, tailed.polling_only);
	write_lines(&out, &counts);
	write_messages(&out, &counts);
	write_memory(&out, sources, &counts);
	json_out_key(&out, "clients");
	if (sources->write_clients != NULL)
		sources->write_clients(sources->clients_context, &out);
	else
		json_out_null(&out);
	write_rules(&out, sources);
	json_out_key(&out, "latency_ms");
	json_out_object_begin(&out);
	json_out_key(&out, "log_to_index_p99");
	if (sources->write_latency != NULL)
		sources->write_latency(sources->latency_context, &out);
	else
		json_out_null(&out);
	json_out_object_end(&out);
	json_out_object_end(&out);
	struct answer *answer = answer_of_text(&out);
	return answer != NULL ? answer : answer_no_memory(error);
}

static const struct answer_param status_params[] = {
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_status = {
    .name = "status",
    .summary =
	"Health: window, lag, back-fill, counts, memory, and the account of every line and message.",
    .params = status_params,
    .start = start_status,
};
