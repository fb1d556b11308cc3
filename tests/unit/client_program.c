/* Tests of client/checks/firewall/program.c: what a program prints, within bounds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/firewall/program.h"
#include "tests/unit/unit.h"

static const struct {
	const char *argv[4];
	const char *error; /* NULL: it prints the lines, a "|" between */
	const char *lines;
} programs[] = {
    {{"printf", "a\\n\\nb\\n"}, NULL, "a||b"},
    {{"printf", "a\\nb"}, NULL, "a|b"},
    {{"true"}, NULL, ""},
    {{"env"}, NULL, "PATH=/usr/sbin:/sbin:/usr/bin:/bin|LC_ALL=C"},
    {{"cat"}, NULL, ""},
    {{"no-such-program"}, "is not installed", ""},
    {{"sleep", "60"}, "took longer than 5 s", ""},
    {{"sh", "-c", "exec >&-; exec sleep 60"}, "took longer than 5 s", ""},
    {{"yes"}, "printed more than 4 MiB", ""},
};

START_TEST(a_program_is_run)
{
	struct program_output output;
	char shown[256] = "";

	setenv("BOUNCED_SECRET", "x", 1);
	/* What takes long on a busy machine must have its time, and nobody wants to wait for what has no end. */
	if (programs[_i].error != NULL && strncmp(programs[_i].error, "took", 4) == 0)
		setenv("BOUNCED_PROGRAM_MS", "300", 1);
	program_run(&output, (char *const *)programs[_i].argv);
	for (size_t i = 0; i < output.count; i++) {
		strcat(shown, i != 0 ? "|" : "");
		strcat(shown, output.lines[i]);
	}
	ck_assert_str_eq(shown, programs[_i].lines);
	if (programs[_i].error == NULL)
		ck_assert_ptr_null(output.error);
	else
		ck_assert_str_eq(output.error, programs[_i].error);
	ck_assert_int_eq(output.is_absent, strcmp(programs[_i].argv[0], "no-such-program") == 0);
	program_clear(&output);
}
END_TEST

START_TEST(a_failure_is_told)
{
	char *const argv[] = {(char *)"false", NULL};
	struct program_output output;

	program_run(&output, argv);
	ck_assert_msg(strncmp(output.error, "failed", 6) == 0, "%s", output.error);
	ck_assert(!output.is_absent && output.count == 0);
	program_clear(&output);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/program");
	TCase *runs = tcase_create("runs");

	tcase_add_loop_test(runs, a_program_is_run, 0, sizeof(programs) / sizeof(programs[0]));
	tcase_add_test(runs, a_failure_is_told);
	tcase_set_timeout(runs, 60);
	suite_add_tcase(suite, runs);
	return unit_run(suite);
}
