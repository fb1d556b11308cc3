/* Reading as network file systems and bad discs have it: a few bytes at once, interrupted, failing in the middle. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef _FORTIFY_SOURCE
#include "config.h"

#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/tail/tail.h"
#include "tests/unit/unit.h"

enum { LINES = 300, LINE_ROOM = 80 };

static size_t most;    /* bytes that a call gives; 0: any */
static unsigned calls; /* every third one is interrupted */
static int fails_at;   /* the call that finds the disc broken; -1: none */
static char path[32];
static unsigned got_lines, complaints;
static struct position positions[LINES];

/* These stand before the C library's. */
static bool
refuses(void)
{
	unsigned call = calls++;

	errno = (int)call == fails_at ? EIO : EINTR;
	return (int)call == fails_at || (most != 0 && call % 3 == 2);
}

ssize_t
pread(int fd, void *to, size_t len, off_t offset)
{
	if (refuses())
		return -1;
	return syscall(SYS_pread64, fd, to, most != 0 && len > most ? most : len, offset);
}

ssize_t
preadv(int fd, const struct iovec *parts, int count, off_t offset)
{
	ssize_t all = 0;

	if (refuses())
		return -1;
	for (int i = 0; i < count; i++) {
		size_t len = parts[i].iov_len;

		if (most != 0 && len > most - (size_t)all)
			len = most - (size_t)all;
		ssize_t got = syscall(SYS_pread64, fd, parts[i].iov_base, len, offset + all);
		if (got < 0)
			return got;
		all += got;
		if ((size_t)got < parts[i].iov_len)
			break;
	}
	return all;
}

static int
text_of(unsigned number, char line[LINE_ROOM])
{
	return snprintf(line, LINE_ROOM, "2026-11-23 10:%02u:%02u line %u of the log", number / 60,
	    number % 60, number);
}

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	char expected[LINE_ROOM];

	(void)context;
	for (size_t i = 0; i < count; i++) {
		ck_assert(!lines[i].is_cut);
		ck_assert_uint_lt(got_lines, LINES);
		ck_assert_int_eq((int)lines[i].text.len, text_of(got_lines, expected));
		ck_assert_mem_eq(lines[i].text.at, expected, lines[i].text.len);
		positions[got_lines++] = lines[i].position;
	}
}

static void
take_complaint(void *context, const char *message)
{
	(void)context;
	ck_assert_ptr_nonnull(strstr(message, strerror(EIO)));
	complaints++;
}

static const struct tail_receiver receiver = {.lines = take_lines, .complain = take_complaint};

static void
setup(void)
{
	strcpy(path, "/tmp/bounced-unit-XXXXXX");
	int fd = mkstemp(path);

	most = 0;
	calls = got_lines = complaints = 0;
	fails_at = -1;
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
teardown(void)
{
	unlink(path);
}

static void
write_log(bool is_compressed)
{
	char line[LINE_ROOM];
	gzFile file = gzopen(path, is_compressed ? "wb" : "wbT");

	for (unsigned i = 0; i < LINES; i++) {
		text_of(i, line);
		ck_assert_int_gt(gzprintf(file, "%s\n", line), 0);
	}
	ck_assert_int_eq(gzclose(file), Z_OK);
}

static const size_t mosts[] = {1, 7, 63, 64, 65, 66, 1000};

START_TEST(few_bytes_at_once_are_no_end_and_no_truncation)
{
	const char *const paths[] = {path};
	const struct tail_options options = {.paths = paths, .path_count = 1};
	char line[LINE_ROOM], expected[LINE_ROOM];

	write_log(_i % 2 != 0);
	most = mosts[_i / 2];
	struct tail *tail = tail_new(&options, NULL, &receiver);
	ck_assert_ptr_nonnull(tail);
	ck_assert_int_eq(tail_read_all(tail), 0);
	ck_assert_uint_eq(got_lines, LINES);
	for (unsigned i = 0; i < LINES; i += 7) {
		ck_assert_int_eq((int)tail_read_line(tail, positions[i], line, sizeof(line)),
		    text_of(i, expected));
		ck_assert_str_eq(line, expected);
	}
	ck_assert_uint_eq(complaints, 0);
	tail_free(tail);
}
END_TEST

/* Whichever call it is: opening, finding out which file it is, reading. */
START_TEST(a_disc_that_fails_once_loses_no_line)
{
	const char *const paths[] = {path};
	const struct tail_options options = {.paths = paths,
	    .path_count = 1,
	    .follow = true,
	    .poll_ms = 10};
	struct event_base *base = event_base_new();

	write_log(false);
	fails_at = _i;
	struct tail *tail = tail_new(&options, base, &receiver);
	ck_assert_ptr_nonnull(tail);
	for (int i = 0; i < 2000 && got_lines < LINES; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(1000);
	}
	ck_assert_uint_eq(got_lines, LINES);
	tail_free(tail);
	event_base_free(base);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tail_reads");
	TCase *tests = tcase_create("reads");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, few_bytes_at_once_are_no_end_and_no_truncation, 0,
	    2 * (int)(sizeof(mosts) / sizeof(mosts[0])));
	tcase_add_loop_test(tests, a_disc_that_fails_once_loses_no_line, 0, 8);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
