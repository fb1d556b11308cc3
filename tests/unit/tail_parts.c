/* The parts of the tail: names of rotated logs, compressed texts and their access points, what a text is known by, entering by time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/tail/gzip.h"
#include "daemon/tail/identity.h"
#include "daemon/tail/seek.h"
#include "daemon/tail/series.h"
#include "daemon/tail/source.h"
#include "tests/unit/unit.h"

static char folder[64];

static void
setup(void)
{
	strcpy(folder, "/tmp/bounced-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *
in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
put(const char *name, const void *text, size_t len)
{
	FILE *file = fopen(in_folder(name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void
put_at(const char *name, int64_t second)
{
	const struct timespec times[] = {{second, 0}, {second, 0}};

	put(name, "x\n", 2);
	ck_assert_int_eq(utimensat(AT_FDCWD, in_folder(name), times, 0), 0);
}

/* --- series --- */

static const struct {
	const char *what, *log, *names, *expected;
} series[] = {
    {"logrotate's numbers, the higher the older", "log", "log log.1 log.2.gz log.10.gz",
	"log.10.gz log.2.gz log.1"},
    {"logrotate's dates, the lower the older", "log",
	"log log-20261101 log-20261031.gz log-20261102",
	"log-20261031.gz log-20261101 log-20261102"},
    {"seconds since 1970", "log", "log log-1732406400.gz log-1732320000.gz",
	"log-1732320000.gz log-1732406400.gz"},
    {"what is no sibling", "log",
	"log log.old logs.1 log.1.xz log-a log.gz log.1~ xlog.1 log.1.gz.tmp", ""},
    {"Debian's names", "mainlog", "mainlog mainlog.1 mainlog.2.gz rejectlog.1",
	"mainlog.2.gz mainlog.1"},
    {"Exim's dates in the name", "log-%D",
	"log-20261123 log-20261124 log-20261122.gz log-x log-202611241",
	"log-20261122.gz log-20261123"},
    {"Exim's months", "log-%M", "log-202610 log-202611 log-20261101", "log-202610"},
};

START_TEST(siblings_are_listed_oldest_first)
{
	struct series found;
	char names[256], shown[256] = "";

	strcpy(names, series[_i].names);
	for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " "))
		put_at(name, 1795465000);
	series_list(in_folder(series[_i].log), &found);
	for (size_t i = 0; i < found.count; i++) {
		strcat(shown, i != 0 ? " " : "");
		strcat(shown, strrchr(found.paths[i], '/') + 1);
	}
	series_clear(&found);
	ck_assert_msg(strcmp(shown, series[_i].expected) == 0, "%s: %s, not %s", series[_i].what,
	    shown, series[_i].expected);
}
END_TEST

START_TEST(a_mixture_of_names_is_ordered_by_time)
{
	struct series found;

	put_at("log.1", 300);
	put_at("log-20261101", 100);
	put_at("log.2.gz", 200);
	series_list(in_folder("log"), &found);
	ck_assert_uint_eq(found.count, 3);
	ck_assert_str_eq(found.paths[0], in_folder("log-20261101"));
	ck_assert_str_eq(found.paths[1], in_folder("log.2.gz"));
	ck_assert_str_eq(found.paths[2], in_folder("log.1"));
	series_clear(&found);
}
END_TEST

START_TEST(a_dated_name_stands_for_its_last_date)
{
	char *path;

	ck_assert_ptr_null(series_resolve(in_folder("log-%D")));
	put_at("log-20261123", 9);
	put_at("log-20261231.gz", 9);
	put_at("log-20261124", 1);
	path = series_resolve(in_folder("log-%D"));
	ck_assert_str_eq(path, in_folder("log-20261124"));
	free(path);
	ck_assert_ptr_null(series_resolve("/nonexistent/log-%D"));
}
END_TEST

