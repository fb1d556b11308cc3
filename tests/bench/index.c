/* bench index: reads logs into an index as the daemon does and says what it cost; bench_index FILE... */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/tail/tail.h"
#include "tests/shipped.h"

static double
seconds(clockid_t of)
{
	struct timespec now;

	clock_gettime(of, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	index_lines(context, lines, count);
}

static void
ignore_lines(void *context, const struct tail_line *lines, size_t count)
{
	(void)context;
	(void)lines;
	(void)count;
}

static bool
line_time(void *context, struct slice line, int64_t *second)
{
	return index_line_time(context, line, second);
}

static void
settle(void *context)
{
	index_settle(context);
}

static bool
begin_aside(void *context, void (*work)(void *), void *argument)
{
	return index_begin_aside(context, work, argument);
}

static bool
end_aside(void *context)
{
	return index_end_aside(context);
}

static long
rss_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long pages = 0, resident = 0;

	if (file != NULL && fscanf(file, "%ld %ld", &pages, &resident) != 2)
		resident = 0;
	if (file != NULL)
		fclose(file);
	return resident * 4096;
}

static double
read_files(char **paths, int count, const struct tail_receiver *receiver)
{
	struct tail_options options = {
	    .paths = (const char *const *)paths,
	    .path_count = (size_t)count,
	};
	double began = seconds(CLOCK_MONOTONIC);
	struct tail *tail = tail_new(&options, NULL, receiver);
	int error = tail != NULL ? tail_read_all(tail) : -ENOMEM;

	if (error != 0) {
		fprintf(stderr, "bench: %s\n", strerror(-error));
		exit(1);
	}
	tail_free(tail);
	return seconds(CLOCK_MONOTONIC) - began;
}

int
main(int argc, char **argv)
{
	struct index_counts counts;
	struct classifier_counts classified;
	const char *cap = getenv("MEMORY_MAX");
	struct classifier *classifier = shipped_classifier();
	long before = rss_bytes();

	if (argc < 2) {
		fputs("usage: index FILE...\n", stderr);
		return 2;
	}
	struct index *index = index_new(&(struct index_options){.classifier = classifier,
	    .memory_max = cap != NULL ? strtoull(cap, NULL, 10) : 0});
	struct tail_receiver split = {.lines = ignore_lines,
	    .line_time = line_time,
	    .context = index};
	struct tail_receiver fold = {.lines = take_lines,
	    .line_time = line_time,
	    .settle = settle,
	    .begin_aside = begin_aside,
	    .end_aside = end_aside,
	    .context = index};
	double split_s = read_files(argv + 1, argc - 1, &split);
	double cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);
	double fold_s = read_files(argv + 1, argc - 1, &fold);
	cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_s;
	long after = rss_bytes();
	double count_s = seconds(CLOCK_MONOTONIC);
	index_count(index, &counts);
	count_s = seconds(CLOCK_MONOTONIC) - count_s;
	classifier_count(classifier, &classified);
	printf("split_s %.3f\nindex_s %.3f\nindex_cpu_s %.3f\ncount_s %.3f\n", split_s, fold_s,
	    cpu_s, count_s);
	printf("lines %" PRIu64 "\nmessages %" PRIu64 "\nunparsed %" PRIu64 "\n", counts.lines.read,
	    counts.messages, counts.lines.unparsed);
	printf("ns_per_line %.1f\n",
	    counts.lines.read != 0 ? fold_s * 1e9 / (double)counts.lines.read : 0);
	printf("index_bytes %" PRIu64 "\nrss_growth_bytes %ld\n", counts.index_bytes,
	    after - before);
	printf("bytes_per_message %.1f\n",
	    counts.messages != 0 ? (double)counts.index_bytes / (double)counts.messages : 0);
	printf("evicted %" PRIu64 "\ncache_hits %.4f\n", counts.evicted_messages,
	    classified.classified != 0 ?
		(double)classified.cache_hits / (double)classified.classified :
		0);
	for (int v = 0; v < VERDICT_COUNT; v++)
		printf("%s %" PRIu64 "\n", verdict_name((enum verdict)v), counts.by_verdict[v]);
	index_free(index);
	classifier_free(classifier);
	return 0;
}
