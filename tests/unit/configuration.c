/* bounced.conf: every setting, every wrong value with its line and its word, what holds when nothing is said. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/configuration.h"
#include "tests/unit/unit.h"

static struct configuration config;

static void
setup(void)
{
	ck_assert(configuration_init(&config));
}

static void
teardown(void)
{
	configuration_clear(&config);
}

START_TEST(without_a_file_the_defaults_hold)
{
	configuration_complete(&config);
	ck_assert_int_eq(config.window_seconds, 7 * 24 * 3600);
	ck_assert_uint_eq(config.memory_max, 256 << 20);
	ck_assert_str_eq(config.socket_path, "/run/bounced/bounced.sock");
	ck_assert_str_eq(config.socket_group, "bounced");
	ck_assert_uint_eq(config.socket_mode, 0660);
	ck_assert_uint_eq(config.clients_max, 256);
	ck_assert_uint_eq(config.request_bytes, 64 * 1024);
	ck_assert_uint_eq(config.unsent_bytes, 8 << 20);
	ck_assert_uint_eq(config.idle_seconds, 30);
	ck_assert_str_eq(config.userdomains, "/etc/userdomains");
	ck_assert_str_eq(config.localdomains, "/etc/localdomains");
	ck_assert(!config.users_own && !config.journal_failures);
	ck_assert_uint_eq(config.logs.count, 1);
	ck_assert_ptr_null(config.timezone);
}
END_TEST

START_TEST(with_own_everybody_may_reach_the_socket)
{
	ck_assert_ptr_null(configuration_set(&config, "access", "users", "own"));
	configuration_complete(&config);
	ck_assert_uint_eq(config.socket_mode, 0666);
}
END_TEST

START_TEST(several_logs_are_listed)
{
	ck_assert_ptr_null(configuration_set(&config, "log", "path", "/a"));
	ck_assert_ptr_null(configuration_set(&config, "log", "extra", "/b\n\t/c"));
	configuration_complete(&config);
	ck_assert_uint_eq(config.logs.count, 3);
	ck_assert_str_eq(config.logs.paths[0], "/a");
	ck_assert_str_eq(config.logs.paths[1], "/b");
	ck_assert_str_eq(config.logs.paths[2], "/c");
	ck_assert_ptr_null(config.logs.paths[3]);
}
END_TEST

static const struct {
	const char *section, *key, *value;
	bool is_good;
} settings[] = {
    {"log", "path", "/var/log/mainlog-%D", true},
    {"log", "path", "", false},
    {"log", "timezone", "America/Chicago", true},
    {"log", "timezone", "local", true},
    {"log", "timezone", "Nowhere/Land", false},
    {"log", "timezone", "../../etc/passwd", false},
    {"index", "window", "36h", true},
    {"index", "window", "0", true},
    {"index", "window", "-1d", false},
    {"index", "window", "soon", false},
    {"index", "window", "99999999999999999999d", false},
    {"index", "memory-max", "1G", true},
    {"index", "memory-max", "512MiB", true},
    {"index", "memory-max", "0", true},
    {"index", "memory-max", "12", false},
    {"index", "memory-max", "1M", true},
    {"index", "memory-max", "-1", false},
    {"index", "memory-max", "1X", false},
    {"index", "memory-max", "99999999T", false},
    {"index", "memory-max", "12 M", false},
    {"socket", "path", "/x", true},
    {"socket", "path", "", false},
    {"socket", "mode", "0600", true},
    {"socket", "mode", "0", false},
    {"socket", "mode", "1777", false},
    {"socket", "mode", "8", false},
    {"socket", "max-clients", "1", true},
    {"socket", "max-clients", "0", false},
    {"socket", "max-clients", "1000001", false},
    {"socket", "max-clients", "ten", false},
    {"access", "users", "none", true},
    {"access", "users", "all", false},
    {"journal", "failures", "Yes", true},
    {"journal", "failures", "0", true},
    {"journal", "failures", "perhaps", false},
    {"limits", "request-bytes", "1K", true},
    {"limits", "request-bytes", "1023", false},
    {"limits", "unsent-bytes", "0", false},
    {"limits", "idle", "1s", true},
    {"limits", "idle", "0", false},
    {"index", "path", "/x", false},
    {"nothing", "path", "/x", false},
};

START_TEST(a_setting_takes_good_values_and_says_what_is_wrong_with_others)
{
	const char *problem = configuration_set(&config, settings[_i].section, settings[_i].key,
	    settings[_i].value);

	ck_assert_msg((problem == NULL) == settings[_i].is_good, "[%s] %s = %s: %s",
	    settings[_i].section, settings[_i].key, settings[_i].value,
	    problem != NULL ? problem : "taken");
	/* Whatever was wrong, what holds is whole. */
	configuration_complete(&config);
	ck_assert_uint_ge(config.request_bytes, 1024);
	ck_assert_uint_ge(config.unsent_bytes, 1024);
	ck_assert_uint_ge(config.idle_seconds, 1);
	ck_assert_uint_ge(config.logs.count, 1);
}
END_TEST

static const struct {
	const char *text, *complaint;
} files[] = {
    {"[index]\nwindow = soon\n", ":2: window = soon is no span of time"},
    {"[index]\n\npath = /x\n", ":3: [index] has no setting path; it belongs into [log]"},
    {"[index]\nwindoww = 1d\n", ":2: [index] has no setting windoww; bounced.conf(5) lists them"},
    {"[indices]\nwindow = 1d\n", ":1: there is no section [indices]; bounced.conf(5) lists them"},
    {"window = 1d\n", ":1: window stands before the first [section]"},
    {"[index]\nwindow\n", ":2: this is neither [section] nor key = value"},
};

START_TEST(a_wrong_line_is_named)
{
	char path[] = "/tmp/bounced-conf-XXXXXX";
	struct ini_errors errors = {0};
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, files[_i].text, strlen(files[_i].text)),
	    (ssize_t)strlen(files[_i].text));
	close(fd);
	configuration_read(&config, path, &errors);
	unlink(path);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_msg(strncmp(errors.messages[0] + strlen(path), files[_i].complaint,
			  strlen(files[_i].complaint)) == 0,
	    "%s, not %s", errors.messages[0], files[_i].complaint);
	ini_errors_clear(&errors);
}
END_TEST

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {{"0", 0}, {"7", 7}, {"1k", 1024}, {"256M", 256 << 20}, {"2GiB", UINT64_C(2) << 30},
    {"1TB", UINT64_C(1) << 40}, {"16777215T", UINT64_C(16777215) << 40}};

START_TEST(a_size_is_read)
{
	uint64_t bytes = 1;

	ck_assert(size_parse(sizes[_i].text, &bytes));
	ck_assert_uint_eq(bytes, sizes[_i].bytes);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("configuration");
	TCase *tests = tcase_create("configuration");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, without_a_file_the_defaults_hold);
	tcase_add_test(tests, with_own_everybody_may_reach_the_socket);
	tcase_add_test(tests, several_logs_are_listed);
	tcase_add_loop_test(tests, a_setting_takes_good_values_and_says_what_is_wrong_with_others,
	    0, sizeof(settings) / sizeof(settings[0]));
	tcase_add_loop_test(tests, a_wrong_line_is_named, 0, sizeof(files) / sizeof(files[0]));
	tcase_add_loop_test(tests, a_size_is_read, 0, sizeof(sizes) / sizeof(sizes[0]));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