START_TEST(a_path_has_a_directory)
{
	static const char *const cases[][2] = {{"/var/log/exim_mainlog", "/var/log"}, {"/log", "/"},
	    {"log", "."}, {"a/b", "a"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *directory = series_directory(cases[i][0]);

		ck_assert_str_eq(directory, cases[i][1]);
		free(directory);
	}
}
END_TEST

/* --- gzip --- */

enum { TEXT_BYTES = 24 << 20 };

/* Lines that differ and that deflate does not shrink to nothing. */
static char *
make_text(size_t size)
{
	char *text = malloc(size + 64);
	uint32_t random = 1;

	for (size_t at = 0; at < size;) {
		random = random * 1664525 + 1013904223;
		at += (size_t)sprintf(text + at, "line %zu %08x %08x\n", at, random,
		    random * 2654435761U);
	}
	return text;
}

/* members: how many gzip streams the text is cut into. */
static int
put_gzip(const char *name, const char *text, size_t size, size_t members)
{
	for (size_t i = 0; i < members; i++) {
		gzFile out = gzopen(in_folder(name), i == 0 ? "wb1" : "ab1");
		size_t from = size * i / members, to = size * (i + 1) / members;

		ck_assert_int_eq(gzwrite(out, text + from, (unsigned)(to - from)),
		    (int)(to - from));
		gzclose(out);
	}
	int fd = open(in_folder(name), O_RDWR);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Reads on to the end; returns what the last read said, and the length in *total. */
static ssize_t
read_through(struct gzip *gzip, const char *text, size_t *total)
{
	static char buffer[200000];
	ssize_t got;

	*total = 0;
	while ((got = gzip_read(gzip, buffer, sizeof(buffer))) > 0) {
		ck_assert_int_eq(memcmp(buffer, text + *total, (size_t)got), 0);
		*total += (size_t)got;
		ck_assert_uint_eq(gzip_offset(gzip), *total);
	}
	return got;
}

static const size_t member_counts[] = {1, 3, 40};

START_TEST(a_compressed_text_is_read_and_read_back)
{
	static const unsigned places[] = {999, 0, 500, 501, 100, 999, 750, 1};
	char *text = make_text(TEXT_BYTES), back[600];
	int fd = put_gzip("log.1.gz", text, TEXT_BYTES, member_counts[_i]);
	size_t total;

	ck_assert(gzip_is(fd));
	struct gzip *gzip = gzip_new(fd);
	ck_assert_int_eq(read_through(gzip, text, &total), 0);
	ck_assert_uint_eq(total, TEXT_BYTES);
	ck_assert(gzip_is_whole(gzip));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t at = (size_t)TEXT_BYTES / 1000 * places[i];

		ck_assert_int_gt(gzip_read_at(gzip, at, back, 1), 0);
		ck_assert_int_eq(back[0], text[at]);
		for (size_t have = 0; have < sizeof(back);) {
			ssize_t got = gzip_read_at(gzip, at + have, back + have,
			    sizeof(back) - have);

			ck_assert_int_gt(got, 0);
			have += (size_t)got;
		}
		ck_assert_int_eq(memcmp(back, text + at, sizeof(back)), 0);
		if (i % 3 == 0)
			gzip_rest(gzip);
	}
	ck_assert_int_eq(gzip_read_at(gzip, TEXT_BYTES, back, sizeof(back)), 0);
	gzip_free(gzip);
	close(fd);
	free(text);
}
END_TEST

START_TEST(a_compressed_text_that_ends_early_goes_on_when_more_comes)
{
	enum { SIZE = 1 << 20 };
	char *text = make_text(SIZE);
	int whole = put_gzip("whole.gz", text, SIZE, 1);
	struct stat status;
	size_t total, more;

	ck_assert_int_eq(fstat(whole, &status), 0);
	char *packed = malloc((size_t)status.st_size);
	ck_assert_int_eq(pread(whole, packed, (size_t)status.st_size, 0), status.st_size);
	put("half.gz", packed, (size_t)status.st_size / 2);
	int fd = open(in_folder("half.gz"), O_RDWR);
	struct gzip *gzip = gzip_new(fd);
	ck_assert_int_eq(read_through(gzip, text, &total), 0);
	ck_assert_uint_gt(total, SIZE / 4);
	ck_assert(!gzip_is_whole(gzip));
	off_t half = status.st_size / 2;
	ck_assert_int_eq(pwrite(fd, packed + half, (size_t)(status.st_size - half), half),
	    status.st_size - half);
	char *rest = malloc(SIZE);
	more = 0;
	for (ssize_t got; (got = gzip_read(gzip, rest + more, SIZE - more)) > 0;)
		more += (size_t)got;
	ck_assert_uint_eq(total + more, SIZE);
	ck_assert_int_eq(memcmp(rest, text + total, more), 0);
	ck_assert(gzip_is_whole(gzip));
	gzip_free(gzip);
	close(fd);
	close(whole);
	free(text);
	free(packed);
	free(rest);
}
END_TEST

START_TEST(damage_is_told_after_what_stood_before_it)
{
	enum { SIZE = 1 << 20 };
	char *text = make_text(SIZE), damage[64];
	int fd = put_gzip("log.gz", text, SIZE, 1);
	struct stat status;
	size_t total;

	memset(damage, 0xff, sizeof(damage));
	ck_assert_int_eq(fstat(fd, &status), 0);
	ck_assert_int_eq(pwrite(fd, damage, sizeof(damage), status.st_size / 2), sizeof(damage));
	struct gzip *gzip = gzip_new(fd);
	/* Deflate may take some of the damage for text before it notices. */
	static char buffer[4096];
	ssize_t got;
	for (total = 0; (got = gzip_read(gzip, buffer, sizeof(buffer))) > 0;)
		total += (size_t)got;
	ck_assert_int_eq(got, -EBADMSG);
	ck_assert_uint_gt(total, SIZE / 4);
	ck_assert(!gzip_is_whole(gzip));
	ck_assert_int_eq(gzip_read(gzip, buffer, sizeof(buffer)), -EBADMSG);
	gzip_free(gzip);
	close(fd);
	free(text);
}
END_TEST

/* --- identity --- */

START_TEST(a_text_is_known_by_how_it_begins)
{
	struct identity identity = {0};
	char head[IDENTITY_BYTES + 1];
	size_t len = 0;

	while (len < IDENTITY_BYTES)
		len += (size_t)snprintf(head + len, sizeof(head) - len, "a line, the %zu.\n", len);
	/* Half a line says nothing; whole ones do; the more, the surer. */
	identity_learn(&identity, head, 5);
	ck_assert(!identity_fits(&identity, head, IDENTITY_BYTES));
	identity_learn(&identity, head, 40);
	ck_assert(identity_fits(&identity, head, IDENTITY_BYTES));
	ck_assert(identity_fits(&identity, head, 40));
	ck_assert(!identity_fits(&identity, head, identity.len - 1));
	size_t known = identity.len;
	identity_learn(&identity, head, IDENTITY_BYTES);
	ck_assert_uint_gt(identity.len, known);
	identity_learn(&identity, head, 40);
	ck_assert_uint_eq(identity.len, IDENTITY_BYTES);
	head[IDENTITY_BYTES - 1] ^= 1;
	ck_assert(!identity_fits(&identity, head, IDENTITY_BYTES));
}
END_TEST

START_TEST(a_compressed_text_is_known_by_the_same)
{
	char *text = make_text(10000), head[IDENTITY_BYTES];
	struct identity identity = {0};

	put("plain", text, 10000);
	close(put_gzip("packed", text, 10000, 2));
	ck_assert_int_eq(identity_read_head_of(in_folder("plain"), head), IDENTITY_BYTES);
	identity_learn(&identity, head, IDENTITY_BYTES);
	memset(head, 0, sizeof(head));
	ck_assert_int_eq(identity_read_head_of(in_folder("packed"), head), IDENTITY_BYTES);
	ck_assert(identity_fits(&identity, head, IDENTITY_BYTES));
	ck_assert_int_eq(identity_read_head_of(in_folder("none"), head), -ENOENT);
	ck_assert_int_lt(identity_read_head_of(folder, head), 0);
	free(text);
}
END_TEST

/* --- seek --- */

/* "SECOND ..." */
static bool
read_time(void *context, struct slice line, int64_t *second)
{
	char text[24] = "", *end;

	(void)context;
	memcpy(text, line.at, line.len < 23 ? line.len : 23);
	*second = strtoll(text, &end, 10);
	return end != text && *end == ' ';
}

static const int64_t windows[] = {0, 999, 1000, 1001, 15000, 20998, 20999, 21000, 99999};

START_TEST(a_window_is_entered_at_its_first_line)
{
	enum { LINES = 20000 };
	const struct tail_receiver receiver = {.line_time = read_time};
	char *text = malloc(LINES * 128), *at = text;
	int64_t window = windows[_i], second;

	for (int i = 0; i < LINES; i++)
		at += i % 7 == 3 ? sprintf(at, "  a line without a time%60s\n", "words") :
				   sprintf(at, "%d and%60s\n", 1000 + i, "words");
	put("log", text, (size_t)(at - text));
	struct source *source = source_open(in_folder("log"), 1);
	ck_assert_ptr_nonnull(source);
	seek_enter(source, window, &receiver);
	/* Nothing of the window is left out, and little before it is read. */
	ck_assert(source->offset == 0 || text[source->offset - 1] == '\n');
	if (source->offset != 0) {
		ck_assert(read_time(NULL, slice_str(text + source->offset), &second));
		ck_assert_int_lt(second, window);
		ck_assert_int_gt(second + 200, window < 1000 + LINES ? window : 1000 + LINES);
	}
	ck_assert_uint_eq(source->began, source->offset);
	source->offset = 0;
	ck_assert(seek_first_time(source, &receiver, &second));
	ck_assert_int_eq(second, 1000);
	ck_assert(seek_last_time(source, &receiver, &second));
	ck_assert_int_eq(second, 1000 + LINES - 1);
	source_free(source);
	free(text);
}
END_TEST

START_TEST(a_text_without_times_is_read_from_its_beginning)
{
	const struct tail_receiver receiver = {.line_time = read_time};
	enum { SIZE = 2 << 20 };
	char *text = malloc(SIZE);
	int64_t second;

	memset(text, 'x', SIZE);
	put("log", text, SIZE);
	struct source *source = source_open(in_folder("log"), 1);
	seek_enter(source, 5000, &receiver);
	ck_assert_uint_eq(source->offset, 0);
	ck_assert(!seek_first_time(source, &receiver, &second));
	ck_assert(!seek_last_time(source, &receiver, &second));
	source_free(source);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tail/parts");
	TCase *tests = tcase_create("parts");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, siblings_are_listed_oldest_first, 0,
	    sizeof(series) / sizeof(series[0]));
	tcase_add_test(tests, a_mixture_of_names_is_ordered_by_time);
	tcase_add_test(tests, a_dated_name_stands_for_its_last_date);
	tcase_add_test(tests, a_path_has_a_directory);
	tcase_add_loop_test(tests, a_compressed_text_is_read_and_read_back, 0,
	    sizeof(member_counts) / sizeof(member_counts[0]));
	tcase_add_test(tests, a_compressed_text_that_ends_early_goes_on_when_more_comes);
	tcase_add_test(tests, damage_is_told_after_what_stood_before_it);
	tcase_add_test(tests, a_text_is_known_by_how_it_begins);
	tcase_add_test(tests, a_compressed_text_is_known_by_the_same);
	tcase_add_loop_test(tests, a_window_is_entered_at_its_first_line, 0,
	    sizeof(windows) / sizeof(windows[0]));
	tcase_add_test(tests, a_text_without_times_is_read_from_its_beginning);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
